"""Pages of the library: the grid, what is done with many, one asset, upload, collections."""

from fastapi import APIRouter

from ainfluencer.library.pages import bulk, collections, index, show, upload

router = APIRouter(include_in_schema=False)
# The words after /library/ come before the ids.
for part in (index, upload, bulk, collections, show):
    router.include_router(part.router)

__all__ = ["router"]
