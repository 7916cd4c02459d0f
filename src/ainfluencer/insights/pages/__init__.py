"""Pages of insights: totals, days, hours, best posts, one post's growth, and the numbers as a file."""

from __future__ import annotations

from fastapi import APIRouter

from ainfluencer.insights.pages import export, of_post, overview

router = APIRouter(include_in_schema=False)
for part in (export, of_post, overview):
    router.include_router(part.router)
