"""From a brief to a character draft; what the person wrote wins over what rules guess."""

from __future__ import annotations

import difflib
import re
from typing import Any
from zoneinfo import available_timezones

from ainfluencer.cards.understanding import (
    biography,
    identity,
    interests,
    languages,
    looks,
    markup,
    places,
    prose,
    temper,
    topics,
)
from ainfluencer.cards.understanding.identity import Evidence
from ainfluencer.characters.schemas import CharacterDraft, Look, Material, MaterialKind, Persona, Traits
from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput

_LANGUAGES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es", "español": "es",
    "portuguese": "pt", "português": "pt", "italian": "it", "italiano": "it", "dutch": "nl", "polish": "pl", "russian": "ru",
    "ukrainian": "uk", "japanese": "ja", "chinese": "zh", "korean": "ko", "arabic": "ar", "turkish": "tr", "swedish": "sv",
    "danish": "da", "greek": "el", "hebrew": "he", "hindi": "hi", "thai": "th", "vietnamese": "vi", "czech": "cs",
}  # fmt: skip
_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def draft_of(fields: dict[str, Any], origin: str) -> tuple[CharacterDraft, tuple[Evidence, ...]]:
    """The draft of a parsed brief (`briefs.parse`). `InvalidInput` for an age or a time zone that cannot be."""
    name = str(fields["name"]).strip()
    about = str(fields.get("about", ""))
    attributes = markup.parse("")
    for part in ("look", "personality"):
        if isinstance(fields.get(part), dict):
            for label, value in fields[part].items():
                attributes.add(str(label), [str(v) for v in value] if isinstance(value, list) else [str(value)])
    words = [about, *(str(fields[k]) for k in ("look", "personality", "occupation") if isinstance(fields.get(k), str))]
    text = prose.plain("\n".join(words))
    age, evidence = _age(fields, attributes, text)
    place = str(fields.get("location", "")) or identity.place_of(attributes, text)[0]
    liked, found = interests.interests_of(attributes, text)
    look, seen = looks.look_of(attributes, text, age)
    mood = temper.temper_of(f"{text} {' '.join(_texts(fields, 'personality'))}", attributes, _texts(fields, "quotes"))
    given = tuple(_texts(fields, "interests")) or tuple(liked)
    tags = tuple(_texts(fields, "tags"))
    draft = CharacterDraft(
        name=name,
        bio=_bio(about, fields, name),
        age=age,
        gender=str(fields.get("gender", ""))[:40] or identity.gender_of(attributes, text, tags),
        location=place[:200],
        timezone=_zone(str(fields.get("timezone", "")), place),
        interests=given,
        persona=Persona(
            traits=_traits(fields.get("personality"), mood.traits),
            communication_style=str(fields.get("style", "")) or mood.style,
            content_tone=str(fields.get("tone", "")) or mood.tone,
            topics=tuple(_texts(fields, "topics"))
            or topics.topics_of(tags, given, attributes, topics.Told(text, "\n".join(_texts(fields, "quotes"))), name),
            language=_language(str(fields.get("language", "")), text),
            prompt=str(fields.get("prompt", "")),
        ),
        look=_with_style(look, fields),
        boundaries=tuple(_texts(fields, "boundaries")),
        tags=tags,
        greeting=str(fields.get("greeting", "")),
        description=about,
        scenario=str(fields.get("scenario", "")),
        material=tuple(_material(fields, about)),
        origin=origin,
    )
    return draft, (*evidence, *found, *seen)


def _texts(fields: dict[str, Any], key: str) -> list[str]:
    value = fields.get(key)
    if isinstance(value, list):
        return [str(v) for v in value]
    return [str(value)] if isinstance(value, str) and value else []


def _age(fields: dict[str, Any], attributes: markup.Attributes, text: str) -> tuple[int | None, list[Evidence]]:
    if fields.get("age") in {None, ""}:
        age, why = identity.age_of(attributes, text)
        return age, [why] if why else []
    number = re.fullmatch(r"\D{0,12}?(-?\d{1,9})\D{0,12}", str(fields["age"]))
    if not number or not 0 <= int(number.group(1)) <= 100_000:
        raise InvalidInput(
            f"“{str(fields['age'])[:40]}” is not an age.", "Give the age in whole years, or leave it out.", field="age"
        )
    return int(number.group(1)), [Evidence("age", number.group(1), "brief", f"age: {fields['age']}")]


