"""Pages that span modules: Home, and search."""

from ainfluencer.home.pages import home, search
from ainfluencer.web.routing import join

router = join(home.router, search.router)

__all__ = ["router"]
