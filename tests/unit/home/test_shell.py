"""The frame around every page: what each role finds in it."""

from __future__ import annotations

from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.home import health, shell
from ainfluencer.web.shell import NavItem, Person, Place, Shell


def places(role: Role) -> set[str]:
    actor = Actor(workspace_id="w", role=role)
    return {item.href for section in shell.sections(actor, to_review=2, unread=5) for item in section.items}


def test_operations_are_for_those_who_manage() -> None:
    assert "/operations" in places(Role.OWNER)
    assert "/operations" in places(Role.MANAGER)
    assert "/operations" not in places(Role.VIEWER)


def test_what_waits_is_counted_where_it_waits() -> None:
    items = [i for s in shell.sections(Actor("w", Role.OWNER), to_review=2, unread=5) for i in s.items]
    badges = {item.href: (item.badge, item.urgent) for item in items if item.badge}
    assert badges == {"/posts": (2, True), "/inbox": (5, False)}


def test_settings_tabs_know_where_one_is() -> None:
    frame = Shell(
        sections=(),
        user=Person("Ada", "owner"),
        workspace=Place("w", "Harbour"),
        settings_tabs=(NavItem("Makers", "/settings/makers", "wand-sparkles"),),
    )
    assert frame.more_settings("/settings/makers/one") == [("Makers", "/settings/makers", True)]
    assert frame.more_settings("/settings/people") == [("Makers", "/settings/makers", False)]


async def test_missing_models_and_room_are_said(settings: Settings) -> None:
    settings.data.mkdir(parents=True)
    models = await health._models()
    disk = await health._disk()
    assert not models.ok
    assert "missing" in models.detail
    assert "GB free" in disk.detail
