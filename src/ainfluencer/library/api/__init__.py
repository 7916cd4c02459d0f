"""The library over the API: assets and collections."""

from fastapi import APIRouter

from ainfluencer.library.api import assets, collections

router = APIRouter()
router.include_router(collections.router)
router.include_router(assets.router)
