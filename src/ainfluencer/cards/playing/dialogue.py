"""Example dialogue as blocks and turns, and every greeting that a chat can open with."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ainfluencer.cards.playing.macros import Scene, shown
from ainfluencer.cards.reading.card import Card

Who = Literal["char", "user", "narrator"]
_START = re.compile(r"^[ \t]*<START>[ \t]*(?:\r?\n|\Z)", re.IGNORECASE | re.MULTILINE)
_CHAR = ("{{char}}", "<bot>", "<char>", "{{bot}}")
_USER = ("{{user}}", "<user>")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one of them says. `text` is resolved, without the prefix; `start` is its place in the original text."""

    who: Who
    name: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Greeting:
    """A way to open a chat; `field` is written as `card set` takes it, `number` as decorators count (0 is first_mes)."""

    field: str
    kind: Literal["first", "alternate", "group"]
    number: int
    text: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        return asdict(self)


def blocks(text: str, scene: Scene) -> list[list[Turn]]:
    """The conversations of an example text, each a list of turns; empty ones are left out."""
    out, at = [], 0
    for sign in [*_START.finditer(text), None]:
        end = sign.start() if sign else len(text)
        turns = _turns(text[at:end], at, scene)
        if turns:
            out.append(turns)
        at = sign.end() if sign else end
    return out


def _turns(block: str, offset: int, scene: Scene) -> list[Turn]:
    prefix = _prefixes(scene)
    out: list[Turn] = []
    heads = list(prefix.finditer(block))
    begin = heads[0].start() if heads else len(block)
    if lead := block[:begin].strip():
        out.append(Turn("narrator", "", shown(lead, scene), offset))
    ends = [*(head.start() for head in heads[1:]), len(block)]
    for head, end in zip(heads, ends, strict=False):  # no head, one end
        said = block[head.end() : end].strip()
        is_char = head[1].lower() in {*_CHAR, scene.card.called.lower(), scene.card.name.lower()}
        name = scene.card.called if is_char else scene.user
        out.append(Turn("char" if is_char else "user", name, shown(said, scene), offset + head.start()))
    return out


def _prefixes(scene: Scene) -> re.Pattern[str]:
    names = [*_CHAR, *_USER, scene.card.called, scene.card.name, scene.user]
    spelled = "|".join(re.escape(name) for name in sorted({n for n in names if n}, key=len, reverse=True))
    return re.compile(rf"^[ \t]*({spelled})[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)


def greetings(card: Card) -> list[Greeting]:
    """Every greeting in the order in which chat programs offer them; empty ones are left out."""
    found = [Greeting("first_mes", "first", 0, card.first_mes)]
    found += [
        Greeting(f"alternate_greetings[{at}]", "alternate", at + 1, text)
        for at, text in enumerate(card.alternate_greetings)
    ]
    found += [
        Greeting(f"group_only_greetings[{at}]", "group", at, text) for at, text in enumerate(card.group_only_greetings)
    ]
    return [one for one in found if one.text.strip()]
