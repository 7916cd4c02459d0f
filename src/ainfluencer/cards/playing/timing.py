"""What a running chat remembers of entries that fired: how long they stay (sticky) and how long they rest (cooldown).

The rules are SillyTavern's (1.12.6): both are counted in messages of the chat from the one at which the entry fired, an
entry that fires again while it stays does not stay longer, and a rest begins anew when a stay ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ainfluencer.cards.playing.entries import Reading


@dataclass(frozen=True, slots=True)
class Span:
    """From the message with the number `since` (the first of a chat is 1) up to, and without, number `until`."""

    since: int
    until: int


@dataclass(slots=True)
class Timed:
    """The entries that stay and those that rest, by their place in the book."""

    stays: dict[int, Span] = field(default_factory=dict)
    rests: dict[int, Span] = field(default_factory=dict)

    def advance(self, said: int, entries: Sequence[Reading]) -> None:
        """So many messages have been said: what is over ends, and a stay that ends begins the entry's rest."""
        for at, span in list(self.stays.items()):
            if said >= span.until:
                del self.stays[at]
                if rest := entries[at].cooldown:
                    self.rests[at] = Span(said, said + rest)
        for at, span in list(self.rests.items()):
            if said >= span.until:
                del self.rests[at]

    def note(self, fired: Iterable[Reading], said: int) -> None:
        """These entries went into the prompt."""
        for one in fired:
            if one.sticky:
                self.stays.setdefault(one.at, Span(said, said + one.sticky))
            if one.cooldown:
                self.rests.setdefault(one.at, Span(said, said + one.cooldown))
