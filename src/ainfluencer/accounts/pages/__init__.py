"""Pages of accounts: the way in, and the settings of people, keys and the workspace."""

from __future__ import annotations

from fastapi import APIRouter

from ainfluencer.accounts.pages import entry, invited, keys, own, people, workspace

router = APIRouter(include_in_schema=False)
for _part in (entry, invited, workspace, own, people, keys):
    router.include_router(_part.router)
