"""The API of the forge: jobs, profiles, files, models, and what those who run the instance ask for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ainfluencer.accounts.models import Workspace
from ainfluencer.cards.forge import api as forge
from ainfluencer.cards.forge.api.instance import hidden
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.engine import api as jobs
from ainfluencer.engine.models import Job
from tests.conftest import person
from tests.support.clients import client_for, small_app
from tests.unit.cards.forge_support import IDEA, NOTES, STORY, done

API = "/api/v2"


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's client."""
    async with client_for(small_app(forge.router, jobs.router), owner) as made:
        yield made


class Asked:
    """A job that the API made, in the shape that `done` takes."""

    def __init__(self, job_id: str) -> None:
        self.job = Job(id=job_id)


async def test_a_job_of_text_answers_at_once_with_what_was_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        f"{API}/generation/generate",
        json={"source_text": IDEA, "config_profile": "offline", "validation_mode": "strict", "timeout_seconds": 120},
    )
    assert answer.status_code == 200
    job = answer.json()["job"]
    assert answer.json()["success"] is True
    assert (job["state"], job["progress"], job["validation_mode"], job["timeout_seconds"]) == (
        "pending",
        0,
        "strict",
        120,
    )
    assert job["estimated_completion"] > job["created_at"]
    assert job["template"] == "offline · default"


