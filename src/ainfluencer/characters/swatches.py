"""Colours that a page can show: the words of a look as hexadecimal values."""

from __future__ import annotations

import re

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_WORDS = {
    "red": "#d63a32",
    "crimson": "#b8243d",
    "burgundy": "#6d1f36",
    "wine": "#6b2136",
    "rust": "#b4532a",
    "coral": "#f27a63",
    "salmon": "#f0937d",
    "peach": "#f9c3a2",
    "rose": "#d9798b",
    "pink": "#ee8fae",
    "magenta": "#d4219a",
    "orange": "#f08a2c",
    "amber": "#f0a92e",
    "terracotta": "#c4694a",
    "copper": "#b1683f",
    "bronze": "#96703f",
    "brown": "#7a5238",
    "chocolate": "#5a3a2a",
    "tan": "#cba87e",
    "beige": "#e6d8c0",
    "sand": "#e4cfa8",
    "cream": "#f8efdc",
    "ivory": "#f7f2e4",
    "yellow": "#f4cb38",
    "mustard": "#d1a02c",
    "honey": "#e3a83b",
    "gold": "#c99a3c",
    "golden": "#d5a440",
    "lime": "#a7cf3b",
    "green": "#3f9a57",
    "olive": "#7c7f3a",
    "moss": "#6e7d45",
    "sage": "#a3b596",
    "mint": "#abdcc4",
    "forest": "#27533c",
    "emerald": "#16855c",
    "jade": "#2e9678",
    "teal": "#14807f",
    "turquoise": "#27b5ae",
    "aqua": "#59c8cc",
    "cyan": "#1fc3df",
    "sky": "#8cc7ee",
    "blue": "#2d63d0",
    "navy": "#1c2c54",
    "indigo": "#3a3794",
    "violet": "#7446c2",
    "purple": "#7a3aa8",
    "plum": "#5e2750",
    "lavender": "#c5b7ea",
    "lilac": "#c9acdf",
    "black": "#16141a",
    "charcoal": "#33353a",
    "grey": "#8b8d93",
    "gray": "#8b8d93",
    "silver": "#b9bcc2",
    "slate": "#5b6673",
    "white": "#faf9f6",
    "pearl": "#efebe4",
    "neon": "#2bf0d0",
}  # fmt: skip - a table of words, five to the line


def swatch(words: str) -> str:
    """The colour that a word or phrase names as #rrggbb; "" when it names none. The last colour word decides."""
    text = words.strip()
    if _HEX.fullmatch(text):
        return text.lower()
    named = [_WORDS[word] for word in re.findall(r"[a-z]+", text.lower()[:200]) if word in _WORDS]
    return named[-1] if named else ""


def palette(colours: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pairs of word and #rrggbb for the colours of a look that can be shown, each colour once."""
    found = {swatch(words): words for words in reversed(colours) if swatch(words)}
    return tuple((words, colour) for colour, words in reversed(found.items()))
