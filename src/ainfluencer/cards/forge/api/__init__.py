"""The routers of the forge: generation, profiles, files, models, debug, cache, system, config; each at one prefix."""

from __future__ import annotations

from ainfluencer.cards.forge.api import checks, files, generation, instance, models, profiles
from ainfluencer.web.routing import join

router = join(
    generation.router,
    checks.router,
    profiles.router,
    files.router,
    models.router,
    instance.router,
)
