"""Playing a card over the API and from the command line: unsaved content, cards of the library, clear refusals."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from ainfluencer.cards import service
from ainfluencer.cards.linting import tokens
from ainfluencer.cards.playing import api
from ainfluencer.cli.groups.cards import app
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from tests.support.cards import cards
from tests.support.clients import client_for, small_app
from tests.support.people import second_workspace

CONTENT: dict[str, Any] = {
    "name": "Mira",
    "description": "{{char}} keeps bees.",
    "first_mes": "Hello {{user}}.",
    "character_book": {
        "extensions": {},
        "entries": [
            {"keys": ["honey"], "content": "Sold on the pier.", "extensions": {}, "insertion_order": 0},
            {"keys": ["wax"], "content": "Kept.", "extensions": {}, "insertion_order": 0},
        ],
    },
}


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(small_app(api.router), owner) as made:
        yield made


async def test_a_lorebook_is_tried_on_unsaved_text(client: httpx.AsyncClient) -> None:
    told = (
        await client.post("/api/v2/cards/lorebook/test", json={"content": CONTENT, "text": "Any honey left?"})
    ).json()
    fired, silent = told["entries"]
    assert (fired["status"], fired["why"]) == ("fired", "“honey” stands in the chat.")
    assert fired["marks"] == [{"key": "honey", "kind": "message", "at": 0, "start": 4, "end": 9}]
    assert (silent["status"], silent["code"]) == ("silent", "no_key")
    assert told["order"][0]["text"] == "Sold on the pier."


async def test_a_preview_resolves_and_counts(client: httpx.AsyncClient) -> None:
    asked = {"content": CONTENT, "user": "Ada", "messages": [{"role": "user", "text": "wax?"}]}
    told = (await client.post("/api/v2/cards/preview", json=asked)).json()
    assert told["greetings"][0]["shown"] == "Hello Ada."
    assert [part["text"] for part in told["prompt"]][1:] == ["Kept.", "Mira keeps bees.", "Hello Ada.", "wax?"]
    assert told["tokens"] == sum(part["tokens"] for part in told["prompt"])


async def test_meters_name_fields_as_the_editor_does(client: httpx.AsyncClient) -> None:
    told = (await client.post("/api/v2/cards/meters", json={"content": CONTENT, "context": 4096})).json()
    assert told["tokens"]["book.entries[1].content"] == tokens.counter()("Kept.")
    assert told["budget"]["context"] == 4096
    assert 0 <= told["score"] <= 100


async def test_a_card_of_the_library_by_its_id(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        added = await service.add(session, owner, json.dumps(cards.v3()).encode(), "mira.json")
    told = await client.post("/api/v2/cards/preview", json={"card_id": added.row.id})
    assert told.status_code == 200
    assert told.json()["greetings"]


@pytest.mark.parametrize("address", ["lorebook/test", "preview", "meters"])
async def test_refusals_say_what_to_do(client: httpx.AsyncClient, address: str) -> None:
    nothing = await client.post(f"/api/v2/cards/{address}", json={})
    assert (nothing.status_code, nothing.json()["next_step"]) == (422, "Send its content, or the id of a card.")
    unknown = await client.post(f"/api/v2/cards/{address}", json={"card_id": "0" * 26})
    assert unknown.status_code == 404
    book = await client.post(
        f"/api/v2/cards/{address}", json={"content": {"spec": "lorebook_v3", "data": {"entries": []}}}
    )
    assert book.status_code == 422


async def test_the_card_of_another_workspace_is_not_there(client: httpx.AsyncClient, db: Database) -> None:
    stranger = await second_workspace(db)
    async with db.writing() as session:
        added = await service.add(session, stranger, json.dumps(cards.v2()).encode(), "ada.json")
    assert (await client.post("/api/v2/cards/preview", json={"card_id": added.row.id})).status_code == 404


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words))
    return result.exit_code, result.stdout


def test_the_command_line_says_what_fires(tmp_path: Path) -> None:
    file = tmp_path / "mira.json"
    file.write_text(json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": CONTENT}), "utf-8")
    code, out = run("play", str(file), "--text", "honey")
    assert code == 0
    assert "✓ honey" in out
    assert "1 of 2 entries fire" in out
    assert "· wax" not in out
    assert "· wax" in run("play", str(file), "--text", "honey", "--silent")[1]
    assert json.loads(run("play", str(file), "--text", "wax", "--json")[1])["order"][0]["label"] == "wax"


def test_the_command_line_shows_the_prompt(tmp_path: Path) -> None:
    file = tmp_path / "mira.json"
    file.write_text(json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": CONTENT}), "utf-8")
    code, out = run("preview", str(file), "--user", "Ada", "--text", "honey?")
    assert code == 0
    assert "Hello Ada." in out
    assert "Sold on the pier." in out
    assert run("preview", str(file), "--rules", "other")[0] == 2


STICKY = {**CONTENT["character_book"]["entries"][0], "extensions": {"sticky": 3, "cooldown": 2}}
REMEMBERING = {**CONTENT, "character_book": {"extensions": {}, "entries": [STICKY]}}


async def test_a_chat_is_told_message_by_message(client: httpx.AsyncClient) -> None:
    lines = [("user", "honey"), ("assistant", "Yes."), ("user", "-"), ("user", "-"), ("user", "honey")]
    asked = {"content": REMEMBERING, "messages": [{"role": role, "text": text} for role, text in lines]}
    told = (await client.post("/api/v2/cards/lorebook/test", json=asked | {"scan_depth": 1})).json()
    assert [(one["message"], one["entries"][0]["code"]) for one in told["turns"]] == [
        (0, "key"), (2, "sticky"), (3, "cooldown"), (4, "cooldown"),
    ]  # fmt: skip
    assert told["turns"][0]["entries"][0]["stays_until"] == 3
    assert told["entries"][0]["status"] == "silent"  # the state at the end


def test_the_command_line_plays_a_chat(tmp_path: Path) -> None:
    file = tmp_path / "mira.json"
    file.write_text(json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": REMEMBERING}), "utf-8")
    code, out = run("play", str(file), "--message", "honey", "--message", "{{char}}: Yes.", "--message", "And?")
    assert code == 0
    assert "Message 1:\n  ✓ honey: “honey” stands in the chat. Stays through message 3." in out
    assert "Message 3, the last:\n✓ honey" in out
    assert "stays through message 3 (sticky)" in out
