"""The library over the API: assets and collections."""

from ainfluencer.library.api import assets, collections
from ainfluencer.web.routing import join

router = join(collections.router, assets.router)
