"""Pages of the library: the grid, what is done with many, one asset, upload, collections."""

from ainfluencer.library.pages import bulk, collections, index, show, upload
from ainfluencer.web.routing import join

# The words after /library/ come before the ids.
router = join(index.router, upload.router, bulk.router, collections.router, show.router)

__all__ = ["router"]
