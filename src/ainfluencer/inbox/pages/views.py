"""What the pages of the inbox show: pages, regions and their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from ainfluencer.channels.models import Channel
from ainfluencer.characters.queries import Face
from ainfluencer.inbox.models import Conversation, Message, Reaction
from ainfluencer.publishing.schemas import PostCard
from ainfluencer.writing.schemas import ReplyDraft

KINDS = (("like", "Likes"), ("repost", "Reposts"), ("follow", "Follows"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is filtered by."""

    state: str = "open"
    character_id: str = ""
    channel_id: str = ""
    q: str = ""

    def query(self, **more: str) -> str:
        """The filters as a query text with a leading "?", or ''."""
        own = {"state": self.state if self.state != "open" else "", "character": self.character_id}
        own |= {"channel": self.channel_id, "q": self.q}
        text = urlencode({k: v for k, v in (own | more).items() if v})
        return f"?{text}" if text else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation as the list shows it."""

    talk: Conversation
    channel: Channel | None
    face: Face | None
    thumbnail: str

    @property
    def mood(self) -> tuple[str, str]:
        """Tone and word of their last message."""
        return mood_of(self.talk.mood)


@dataclass(frozen=True, slots=True)
class Open:
    """The conversation that is looked at."""

    row: Row
    messages: tuple[Message, ...]
    post: PostCard | None
    zone: str
    can_reply: bool  # the role may send
    can_file: bool  # the role may put it aside
    takes_replies: bool  # the platform does
    drafts: tuple[ReplyDraft, ...] = ()
    has_asked: bool = False
    text: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class ListRegion:
    """The list of conversations."""

    rows: tuple[Row, ...]
    wanted: Wanted
    counts: dict[str, int]
    next_url: str
    open_id: str
    can_file: bool
    template: ClassVar[str] = "inbox/_list.html"
    id: ClassVar[str] = "talks"


@dataclass(frozen=True, slots=True)
class InboxPage:
    """Both panes; `shown` is None where nothing is open."""

    listed: ListRegion
    shown: Open | None
    wanted: Wanted
    faces: tuple[Face, ...]
    channels: tuple[Channel, ...]
    is_empty: bool
    template: ClassVar[str] = "inbox/index.html"


@dataclass(frozen=True, slots=True)
class MoreTalksPage:
    """More rows of the list."""

    listed: ListRegion
    template: ClassVar[str] = "inbox/index/_more.html"
    region: ClassVar[str] = "more"


@dataclass(frozen=True, slots=True)
class PaneRegion:
    """The right pane."""

    shown: Open | None
    wanted: Wanted
    template: ClassVar[str] = "inbox/_show.html"
    id: ClassVar[str] = "talk"


@dataclass(frozen=True, slots=True)
class LogRegion:
    """The messages of the right pane."""

    shown: Open
    template: ClassVar[str] = "inbox/_messages.html"
    id: ClassVar[str] = "talk-log"


@dataclass(frozen=True, slots=True)
class DraftsRegion:
    """Suggested answers."""

    shown: Open
    template: ClassVar[str] = "inbox/_drafts.html"
    id: ClassVar[str] = "talk-drafts"


@dataclass(frozen=True, slots=True)
class ReactionRow:
    """A like, repost or follow."""

    reaction: Reaction
    channel: Channel | None
    face: Face | None
    post: PostCard | None


@dataclass(frozen=True, slots=True)
class ReactionsPage:
    """The stream of reactions."""

    rows: tuple[ReactionRow, ...]
    kind: str
    character_id: str
    channel_id: str
    faces: tuple[Face, ...]
    channels: tuple[Channel, ...]
    counts: dict[str, int]
    zone: str
    next_url: str
    template: ClassVar[str] = "inbox/reactions.html"
    region: ClassVar[str] = "results"
    kinds: tuple[tuple[str, str], ...] = KINDS


def mood_of(value: float) -> tuple[str, str]:
    """The tone and word for a mood between -1 and 1."""
    if value > 0.3:
        return "success", "Friendly"
    return ("error", "Upset") if value < -0.3 else ("neutral", "Neutral")


@dataclass(frozen=True, slots=True)
class RowRegion:
    """One row of the list."""

    row: Row
    open_id: str
    can_file: bool
    wanted: Wanted = Wanted()
    template: ClassVar[str] = "inbox/_row.html"

    @property
    def id(self) -> str:
        """The element that it draws."""
        return f"talk-{self.row.talk.id}"
