"""The character form: what the page sends, as text, and the way from and to a character."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ainfluencer.characters.changes import CharacterChanges, LookChanges, NewCharacter, PersonaChanges, TraitChanges
from ainfluencer.characters.personas import TEMPLATES
from ainfluencer.characters.schemas import CharacterOut, Traits
from ainfluencer.core.errors import InvalidInput

LANGUAGES = (
    ("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español"), ("pt", "Português"), ("it", "Italiano"),
    ("nl", "Nederlands"), ("pl", "Polski"), ("tr", "Türkçe"), ("ru", "Русский"), ("uk", "Українська"), ("ja", "日本語"),
    ("zh", "中文"), ("ko", "한국어"), ("ar", "العربية"), ("hi", "हिन्दी"), ("sv", "Svenska"), ("da", "Dansk"), ("cs", "Čeština"),
)  # fmt: skip
_PERSONA_TEXTS = ("communication_style", "content_tone", "language", "prompt")
_LOOK_TEXTS = (
    "hair",
    "eyes",
    "skin",
    "body",
    "height",
    "age_range",
    "clothing",
    "prompt_prefix",
    "negative_prompt",
    "base_model",
)
_PARTS = dict.fromkeys((*Traits.model_fields, *_PERSONA_TEXTS, "topics", "temperature"), "persona") | dict.fromkeys(
    (*_LOOK_TEXTS, "colours", "style_words"), "look"
)


class CharacterForm(BaseModel):
    """Every field as the browser sends it."""

    part: str = "basics"
    start: str = ""  # slug of the persona template that the form began with
    name: str = ""
    bio: str = ""
    age: str = ""
    gender: str = ""
    location: str = ""
    timezone: str = "UTC"
    interests: str = ""
    boundaries: str = ""
    tags: str = ""
    greeting: str = ""
    scenario: str = ""
    extroversion: float = 0.5
    creativity: float = 0.5
    humor: float = 0.5
    professionalism: float = 0.5
    authenticity: float = 0.5
    communication_style: str = ""
    content_tone: str = ""
    topics: str = ""
    language: str = "en"
    prompt: str = ""
    temperature: float = 0.8
    hair: str = ""
    eyes: str = ""
    skin: str = ""
    body: str = ""
    height: str = ""
    age_range: str = ""
    clothing: str = ""
    colours: str = ""
    style_words: str = ""
    prompt_prefix: str = ""
    negative_prompt: str = ""
    base_model: str = ""


def part_of(errors: dict[str, str], asked: str = "basics") -> str:
    """The tab that holds the first mistake, or the one asked for."""
    first = next(iter(errors), "")
    if errors:
        return first if first in {"persona", "look"} else _PARTS.get(first, "basics")
    return asked if asked in {"basics", "persona", "look"} else "basics"


def changes_of(form: CharacterForm) -> CharacterChanges:
    """What the form says, typed. `InvalidInput` for an age that is no number; pydantic errors for the rest."""
    return CharacterChanges(**_values(form), **_parts(form))


def new_of(form: CharacterForm) -> NewCharacter:
    """A new character out of the form."""
    return NewCharacter(**_values(form), **_parts(form))


def _values(form: CharacterForm) -> dict[str, Any]:
    age = form.age.strip()
    if age and not age.lstrip("-").isdigit():
        raise InvalidInput(f"“{age[:30]}” is not an age.", "Give whole years, or leave it empty.", field="age")
    lists = {name: _words(getattr(form, name)) for name in ("interests", "boundaries", "tags")}
    texts = {n: getattr(form, n) for n in ("name", "bio", "gender", "location", "timezone", "greeting", "scenario")}
    return {**texts, **lists, "age": int(age) if age else None}


def _parts(form: CharacterForm) -> dict[str, Any]:
    persona = PersonaChanges(
        traits=TraitChanges(**{name: getattr(form, name) for name in Traits.model_fields}),
        **{name: getattr(form, name) for name in _PERSONA_TEXTS},
        topics=_words(form.topics),
        temperature=form.temperature,
    )
    look = LookChanges(
        **{name: getattr(form, name) for name in _LOOK_TEXTS},
        colours=_words(form.colours),
        style_words=_words(form.style_words),
    )
    return {"persona": persona, "look": look}


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def form_of(character: CharacterOut) -> CharacterForm:
    """The form filled from a stored character."""
    values: dict[str, Any] = {
        name: getattr(character, name)
        for name in ("name", "bio", "gender", "location", "timezone", "greeting", "scenario")
    }
    values |= {name: ", ".join(getattr(character, name)) for name in ("interests", "boundaries", "tags")}
    values |= character.persona.traits.model_dump()
    values |= {name: getattr(character.persona, name) for name in (*_PERSONA_TEXTS, "temperature")}
    values |= {name: getattr(character.look, name) for name in _LOOK_TEXTS}
    values |= {name: ", ".join(getattr(character.look, name)) for name in ("colours", "style_words")}
    return CharacterForm(
        **values,
        age="" if character.age is None else str(character.age),
        topics=", ".join(character.persona.topics),
    )


def form_from_template(slug: str) -> CharacterForm:
    """An empty form with the persona of a template already in it."""
    template = next((t for t in TEMPLATES if t.slug == slug), None)
    if template is None:
        return CharacterForm()
    persona = template.persona
    return CharacterForm(
        start=slug,
        **persona.traits.model_dump(),
        **{name: getattr(persona, name) for name in (*_PERSONA_TEXTS, "temperature")},
        topics=", ".join(persona.topics),
    )
