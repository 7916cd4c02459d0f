"""What tells that two cards are the same or nearly so: a digest of what a card says, and a simhash of its prose."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict

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
    said = {name: value for name, value in asdict(card).items() if name not in _DATED}
    if said["book"]:
        said["book"].pop("extensions", None)
        for entry in said["book"]["entries"]:
            entry.pop("extensions", None)
    raw = json.dumps(said, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(raw.encode()).hexdigest()


def simhash(card: Card) -> str:
    """64 bits as 16 hex letters that change little when the prose changes little; empty when there is too little prose."""
    words = _WORD.findall(folded(" ".join(getattr(card, name) for name in _PROSE)))
    runs = {" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)}
    if len(runs) < _FEWEST:
        return ""
    import numpy as np

    digests = b"".join(hashlib.blake2b(run.encode(), digest_size=8).digest() for run in runs)
    bits = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(len(runs), 8), axis=1)
    return np.packbits(bits.sum(axis=0) * 2 > len(runs)).tobytes().hex()
