"""The states of a delivery: one variant to one channel, once."""

from __future__ import annotations

from enum import StrEnum

from ainfluencer.core.errors import Conflict


class DeliveryState(StrEnum):
    """Where a delivery stands. `sending` means: an attempt was begun and its outcome is not certain yet."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    PUBLISHED = "published"
    FAILED = "failed"
    NEEDS_PERSON = "needs_person"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


D = DeliveryState
MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    D.SCHEDULED: frozenset({D.SENDING, D.FAILED, D.NEEDS_PERSON, D.CANCELLED}),
    # Back to scheduled only when the platform is known to have nothing. Never cancelled: it may be there.
    D.SENDING: frozenset({D.PUBLISHED, D.SCHEDULED, D.FAILED, D.NEEDS_PERSON}),
    D.NEEDS_PERSON: frozenset({D.PUBLISHED, D.SCHEDULED, D.CANCELLED}),
    D.FAILED: frozenset({D.SCHEDULED, D.CANCELLED}),
    D.CANCELLED: frozenset({D.SCHEDULED}),
    D.PUBLISHED: frozenset({D.WITHDRAWN}),
    D.WITHDRAWN: frozenset(),
}

OPEN = frozenset({D.SCHEDULED, D.SENDING})
"""What the engine still has to work on."""


def move(state: DeliveryState | str, to: DeliveryState) -> DeliveryState:
    """`to`, or `Conflict` when a delivery in `state` cannot become that."""
    if to not in MOVES[DeliveryState(state)]:
        raise Conflict(f"A delivery that is {str(state).replace('_', ' ')} cannot become {str(to).replace('_', ' ')}.")
    return to
