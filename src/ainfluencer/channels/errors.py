"""Refusals of this module."""

from __future__ import annotations

from typing import ClassVar

from ainfluencer.core.errors import Conflict


class NotUsable(Conflict):
    """The channel is paused, disconnected, or its sign-in has ended."""

    code: ClassVar[str] = "channel_not_usable"
    default_next_step = "Open the channel's page and connect it again or resume it."
