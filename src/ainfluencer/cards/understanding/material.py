"""Quotes, facts, lore and greetings of a card as source material, each with its label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ainfluencer.cards.reading.card import Card, Entry
from ainfluencer.cards.understanding import markup, prose, safety, speech
from ainfluencer.cards.understanding.markup import Attributes
from ainfluencer.characters.schemas import Material, MaterialKind
from ainfluencer.writing import dialogue, roleplay
from ainfluencer.writing.dialogue import Speaker

MAX_FACTS = 300
MAX_QUOTES = 500
_INSTRUCTION = re.compile(
    r"\b(?:role-?play\w*|respon(?:ds?|ses?) (?:with|in|to|as|should|must|will)|replies (?:in|with|should|must)|the (?:assistant|language model|bot|narrator)|system prompt|ooc|output|as an ai\b|character card"
    r"|write (?:in|as|from|a|the)|do not (?:speak|write|act)|never (?:speak|write|act|break) (?:for|character)|tokens?|chat(?:bot)?|stay in character|the user|users?)\b|\{\{|\}\}",
    re.IGNORECASE,
)
_DECORATOR = re.compile(r"\A(?:\s*@@@?[a-z_]+[^\n]*\n?)+", re.IGNORECASE)
_SKIPPED_LABEL_WORDS = """
name|full name|character|char|nickname|age|gender|sex|pronouns|sexuality|sexual orientation|height|weight|example|note|notes
speech|kinks|fetishes|hair|hair color|hair colour|eyes|eye color|eye colour|skin|body|build|physique|appearance|looks|features
clothes|clothing|outfit|attire|wears|species|race|tags|genre|scenario|speech patterns|title|birthday|catchphrases|head|face|facial structure
outfit top|outfit bottom|footwear|accessories|color palette|body type|stockings|ears
"""
_SKIPPED_LABELS = frozenset(_SKIPPED_LABEL_WORDS.replace("\n", "|").split("|"))


@dataclass(slots=True)
class Gathered:
    """Material and how many sentences were left out because they are sexual."""

    pieces: list[Material]
    left_out: int = 0
    disabled: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A card's description and personality taken apart: attributes, prose, and turns of dialogue among them."""

    attributes: Attributes
    description: str
    personality: str
    turns: tuple[str, ...]
    own: frozenset[str]

    @property
    def prose(self) -> str:
        """All the prose."""
        return f"{self.description}\n{self.personality}"


def read(card: Card) -> Reading:
    """Take a card's description and personality apart."""
    own = dialogue.names_of(card.name, card.called)
    parsed, turns = [], []
    for field_text in (card.description, card.personality):
        named = prose.with_name(roleplay.plain_markup(field_text[: prose.CONSIDERED]), card.called)
        found, rest = dialogue.split(named, own)
        turns += [turn.text for turn in found if turn.speaker is Speaker.OWN]
        parsed.append(markup.parse(rest, own))
    described, characterised = parsed
    for label, values in characterised.values.items():
        described.add(label, values)
    return Reading(described, described.prose, characterised.prose, tuple(turns), own)


def gather(card: Card, reading: Reading, language: str, *, is_adult: bool = False) -> Gathered:
    """All material of a card, quotes first; nothing twice.

    Of a card that was written for adults only facts and lore are taken, and none that may be meant so: what is said in
    such a scene means something else, whatever its words are.
    """
    out = Gathered([])
    seen: set[tuple[str, str]] = set()
    lore = list(_lore(card, reading, out, language))
    for piece in (*_quotes(card, reading, language), *_facts(reading), *lore, *_greetings(card, language)):
        key = (piece.kind.value, piece.text.casefold())
        if key in seen:
            continue
        seen.add(key)
        spoken = piece.kind in {MaterialKind.QUOTE, MaterialKind.GREETING}
        if (is_adult and (spoken or safety.is_intimate(piece.text))) or safety.is_sexual(piece.text):
            out.left_out += 1
            continue
        out.pieces.append(piece)
    return out


