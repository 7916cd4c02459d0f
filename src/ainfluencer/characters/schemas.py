"""Plain shapes of a character: what comes in (a draft) and what everybody else reads (a sheet)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ainfluencer.characters.swatches import palette


class Frozen(BaseModel):
    """An immutable value."""

    model_config = ConfigDict(frozen=True)


class Traits(Frozen):
    """Five traits between 0 and 1 (PER-001)."""

    extroversion: float = Field(0.5, ge=0, le=1)
    creativity: float = Field(0.5, ge=0, le=1)
    humor: float = Field(0.5, ge=0, le=1)
    professionalism: float = Field(0.5, ge=0, le=1)
    authenticity: float = Field(0.5, ge=0, le=1)


TRAITS = (
    ("extroversion", "Extroversion", "reserved", "outgoing"),
    ("creativity", "Creativity", "practical", "inventive"),
    ("humor", "Humour", "serious", "always joking"),
    ("professionalism", "Professionalism", "casual", "strictly professional"),
    ("authenticity", "Authenticity", "polished", "unguarded"),
)
"""Each trait with its title and what its two ends mean."""


class Persona(Frozen):
    """How the character speaks and what about."""

    traits: Traits = Traits()
    communication_style: str = ""
    content_tone: str = ""
    topics: tuple[str, ...] = ()
    language: str = "en"  # BCP 47
    prompt: str = ""  # the person's own words for a language model
    temperature: float = Field(0.8, ge=0, le=2)


class Look(Frozen):
    """What the character looks like (APP-001); words, not pixels."""

    hair: str = ""
    eyes: str = ""
    skin: str = ""
    body: str = ""
    height: str = ""
    age_range: str = ""
    clothing: str = ""
    colours: tuple[str, ...] = ()  # colour words or #rrggbb
    style_words: tuple[str, ...] = ()
    prompt_prefix: str = ""
    negative_prompt: str = ""
    base_model: str = ""
    face_file_ids: tuple[str, ...] = ()  # reference faces in the media store; need a consent record
    consistency_method: str = ""  # how a maker keeps the face: "", "reference", "lora", "instant-id" ...
    lora: str = ""  # name or path of a LoRA as the maker knows it

    @property
    def palette(self) -> tuple[tuple[str, str], ...]:
        """The colours that a screen can show, as pairs of word and #rrggbb."""
        return palette(self.colours)


class MaterialKind(StrEnum):
    """What kind of words a piece of source material is."""

    QUOTE = "quote"  # something the character says
    FACT = "fact"  # something that is true of the character
    LORE = "lore"  # something that is true of their world
    GREETING = "greeting"  # how they begin


class Material(Frozen):
    """Words that came with the character, kept verbatim, each with its source."""

    kind: MaterialKind
    text: str
    source: str  # such as "card: mes_example", "lorebook: The Harbour", "brief"
    keys: tuple[str, ...] = ()


class CharacterDraft(Frozen):
    """Everything a card or brief says, before it becomes a character."""

    name: str
    bio: str = ""
    age: int | None = Field(None, ge=0, le=100000)
    location: str = ""
    gender: str = ""  # female, male, nonbinary or the person's own word
    timezone: str = "UTC"
    interests: tuple[str, ...] = ()
    persona: Persona = Persona()
    look: Look = Look()
    boundaries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    greeting: str = ""
    description: str = ""
    scenario: str = ""
    material: tuple[Material, ...] = ()
    origin: str = ""  # "card v2 (PNG)", "brief (YAML)"
    warnings: tuple[str, ...] = ()


class ConsentKind(StrEnum):
    """Whose face and voice these are."""

    SYNTHETIC = "synthetic"  # invented: nobody's likeness
    OWN = "own"  # the likeness of the person who records it
    NAMED_PERSON = "named_person"  # somebody else's, with proof and an end date


class ConsentDraft(Frozen):
    """What a person states before a likeness may be used."""

    kind: ConsentKind = ConsentKind.SYNTHETIC
    statement: str = Field("", max_length=2000)
    person_name: str = Field("", max_length=200)
    proof_file_id: str = Field("", max_length=26)
    expires_at: AwareDatetime | None = None


class ConsentOut(BaseModel):
    """A consent record and whether it holds now."""

    id: str
    kind: ConsentKind
    statement: str
    person_name: str
    proof_file_id: str | None
    expires_at: datetime | None
    recorded_by: str | None
    revoked_at: datetime | None
    created_at: datetime
    holds: bool


class CharacterSheet(Frozen):
    """A read-only snapshot that writing, studio, stage and planning work from; no session needed."""

    id: str
    workspace_id: str
    name: str
    handle: str  # short ASCII name, unique in the workspace
    bio: str = ""
    age: int | None = None
    location: str = ""
    gender: str = ""  # female, male, nonbinary or the person's own word
    timezone: str = "UTC"
    interests: tuple[str, ...] = ()
    persona: Persona = Persona()
    look: Look = Look()
    boundaries: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    greeting: str = ""
    scenario: str = ""
    material: tuple[Material, ...] = ()
    picture_path: str = ""  # local file of the profile picture, if there is one


class Status(StrEnum):
    """Where a character stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    ERROR = "error"
    DELETED = "deleted"


class CharacterOut(BaseModel):
    """A character with persona and look (CHR-001, CHR-004)."""

    id: str
    name: str
    handle: str
    bio: str
    age: int | None
    location: str
    gender: str
    timezone: str
    interests: list[str]
    boundaries: list[str]
    tags: list[str]
    greeting: str
    description: str
    scenario: str
    origin: str
    warnings: list[str]
    status: Status
    is_active: bool
    problem: str
    picture_file_id: str | None
    picture_url: str | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    persona: Persona
    look: Look
