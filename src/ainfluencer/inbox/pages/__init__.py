"""Pages of the inbox: conversations beside the one that is open, drafts that a person sends, and the stream of reactions."""

from __future__ import annotations

from ainfluencer.inbox.pages import reactions, talks
from ainfluencer.web.routing import join

# First the fixed address, then those that begin with an id.
router = join(reactions.router, talks.router)
