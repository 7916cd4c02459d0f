"""What tells that two cards are the same or nearly so: a digest of what a card says, and a simhash of its prose."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import fields, is_dataclass
from typing import Any

from ainfluencer.cards.reading.card import Card

NEAR_BITS = 8
"""Two texts of which at most so many of the 64 bits differ are near: about one sentence in ten rewritten."""

_UNDIVIDED = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that Unicode does not take apart."""

_WORD = re.compile(r"\w+")
_RUN = 3  # words in one shingle
_FEWEST = 24  # shingles; below, chance decides
_PROSE = ("description", "personality", "scenario", "first_mes", "mes_example")
_DATED = frozenset({"spec", "spec_version", "creation_date", "modification_date", "source", "extensions"})
_SAID = tuple(one.name for one in fields(Card) if one.name not in _DATED)


def folded(text: str) -> str:
    """For finding: no case, no accents, letters that are written without blanks (Chinese, Japanese) one by one."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_UNDIVIDED)
    return "".join(f" {c} " if _stands_alone(c) else c for c in plain if not unicodedata.combining(c))


def _stands_alone(letter: str) -> bool:
    return "\u3040" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff" or "\uf900" <= letter <= "\ufaff"


def key(text: str, size: int = 200) -> str:
    """A name for sorting and comparing."""
    return " ".join(folded(text).split())[:size]


def text_sha256(card: Card) -> str:
    """A digest of everything that a card says, the same in every version and container."""
    said = {name: getattr(card, name) for name in _SAID}
    raw = json.dumps(said, sort_keys=True, ensure_ascii=True, default=_plain)
    return hashlib.sha256(raw.encode()).hexdigest()


def _plain(value: object) -> object:
    """A book, an entry or an asset as JSON holds it, without extensions; what JSON has no word for, as text."""
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value) if one.name != "extensions"}
    return str(value)


def simhash(card: Card) -> str:
    """64 bits as 16 hex letters that change little when the prose changes little; empty when there is too little prose."""
    words = _WORD.findall(folded(" ".join(getattr(card, name) for name in _PROSE)))
    if len(words) < _FEWEST + _RUN - 1:
        return ""
    import numpy as np

    number = {word: _hash(word) for word in set(words)}
    hashed = np.fromiter((number[word] for word in words), np.uint64, len(words))
    first, second, third = hashed[:-2], hashed[1:-1], hashed[2:]
    runs = np.unique(_mixed(_mixed(first) + second) + third)
    if len(runs) < _FEWEST:
        return ""
    digests = _mixed(runs).astype(">u8").view(np.uint8).reshape(len(runs), 8)
    bits = np.unpackbits(digests, axis=1)
    return np.packbits(bits.sum(axis=0) * 2 > len(runs)).tobytes().hex()


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


def _mixed(numbers: Any) -> Any:
    """Each 64-bit number spread over all its bits, as SplitMix64 finishes (Steele, Lea, Flood 2014)."""
    import numpy as np

    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    return numbers ^ (numbers >> np.uint64(31))
