"""More people and a second workspace."""

from __future__ import annotations

from ainfluencer.accounts.models import Membership, User, Workspace
from ainfluencer.accounts.service import hash_password
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database


async def add_person(db: Database, workspace: Workspace, name: str, role: Role, *, password: str = "") -> Actor:
    """A new user with that role, as an actor; with a password where one is needed."""
    hashed = await hash_password(password) if password else ""
    async with db.writing() as session:
        user = User(email=f"{name.lower()}@example.org", name=name, is_verified=True, password_hash=hashed)
        session.add(user)
        await session.flush()
        session.add(Membership(workspace_id=workspace.id, user_id=user.id, role=role))
    return Actor(workspace_id=workspace.id, role=role, user_id=user.id, name=name)


async def second_workspace(db: Database, name: str = "Niko") -> Actor:
    """The owner of another workspace."""
    async with db.writing() as session:
        workspace = Workspace(name="Lighthouse", timezone="Asia/Tokyo")
        session.add(workspace)
    return await add_person(db, workspace, name, Role.OWNER)


def id_of(actor: Actor) -> str:
    """The id of the actor's user, where there must be one."""
    assert actor.user_id
    return actor.user_id
