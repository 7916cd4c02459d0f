"""Plain shapes of writing: what is asked for, and what was written."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Frozen(BaseModel):
    """An immutable value."""

    model_config = ConfigDict(frozen=True)


class PostFormat(StrEnum):
    """The design that the words are for."""

    QUOTE = "quote"
    CAROUSEL = "carousel"
    STORY = "story"
    LIST = "list"
    LOOK_BOARD = "look_board"


class Mood(StrEnum):
    """How a post feels; the poster renderer knows the same words."""

    CALM = "calm"
    BRIGHT = "bright"
    BOLD = "bold"
    TENDER = "tender"
    PLAYFUL = "playful"
    NIGHT = "night"
    SERIOUS = "serious"


class PostBrief(Frozen):
    """What a post is about and what it must fit into. `avoid` holds texts that were used lately."""

    theme: str = Field(min_length=1, max_length=200)
    angle: str = Field("", max_length=400)
    format: PostFormat = PostFormat.QUOTE
    mood: Mood = Mood.CALM
    day_label: str = ""
    language: str = "en"
    max_text: int = Field(2200, ge=40)
    max_hashtags: int = Field(5, ge=0, le=30)
    avoid: tuple[str, ...] = ()
    seed: int = 0


class PosterWords(Frozen):
    """The words on the picture. `items` are list lines, or one carousel page each."""

    kicker: str = ""
    title: str = ""
    body: str = ""
    items: tuple[str, ...] = ()
    attribution: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Every piece that is drawn, in reading order."""
        return tuple(t for t in (self.kicker, self.title, self.body, *self.items, self.attribution) if t)


class Candidate(Frozen):
    """One possible post. `needs_person` is empty, or why nobody should post this without a look."""

    caption: str
    hashtags: tuple[str, ...] = ()
    alt_text: str = ""
    poster: PosterWords = PosterWords()
    score: float = Field(0.0, ge=0, le=1)
    reasons: tuple[str, ...] = ()
    source: str = ""  # whose words these are, for a person to read
    needs_person: str = ""


class Written(Frozen):
    """Up to three candidates, best first; `chosen` is the best that passes every rule, or None."""

    candidates: tuple[Candidate, ...]
    chosen: int | None = None
    maker: str = ""  # slug of the maker that wrote, "" when no model had a part in it
    maker_title: str = ""
    notes: tuple[str, ...] = ()


class Theme(Frozen):
    """One day of a varied week."""

    title: str
    angle: str
    format: PostFormat
    mood: Mood


class ReplyDraft(Frozen):
    """A possible answer; a person sends it."""

    text: str
    source: str


class Line(Frozen):
    """One line of a conversation, oldest first."""

    author: str
    text: str
    is_ours: bool = False
