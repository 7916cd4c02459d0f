"""Emoji as pictures: finds them in text and takes their drawings from a zip of Twemoji SVG files (CC BY 4.0)."""

from __future__ import annotations

import base64
import re
import zipfile
from functools import lru_cache
from pathlib import Path

from ainfluencer.core import resources
from ainfluencer.core.errors import NotFound

_PRESENTATION = "\ufe0f"
_JOINER = "\u200d"
_ONE = "[\U0001f000-\U0001fbff\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\u00a9\u00ae]"
_PATTERN = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # flags
    "|[0-9#*]\ufe0f?\u20e3"  # keycaps
    f"|{_ONE}[\ufe0f\ufe0e]?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
    f"(?:{_JOINER}{_ONE}\ufe0f?[\U0001f3fb-\U0001f3ff]?)*"
)


@lru_cache(maxsize=1)
def _drawings() -> tuple[Path | None, dict[str, str]]:
    """The zip and the names in it by code (“1f600”); empty when the build packed none."""
    try:
        place = resources.path("twemoji.zip")
    except NotFound:
        return None, {}
    with zipfile.ZipFile(place) as packed:
        return place, {Path(name).stem: name for name in packed.namelist() if name.endswith(".svg")}


def _code(emoji: str) -> str:
    """Twemoji's file name: code points in hex; U+FE0F only stays in joined sequences."""
    kept = emoji if _JOINER in emoji else emoji.replace(_PRESENTATION, "")
    return "-".join(f"{ord(character):x}" for character in kept.replace("\ufe0e", ""))


def _name(emoji: str) -> str:
    known = _drawings()[1]
    code = _code(emoji)
    plain = "-".join(part for part in code.split("-") if part != "fe0f")
    return known.get(code) or known.get(plain) or ""


@lru_cache(maxsize=256)
def picture(emoji: str) -> str:
    """A data: URL of the drawing, or an empty string when there is none."""
    place, name = _drawings()[0], _name(emoji)
    if place is None or not name:
        return ""
    with zipfile.ZipFile(place) as packed:
        drawing = packed.read(name)
    return "data:image/svg+xml;base64," + base64.b64encode(drawing).decode()


def is_emoji(text: str) -> bool:
    """Whether this whole piece is one emoji (a sign that text fonts draw, such as ©, counts only with U+FE0F)."""
    if not _PATTERN.fullmatch(text):
        return False
    first = ord(text[0])
    return first >= 0x1F000 or len(text) > 1 or 0x2600 <= first <= 0x27BF or first in {0x2B50, 0x2B55, 0x231A, 0x231B}


def split(text: str) -> list[str]:
    """The text in pieces: each emoji alone, what is between them whole; nothing is lost."""
    pieces: list[str] = []
    end = 0
    for found in _PATTERN.finditer(text):
        if is_emoji(found[0]):
            pieces += [text[end : found.start()], found[0]]
            end = found.end()
    pieces.append(text[end:])
    return [piece for piece in pieces if piece]
