"""Pages of the studio: the desk where pictures are made, and their runs."""

from ainfluencer.studio.pages import desk, runs
from ainfluencer.web.routing import join

router = join(desk.router, runs.router)

__all__ = ["router"]
