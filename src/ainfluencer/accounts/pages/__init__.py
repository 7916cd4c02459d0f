"""Pages of accounts: the way in, and the settings of people, keys and the workspace."""

from __future__ import annotations

from ainfluencer.accounts.pages import entry, invited, keys, own, people, workspace
from ainfluencer.web.routing import join

router = join(entry.router, invited.router, workspace.router, own.router, people.router, keys.router)
