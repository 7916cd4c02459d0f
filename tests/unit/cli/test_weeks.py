"""A command that was killed and is given again goes on with its week instead of making a second one."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ainfluencer.cli.groups import making
from ainfluencer.cli.instance import Instance

WISH = {"character_id": "ada", "days": 4, "only_plan": False}


class Answering:
    """An instance that knows these weeks."""

    def __init__(self, *weeks: dict[str, Any]) -> None:
        self.weeks = list(weeks)
        self.asked: list[Any] = []

    def call(self, _method: str, path: str, **parts: Any) -> dict[str, Any]:
        self.asked.append((path, parts["params"]))
        return {"items": self.weeks}


@pytest.mark.parametrize(
    ("state", "days", "only_plan", "goes_on"),
    [
        ("making", 4, False, True),
        ("making", 7, False, False),
        ("ready", 4, False, False),
        ("cancelled", 4, False, False),
        ("planned", 4, False, False),
        ("making", 4, True, False),
    ],
)
def test_only_the_same_unfinished_week_goes_on(state: str, days: int, only_plan: bool, goes_on: bool) -> None:
    instance = Answering({"id": "w", "state": state, "days": days})
    found = making._interrupted(cast("Instance", instance), WISH | {"only_plan": only_plan})
    assert (found is not None) == goes_on
    assert all(asked == ("/weeks", {"character_id": "ada"}) for asked in instance.asked)
