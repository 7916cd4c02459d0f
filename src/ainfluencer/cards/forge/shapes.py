"""What the steps of the forge hand to each other; all of it is plain JSON, so that a step can be kept and taken up again."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """What a statement is about."""

    IDENTITY = "identity"
    APPEARANCE = "appearance"
    PERSONALITY = "personality"
    HABIT = "habit"
    LIKE = "like"
    SKILL = "skill"
    HISTORY = "history"
    RELATION = "relation"
    PLACE = "place"
    EVENT = "event"
    FACT = "fact"


class Claim(BaseModel):
    """One statement about the character and the words of the source that say so, verbatim."""

    kind: Kind
    text: str
    quote: str
    where: str = ""  # chapter or part of the source
    by: str = "rules"  # rules, or the maker that found it
    weight: float = 1.0


class Line(BaseModel):
    """Words that the character speaks in the source; `cue` is what somebody said just before, where that is known."""

    text: str
    quote: str
    where: str = ""
    cue: str = ""


class Entity(BaseModel):
    """Somebody or something beside the character."""

    name: str
    kind: str = "thing"  # person | place | thing
    aliases: list[str] = Field(default_factory=list)
    text: str = ""
    quotes: list[str] = Field(default_factory=list)
    mentions: int = 1


class Material(BaseModel):
    """Everything that was found about one character."""

    name: str
    aliases: list[str] = Field(default_factory=list)
    pronoun: str = ""  # she | he | they | ""
    language: str = "en"
    stated: dict[str, str] = Field(default_factory=dict)  # fields that the source itself names: scenario, greeting ...
    claims: list[Claim] = Field(default_factory=list)
    lines: list[Line] = Field(default_factory=list)
    entities: list[Entity] = Field(default_factory=list)
    traits: list[str] = Field(default_factory=list)
    contradictions: list[Contradiction] = Field(default_factory=list)
    dropped: int = 0  # statements whose quotation does not stand in the source
    is_invented_name: bool = False


class Contradiction(BaseModel):
    """Two statements of the source that cannot both hold; both are kept for a person to decide."""

    about: str
    first: str
    second: str


class Support(BaseModel):
    """Where one sentence of the card comes from."""

    field: str
    text: str
    origin: str  # source | frame | model | card
    quote: str = ""
    where: str = ""


class Writing(BaseModel):
    """The fields of a card as a step of the forge wrote them."""

    fields: dict[str, Any] = Field(default_factory=dict)
    support: list[Support] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)


class Found(BaseModel):
    """Somebody whom a source speaks of, offered as the character of the card."""

    name: str
    mentions: int
    lines: int
    aliases: list[str] = Field(default_factory=list)


class Verdict(BaseModel):
    """One statement of a card held against its source."""

    field: str
    text: str
    verdict: str  # supported | contradicted | not_in_source
    quote: str = ""


class JobResult(BaseModel):
    """What a finished job of the forge hands back: the card's standard fields, its book, and how it came to be."""

    model_config = ConfigDict(extra="allow")

    name: str = ""
    description: str = ""
    personality: str = ""
    scenario: str = ""
    first_mes: str = ""
    mes_example: str = ""
    alternate_greetings: list[str] = Field(default_factory=list)
    system_prompt: str = ""
    post_history_instructions: str = ""
    creator_notes: str = ""
    tags: list[str] = Field(default_factory=list)
    character_book: dict[str, Any] | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


Material.model_rebuild()
