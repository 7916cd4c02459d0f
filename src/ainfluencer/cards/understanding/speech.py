"""Lines that the character speaks, cut out of dialogue and greetings and made fit for any reader."""

from __future__ import annotations

import re

from ainfluencer.cards.understanding import prose, safety
from ainfluencer.writing import dialogue, roleplay
from ainfluencer.writing.dialogue import Speaker

MAX_LENGTH = 280
_WORD = re.compile(r"\w+")


def turns(examples: str, name: str, called: str) -> list[str]:
    """What the character says and does in example dialogue, one text a turn; other speakers are left out."""
    found, _ = dialogue.split(examples, dialogue.names_of(name, called), is_dialogue=True)
    return [turn.text for turn in found if turn.speaker is Speaker.OWN]


def quotes(turn: str, language: str, *, is_dialogue: bool, own: frozenset[str] = frozenset()) -> list[str]:
    """Clean quotable lines of one turn: 3 words to 280 characters, addressed to anyone, nothing sexual, no stray mark."""
    out: list[str] = []
    for speech in roleplay.speeches(turn, own, is_turn=is_dialogue):
        addressed = prose.addressed(prose.plain(speech), language)
        if addressed is None:
            continue
        line = prose.tidy(addressed).strip(' "“”')
        out += [piece for piece in _pieces(line) if _is_quotable(piece)]
    return out


def _pieces(line: str) -> list[str]:
    if len(line) <= MAX_LENGTH:
        return [line]
    out: list[str] = []
    for sentence in prose.sentences(line):
        if out and len(out[-1]) + len(sentence) < 200:
            out[-1] = f"{out[-1]} {sentence}"
        else:
            out.append(sentence)
    return [piece for piece in out if len(piece) <= 400]


def _is_quotable(line: str) -> bool:
    words = _WORD.findall(line)
    enough = len(words) >= 3 or (len(words) >= 1 and len(line) >= 8 and not line.isascii())
    return (
        enough
        and len(line) >= (10 if line.isascii() else 7)
        and roleplay.is_clean(line)
        and not safety.is_sexual(line)
        and any(c.isalpha() for c in line)
    )
