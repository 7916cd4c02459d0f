"""Cards brought in by the hundred, and packed: every file has its own result, and a job goes on where it was."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ainfluencer.cards.api import router as cards_router
from ainfluencer.cards.library import examining, exporting, importing, uploads
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine.jobs import JobRun, kind_of
from ainfluencer.engine.models import Job, JobState
from tests.support.cards import cards
from tests.support.clients import client_for, small_app
from tests.unit.cards.test_library_api import add, as_json, names
from tests.unit.cards.test_library_keeping import picture_card


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(small_app(cards_router), owner) as made:
        yield made


async def worked(db: Database, job_id: str) -> dict[str, Any]:
    """The job's handler run to its end, as the engine would."""
    async with db.writing() as session:
        job = await session.get_one(Job, job_id)
        job.state = JobState.RUNNING
        run = JobRun(job)
    result = await kind_of(run.kind).work(run)
    async with db.writing() as session:
        job = await session.get_one(Job, job_id)
        job.state, job.result = JobState.COMPLETED, result
    return result or {}


async def start_import(client: httpx.AsyncClient, *files: tuple[str, bytes], **form: str) -> str:
    sent = [("files", file) for file in files]
    answer = await client.post("/api/v2/cards/imports", files=sent, data=form)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["job_id"])


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


async def test_a_refused_file_stops_none_of_the_others(db: Database, client: httpx.AsyncClient) -> None:
    job_id = await start_import(
        client,
        ("ann.json", as_json(name="Ann")),
        ("photo.png", b"\x89PNG\r\n\x1a\n"),
        ("all.zip", zipped(**{"in/bo.json": as_json(name="Bo"), "in/notes.txt": b"hello", "__MACOSX/x": b"y"})),
    )
    result = await worked(db, job_id)
    assert result["counts"] == {"added": 2, "refused": 2}
    assert {one["filename"]: one["code"] for one in result["refused"]}.keys() == {"photo.png", "in/notes.txt"}
    assert sorted(await names(client)) == ["Ann", "Bo"]
    told = (await client.get(f"/api/v2/cards/imports/{job_id}", params={"outcome": "refused"})).json()
    assert all(one["detail"] for one in told["items"])


async def test_a_file_on_which_we_fail_is_named(
    db: Database, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine, ours = examining.examine, as_json(name="Ann")

    def fails(data: bytes, filename: str = "") -> Any:
        if data == ours:
            raise AssertionError("a fault of ours")
        return examine(data, filename)

    monkeypatch.setattr(examining, "examine", fails)
    result = await worked(db, await start_import(client, ("ann.json", ours), ("bo.json", as_json(name="Bo"))))
    assert result["counts"] == {"added": 1, "refused": 1}
    assert [(one["filename"], one["code"]) for one in result["refused"]] == [("ann.json", "reader_failed")]


def spoilt(archive: bytes, *marks: bytes) -> bytes:
    """The archive with another byte in the middle of each of these texts."""
    for mark in marks:
        at = archive.index(mark) + len(mark) // 2
        archive = archive[:at] + bytes([archive[at] ^ 0xFF]) + archive[at + 1 :]
    return archive


async def test_a_damaged_zip_names_what_is_damaged(
    db: Database, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bo = as_json(name="Ann"), as_json(name="Bo")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ann.json", ann, zipfile.ZIP_DEFLATED)
        archive.writestr("bo.json", bo)
    whole = packed.getvalue()
    deflated = whole[30 + len("ann.json") :][:20]
    wrong_name = zipped(**{"\N{LATIN SMALL LETTER E WITH ACUTE}.json": ann})
    monkeypatch.setattr(uploads, "MOST_MEMBERS", 3)
    job_id = await start_import(
        client,
        ("inside.zip", spoilt(whole, deflated)),
        ("cut.zip", whole[:-30]),
        ("names.zip", wrong_name.replace("\N{LATIN SMALL LETTER E WITH ACUTE}".encode(), b"\xc3\xc3")),
        ("many.zip", zipped(**{f"{n}.json": ann for n in range(4)})),
        ("zero.zip", b""),
    )
    result = await worked(db, job_id)
    assert result["counts"] == {"added": 1, "refused": 5}
    assert {one["filename"]: one["code"] for one in result["refused"]} == {
        **dict.fromkeys(("ann.json", "cut.zip", "names.zip", "zero.zip"), "zip_damaged"),
        "many.zip": "zip_too_many_entries",
    }
    assert await names(client) == ["Bo"]


async def test_an_import_goes_on_where_it_was(
    db: Database, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [(f"{n}.json", as_json(name=f"Card {n}")) for n in range(importing._BATCH + 4)]
    job_id = await start_import(client, *files, on_same="keep_both")
    take_in, seen = importing._take_in, 0

    async def dies(*args: Any) -> None:
        nonlocal seen
        seen += 1
        if seen == 2:
            raise RuntimeError("the machine went down")
        await take_in(*args)

    monkeypatch.setattr(importing, "_take_in", dies)
    with pytest.raises(RuntimeError):
        await worked(db, job_id)
    assert len(await names(client)) == importing._BATCH
    monkeypatch.setattr(importing, "_take_in", take_in)
    assert (await worked(db, job_id))["counts"] == {"added": len(files)}
    assert len(await names(client)) == len(files)


async def test_the_same_cards_again_are_passed_over(db: Database, client: httpx.AsyncClient) -> None:
    file = ("ann.json", as_json(name="Ann"))
    await worked(db, await start_import(client, file))
    assert (await worked(db, await start_import(client, file)))["counts"] == {"skipped": 1}
    new = ("ann2.json", as_json(name="ANN", description="Older now."))
    assert (await worked(db, await start_import(client, new, on_same="new_version")))["counts"] == {"new_version": 1}
    assert await names(client) == ["ANN"]


async def test_a_charx_among_the_files_is_a_card(db: Database, client: httpx.AsyncClient) -> None:
    charx = zipped(**{"card.json": json.dumps(cards.v3(name="Mira")).encode()})
    result = await worked(db, await start_import(client, ("mira.zip", charx)))
    assert result["counts"] == {"added": 1}


async def test_cards_are_packed_with_a_report_of_losses(db: Database, client: httpx.AsyncClient) -> None:
    first = picture_card(name="Mira")
    await add(client, first)
    await add(client, picture_card(name="Mira", alternate_greetings=["Ahoy."]))
    answer = await client.post("/api/v2/cards/exports", json={"filter": {"q": "mira"}, "to": ""})
    job_id = answer.json()["job_id"]
    result = await worked(db, job_id)
    assert (result["packed"], result["left_out"], result["report"]) == (2, 0, [])
    archive = zipfile.ZipFile(io.BytesIO(await packed(db, job_id)))
    assert sorted(archive.namelist()) == ["mira (2).png", "mira.png", "report.json"]
    assert first in {archive.read(name) for name in archive.namelist()}
    answer = await client.post("/api/v2/cards/exports", json={"filter": {}, "to": "v1"})
    result = await worked(db, answer.json()["job_id"])
    assert (result["packed"], result["left_out"]) == (0, 2)
    assert any("alternate_greetings" in one["error"] for one in result["report"])


async def packed(db: Database, job_id: str) -> bytes:
    async with db.reading() as session:
        job = await session.get_one(Job, job_id)
        return await exporting.zip_of(session, None, job)  # type: ignore[arg-type] # the job was found already


async def test_an_export_of_nothing_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v2/cards/exports", json={})).status_code == 422
    assert (await client.post("/api/v2/cards/exports", json={"filter": {"q": "nobody"}})).status_code == 422
