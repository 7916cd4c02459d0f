"""Texts cut for a model: between paragraphs where they are long, and several short ones in one request."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ainfluencer.cards.forge.translating.pieces import Piece
from ainfluencer.cards.forge.translating.shielding import has_words

_PARTS = (r"(?<=\n\n)(?!\n)", r"(?<=\n)(?!\n)", r"(?<=[.!?…。！？][\"'”’»)*\s])(?=\S)")
"""Where a text may be cut: after blank lines, else after lines, else after sentences."""
MOST = 24  # texts in one request


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a covered text, as a model is asked for it; `number` is its own among all of the card."""

    number: int
    piece: Piece
    text: str

    @property
    def is_sent(self) -> bool:
        """Whether there is anything to translate in it."""
        return has_words(self.text)


def cut(text: str, limit: int, count: Callable[[str], int], ways: Sequence[str] = _PARTS) -> list[str]:
    """The text in parts of at most `limit` tokens where it can be cut; joined they are the text."""
    if not ways or count(text) <= limit:
        return [text]
    made: list[str] = []
    size = 0
    for part in re.split(ways[0], text):
        length = count(part)
        if made and size + length <= limit:
            made[-1] += part
            size += length
        elif length > limit:
            made += cut(part, limit, count, ways[1:])
            size = limit
        else:
            made.append(part)
            size = length
    return made


def batches(segments: Sequence[Segment], limit: int, count: Callable[[str], int]) -> list[list[Segment]]:
    """Segments that are asked for together, in their order."""
    made: list[list[Segment]] = []
    size = 0
    for one in segments:
        length = count(one.text) + 12  # the JSON around it
        if not made or size + length > limit or len(made[-1]) >= MOST:
            made.append([])
            size = 0
        made[-1].append(one)
        size += length
    return made
