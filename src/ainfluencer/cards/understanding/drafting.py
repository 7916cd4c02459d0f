"""From a card to a character draft: every field by rules, every rule with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ainfluencer.cards.converting.losses import NAMESPACE
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.understanding import (
    biography,
    identity,
    interests,
    languages,
    looks,
    material,
    places,
    prose,
    safety,
    speech,
    temper,
    topics,
)
from ainfluencer.cards.understanding.identity import Evidence
from ainfluencer.characters.schemas import CharacterDraft, Persona
from ainfluencer.core.errors import PolicyRefused


@dataclass(frozen=True, slots=True)
class Understood:
    """A draft, the evidence for its fields, and how the card reads."""

    draft: CharacterDraft
    evidence: tuple[Evidence, ...]
    verdict: safety.Verdict


def understand(card: Card, notes: Notes, origin: str) -> Understood:
    """The draft of a card's character. `PolicyRefused` for a sexual card of somebody who reads as a minor."""
    card = _readable(card)
    reading = material.read(card)
    attributes, text = reading.attributes, prose.plain(reading.prose)
    evidence: list[Evidence] = []
    age, why = identity.age_of(attributes, text)
    evidence += [why] if why else []
    verdict = _judged(card, age, notes)
    place, why = identity.place_of(attributes, text)
    evidence += [why] if why else []
    language = languages.detect(f"{card.first_mes}\n{card.mes_example}\n{card.description}\n{card.personality}")
    is_adult = verdict.rating is safety.Rating.EXPLICIT
    unfit = safety.is_intimate if is_adult else safety.is_adult_tag
    card = replace(card, tags=tuple(tag for tag in card.tags if not unfit(tag)))
    gathered = material.gather(card, reading, language, is_adult=is_adult)
    quotes = [m.text for m in gathered.pieces if m.kind == "quote"]
    liked, found = interests.interests_of(attributes, "\n".join((text, *quotes)))
    evidence += found
    liked = [one for one in liked if not unfit(one)]
    look, found = looks.look_of(attributes, text, age)
    evidence += found
    _note_material(gathered, card, notes)
    mood = temper.temper_of(text, attributes, quotes)
    evidence += [
        Evidence("traits", r.partition(":")[0], "personality words", r.partition(":")[2].strip()) for r in mood.reasons
    ]
    draft = CharacterDraft(
        name=card.name,
        bio=biography.bio_of(card, reading, age, place, unfit),
        age=age,
        gender=identity.gender_of(
            attributes, f"{text}\n{card.description}\n{card.first_mes}\n{card.mes_example}", card.tags
        ),
        location=place,
        timezone=places.zone_of(place) or "UTC",
        interests=tuple(liked),
        persona=Persona(
            traits=mood.traits,
            communication_style=mood.style,
            content_tone=mood.tone,
            topics=_topics(card, reading, gathered, liked, place),
            language=language,
        ),
        look=look,
        boundaries=_boundaries(text, verdict),
        tags=_short(card.tags),
        greeting="" if is_adult else _greeting(card, language),
        description=card.description,
        scenario=prose.with_name(card.scenario, card.called).replace("{{user}}", "a visitor"),
        material=tuple(gathered.pieces),
        origin=origin,
        warnings=tuple(note.detail for note in notes),
    )
    return Understood(draft, tuple(evidence), verdict)


def rated(card: Card, notes: Notes) -> safety.Verdict:
    """How a card reads, without a draft. `PolicyRefused` for a sexual card of somebody who reads as a minor."""
    reading = material.read(_readable(card))
    age, _ = identity.age_of(reading.attributes, prose.plain(reading.prose))
    return _judged(card, age, notes)


def _readable(card: Card) -> Card:
    """With a name for people: some tools write “Ada_Lovelace”."""
    name = card.name if " " in card.name else card.name.replace("_", " ").strip()
    return replace(card, name=name or card.name)


def _topics(
    card: Card, reading: material.Reading, gathered: material.Gathered, liked: list[str], place: str
) -> tuple[str, ...]:
    spoken = "\n".join(m.text for m in gathered.pieces if m.kind == "quote" and not m.source.startswith("lorebook"))
    lore = "\n".join(m.text for m in gathered.pieces if m.source.startswith("lorebook"))
    entries = [e for e in card.book.entries[:40] if e.is_enabled] if card.book else []
    setting = prose.plain(prose.with_name(card.scenario[:4000], card.called))
    told = topics.Told(f"{prose.plain(reading.prose)}\n{setting}", spoken, lore, card.creator_notes)
    titles = [(material.title_of(entry), *entry.keys[:6]) for entry in entries]
    return topics.topics_of(card.tags, liked, reading.attributes, told, card.name, titles, place)


