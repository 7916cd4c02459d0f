"""The durable work of cards: each part brings its own kinds of jobs."""

from __future__ import annotations

from ainfluencer.cards.bundles import jobs as bundles
from ainfluencer.cards.forge import jobs as forge
from ainfluencer.cards.library import jobs as library

__all__ = ["bundles", "forge", "library"]
