"""Refusals of publishing's own."""

from __future__ import annotations

from datetime import datetime

from ainfluencer.core.errors import Conflict


class ChannelFull(Conflict):
    """A channel takes no post at that time; `free_at` is the next one that it takes."""

    code = "channel_full"

    def __init__(self, detail: str, next_step: str, *, free_at: datetime) -> None:
        super().__init__(detail, next_step, field="due_at")
        self.free_at = free_at