def _judged(card: Card, age: int | None, notes: Notes) -> safety.Verdict:
    texts = [card.description, card.personality, card.scenario, card.first_mes, card.mes_example, card.creator_notes]
    texts += [card.system_prompt, *card.alternate_greetings]
    texts += [entry.content for entry in card.book.entries[:2000]] if card.book else []
    carried, their_age = _carried(card)
    verdict = judged(texts + carried, card.tags, age if their_age is None else their_age, "card")
    if verdict.rating is safety.Rating.EXPLICIT:
        notes.add("adult_card", "The card is written for adults; its scenes and spoken lines are not used.")
    if age is not None and age < 18:
        notes.add(
            "under_18", f"The card says that {card.called or 'the character'} is {age}: never in any adult context."
        )
    return verdict


def _carried(card: Card) -> tuple[list[str], int | None]:
    """What our own namespace says of the character, and their age where it makes them a minor."""
    texts: list[str] = []
    table = card.extensions.get(NAMESPACE)
    character = table.get("character") if isinstance(table, dict) else None
    waiting: list[Any] = [character]
    while waiting:
        match waiting.pop():
            case str() as text:
                texts.append(text)
            case dict() as inner:
                waiting += [value for name, value in inner.items() if name not in _NEVER]
            case list() as inner:
                waiting += inner
    age = character.get("age") if isinstance(character, dict) else None
    return texts, age if isinstance(age, int) and 0 <= age < 18 else None


_NEVER = frozenset({"boundaries", "negative_prompt"})
"""What they do not speak of and what no picture of them shows."""


def judged(texts: list[str], tags: tuple[str, ...], age: int | None, what: str) -> safety.Verdict:
    """How a card or brief reads. `PolicyRefused` when it puts somebody who reads as a minor into a sexual context."""
    verdict = safety.judge(texts, tags, age)
    if verdict.is_minor and verdict.rating is not safety.Rating.SAFE and _is_sexual_card(verdict):
        raise PolicyRefused(
            f"This {what} puts somebody who reads as a minor into a sexual context ({'; '.join(verdict.evidence[:3])}).",
            "Such characters are never made here.",
            code="minor_sexual",
        )
    return verdict


def _is_sexual_card(verdict: safety.Verdict) -> bool:
    """One doubtful word alone, such as “flirts”, does not make a school story sexual; explicit words or tags do."""
    return any(e.startswith(("tag:", "words:")) for e in verdict.evidence) or verdict.rating is safety.Rating.EXPLICIT


def _note_material(gathered: material.Gathered, card: Card, notes: Notes) -> None:
    if gathered.left_out:
        notes.add("sexual_left_out", f"{gathered.left_out} passages were left out because they are sexual.")
    if gathered.disabled:
        notes.add(
            "lore_disabled", f"{gathered.disabled} switched-off lorebook entries stay in the card and are not used."
        )
    if not any(m.kind == "quote" for m in gathered.pieces):
        notes.add(
            "no_quotes", f"No spoken lines of {card.called or 'the character'} were found; posts lean on facts instead."
        )


def _boundaries(text: str, verdict: safety.Verdict) -> tuple[str, ...]:
    found = dict.fromkeys(
        f"Does not talk about {prose.tidy(m.group(1)).strip(' ,')}"[:80] for m in prose.WONT.finditer(text[:50_000])
    )
    if verdict.rating is not safety.Rating.SAFE:
        found["No sexual content"] = None
    if verdict.is_minor:
        found["Never romantic or sexual"] = None
    return tuple(found)[:20]


def _short(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t.strip()[:60] for t in tags if t.strip()))[:50]


def _greeting(card: Card, language: str) -> str:
    """The greeting as words to anyone; a card whose greeting cannot be had so gives its first quotable line."""
    named = prose.with_name(card.first_mes, card.called)
    resolved = prose.addressed(named, language)
    if resolved is not None and not safety.is_sexual(resolved):
        return resolved.strip()
    return next(iter(speech.quotes(named, language, is_dialogue=False)), "")
