"""What a target cannot hold, told before it happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ainfluencer.core.errors import InvalidInput

NAMESPACE = "ainfluencer"
"""Our one key in `extensions`: what a version has no place for waits there for the way back."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that readers of the target will not see; `kept`: converting back with AInfluencer restores it."""

    code: str
    field: str
    detail: str
    kept: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        return asdict(self)


class WouldLose(InvalidInput):
    """A conversion that loses something and was not allowed to; `losses` has the list."""

    code = "would_lose"
    default_next_step = "Add --allow-loss to do it all the same, or choose another target."

    def __init__(self, losses: Sequence[Loss], target: str) -> None:
        fields = list(dict.fromkeys(loss.field for loss in losses))
        more = f" and {len(fields) - 12} more" if len(fields) > 12 else ""
        super().__init__(f"{target} cannot hold everything that is here: {', '.join(fields[:12])}{more}.")
        self.losses = tuple(losses)
