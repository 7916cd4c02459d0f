"""Pages that span modules: Home, and search."""

from fastapi import APIRouter

from ainfluencer.home.pages import home, search

router = APIRouter(include_in_schema=False)
router.include_router(home.router)
router.include_router(search.router)

__all__ = ["router"]