def _zone(stated: str, place: str) -> str:
    """The stated zone, checked; else the zone of the place; else UTC."""
    stated = stated.strip()
    if not stated:
        return places.zone_of(place) or "UTC"
    guess = places.zone_of(stated)
    if "/" not in stated and guess:
        return guess
    try:
        clock.zone(stated)
    except InvalidInput as refusal:
        known = sorted(available_timezones())
        near = difflib.get_close_matches(stated, known, n=3, cutoff=0.55) or [guess] * bool(guess)
        if "Did you mean" in refusal.detail or not near:
            raise
        raise InvalidInput(
            f"{refusal.detail} Did you mean {' or '.join(near)}?", refusal.next_step, field="timezone"
        ) from None
    return stated


def _language(stated: str, text: str) -> str:
    first = re.split(r"[,/;]| and ", stated)[0].strip()
    if first.casefold() in _LANGUAGES:
        return _LANGUAGES[first.casefold()]
    return first if _CODE.fullmatch(first) and len(first.partition("-")[0]) <= 3 else languages.detect(text)


def _bio(about: str, fields: dict[str, Any], name: str) -> str:
    text = " ".join(prose.tidy(s) for s in prose.sentences(prose.plain(about)))
    if not text and fields.get("occupation"):
        return f"{name}: {fields['occupation']}."
    return text if len(text) <= biography.MAX_LENGTH + 80 else biography.shorten(text)


def _traits(stated: Any, guessed: Traits) -> Traits:
    """Numbers for the five traits where a person wrote them (0-1, or 0-10, or a percentage)."""
    if not isinstance(stated, dict):
        return guessed
    given: dict[str, float] = {}
    for key, value in stated.items():
        trait = {"extraversion": "extroversion", "humour": "humor"}.get(
            str(key).strip().casefold(), str(key).strip().casefold()
        )
        number = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)\s*%?", str(value).strip())
        if trait in Traits.model_fields and number:
            amount = float(number.group(1))
            given[trait] = min(
                1.0, amount / (1 if amount <= 1 and "%" not in str(value) else 10 if amount <= 10 else 100)
            )
    return guessed.model_copy(update=given)


def _with_style(look: Look, fields: dict[str, Any]) -> Look:
    stated = fields.get("look")
    if not isinstance(stated, dict):
        return look
    folded = {str(k).strip().casefold(): v for k, v in stated.items()}
    update: dict[str, Any] = {}
    for key, names in (
        ("colours", ("colours", "colors", "palette")),
        ("style_words", ("style", "style words", "style_words", "vibe")),
    ):
        value = next((folded[n] for n in names if folded.get(n)), None)
        if value:
            parts = value if isinstance(value, list) else re.split(r",\s*", str(value))
            update[key] = tuple(str(p).strip() for p in parts if str(p).strip())[:12]
    return look.model_copy(update=update)


def _material(fields: dict[str, Any], about: str) -> list[Material]:
    found = [
        Material(kind=MaterialKind.QUOTE, text=q.strip('"“”'), source="brief: quotes") for q in _texts(fields, "quotes")
    ]
    found += [Material(kind=MaterialKind.FACT, text=f, source="brief: facts") for f in _texts(fields, "facts")]
    for key in ("about", "personality"):
        text = about if key == "about" else str(fields.get(key, "")) if isinstance(fields.get(key), str) else ""
        for sentence in prose.sentences(prose.plain(text))[:200]:
            line = prose.tidy(sentence)
            if len(line.split()) >= 4:
                found.append(Material(kind=MaterialKind.FACT, text=line, source=f"brief: {key}"))
    if fields.get("greeting"):
        found.append(Material(kind=MaterialKind.GREETING, text=str(fields["greeting"]), source="brief: greeting"))
    return found
