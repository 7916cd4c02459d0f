"""The same POST twice has its effect once, whatever comes between."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from fastapi import APIRouter, FastAPI, Response
from sqlalchemy import select, update

from ainfluencer.accounts.models import AuditEntry, Workspace
from ainfluencer.accounts.service import record
from ainfluencer.api import idempotency
from ainfluencer.api.models import IdempotentRequest
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, OutcomeUnknown
from ainfluencer.db.session import Database
from ainfluencer.web.deps import Who, Write
from tests.support.clients import client_for, small_app
from tests.support.people import add_person, second_workspace

CALLS: Counter[str] = Counter()
SIGNALS: dict[str, asyncio.Event] = {}  # made anew for each test: an event belongs to the loop that first waits for it


@pytest.fixture
def app(db: Database) -> FastAPI:
    router = APIRouter(prefix="/api/v2/test")
    CALLS.clear()
    SIGNALS.update(release=asyncio.Event(), started=asyncio.Event())

    @router.post("/notes", status_code=201)
    async def note(body: dict[str, str], who: Who, session: Write, response: Response) -> dict[str, str]:
        CALLS["note"] += 1
        entry = record(session, who, "note.made", text=body["text"])
        await session.flush()
        response.headers["Location"] = f"/notes/{entry.id}"
        if body["text"] == "refuse" and CALLS["note"] == 1:
            raise Conflict("Not now.")
        if body["text"] == "crash" and CALLS["note"] == 1:
            raise RuntimeError
        return {"id": entry.id}

    @router.post("/slow")
    async def slow(who: Who) -> dict[str, int]:
        CALLS["slow"] += 1
        SIGNALS["started"].set()
        await asyncio.wait_for(SIGNALS["release"].wait(), 5)
        return {"calls": CALLS["slow"]}

    @router.post("/lost")
    async def lost(who: Who) -> None:
        CALLS["lost"] += 1
        raise OutcomeUnknown("mastodon", "No answer came back.")

    return small_app(router)


def key(name: str = "k1") -> dict[str, str]:
    return {"Idempotency-Key": name}


async def notes(db: Database) -> int:
    async with db.reading() as session:
        return len((await session.scalars(select(AuditEntry).where(AuditEntry.action == "note.made"))).all())


async def test_a_repeat_gets_the_first_answer(app: FastAPI, db: Database, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        first = await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
        again = await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await notes(db) == CALLS["note"] == 1


async def test_without_a_key_each_counts(app: FastAPI, db: Database, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        for _ in range(2):
            await client.post("/api/v2/test/notes", json={"text": "a"})
    assert await notes(db) == 2


@pytest.mark.parametrize(("path", "text"), [("notes", "b"), ("notes?x=1", "a"), ("slow", "a")])
async def test_a_key_belongs_to_one_request(app: FastAPI, owner: Actor, path: str, text: str) -> None:
    async with client_for(app, owner) as client:
        await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
        other = await client.post(f"/api/v2/test/{path}", json={"text": text}, headers=key())
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert CALLS.total() == 1


async def test_keys_of_other_people_and_workspaces_are_others(
    app: FastAPI, db: Database, owner: Actor, workspace: Workspace
) -> None:
    people = [owner, await add_person(db, workspace, "Mira", Role.CREATOR), await second_workspace(db)]
    for person in people:
        async with client_for(app, person) as client:
            got = await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
        assert "idempotency-replayed" not in got.headers
    assert await notes(db) == 3


@pytest.mark.parametrize(("text", "status"), [("refuse", 409), ("crash", 500)])
async def test_what_was_refused_may_be_tried_again(
    app: FastAPI, db: Database, owner: Actor, text: str, status: int
) -> None:
    async with client_for(app, owner) as client:
        first = await client.post("/api/v2/test/notes", json={"text": text}, headers=key())
        again = await client.post("/api/v2/test/notes", json={"text": text}, headers=key())
    assert (first.status_code, again.status_code) == (status, 201)
    assert await notes(db) == 1


async def test_two_at_once(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        first = asyncio.create_task(client.post("/api/v2/test/slow", headers=key()))
        await asyncio.wait_for(SIGNALS["started"].wait(), 5)
        second = await client.post("/api/v2/test/slow", headers=key())
        SIGNALS["release"].set()
        done = await first
        third = await client.post("/api/v2/test/slow", headers=key())
    assert (second.status_code, second.json()["code"], second.headers["retry-after"]) == (
        409,
        "idempotency_in_progress",
        "1",
    )
    assert done.json() == third.json() == {"calls": 1}


async def test_a_race_has_one_winner(app: FastAPI, db: Database, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        got = await asyncio.gather(
            *(client.post("/api/v2/test/notes", json={"text": "a"}, headers=key()) for _ in range(8))
        )
    assert await notes(db) == 1
    assert {g.status_code for g in got} <= {201, 409}
    assert len({g.json()["id"] for g in got if g.status_code == 201}) == 1


async def test_an_unknown_outcome_is_not_repeated(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        first = await client.post("/api/v2/test/lost", headers=key())
        again = await client.post("/api/v2/test/lost", headers=key())
    assert first.status_code == again.status_code == 502
    assert first.json() == again.json()
    assert CALLS["lost"] == 1


async def test_a_request_that_was_cut_off_is_not_repeated(app: FastAPI, db: Database, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
        long_ago = clock.now() - idempotency.RUNNING_AT_MOST - timedelta(seconds=1)
        async with db.writing() as session:
            await session.execute(update(IdempotentRequest).values(status=0, created_at=long_ago))
        got = await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
    assert (got.status_code, got.json()["code"]) == (409, "outcome_unknown")
    assert await notes(db) == 1


async def test_after_a_day_a_key_is_new(app: FastAPI, db: Database, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
        async with db.writing() as session:
            await session.execute(update(IdempotentRequest).values(created_at=clock.from_now(hours=-25)))
        await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
    assert await notes(db) == 2


@pytest.mark.parametrize("bad", ["", "a b", "x" * 201])
async def test_bad_keys(app: FastAPI, owner: Actor, bad: str) -> None:
    async with client_for(app, owner) as client:
        got = await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key(bad))
    assert (got.status_code, got.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_a_secret_that_is_shown_once_is_not_kept_readable(app: FastAPI, db: Database, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        made = await client.post("/api/v2/keys", json={"name": "CI", "scopes": ["read"]}, headers=key())
        again = await client.post("/api/v2/keys", json={"name": "CI", "scopes": ["read"]}, headers=key())
    assert made.json()["secret"] == again.json()["secret"]
    async with db.reading() as session:
        row = (await session.scalars(select(IdempotentRequest))).one()
    assert made.json()["secret"] not in row.answer


async def test_a_large_body_is_hashed_and_passed_on(app: FastAPI, db: Database, owner: Actor) -> None:
    text = "x" * 1_500_000
    async with client_for(app, owner) as client:
        first = await client.post("/api/v2/test/notes", json={"text": text}, headers=key())
        other = await client.post("/api/v2/test/notes", json={"text": text + "y"}, headers=key())
    assert (first.status_code, other.status_code) == (201, 409)


async def test_without_a_login_the_route_decides(app: FastAPI, owner: Actor) -> None:
    async with client_for(app) as client:
        got = await client.post("/api/v2/test/notes", json={"text": "a"}, headers=key())
    assert got.status_code == 401
