"""A clock that a test sets: it stands still until it is moved, forwards or backwards."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ainfluencer.core import clock


class Clock:
    """`core.clock.now` for the length of a test. Aware UTC."""

    def __init__(self, patch: pytest.MonkeyPatch, at: datetime) -> None:
        self.at = at
        patch.setattr(clock, "now", lambda: self.at)

    def jump(self, **spans: float) -> datetime:
        """Move by that span (negative: back); answers the new present."""
        self.at += timedelta(**spans)
        return self.at
