"""Settings of a workspace: declared, checked, scoped, recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from ainfluencer.accounts import preferences, queries, service
from ainfluencer.accounts.models import AuditEntry, Workspace, WorkspaceSetting
from ainfluencer.accounts.schemas import Preference
from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.errors import InvalidInput, NotAllowed
from ainfluencer.db.session import Database
from tests.support.people import add_person, second_workspace


@pytest.fixture
def quiet() -> Iterator[Preference]:
    made = service.declare(
        Preference("test.quiet", "switch", False, "Quiet", "Say nothing.", right=Right.MANAGE, needs_reason=True)
    )
    yield made
    del preferences.DECLARED["test.quiet"]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("switch", [True, False], [1, "true", None]),
        ("number", [0, 5], [-1, 6, True, 2.5, "3", None]),
        ("text", ["", "x"], [3, "x" * 2001]),
        ("choice", ["a"], ["c", "", None, ["a"]]),
        (
            "url",
            ["", "http://127.0.0.1:8188", "https://example.org/x?y"],
            ["ftp://x", "example.org", "https://u:p@x", "javascript:alert(1)", "http://a b"],
        ),
        ("zone", ["Europe/Berlin"], ["Mars/Olympus", 3, ""]),
    ],
)
def test_values_are_checked(kind: str, good: list[Any], bad: list[Any]) -> None:
    made = Preference("test.x", kind, None, "X", "Sets x.", choices=("a", "b"), least=0, most=5)
    assert [made.check(v) for v in good] == good
    for value in bad:
        with pytest.raises(InvalidInput):
            made.check(value)


async def test_a_setting_is_the_workspaces_own(db: Database, owner: Actor) -> None:
    other = await second_workspace(db)
    async with db.writing() as session:
        await service.set_setting(session, owner, "people.registration", "viewer")
    async with db.writing() as session:
        assert await queries.setting(session, owner, "people.registration") == "viewer"
        assert await queries.setting(session, other, "people.registration") == "closed"
        await service.set_setting(session, owner, "people.registration", "closed")
        assert await session.scalar(select(WorkspaceSetting)) is None


async def test_changes_are_recorded_with_their_reason(db: Database, owner: Actor, quiet: Preference) -> None:
    async with db.writing() as session:
        with pytest.raises(InvalidInput) as refused:
            await service.set_setting(session, owner, quiet.key, True)
        assert refused.value.field == "reason"
        await service.set_settings(session, owner, {quiet.key: True}, reason="The neighbours asked for it.")
        entry = (await session.scalars(select(AuditEntry))).one()
    assert entry.details == {"before": False, "after": True, "reason": "The neighbours asked for it."}


async def test_each_setting_asks_for_its_right(
    db: Database, owner: Actor, workspace: Workspace, quiet: Preference
) -> None:
    manager = await add_person(db, workspace, "Mira", Role.MANAGER)
    async with db.writing() as session:
        await service.set_setting(session, manager, quiet.key, True, reason="Because it is late.")
        with pytest.raises(NotAllowed):
            await service.set_setting(session, manager, "people.registration", "viewer")
        shown = {s.key: s for s in await queries.list_settings(session, manager)}
    assert (shown[quiet.key].value, shown[quiet.key].can_change) == (True, True)
    assert not shown["people.registration"].can_change


async def test_unknown_keys_are_refused(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.set_setting(session, owner, "no.such", 1)


def test_a_key_is_declared_once_and_with_a_valid_default() -> None:
    known = preferences.DECLARED["people.registration"]
    assert service.declare(known) is known
    with pytest.raises(ValueError, match="twice"):
        service.declare(Preference(known.key, "switch", False, "X", "X."))
    with pytest.raises(InvalidInput):
        service.declare(Preference("test.bad", "number", "x", "X", "X."))
    preferences.DECLARED.pop("test.bad", None)
