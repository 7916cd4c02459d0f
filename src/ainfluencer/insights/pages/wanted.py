"""What the pages of insights are asked for: a period, a character, a channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends

from ainfluencer.channels import registry
from ainfluencer.channels.models import Channel
from ainfluencer.core import clock
from ainfluencer.insights.queries import Part
from ainfluencer.integrations.manifest import Access

PERIODS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "A year"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Period and filters."""

    days: int = 30
    character_id: str = ""
    channel_id: str = ""

    @property
    def query(self) -> str:
        """As a query text with a leading "?"."""
        own = {"days": str(self.days), "character": self.character_id, "channel": self.channel_id}
        return "?" + urlencode({k: v for k, v in own.items() if v})

    def part(self) -> Part:
        """Posts of the period."""
        return Part(self.character_id, self.channel_id, clock.now() - timedelta(days=self.days))


def _wanted(days: str = "30", character: str = "", channel: str = "") -> Wanted:
    known = {str(n): n for n, _ in PERIODS}
    return Wanted(known.get(days, 30), character[:26], channel[:26])


Filters = Annotated[Wanted, Depends(_wanted)]


def is_simulated(channel: Channel | None) -> bool:
    """Whether the channel lives inside the product, where the audience is simulated."""
    return channel is not None and registry.manifest(channel.platform).access == Access.BUILT_IN
