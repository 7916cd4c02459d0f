"""Pages of characters. The order counts: fixed addresses stand before those with an id."""

from __future__ import annotations

from fastapi import APIRouter

from ainfluencer.characters.pages import forms, likeness, show, status

router = APIRouter(include_in_schema=False)
for part in (forms, likeness, status, show):
    router.include_router(part.router)
