"""Quotes, facts, lore and greetings of a card as source material, each with its label."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ainfluencer.cards.reading.card import Card, Entry
from ainfluencer.cards.understanding import prose, safety, speech
from ainfluencer.cards.understanding.markup import Attributes
from ainfluencer.characters.schemas import Material, MaterialKind

MAX_FACTS = 300
MAX_QUOTES = 500
_INSTRUCTION = re.compile(
    r"\b(?:role-?play\w*|respon(?:d|ses?)|replies|the (?:ai|assistant|model|bot|narrator)|system|prompt|ooc|output|as an ai|character card|"
    r"write (?:in|as|from)|do not (?:speak|write|act)|never (?:speak|write|act) for|token|chat(?:bot)?)\b|\{\{|\}\}",
    re.IGNORECASE,
)
_DECORATOR = re.compile(r"\A(?:\s*@@@?[a-z_]+[^\n]*\n?)+", re.IGNORECASE)
_SKIPPED_LABEL_WORDS = """
name|full name|character|char|nickname|age|gender|sex|pronouns|sexuality|sexual orientation|height|weight|example|note|notes
speech|kinks|fetishes|hair|hair color|hair colour|eyes|eye color|eye colour|skin|body|build|physique|appearance|looks|features
clothes|clothing|outfit|attire|wears|personality|mind|traits|species|race
"""
_SKIPPED_LABELS = frozenset(_SKIPPED_LABEL_WORDS.replace("\n", "|").split("|"))


@dataclass(slots=True)
class Gathered:
    """Material and how many sentences were left out because they are sexual."""

    pieces: list[Material]
    left_out: int = 0
    disabled: int = 0


def gather(card: Card, attributes: Attributes, language: str) -> Gathered:
    """All material of a card, quotes first; nothing twice."""
    out = Gathered([])
    seen: set[tuple[str, str]] = set()
    for piece in (*_quotes(card, language), *_facts(card, attributes), *_lore(card, out), *_greetings(card, language)):
        key = (piece.kind.value, piece.text.casefold())
        if key in seen:
            continue
        seen.add(key)
        if piece.kind in {MaterialKind.FACT, MaterialKind.LORE, MaterialKind.GREETING} and safety.is_sexual(piece.text):
            out.left_out += 1
            continue
        out.pieces.append(piece)
    return out


def greetings(card: Card) -> list[tuple[str, str]]:
    """Every greeting with its label, the first one first."""
    rest = [*card.alternate_greetings, *card.group_only_greetings]
    labelled = [(f"card: alternate_greetings {n}", text) for n, text in enumerate(rest, 1)]
    return [(label, text) for label, text in (("card: first_mes", card.first_mes), *labelled) if text.strip()]


def all_turns(card: Card) -> Iterator[tuple[str, str, bool]]:
    """Label, text and whether it is labelled dialogue, for everything in which the character speaks."""
    examples = prose.with_name(card.mes_example[: prose.CONSIDERED], card.called)
    for turn in speech.turns(examples, card.name, card.called):
        yield "card: mes_example", turn, True
    for label, text in greetings(card):
        yield label, prose.with_name(text[:20_000], card.called), False


def _quotes(card: Card, language: str) -> list[Material]:
    found: list[Material] = []
    for label, turn, is_dialogue in all_turns(card):
        lines = speech.quotes(turn, language, is_dialogue=is_dialogue)
        found += [Material(kind=MaterialKind.QUOTE, text=line, source=label) for line in lines]
        if len(found) >= MAX_QUOTES:
            break
    return found[:MAX_QUOTES]


def _facts(card: Card, attributes: Attributes) -> list[Material]:
    found: list[Material] = []
    for label, values in attributes.values.items():
        text = ", ".join(v for v in values if not prose.mentions_user(v))
        if text and label not in _SKIPPED_LABELS and len(text) <= 600:
            source = "card: description (attributes)"
            found.append(Material(kind=MaterialKind.FACT, text=f"{label.capitalize()}: {text}", source=source))
    for label, text in (
        ("description", attributes.prose),
        ("personality", prose.with_name(card.personality, card.called)),
    ):
        for sentence in prose.sentences(prose.plain(text)):
            line = prose.tidy(sentence).lstrip("-• ")
            if (
                20 <= len(line) <= 400
                and len(line.split()) >= 4
                and not _INSTRUCTION.search(line)
                and not prose.WONT.search(line)
            ):
                found.append(Material(kind=MaterialKind.FACT, text=line, source=f"card: {label}"))
    return found[:MAX_FACTS]


def _lore(card: Card, out: Gathered) -> Iterator[Material]:
    for entry in card.book.entries if card.book else ():
        if not entry.is_enabled:
            out.disabled += 1
            continue
        text = prose.with_name(_DECORATOR.sub("", entry.content), card.called).strip()
        if text:
            yield Material(kind=MaterialKind.LORE, text=text, source=f"lorebook: {title_of(entry)}", keys=entry.keys)


def title_of(entry: Entry) -> str:
    """What an entry is called: its name, comment, or first key."""
    return (entry.name or entry.comment or next(iter(entry.keys), "") or "entry").strip()[:120]


def _greetings(card: Card, language: str) -> Iterator[Material]:
    for label, text in greetings(card):
        resolved = prose.addressed(prose.with_name(text, card.called), language)
        if resolved is not None and resolved.strip():
            yield Material(kind=MaterialKind.GREETING, text=resolved.strip(), source=label)
