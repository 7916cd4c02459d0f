"""Plays a lorebook through a chat, message after message, as a program does that remembers what fired before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ainfluencer.cards.playing.entries import Reading, readings
from ainfluencer.cards.playing.keys import Searcher
from ainfluencer.cards.playing.lore import Fired, Options, Verdict, fire, rules_for
from ainfluencer.cards.playing.macros import Scene
from ainfluencer.cards.playing.timing import Span, Timed
from ainfluencer.cards.reading.card import Book, Card

MOST_TRIALS = 40_000
"""Entries times messages that are tried; the oldest messages of a longer chat are left out."""

_CHAR = re.compile(r"\s*(?:\{\{char\}\}|<bot>|<char>)\s*:\s*", re.IGNORECASE)
_USER = re.compile(r"\s*(?:\{\{user\}\}|<user>)\s*:\s*", re.IGNORECASE)
_TOLD = frozenset({"cooldown", "delayed", "probability", "group", "group_score"})


@dataclass(frozen=True, slots=True)
class Message:
    """A line of the chat. `role` is assistant (the character) or user."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What the lorebook did when a message had been said; `at` counts messages from 0."""

    at: int
    role: str
    fired: Fired
    stays: dict[int, Span]
    rests: dict[int, Span]

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it: the entries that fired or were cut, and those that wait, rest or lost."""
        told = [one for one in self.fired.verdicts if one.status != "silent" or one.answer.code in _TOLD]
        return {
            "message": self.at,
            "role": self.role,
            "tokens": self.fired.tokens,
            "entries": [self._told(one) for one in told],
        }

    def _told(self, one: Verdict) -> dict[str, Any]:
        row = {"index": one.at, "label": one.label, "status": one.status, "code": one.answer.code}
        stays, rests = self.stays.get(one.at), self.rests.get(one.at)
        # A rest that runs beside a stay begins anew when the stay ends, so its end is not known to anybody yet.
        return row | {
            "why": one.answer.why,
            "stays_until": stays.until - 1 if stays else None,
            "rests_until": rests.until - 1 if rests and not stays else None,
        }


def spoken(line: str, card: Card) -> Message:
    """A line as people type it: “{{char}}: …” or “Mira: …” is the character's, everything else the person's."""
    if found := _CHAR.match(line):
        return Message("assistant", line[found.end() :])
    if found := _USER.match(line):
        return Message("user", line[found.end() :])
    head, colon, rest = line.partition(":")
    names = {card.name.strip().lower(), card.called.strip().lower()} - {""}
    if colon and head.strip().lower() in names:
        return Message("assistant", rest.lstrip())
    return Message("user", line)


def follow(card: Card, said: Sequence[Message], scene: Scene, options: Options) -> list[Turn]:
    """The state of the lorebook after each message that a model would be asked to answer, and after the last one.

    `options.replies` is the number of the character's messages at the end, the greeting among them. Never empty.
    """
    texts = [one.text for one in said]
    entries = readings(card.book or Book(), rules_for(card, options))
    turns = [n for n, one in enumerate(said) if one.role != "assistant" or n == len(said) - 1]
    turns = turns[-max(1, MOST_TRIALS // max(1, len(entries))) :] or [-1]
    timed, searcher, made = Timed(), Searcher(), list[Turn]()
    for n in turns:
        later = sum(one.role == "assistant" for one in said[n + 1 :]) if n >= 0 else 0
        now = replace(options, replies=options.replies - later)
        timed.advance(n + 1, entries)
        seen = replace(scene, last=_newest(said[: n + 1], scene.last))
        fired = fire(card, texts[: n + 1], seen, now, timed=timed, searcher=searcher)
        timed.note(_inserted(fired, entries), n + 1)
        role = said[n].role if n >= 0 else ""
        made.append(Turn(max(0, n), role, fired, dict(timed.stays), dict(timed.rests)))
    if turns[0] > 0 and len(made) < _asked(said):
        note = f"The first {turns[0]} messages were left out: chat and lorebook are too long to play all of it."
        made[-1] = replace(made[-1], fired=replace(made[-1].fired, notes=(*made[-1].fired.notes, note)))
    return made


def _asked(said: Sequence[Message]) -> int:
    return sum(one.role != "assistant" or n == len(said) - 1 for n, one in enumerate(said))


def _newest(said: Sequence[Message], fallback: str) -> str:
    return next((one.text for one in reversed(said) if one.role == "user"), fallback)


def _inserted(fired: Fired, entries: Sequence[Reading]) -> list[Reading]:
    return [entries[one.at] for one in fired.inserted]


def final(card: Card, said: Sequence[Message], scene: Scene, options: Options) -> Fired:
    """What fires at the end of a chat; the way there is only gone where an entry remembers it."""
    entries = readings(card.book or Book(), rules_for(card, options))
    if any(one.sticky or one.cooldown for one in entries):
        return follow(card, said, scene, options)[-1].fired
    return fire(card, [one.text for one in said], scene, options)
