"""A card held against its source: which of its statements the source says, says otherwise, or does not say."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ainfluencer.cards.forge import chunks, merging
from ainfluencer.cards.forge.shapes import Verdict
from ainfluencer.writing import cutting

CHECKED = ("description", "personality", "scenario")
SUPPORTED = 0.6
RELATED = 0.45


def sentences_of(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every sentence of a card's texts with its field; lorebook entries and greetings too."""
    for field in (*CHECKED, "first_mes", "mes_example"):
        text = fields.get(field)
        if isinstance(text, str):
            yield from ((field, one) for one in cut(text) if re.search(r"\w{2}", one))
    for text in fields.get("alternate_greetings") or ():
        yield from (("alternate_greetings", one) for one in cut(str(text)) if re.search(r"\w{2}", one))


def cut(text: str) -> list[str]:
    """Sentences of a card's text, where a macro may begin one."""
    return cutting.sentences(re.sub(r"(?<=[.!?]) +(?=\{\{)", "\n", text))


def statements_of(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The sentences of a card that state something: not its openings and dialogues, which are invented by their nature."""
    found = [(field, one) for field, one in sentences_of({name: fields.get(name) for name in CHECKED})]
    book = fields.get("character_book") or {}
    for entry in book.get("entries", []) if isinstance(book, dict) else []:
        found += [("character_book", one) for one in cut(str(entry.get("content", "")))]
    return [(field, one) for field, one in found if len(merging.words(one) - _MACROS) >= 2]


_MACROS = frozenset({"char", "user"})
_OFTEN = frozenset({"always", "alway", "often", "never", "not", "sometim", "usual", "usually"})


class Library:
    """The sentences of a source, found by the words that they share with a statement."""

    def __init__(self, text: str) -> None:
        self._sentences = [s for p in chunks.paragraphs(text) for s in cutting.sentences(p.text)]
        self._words = [merging.words(sentence) for sentence in self._sentences]
        self._by_word: dict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self._words):
            for word in words:
                self._by_word[word].append(number)

    def nearest(self, statement: str, names: set[str], limit: int = 5) -> list[tuple[float, str]]:
        """The sentences nearest to a statement, each with the share of the statement's words that it holds."""
        meant = merging.words(statement) - _MACROS
        hits: dict[int, float] = defaultdict(float)
        for word in meant:
            places = self._by_word.get(word, ())
            # A word that stands everywhere says nothing about where the statement comes from.
            worth = 0.2 if word in names or len(places) > max(20, len(self._sentences) // 15) else 1.0
            for number in places:
                hits[number] += worth
        total = sum(
            0.2 if word in names or len(self._by_word.get(word, ())) > max(20, len(self._sentences) // 15) else 1.0
            for word in meant
        )
        best = sorted(hits.items(), key=lambda item: -item[1])[:limit]
        return [(score / (total or 1), self._sentences[number]) for number, score in best]


def check(fields: Mapping[str, Any], text: str, name: str) -> list[Verdict]:
    """A verdict on each statement by words alone: shared words support it, another number, colour or a denial contradicts it."""
    library = Library(text)
    names = merging.words(name)
    made = []
    for field, statement in statements_of(fields):
        near = library.nearest(statement, names)
        made.append(_verdict(field, statement, near))
    return made


def _verdict(field: str, statement: str, near: list[tuple[float, str]]) -> Verdict:
    for share, sentence in near:
        if share >= RELATED and (why := _against(statement, sentence)):
            return Verdict(field=field, text=statement, verdict="contradicted", quote=f"{sentence}" if why else "")
    if near and near[0][0] >= SUPPORTED:
        return Verdict(field=field, text=statement, verdict="supported", quote=near[0][1])
    return Verdict(field=field, text=statement, verdict="not_in_source")


def _against(statement: str, sentence: str) -> bool:
    mine, theirs = merging.colours_in(statement), merging.colours_in(sentence)
    if any(theirs.get(thing, colour) != colour for thing, colour in mine.items()):
        return True
    ages, others = merging.ages_in(statement), merging.ages_in(sentence)
    if ages and others and not set(ages) & set(others):
        return True
    is_opposite = merging.antonyms(merging.words(statement), merging.words(sentence))
    return bool(is_opposite) or _denied(statement, sentence)


def _denied(statement: str, sentence: str) -> bool:
    """Whether one clause of the source says every word of the statement, but denies it (or the other way round)."""
    meant = merging.words(statement) - _MACROS - _OFTEN
    for clause in re.split(r"[,;:]|\b(?:and|but)\b", sentence):
        if len(meant) > 1 and meant <= merging.words(clause):
            return bool(merging.NEGATED.search(statement)) != bool(merging.NEGATED.search(clause))
    return False
