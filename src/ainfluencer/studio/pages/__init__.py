"""Pages of the studio: the desk where pictures are made, and their runs."""

from fastapi import APIRouter

from ainfluencer.studio.pages import desk, runs

router = APIRouter(include_in_schema=False)
for part in (desk, runs):
    router.include_router(part.router)

__all__ = ["router"]
