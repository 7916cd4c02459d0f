"""The states of a post, and how they follow from its deliveries."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ainfluencer.core.errors import Conflict
from ainfluencer.publishing.delivery_states import DeliveryState


class PostState(StrEnum):
    """Where a post stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    PARTLY_PUBLISHED = "partly_published"
    FAILED = "failed"
    NEEDS_PERSON = "needs_person"
    WITHDRAWN = "withdrawn"


S = PostState
MOVES: dict[PostState, frozenset[PostState]] = {
    S.DRAFT: frozenset({S.IN_REVIEW, S.APPROVED}),
    S.IN_REVIEW: frozenset({S.DRAFT, S.APPROVED, S.REJECTED}),
    S.REJECTED: frozenset({S.DRAFT, S.IN_REVIEW, S.APPROVED}),
    S.APPROVED: frozenset({S.IN_REVIEW, S.REJECTED, S.SCHEDULED, S.WITHDRAWN}),
    S.SCHEDULED: frozenset(
        {
            S.APPROVED,
            S.IN_REVIEW,
            S.REJECTED,
            S.PUBLISHING,
            S.PUBLISHED,
            S.PARTLY_PUBLISHED,
            S.FAILED,
            S.NEEDS_PERSON,
            S.WITHDRAWN,
        }
    ),
    S.PUBLISHING: frozenset({S.SCHEDULED, S.PUBLISHED, S.PARTLY_PUBLISHED, S.FAILED, S.NEEDS_PERSON, S.WITHDRAWN}),
    S.NEEDS_PERSON: frozenset(
        {S.APPROVED, S.IN_REVIEW, S.SCHEDULED, S.PUBLISHING, S.PUBLISHED, S.PARTLY_PUBLISHED, S.FAILED, S.WITHDRAWN}
    ),
    S.FAILED: frozenset(
        {
            S.APPROVED,
            S.IN_REVIEW,
            S.SCHEDULED,
            S.PUBLISHING,
            S.PUBLISHED,
            S.PARTLY_PUBLISHED,
            S.NEEDS_PERSON,
            S.WITHDRAWN,
        }
    ),
    S.PARTLY_PUBLISHED: frozenset({S.SCHEDULED, S.PUBLISHING, S.PUBLISHED, S.NEEDS_PERSON, S.WITHDRAWN}),
    S.PUBLISHED: frozenset({S.WITHDRAWN}),
    S.WITHDRAWN: frozenset(),
}

EDITABLE = frozenset({S.DRAFT, S.IN_REVIEW, S.REJECTED, S.APPROVED, S.SCHEDULED, S.NEEDS_PERSON, S.FAILED})
"""A post may be edited as long as nothing of it is public or under way (its deliveries are asked as well)."""


def move(state: PostState | str, to: PostState) -> PostState:
    """`to`, or `Conflict` when a post in `state` cannot become that."""
    if to == state:
        return to
    if to not in MOVES[PostState(state)]:
        raise Conflict(f"A post that is {words(state)} cannot become {words(to)}.")
    return to


def words(state: PostState | str) -> str:
    """The state as people read it."""
    return str(state).replace("_", " ")


_ORDER = (
    # The first that any delivery is in decides, before what they have in common is looked at.
    (DeliveryState.NEEDS_PERSON, S.NEEDS_PERSON),
    (DeliveryState.SENDING, S.PUBLISHING),
)


def follow(deliveries: Iterable[DeliveryState]) -> PostState:
    """The state of an approved post with these deliveries (those that were cancelled do not count)."""
    states = {DeliveryState(state) for state in deliveries} - {DeliveryState.CANCELLED}
    for delivery, post in _ORDER:
        if delivery in states:
            return post
    is_out = DeliveryState.PUBLISHED in states or DeliveryState.WITHDRAWN in states
    if DeliveryState.SCHEDULED in states:
        return S.PUBLISHING if is_out else S.SCHEDULED
    if DeliveryState.FAILED in states:
        return S.PARTLY_PUBLISHED if is_out else S.FAILED
    return S.PUBLISHED if is_out else S.APPROVED