async def test_files_and_an_input_card_come_as_a_form(db: Database, client: httpx.AsyncClient) -> None:
    card = json.dumps(
        {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Anna Reed", "description": "Kept."}}
    )
    files = [("source", ("story.md", STORY.encode())), ("card", ("anna.json", card.encode()))]
    answer = await client.post(
        f"{API}/generation/generate",
        files=files,
        data={"options": json.dumps({"mode": "fill", "config_profile": "offline"})},
    )
    assert answer.status_code == 200, answer.text
    job_id = answer.json()["job"]["id"]
    asked: Any = Asked(job_id)
    await done(db, asked)
    result = (await client.get(f"{API}/jobs/{job_id}/result")).json()["result"]
    assert result["description"] == "Kept."
    assert result["metadata"]["source_words"] == len(STORY.split())
    for form, begin in (("v2", b"{"), ("v3", b"{"), ("png", b"\x89PNG"), ("charx", b"PK"), ("json", b"{")):
        got = await client.get(f"{API}/jobs/{job_id}/download/{form}")
        assert got.content.startswith(begin), form


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "source"),
        ({"source_text": IDEA, "temperature": 9}, "temperature"),
        ({"source_text": IDEA, "fields": ["hat"]}, "fields"),
        ({"source_text": IDEA, "card": {"name": "Anna", "description": "A."}, "library_card_id": "0" * 26}, "card"),
        ({"source_text": IDEA, "colour": "red"}, "colour"),
        ({"source_text": IDEA, "files": ["0" * 26]}, ""),
        ({"source_text": IDEA, "config_profile": "nobody"}, ""),
    ],
)
async def test_bad_requests_name_the_field_and_the_way_out(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await client.post(f"{API}/generation/generate", json=body)
    problem = answer.json()
    assert answer.status_code == (422 if field else 404)
    assert problem["next_step"]
    assert not field or problem["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"null", b'"x"', b"[" * 9000], ids=["cut", "list", "null", "text", "deep"]
)
async def test_what_is_no_object_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post(f"{API}/generation/generate", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422


async def test_both_lists_of_profiles_and_their_details(client: httpx.AsyncClient) -> None:
    configs = (await client.get(f"{API}/profiles/config")).json()["items"]
    prompts = (await client.get(f"{API}/profiles/prompts")).json()["items"]
    assert {"model", "temperature", "max_tokens", "top_p"} <= configs[0].keys()
    assert (configs[0]["name"], prompts[0]["name"]) == ("basic", "default")
    assert all(one["description"] for one in prompts)


async def test_a_profile_is_made_changed_exported_and_deleted(client: httpx.AsyncClient) -> None:
    made = (await client.post(f"{API}/profiles/config", json={"name": "mine", "max_tokens": 100_000})).json()
    path = f"{API}/profiles/config/{made['id']}"
    assert (await client.put(path, json={"name": "mine", "temperature": 0.1})).json()["temperature"] == 0.1
    exported = (await client.get(f"{path}/export")).json()
    assert exported["kind"] == "forge_config_profile"
    assert (await client.post(f"{API}/profiles/imports", json=exported)).json()["name"] == "mine 2"
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.put(f"{API}/profiles/config/basic", json={"name": "x"})).status_code == 409


async def test_a_source_file_is_uploaded_read_listed_and_deleted(client: httpx.AsyncClient) -> None:
    made = (await client.post(f"{API}/files", files={"file": ("notes.md", NOTES.encode())})).json()
    assert (made["kind"], made["words"], made["state"]) == ("text", len(NOTES.split()), "ready")
    assert (await client.post(f"{API}/files", files={"file": ("notes.md", NOTES.encode())})).json()["id"] == made["id"]
    assert [one["id"] for one in (await client.get(f"{API}/files")).json()["items"]] == [made["id"]]
    assert (await client.get(f"{API}/files/{made['id']}")).json()["text"].startswith("# Tomas Harrow")
    assert (await client.get(f"{API}/files/{made['id']}/original")).content == NOTES.encode()
    assert (await client.delete(f"{API}/files/{made['id']}")).status_code == 204
    assert (await client.get(f"{API}/files/{made['id']}")).status_code == 404


async def test_a_source_says_whom_it_speaks_of(client: httpx.AsyncClient) -> None:
    found = (await client.post(f"{API}/generation/characters", json={"source_text": STORY})).json()["items"]
    assert "Anna Reed" in [one["name"] for one in found]


async def test_a_card_is_checked_at_once(client: httpx.AsyncClient) -> None:
    card = {
        "data": {"name": "Anna Reed", "description": "She lived above the chandlery in Port Ellis."},
        "spec": "chara_card_v2",
        "spec_version": "2.0",
    }
    answer = (await client.post(f"{API}/generation/check", json={"card": card, "source_text": STORY})).json()
    assert answer["counts"] == {"supported": 1, "contradicted": 0, "not_in_source": 0}


async def test_models_say_what_they_can(client: httpx.AsyncClient) -> None:
    (only,) = (await client.get(f"{API}/models")).json()["items"]
    assert only["writes_freely"] is False
    assert only["sees_pictures"] is False


async def test_the_instance_speaks_to_those_who_run_it(client: httpx.AsyncClient) -> None:
    debug = (await client.get(f"{API}/debug")).json()
    assert {"jobs", "errors", "settings", "checks", "version"} <= debug.keys()
    config = {one["name"]: one for one in (await client.get(f"{API}/config")).json()["items"]}
    assert config["port"]["sentence"]
    assert config["port"]["source"] == "default"
    system = (await client.get(f"{API}/system")).json()
    assert system["resources"]["memory_bytes"] > 0
    parts = (await client.get(f"{API}/cache")).json()["items"]
    assert {one["part"] for one in parts} == {"steps", "previews"}
    assert (await client.delete(f"{API}/cache/steps")).json() == {"part": "steps", "removed": 0}


@pytest.mark.parametrize("path", ["debug", "config", "system", "cache"])
async def test_a_creator_sees_nothing_of_the_instance(
    db: Database, workspace: Workspace, owner: Actor, path: str
) -> None:
    creator = await person(db, workspace, "Bo", Role.CREATOR)
    async with client_for(small_app(forge.router), creator) as client:
        assert (await client.get(f"{API}/{path}")).status_code == 403


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("postgresql://ada:secret@db:5432/x", "postgresql://…@db:5432/x"),
        ("smtps://u:p@mail.example.org", "smtps://…@mail.example.org"),
        ("127.0.0.1", "127.0.0.1"),
        ("postgresql://db/x?password=secret", "postgresql://db/x?…"),
        ("postgresql://ada:p@ss:99999999@db/x", "postgresql://…@db/x"),
        ("postgresql://ada:p[ss@db/x", "…"),
        ("https://studio.example.org", "https://studio.example.org"),
    ],
)
def test_a_setting_is_shown_without_its_password(value: str, shown: str) -> None:
    assert hidden(value) == shown
