"""The nine job endpoints answer as they promise."""

from __future__ import annotations

import csv
import io
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML
from sqlalchemy import delete, insert, select

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.ids import new_id
from ainfluencer.db.session import Database
from ainfluencer.engine import api, queries, service, sweeper
from ainfluencer.engine.models import Job, JobLog, JobState
from tests.support import engine_kinds
from tests.support.clients import client_for, small_app
from tests.support.people import add_person, second_workspace

assert engine_kinds.__name__  # importing it registers the kinds


async def _job(db: Database, actor: Actor, kind: str = "test.echo", **values: Any) -> Job:
    async with db.writing() as session:
        job = await service.enqueue(session, actor, kind, values.pop("payload", {"template": {"name": "Quiet"}}))
        for name, value in values.items():
            setattr(job, name, value)
        session.add(JobLog(workspace_id=job.workspace_id, job_id=job.id, level="info", message="=1+1"))
    return job


def _done(**more: Any) -> dict[str, Any]:
    return {"state": JobState.COMPLETED, "result": {"word": "hello"}, **more}


async def _ask(actor: Actor, method: str, path: str) -> httpx.Response:
    async with client_for(small_app(api.router), actor) as client:
        return await client.request(method, f"/api/v2{path}")


async def test_show_and_list(db: Database, owner: Actor) -> None:
    job = await _job(db, owner)
    await _job(db, owner, **_done())
    shown = (await _ask(owner, "GET", f"/jobs/{job.id}")).json()
    assert (shown["success"], shown["job"]["template"], shown["logs"][0]["message"]) == (True, "Quiet", "=1+1")
    page = (await _ask(owner, "GET", "/jobs?limit=1")).json()
    rest = (await _ask(owner, "GET", f"/jobs?limit=1&cursor={page['next_cursor']}")).json()
    assert len({row["id"] for row in page["items"] + rest["items"]}) == 2
    assert rest["next_cursor"] is None
    pending = (await _ask(owner, "GET", "/jobs?state=pending&kind=test.echo")).json()["items"]
    assert [row["id"] for row in pending] == [job.id]


async def test_background_work_is_shown_when_it_is_asked_for(db: Database, owner: Actor) -> None:
    loud = await _job(db, owner)
    quiet = await _job(db, owner, "test.quiet", payload={}, subject_kind="channel", subject_id="c1")
    assert (loud.is_background, quiet.is_background) == (False, True)

    async def listed(query: str = "") -> list[str]:
        return [row["id"] for row in (await _ask(owner, "GET", f"/jobs?{query}")).json()["items"]]

    assert await listed() == [loud.id]
    assert await listed("state=pending") == [loud.id]
    assert await listed("background=true") == [quiet.id, loud.id]
    assert await listed("kind=test.quiet") == [quiet.id]
    assert await listed("subject=channel:c1") == [quiet.id]
    shown = (await _ask(owner, "GET", f"/jobs/{quiet.id}")).json()["job"]
    assert shown["is_background"]


async def test_background_work_that_went_well_is_forgotten_soon(db: Database, owner: Actor) -> None:
    old = clock.from_now(days=-4)
    gone = await _job(db, owner, "test.quiet", payload={}, **_done(finished_at=old))
    failed = await _job(db, owner, "test.quiet", payload={}, state=JobState.FAILED, finished_at=old)
    loud = await _job(db, owner, **_done(finished_at=old))
    await sweeper.forget_old_jobs()
    async with db.reading() as session:
        left = set(await session.scalars(select(Job.id)))
    assert left == {failed.id, loud.id}
    assert gone.id not in left


async def test_cancel_delete_retry(db: Database, owner: Actor) -> None:
    job = await _job(db, owner)
    assert (await _ask(owner, "DELETE", f"/jobs/{job.id}")).status_code == 409
    assert (await _ask(owner, "POST", f"/jobs/{job.id}/cancel")).json()["job"]["state"] == "cancelled"
    assert (await _ask(owner, "POST", f"/jobs/{job.id}/cancel")).status_code == 409
    again = await _ask(owner, "POST", f"/jobs/{job.id}/retry")
    assert (again.status_code, again.json()["job"]["retry_of"]) == (201, job.id)
    assert (await _ask(owner, "DELETE", f"/jobs/{job.id}")).status_code == 204
    assert (await _ask(owner, "POST", f"/jobs/{job.id}/cancel")).status_code == 404


async def test_result_and_downloads(db: Database, owner: Actor) -> None:
    waiting, empty, done = (
        await _job(db, owner),
        await _job(db, owner, **_done(result=None)),
        await _job(db, owner, **_done()),
    )
    codes = [(await _ask(owner, "GET", f"/jobs/{job.id}/result")) for job in (waiting, empty, done)]
    assert [answer.status_code for answer in codes] == [400, 400, 200]
    assert [answer.json()["code"] for answer in codes[:2]] == ["not_completed", "no_result"]
    assert (await _ask(owner, "GET", f"/jobs/{done.id}/download/txt")).text == "hello"
    assert (await _ask(owner, "GET", f"/jobs/{done.id}/download/json")).json() == {"word": "hello"}
    refused = await _ask(owner, "GET", f"/jobs/{done.id}/download/png")
    assert (refused.status_code, "json, txt" in refused.json()["next_step"]) == (400, True)


