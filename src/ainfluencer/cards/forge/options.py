"""What a job of the forge is asked to do. The whole of it stands in the job's payload, so that a retry is the same work."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ainfluencer.cards.storing import storable

KIND = "cards.forge"
FIELDS = (
    "description", "personality", "scenario", "first_mes", "alternate_greetings", "mes_example", "character_book", "tags", "system_prompt",
    "creator_notes",
)  # fmt: skip
"""Fields that the forge writes, in the order in which it writes them."""


class Mode(StrEnum):
    """What is made of the material."""

    CREATE = "create"
    REVISE = "revise"  # an existing card by an instruction
    FILL = "fill"  # only what a card lacks
    CHECK = "check"  # a card held against its source; nothing is written
    TRANSLATE = "translate"  # a card in another language; names, macros and lore keys stay


class Validation(StrEnum):
    """What happens with the faults that the linter finds in a finished card. They are told in every case."""

    LENIENT = "lenient"  # mended by safe fixes, what is left repaired once by a larger model; the rest is told
    STRICT = "strict"  # mended and repaired as above; refused when an error remains
    NONE = "none"  # told, and nothing is mended or repaired


class Keys(StrEnum):
    """What happens with lore keys in a translation."""

    KEEP = "keep"
    ADD = "add"  # translated ones behind those that are there


class Options(BaseModel):
    """The options of a job. Empty means: as the source, or the profile, has it."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = Mode.CREATE
    name: str = Field(
        "", max_length=120, description="character of the source; empty takes the one that it speaks of most"
    )
    instruction: str = Field("", max_length=4000)
    fields: list[str] = Field(default_factory=list, description="write these only")
    language: str = Field("", max_length=20, pattern=r"^[A-Za-z-]*$")
    nickname: str = Field("", max_length=120)
    creator: str = Field("", max_length=200)
    character_version: str = Field("", max_length=40, description="empty: that of the input card, else 1.0")
    tags: list[str] = Field(default_factory=list, max_length=40, description="tags that the card gets in any case")
    greetings: int = Field(3, ge=1, le=8, description="openings in all")
    examples: int = Field(4, ge=0, le=12)
    book: bool = True
    entries: int = Field(24, ge=0, le=200)
    system_prompt: bool = False
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    max_tokens: int | None = Field(None, ge=16, le=100_000)
    seed: int | None = Field(None, ge=0, le=2**31 - 1)
    maker: str = Field("", max_length=40)
    model: str = Field("", max_length=200)
    chunk_tokens: int = Field(3000, ge=300, le=100_000)
    max_chunks: int = Field(0, ge=0, le=5000, description="read at most so many parts of the source; 0 reads all")
    repair: bool = True
    based_on: str = Field("", max_length=26, description="a finished job whose material and card are taken")
    validation_mode: Validation = Field(
        Validation.LENIENT,
        description="faults: lenient mends and tells what is left, strict mends and refuses an error that is left, none only tells",
    )
    timeout_seconds: int | None = Field(None, ge=1, le=86_400)
    translate_to: str = Field(
        "", max_length=40, description="language of a translation, by code or name; sets the mode translate"
    )
    keys: Keys = Field(Keys.KEEP, description="lore keys of a translation: keep, or add translated ones behind them")
    keep_words: list[str] = Field(default_factory=list, max_length=500, description="words that a translation keeps")
    translate_notes: bool = Field(
        default=False, description="translate creator_notes in place too, in a card older than V3"
    )

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        """Without what no database keeps."""
        return storable(value) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _meant(self) -> Self:
        """A language alone means a translation."""
        if self.translate_to.strip() and "mode" not in self.model_fields_set:
            self.mode = Mode.TRANSLATE
        return self

    @field_validator("fields")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        unknown = [one for one in value if one not in FIELDS]
        if unknown:
            msg = f"there is no field {unknown[0][:40]}; known: {', '.join(FIELDS)}"
            raise ValueError(msg)
        return list(dict.fromkeys(value))


class Payload(BaseModel):
    """The payload of a job: options, the ids of its sources, and the profiles as they were when it was asked for."""

    thread: str
    source_ids: list[str] = Field(default_factory=list)
    card_id: str = ""  # a source that holds the input card
    library_card_id: str = ""
    options: Options = Field(default_factory=Options)
    config: dict[str, Any] = Field(default_factory=dict)
    prompt: dict[str, Any] = Field(default_factory=dict)
    template: str = ""  # the names of both profiles, for lists of jobs
