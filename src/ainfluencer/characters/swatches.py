"""Colours that a page can show: the words of a look as hexadecimal values, the same that a poster is drawn in."""

from __future__ import annotations

from functools import lru_cache

from ainfluencer.core import colours


def swatch(words: str) -> str:
    """The colour that a word or phrase names as #rrggbb; "" when it names none."""
    found = colours.parse(words)
    return found.hex if found else ""


@lru_cache(maxsize=2000)
def palette(colours_of_look: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pairs of word and #rrggbb for the colours of a look that can be shown, each colour once."""
    found = {swatch(words): words for words in reversed(colours_of_look) if swatch(words)}
    return tuple((words, colour) for colour, words in reversed(found.items()))
