"""What a check found: a stable code, how bad it is, where, and what to do. And the score that follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """error: a program refuses or destroys the card; warning: readers differ or it reads badly; info: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `field` is written as `card set` takes it, empty for the file as a whole."""

    code: str
    severity: Severity
    message: str
    field: str = ""
    next_step: str = ""
    can_fix: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        return asdict(self)


_COSTS = {Severity.ERROR: (15, 5, 30), Severity.WARNING: (4, 1, 10), Severity.INFO: (1, 0.25, 3)}
"""Points off for the first finding of a code, for each further one, and the most for one code."""


def score(findings: Iterable[Finding]) -> int:
    """From 100 (nothing found) down to 0. Each code costs by its severity, and more for repetitions, up to a ceiling."""
    numbers = Counter((one.code, one.severity) for one in findings)
    off = sum(
        min(most, first + (number - 1) * further)
        for (_, severity), number in numbers.items()
        for first, further, most in (_COSTS[severity],)
    )
    return max(0, round(100 - off))
