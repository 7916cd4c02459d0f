"""Pages of insights: totals, days, hours, best posts, one post's growth, and the numbers as a file."""

from __future__ import annotations

from ainfluencer.insights.pages import export, of_post, overview
from ainfluencer.web.routing import join

router = join(export.router, of_post.router, overview.router)
