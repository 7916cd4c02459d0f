"""JSON routes of accounts: sign-in, people, keys, workspace."""

from __future__ import annotations

from ainfluencer.accounts.api import auth, keys, people, workspace
from ainfluencer.web.routing import join

router = join(auth.router, people.router, keys.router, workspace.router)
