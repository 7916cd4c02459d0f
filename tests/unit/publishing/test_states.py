"""Which moves of posts and deliveries are allowed."""

from __future__ import annotations

import itertools

import pytest

from ainfluencer.core.errors import Conflict
from ainfluencer.publishing import delivery_states, post_states
from ainfluencer.publishing.delivery_states import DeliveryState as D
from ainfluencer.publishing.post_states import PostState as P


@pytest.mark.parametrize("states", [delivery_states.MOVES, post_states.MOVES])
def test_every_state_has_a_row(states: dict[str, frozenset[str]]) -> None:
    kind = type(next(iter(states)))
    assert set(states) == set(kind)  # type: ignore[call-overload]


def test_what_is_sending_is_never_cancelled() -> None:
    with pytest.raises(Conflict, match="sending cannot become cancelled"):
        delivery_states.move(D.SENDING, D.CANCELLED)
    assert delivery_states.MOVES[D.PUBLISHED] == {D.WITHDRAWN}


@pytest.mark.parametrize(
    ("deliveries", "post"),
    [
        ([], P.APPROVED),
        ([D.CANCELLED], P.APPROVED),
        ([D.SCHEDULED], P.SCHEDULED),
        ([D.PUBLISHED, D.CANCELLED], P.PUBLISHED),
        ([D.PUBLISHED, D.SCHEDULED], P.PUBLISHING),
        ([D.PUBLISHED, D.FAILED], P.PARTLY_PUBLISHED),
        ([D.FAILED], P.FAILED),
        ([D.SENDING, D.FAILED], P.PUBLISHING),
        ([D.NEEDS_PERSON, D.SENDING], P.NEEDS_PERSON),
        ([D.WITHDRAWN], P.PUBLISHED),
    ],
)
def test_a_post_follows_its_deliveries(deliveries: list[D], post: P) -> None:
    assert post_states.follow(deliveries) is post


@pytest.mark.parametrize("state", [P.SCHEDULED, P.PUBLISHING, P.PARTLY_PUBLISHED, P.NEEDS_PERSON, P.FAILED])
def test_following_is_always_an_allowed_move(state: P) -> None:
    """A delivery moves one step; the post must be able to follow wherever that leads from where it can stand."""
    for first, second in itertools.product(D, D):
        if post_states.follow([first, second]) is state:
            for to in delivery_states.MOVES[first]:
                post_states.move(state, post_states.follow([to, second]))
