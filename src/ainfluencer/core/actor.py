"""Who acts. Every query and every change is scoped by an actor; `accounts` makes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from ainfluencer.core.errors import NotAllowed


class Role(StrEnum):
    """A person's standing in one workspace, strongest first."""

    OWNER = "owner"
    MANAGER = "manager"
    CREATOR = "creator"
    REVIEWER = "reviewer"
    VIEWER = "viewer"


class Right(StrEnum):
    """What an action needs."""

    READ = "read"  # see everything in the workspace
    CREATE = "create"  # make and edit characters, drafts, media
    REVIEW = "review"  # approve and reject
    PUBLISH = "publish"  # connect channels, schedule, withdraw
    MANAGE = "manage"  # makers, models, jobs of others, settings
    OWN = "own"  # people, keys, policy switches, backup


_ROLE_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MANAGER: frozenset(Right) - {Right.OWN},
    Role.CREATOR: frozenset({Right.READ, Right.CREATE}),
    Role.REVIEWER: frozenset({Right.READ, Right.REVIEW}),
    Role.VIEWER: frozenset({Right.READ}),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone (or a job in someone's name) inside one workspace.

    `scopes` is None for a signed-in person; an API key lists the rights that it was given.
    """

    workspace_id: str
    role: Role
    user_id: str | None = None
    name: str = ""
    scopes: frozenset[Right] | None = None
    via: str = field(default="page")  # page | api | job | cli

    def can(self, right: Right) -> bool:
        """Whether the role, and the key if one is used, grants this."""
        return right in _ROLE_RIGHTS[self.role] and (self.scopes is None or right in self.scopes)

    def require(self, right: Right) -> None:
        """`NotAllowed` unless `can(right)`."""
        if not self.can(right):
            raise NotAllowed(f"Your role ({self.role}) does not allow this: it needs the right to {right}.")