def greetings(card: Card) -> list[tuple[str, str]]:
    """Every greeting with its label, the first one first."""
    rest = [*card.alternate_greetings, *card.group_only_greetings]
    labelled = [(f"card: alternate_greetings {n}", text) for n, text in enumerate(rest, 1)]
    return [(label, text) for label, text in (("card: first_mes", card.first_mes), *labelled) if text.strip()]


def _all_turns(card: Card, reading: Reading) -> Iterator[tuple[str, str, bool]]:
    """Label, text and whether it is labelled dialogue, for everything in which the character speaks."""
    examples = prose.with_name(card.mes_example[: prose.CONSIDERED], card.called)
    for turn in speech.turns(examples, card.name, card.called):
        yield "card: mes_example", turn, True
    for turn in reading.turns:
        yield "card: description", turn, True
    for label, text in greetings(card):
        yield label, prose.with_name(text[:20_000], card.called), False


def _quotes(card: Card, reading: Reading, language: str) -> list[Material]:
    found = [
        Material(
            kind=MaterialKind.QUOTE,
            text=line if line[-1] in ".!?…" else f"{line}.",
            source="card: description (catchphrases)",
        )
        for line in reading.attributes.get("catchphrases", "catchphrase", "quotes", "quote")
        if len(line.split()) >= 5 and roleplay.is_clean(line) and not prose.mentions_user(line)
    ]
    for label, turn, is_dialogue in _all_turns(card, reading):
        lines = speech.quotes(turn, language, is_dialogue=is_dialogue, own=reading.own)
        found += [Material(kind=MaterialKind.QUOTE, text=line, source=label) for line in lines]
        if len(found) >= MAX_QUOTES:
            break
    return found[:MAX_QUOTES]


def _facts(reading: Reading) -> list[Material]:
    found: list[Material] = []
    for label, values in reading.attributes.values.items():
        text = ", ".join(v for v in values if not prose.mentions_user(v))
        if text and label not in _SKIPPED_LABELS and len(text) <= 600 and text.casefold() not in {"none", "unknown"}:
            source = "card: description (attributes)"
            found.append(Material(kind=MaterialKind.FACT, text=f"{label.capitalize()}: {text}", source=source))
    for label, text in (("description", reading.description), ("personality", reading.personality)):
        for sentence in prose.sentences(prose.plain(text)):
            line = prose.tidy(sentence).lstrip("-• ")
            if (
                20 <= len(line) <= 400
                and len(line.split()) >= 4
                and roleplay.is_clean(line)
                and not _INSTRUCTION.search(line)
                and not prose.WONT.search(line)
            ):
                found.append(Material(kind=MaterialKind.FACT, text=line, source=f"card: {label}"))
    return found[:MAX_FACTS]


def _lore(card: Card, reading: Reading, out: Gathered, language: str) -> Iterator[Material]:
    """An entry's prose as lore, and what the character says in it as quotes; both with its title and keys."""
    for entry in card.book.entries if card.book else ():
        if not entry.is_enabled:
            out.disabled += 1
            continue
        source = f"lorebook: {title_of(entry)}"
        text = prose.with_name(_DECORATOR.sub("", entry.content), card.called).strip()
        turns, rest = dialogue.split(text, reading.own)
        for turn in turns:
            if turn.speaker is Speaker.OWN:
                for line in speech.quotes(turn.text, language, is_dialogue=True, own=reading.own):
                    yield Material(kind=MaterialKind.QUOTE, text=line, source=source, keys=entry.keys)
        if rest:
            yield Material(kind=MaterialKind.LORE, text=rest, source=source, keys=entry.keys)


def title_of(entry: Entry) -> str:
    """What an entry is called: its name, comment, or first key."""
    return (entry.name or entry.comment or next(iter(entry.keys), "") or "entry").strip()[:120]


def _greetings(card: Card, language: str) -> Iterator[Material]:
    for label, text in greetings(card):
        resolved = prose.addressed(prose.with_name(text, card.called), language)
        if resolved is not None and resolved.strip():
            yield Material(kind=MaterialKind.GREETING, text=resolved.strip(), source=label)
