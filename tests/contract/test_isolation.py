"""One workspace against another: the owner of the second asks every route for everything of the first."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ainfluencer.db.base import Base, WorkspaceOwned
from ainfluencer.db.models import load_all
from ainfluencer.engine import events
from ainfluencer.web.live import HUB
from tests.contract.conftest import Worlds
from tests.support.clients import token_for
from tests.support.crawl import Route, changes, listen, routes, rows

SHARED = {
    "slug", "handle", "form", "width", "index", "archetype", "group", "name", "pack_id", "verb", "preset_id",
    "service_id", "token", "part", "number",
}  # fmt: skip
"""Path parameters that name nothing of a workspace alone."""
STREAMS = {"/live", "/api/v2/events"}
EVERY = [route for route in routes() if route.path not in STREAMS and route.kind != "own"]
NOT_SEEDED = {"one_time_links"}  # not of a workspace alone: invitations stand in it


def belongs(route: Route) -> bool:
    """Whether the address names something of a workspace."""
    return bool(set(route.parameters) - SHARED)


async def ask(worlds: Worlds, route: Route, *, by: str) -> Any:
    """Ask for the full workspace's things as the owner of one of them."""
    world = worlds.full if by == "full" else worlds.other
    ids = worlds.full.ids
    token = await token_for(world.actor)  # a fresh one: some of the requests end sessions
    async with worlds.client(token=token) as client:
        return await client.request(route.method, route.fill(ids), params=route.ask(ids), **worlds.body(route))


async def test_the_worlds_have_one_of_everything(worlds: Worlds) -> None:
    load_all()
    tables = [m.local_table.name for m in Base.registry.mappers if issubclass(m.class_, WorkspaceOwned)]  # type: ignore[attr-defined]
    without = [name for name in tables if not any(worlds.full.workspace_id in row for row in worlds.before[name])]
    assert not without, f"tests/support/seeding.py writes nothing into {without}"


def test_every_path_parameter_has_a_value(made_worlds: Worlds) -> None:
    missing = {name for route in EVERY for name in route.parameters if name not in made_worlds.full.ids}
    assert missing <= SHARED, f"tests/support/seeding.py gives no {sorted(missing - SHARED)}"


def test_the_crawl_finds_what_the_application_describes(made_worlds: Worlds) -> None:
    described = {f"{m.upper()} {path}" for path, all_of in made_worlds.app.openapi()["paths"].items() for m in all_of}
    assert described - {str(route) for route in routes()} == set()


@pytest.mark.parametrize("route", EVERY, ids=str)
async def test_a_stranger_sees_and_changes_nothing(worlds: Worlds, route: Route) -> None:
    answer = await ask(worlds, route, by="other")
    assert answer.status_code != 500, answer.text[:500]
    if belongs(route) and "/log" not in route.path:  # a log's address leads to the job's page, which is not found
        assert answer.status_code >= 400, f"{answer.status_code} {answer.text[:300]}"
    assert not _seen(worlds, route, answer.text), _seen(worlds, route, answer.text)
    theirs = touched(worlds)
    assert not theirs, f"{answer.status_code}: {theirs}"


def touched(worlds: Worlds) -> dict[str, Any]:
    """Rows of the full workspace that are gone or other than they were, and new rows of others that name its things."""
    own = {worlds.full.workspace_id, worlds.full.actor.user_id, *worlds.full.ids.values()} - {
        worlds.full.ids[name] for name in SHARED if name in worlds.full.ids
    }
    changed = changes(worlds.before, rows(worlds.data))
    return {
        table: (gone, new)
        for table, (gone, new) in changed.items()
        if table != "api_idempotency" and any(one in text for text in [*gone, *new] for one in own if one)
    }


def _seen(worlds: Worlds, route: Route, text: str) -> str:
    """Where the full workspace's word stands in an answer, unless the question held it."""
    asked = [worlds.full.ids["handle"]] if "handle" in route.parameters else []
    if worlds.full.mark in str(worlds.body(route)):
        return ""
    for one in asked:
        text = text.replace(one, "")
    place = text.lower().find(worlds.full.mark.lower())
    return text[max(0, place - 200) : place + 100] if place >= 0 else ""


UNSAFE = [route for route in EVERY if route.method != "GET"]
ENDS = re.compile("deletion|remov|withdrawal|sign-out|/end$|erasure")
TRY_OF_ONES_OWN = 0.75
"""Part of the changing requests that must succeed for the owner, or the crawl above would prove little."""


def ending(route: Route) -> tuple[int, str]:
    """What ends things comes last, and the person and the character at the very end."""
    ends = 0 if route.method != "DELETE" and not ENDS.search(route.path) else 1
    return (ends + len(re.findall("characters/{|posts/{|people/{|assets/{asset_id}$", route.path)) * ends, route.path)


async def test_the_requests_are_good_ones(made_worlds: Worlds, worlds: Worlds) -> None:
    refused, broken = [], []
    for route in sorted(UNSAFE, key=ending):
        answer = await ask(worlds, route, by="full")
        if answer.status_code == 500:
            broken.append(f"{route}: {answer.text[:300]}")
        gone = answer.status_code == 404 and ending(route)[0] > 0  # its twin in the API or the page was faster
        if answer.status_code >= 400 and answer.status_code != 409 and not gone:
            refused.append(f"{answer.status_code} {route}: {answer.text[:160]}")
    assert not broken, "\n".join(broken)
    assert len(refused) <= len(UNSAFE) * (1 - TRY_OF_ONES_OWN), "\n".join(refused)


@pytest.mark.parametrize("topic", ["jobs", "posts", "inbox"])
@pytest.mark.parametrize("address", sorted(STREAMS))
async def test_streams_carry_the_own_workspace_only(worlds: Worlds, address: str, topic: str) -> None:
    async def say() -> None:
        for world in (worlds.full, worlds.other):
            events.announce(world.workspace_id, topic, {"said": world.mark})
            HUB.publish(world.workspace_id, topic, {"said": world.mark})

    HUB.open()
    events.reopen()
    headers = {"authorization": f"Bearer {worlds.tokens[worlds.other.mark]}"}
    heard = await listen(worlds.app, f"{address}?topics={topic}&topic={topic}", headers, say)
    assert worlds.other.mark in heard
    assert worlds.full.mark not in heard
