"""Pages of channels: connected accounts, connecting one, and what every platform can do."""

from ainfluencer.channels.pages import accounts, connecting
from ainfluencer.web.routing import join

# /channels/new stands before /channels/{channel_id}
router = join(connecting.router, accounts.router)

__all__ = ["router"]
