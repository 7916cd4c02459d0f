"""Plain shapes of the makers module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ainfluencer.integrations.manifest import Capability, Manifest
from ainfluencer.integrations.protocols import Made
from ainfluencer.integrations.values import MediaMade, TextMade


@dataclass(frozen=True, slots=True)
class MadeBy:
    """What was made and by whom; `notes` say which better makers could not be used, and why."""

    slug: str
    title: str
    made: Made
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> TextMade:
        """The made thing as text; a bug if it is none."""
        if not isinstance(self.made, TextMade):
            msg = f"{self.slug} made no text"
            raise TypeError(msg)
        return self.made

    @property
    def media(self) -> tuple[MediaMade, ...]:
        """The made thing as media; a bug if it is none."""
        if isinstance(self.made, TextMade):
            msg = f"{self.slug} made no media"
            raise TypeError(msg)
        return self.made


@dataclass(frozen=True, slots=True)
class MakerView:
    """A maker as pages and the API show it: its manifest and how it stands in this workspace."""

    manifest: Manifest
    is_connected: bool
    is_enabled: bool
    settings: Mapping[str, str]
    has_secrets: bool
    account: str = ""
    checked_at: datetime | None = None
    problem: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether requests may go to it."""
        return self.is_connected and self.is_enabled


@dataclass(frozen=True, slots=True)
class Choice:
    """A maker that would be asked for a kind of request, best first."""

    slug: str
    title: str
    quality: int


KINDS: dict[str, Capability] = {"text": Capability.TEXT, "image": Capability.IMAGE, "poster": Capability.POSTER}
"""The kinds of request by their public names."""
