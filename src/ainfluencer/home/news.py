"""Carries the engine's news to the pages that are open: each becomes a DOM event named after its topic."""

from __future__ import annotations

from ainfluencer.engine import events
from ainfluencer.web.live import HUB


async def forward() -> None:
    """Run until cancelled, or until the engine's hub closes."""
    async with events.subscribe(events.EVERYWHERE) as subscription:
        while True:
            try:
                news = await subscription.next(60)
            except events.Closed:
                return
            if news is not None:
                HUB.publish(news.workspace_id, news.topic.split(":")[0], {"topic": news.topic, **news.data})
