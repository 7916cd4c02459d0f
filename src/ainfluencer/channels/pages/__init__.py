"""Pages of channels: connected accounts, connecting one, and what every platform can do."""

from fastapi import APIRouter

from ainfluencer.channels.pages import accounts, connecting

router = APIRouter(include_in_schema=False)
router.include_router(connecting.router)  # /channels/new stands before /channels/{channel_id}
router.include_router(accounts.router)

__all__ = ["router"]
