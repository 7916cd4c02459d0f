"""Operations as pages and as JSON, for those who manage, and for those who do not."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI

from ainfluencer.accounts.models import Workspace
from ainfluencer.core import clock, config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.db.session import Database
from ainfluencer.engine import service as engine
from ainfluencer.engine.models import Job, JobLog, JobState
from ainfluencer.operations import backups
from ainfluencer.operations.api import router as api
from ainfluencer.operations.pages import router
from tests.support.clients import client_for
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import add_person, second_workspace

PAGES = ("", "/jobs", "/models", "/logs", "/errors", "/backups", "/doctor")


@pytest.fixture
def app(db: Database) -> FastAPI:
    assert db
    return page_app(router, api)


@pytest.fixture
def log(db: Database, settings: Settings) -> str:
    """A run with a warning."""
    assert db  # it makes the data folder
    name = f"{clock.now():%Y%m%d-%H%M%S}-embedded-7"
    folder = settings.data / "runs" / name
    folder.mkdir(parents=True)
    event = {"ts": clock.now().isoformat(), "level": "warning", "service": "tide", "message": "the water is high"}
    (folder / "events.jsonl").write_text(json.dumps(event) + "\n", "utf-8")
    (folder / "summary.txt").write_text("embedded started\n", "utf-8")
    return name


async def a_job(db: Database, actor: Actor, **values: object) -> Job:
    async with db.writing() as session:
        job = await engine.enqueue(session, actor, "operations.upkeep", title="Sweep the deck")
        session.add(JobLog(workspace_id=job.workspace_id, job_id=job.id, level="info", message="Found a broom"))
        for name, value in values.items():
            setattr(job, name, value)
    return job


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_there_for_an_owner(app: FastAPI, owner: Actor, path: str) -> None:
    async with browsing(app, owner) as client:
        page = await client.get("/operations" + path)
    assert page.status_code == 200, page.text[:300]
    assert page.text.count("<h1") == 1
    assert 'aria-current="page"' in page.text


@pytest.mark.parametrize("path", PAGES)
async def test_none_is_for_a_creator(app: FastAPI, db: Database, workspace: Workspace, path: str) -> None:
    async with browsing(app, await add_person(db, workspace, "Niko", Role.CREATOR)) as client:
        assert (await client.get("/operations" + path)).status_code == 403


async def test_logs_and_backups_are_closed_to_other_workspaces(
    app: FastAPI, db: Database, owner: Actor, log: str
) -> None:
    assert owner
    async with browsing(app, await second_workspace(db)) as client:
        logs = await client.get(f"/operations/logs?run={log}")
        errors = await client.get("/operations/errors")
        saved = await client.get("/operations/backups")
        made = await client.post("/operations/backups")
    assert "the water is high" not in logs.text + errors.text
    assert "not open to your role" in logs.text
    assert "Save a backup now" not in saved.text
    assert made.status_code == 403


async def test_services_say_where_they_run_and_how_to_stop_them(app: FastAPI, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        page = await client.get("/operations")
    assert "This instance" in page.text
    assert "Ctrl C" in page.text
    assert "No worker has been seen lately" in page.text


async def test_services_over_the_api(app: FastAPI, owner: Actor) -> None:
    async with client_for(app, owner) as client:
        found = (await client.get("/api/v2/operations/services")).json()["items"]
        one = (await client.get("/api/v2/operations/services/engine")).json()
        nothing = await client.get("/api/v2/operations/services/kettle")
    assert {s["id"] for s in found} == {"instance", "engine", "text-model", "database", "disk", "local-network"}
    assert one["state"] == "error"
    assert nothing.status_code == 404


async def test_jobs_are_listed_filtered_and_opened(app: FastAPI, db: Database, owner: Actor) -> None:
    job = await a_job(db, owner)
    async with browsing(app, owner) as client:
        page = await client.get("/operations/jobs")
        failed = await client.get("/operations/jobs?state=failed", headers=HTMX)
        shown = await client.get(f"/operations/jobs/{job.id}")
        drawer = await client.get(f"/operations/jobs/{job.id}/log", headers=HTMX)
        plain = await client.get(f"/operations/jobs/{job.id}/log")
    assert "Sweep the deck" in page.text
    assert "Sweep the deck" not in failed.text
    assert "Found a broom" in shown.text
    assert "data-arrives" in drawer.text
    assert "Found a broom" in drawer.text
    assert plain.headers["location"] == f"/operations/jobs/{job.id}"


async def test_a_job_is_cancelled_tried_again_and_deleted(app: FastAPI, db: Database, owner: Actor) -> None:
    job = await a_job(db, owner)
    async with browsing(app, owner) as client:
        stopped = await client.post(f"/operations/jobs/{job.id}/cancellation", headers=HTMX)
        twice = await client.post(f"/operations/jobs/{job.id}/cancellation")
        again = await client.post(f"/operations/jobs/{job.id}/retry")
        gone = await client.post(f"/operations/jobs/{job.id}/deletion")
        after = await client.get(f"/operations/jobs/{job.id}")
    assert "Cancelled" in stopped.text
    assert twice.status_code == 409
    assert again.status_code == 303
    assert again.headers["location"] != f"/operations/jobs/{job.id}"
    assert gone.headers["location"] == "/operations/jobs"
    assert after.status_code == 404


async def test_a_job_of_another_workspace_is_not_there(app: FastAPI, db: Database, owner: Actor) -> None:
    job = await a_job(db, await second_workspace(db))
    async with browsing(app, owner) as client:
        assert (await client.get(f"/operations/jobs/{job.id}")).status_code == 404
        assert (await client.post(f"/operations/jobs/{job.id}/cancellation")).status_code == 404


async def test_the_log_is_filtered(app: FastAPI, owner: Actor, log: str) -> None:
    async with browsing(app, owner) as client:
        page = await client.get(f"/operations/logs?run={log}")
        none = await client.get("/operations/logs?level=error", headers=HTMX)
    async with client_for(app, owner) as client:
        found = (await client.get("/api/v2/operations/logs?service=tide")).json()
        errors = (await client.get("/api/v2/operations/errors")).json()
    assert "the water is high" in page.text
    assert "embedded started" in page.text
    assert "Nothing matches" in none.text
    assert [line["message"] for line in found["items"]] == ["the water is high"]
    assert errors["by_source"] == {"tide": 1}


async def test_background_work_is_listed_when_it_is_asked_for(app: FastAPI, db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        job = await engine.enqueue(session, owner, "channels.check", {"channel_id": "c1"}, title="Listening quietly")
    assert job.is_background
    async with browsing(app, owner) as client:
        plain = (await client.get("/operations/jobs")).text
        everything = (await client.get("/operations/jobs?background=on")).text
        by_kind = (await client.get("/operations/jobs?kind=channels.check")).text
    assert "Listening quietly" not in plain
    assert "Any state (0)" in plain
    assert "Listening quietly" in everything
    assert "Any state (1)" in everything
    assert "Listening quietly" in by_kind


async def test_failed_jobs_stand_among_the_errors(app: FastAPI, db: Database, owner: Actor) -> None:
    error = {"code": "x", "detail": "The broom broke.", "next_step": "Buy one."}
    await a_job(db, owner, state=JobState.FAILED, error=error, finished_at=clock.now())
    async with browsing(app, owner) as client:
        page = await client.get("/operations/errors")
    assert "The broom broke." in page.text


async def test_packs_are_asked_for_as_jobs(app: FastAPI, db: Database, owner: Actor) -> None:
    async with browsing(app, owner) as client:
        page = await client.get("/operations/models")
        asked = await client.post("/operations/models/minilm/installation", headers=HTMX)
        unknown = await client.post("/operations/models/nothing/installation")
    async with client_for(app, owner) as client:
        listed = (await client.get("/api/v2/operations/models")).json()["items"]
        started = await client.post("/api/v2/operations/models/opennsfw/verification")
    assert "Install, " in page.text
    assert "Waiting for its turn" in asked.text
    assert unknown.status_code == 404
    assert {p["id"] for p in listed} >= {"minilm", "opennsfw"}
    assert started.status_code == 202
    async with db.reading() as session:
        job = await session.get(Job, started.json()["job_id"])
    assert job is not None
    assert job.kind == "operations.models_verify"


async def test_a_backup_is_asked_for_downloaded_and_deleted(app: FastAPI, owner: Actor, settings: Settings) -> None:
    name = backups.create(config.settings()).name
    async with browsing(app, owner) as client:
        page = await client.get("/operations/backups")
        asked = await client.post("/operations/backups", headers=HTMX)
        file = await client.get(f"/operations/backups/{name}")
        outside = await client.get("/operations/backups/..%2Fainfluencer.db")
        gone = await client.post(f"/operations/backups/{name}/deletion", headers=HTMX)
    assert name in page.text
    assert "Save a backup" in asked.text
    assert file.content[:2] == b"PK"
    assert file.headers["cache-control"] == "no-store"
    assert outside.status_code == 404
    assert name not in gone.text
    assert backups.listed(settings) == ()


async def test_backups_over_the_api_are_for_owners(
    app: FastAPI, db: Database, owner: Actor, workspace: Workspace
) -> None:
    async with client_for(app, owner) as client:
        assert (await client.get("/api/v2/operations/backups")).json() == {"items": [], "next_cursor": None}
        assert (await client.post("/api/v2/operations/backups")).status_code == 202
        assert (await client.delete("/api/v2/operations/backups/none.zip")).status_code == 404
        assert (await client.get("/api/v2/operations/doctor")).json()["items"][0]["id"] == "python"
    async with client_for(app, await add_person(db, workspace, "Niko", Role.MANAGER)) as client:
        assert (await client.get("/api/v2/operations/backups")).status_code == 403
