"""Facts that other modules may react to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChannelConnected:
    """An account was connected, or connected again."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class ChannelLoginExpired:
    """The platform refused the sign-in for good; what is due on this channel has to wait for a person."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class ChannelDisconnected:
    """The secrets are gone; nothing more goes out on this channel."""

    channel_id: str
