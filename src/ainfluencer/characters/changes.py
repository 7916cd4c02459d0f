"""Shapes of a partial change: what is left out stays as it is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ainfluencer.characters.schemas import Look, Persona


class Partial(BaseModel):
    """A body in which every field is optional; unknown fields are refused, so that a typing error is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TraitChanges(Partial):
    """Some of the five traits."""

    extroversion: float | None = Field(None, ge=0, le=1)
    creativity: float | None = Field(None, ge=0, le=1)
    humor: float | None = Field(None, ge=0, le=1)
    professionalism: float | None = Field(None, ge=0, le=1)
    authenticity: float | None = Field(None, ge=0, le=1)


class PersonaChanges(Partial):
    """Some of a persona."""

    traits: TraitChanges | None = None
    communication_style: str | None = Field(None, max_length=2000)
    content_tone: str | None = Field(None, max_length=500)
    topics: tuple[str, ...] | None = None
    language: str | None = Field(None, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    prompt: str | None = Field(None, max_length=50_000)
    temperature: float | None = Field(None, ge=0, le=2)


class LookChanges(Partial):
    """Some of a look."""

    hair: str | None = Field(None, max_length=500)
    eyes: str | None = Field(None, max_length=500)
    skin: str | None = Field(None, max_length=500)
    body: str | None = Field(None, max_length=500)
    height: str | None = Field(None, max_length=100)
    age_range: str | None = Field(None, max_length=100)
    clothing: str | None = Field(None, max_length=2000)
    colours: tuple[str, ...] | None = None
    style_words: tuple[str, ...] | None = None
    prompt_prefix: str | None = Field(None, max_length=4000)
    negative_prompt: str | None = Field(None, max_length=4000)
    base_model: str | None = Field(None, max_length=300)
    face_file_ids: tuple[str, ...] | None = None
    consistency_method: str | None = Field(None, max_length=40)
    lora: str | None = Field(None, max_length=500)


class CharacterChanges(Partial):
    """Some of a character (CHR-005)."""

    name: str | None = None
    bio: str | None = None
    age: int | None = None
    location: str | None = None
    gender: str | None = None
    timezone: str | None = None
    interests: tuple[str, ...] | None = None
    boundaries: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    greeting: str | None = None
    description: str | None = None
    scenario: str | None = None
    persona: PersonaChanges | None = None
    look: LookChanges | None = None


class NewCharacter(CharacterChanges):
    """A character typed by hand: a name, and anything else."""

    name: str = Field(max_length=2000)  # the visible length is judged by `validation.name`, with a better sentence
    template: str = Field("", description="Slug of a persona template to begin with")


def persona_from(changes: PersonaChanges | None, base: Persona) -> Persona:
    """`base` with the changes laid over it."""
    if changes is None:
        return base
    given = changes.model_dump(exclude_unset=True, exclude_none=True, exclude={"traits"})
    traits = changes.traits.model_dump(exclude_unset=True, exclude_none=True) if changes.traits else {}
    return base.model_copy(update={**given, "traits": base.traits.model_copy(update=traits)})


def look_from(changes: LookChanges | None, base: Look) -> Look:
    """`base` with the changes laid over it."""
    return (
        base if changes is None else base.model_copy(update=changes.model_dump(exclude_unset=True, exclude_none=True))
    )