async def test_exports(db: Database, owner: Actor) -> None:
    job = await _job(db, owner, **_done(usage={"prompt_tokens": 7}))
    whole = (await _ask(owner, "GET", f"/jobs/{job.id}/export")).json()
    assert whole["metrics"]["prompt_tokens"] == 7
    same = YAML(typ="safe").load((await _ask(owner, "GET", f"/jobs/{job.id}/export?format=yaml")).text)
    assert same["job"]["id"] == job.id
    rows = list(csv.reader(io.StringIO((await _ask(owner, "GET", f"/jobs/{job.id}/export?format=csv")).text)))
    assert next(row for row in rows if row[0] == "log")[:3] == ["log", "1", "'=1+1"]
    assert (await _ask(owner, "GET", f"/jobs/{job.id}/export?format=pdf")).status_code == 400
    async with db.writing() as session:
        line = {"workspace_id": job.workspace_id, "job_id": job.id, "level": "debug", "message": "more", "details": {}}
        await session.execute(insert(JobLog), [line] * 1200)
    assert len((await _ask(owner, "GET", f"/jobs/{job.id}/export")).json()["logs"]) == 1201


async def test_logs_are_paged_and_followed(db: Database, owner: Actor) -> None:
    job = await _job(db, owner, **_done())
    async with db.writing() as session:
        session.add_all(
            JobLog(workspace_id=job.workspace_id, job_id=job.id, level="info", message=f"line {n}") for n in range(5)
        )
    first = (await _ask(owner, "GET", f"/jobs/{job.id}/logs?limit=4")).json()
    rest = (await _ask(owner, "GET", f"/jobs/{job.id}/logs?limit=4&cursor={first['cursor']}")).json()
    assert [row["message"] for row in first["items"] + rest["items"]] == ["=1+1", *(f"line {n}" for n in range(5))]
    live = await _ask(owner, "GET", f"/jobs/{job.id}/logs?follow=true")
    assert live.headers["content-type"].startswith("text/event-stream")
    assert (live.text.count("event: log"), live.text.count("event: end")) == (6, 1)


@pytest.mark.parametrize(
    "query",
    [
        *(f"/logs?cursor={cursor}" for cursor in ("abc", "²", "9" * 30, "-1")),
        "/logs?cursor=x&follow=true",
        "?state=done",
    ],
)
async def test_what_is_no_cursor_and_no_state_is_refused(db: Database, owner: Actor, query: str) -> None:
    job = await _job(db, owner, **_done())
    answer = await _ask(owner, "GET", f"/jobs/{job.id}{query}" if query.startswith("/") else f"/jobs{query}")
    assert (answer.status_code, bool(answer.json()["next_step"])) == (422, True)


async def test_owned_jobs_and_rights(db: Database, owner: Actor, workspace: Any) -> None:
    job = await _job(db, owner, "test.owned")
    refused = (await _ask(owner, "POST", f"/jobs/{job.id}/cancel")).json()
    assert (refused["code"], "page of the post" in refused["next_step"]) == ("not_cancellable", True)
    mine = await _job(db, owner)
    niko = await add_person(db, workspace, "Niko", Role.CREATOR)
    assert (await _ask(niko, "POST", f"/jobs/{mine.id}/cancel")).status_code == 403
    stranger = await second_workspace(db, "Zoe")
    assert (await _ask(stranger, "GET", f"/jobs/{mine.id}")).status_code == 404


@pytest.mark.parametrize("query", ["", "?kind=test.echo", "?state=pending", "?subject=post:7"])
async def test_lists_use_an_index(db: Database, owner: Actor, query: str) -> None:
    rows = [
        {
            "id": new_id(),
            "workspace_id": owner.workspace_id,
            "kind": "test.echo",
            "queue": "light",
            "subject_kind": "post",
            "subject_id": str(n),
        }
        for n in range(300)
    ]
    async with db.writing() as session:
        await session.execute(insert(Job), rows)
    page = (await _ask(owner, "GET", f"/jobs{query}")).json()
    assert len(page["items"]) == (1 if "subject" in query else 50)


# SQLite has one writer at a time.
@pytest.mark.parametrize("db", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
async def test_a_job_that_is_deleted_while_it_is_cancelled_is_not_there(
    db: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await _job(db, owner)
    get = queries.get

    async def get_and_lose(session: Any, actor: Actor, job_id: str) -> Job:
        found = await get(session, actor, job_id)
        async with db.writing() as other:
            await other.execute(delete(Job).where(Job.id == job_id))
        return found

    monkeypatch.setattr(queries, "get", get_and_lose)
    assert (await _ask(owner, "POST", f"/jobs/{job.id}/cancel")).status_code == 404
