"""Pages of the inbox: conversations beside the one that is open, drafts that a person sends, and the stream of reactions."""

from __future__ import annotations

from fastapi import APIRouter

from ainfluencer.inbox.pages import reactions, talks

router = APIRouter(include_in_schema=False)
# First the fixed address, then those that begin with an id.
router.include_router(reactions.router)
router.include_router(talks.router)
