"""JSON routes of accounts: sign-in, people, keys, workspace."""

from __future__ import annotations

from fastapi import APIRouter

from ainfluencer.accounts.api import auth, keys, people, workspace

router = APIRouter()
for _part in (auth.router, people.router, keys.router, workspace.router):
    router.include_router(_part)
