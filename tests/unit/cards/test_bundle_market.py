"""The marketplace of bundles over the API: sources, offers, keys, opening, bringing in, making."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from ainfluencer.accounts.models import AuditEntry, Workspace
from ainfluencer.cards.api import router as cards_router
from ainfluencer.cards.bundles import bundle, catalogue, keys, opened
from ainfluencer.cards.bundles.models import CardBundle
from ainfluencer.cards.bundles.shapes import About
from ainfluencer.characters import service as characters
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core import config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Unreachable
from ainfluencer.db.session import Database
from ainfluencer.media import storage
from tests.conftest import person
from tests.support.cards import cards
from tests.support.clients import client_for, small_app
from tests.unit.cards.test_library_api import as_json
from tests.unit.cards.test_library_imports import worked
from tests.unit.cards.test_library_keeping import picture_card

KEY = Ed25519PrivateKey.generate()
MARK = keys.fingerprint(keys.public_of(KEY))
ABOUT = About(name="Harbour people", author="Ada", licence="CC-BY-4.0", description="Three who live by the sea.")
BUNDLES = "/api/v2/cards/bundles"
MINOR = as_json(description="Ada is 15 years old. She is horny.", tags=["nsfw"])


def packed(*files: tuple[str, bytes], about: About = ABOUT, key: Ed25519PrivateKey = KEY) -> bytes:
    return bundle.pack(about, files or (("mira.png", picture_card(name="Mira")), ("bo.json", as_json(name="Bo"))), key)


def forged_list(*files: tuple[str, bytes], **changes: Any) -> bytes:
    """A bundle with cards that `pack` would refuse, or with other words in its list, rightly signed."""
    listed = [
        {"file": f"cards/{name}", "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "name": name}
        for name, data in files
    ]
    text = json.dumps(
        {"format": "ainfluencer-card-bundle", "version": 1, "name": "Odd", "created_at": "2026-11-21T10:00:00+00:00",
         "public_key": keys.public_of(KEY), "cards": listed} | changes
    ).encode()  # fmt: skip
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bundle.json", text)
        archive.writestr("signature", KEY.sign(text))
        for name, data in files:
            archive.writestr(f"cards/{name}", data)
    return out.getvalue()


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(small_app(cards_router), owner) as made:
        yield made


async def open_file(client: httpx.AsyncClient, data: bytes | None = None) -> Any:
    answer = await client.post(BUNDLES, files={"file": ("harbour.cardbundle", data or packed())})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def refused(client: httpx.AsyncClient, data: bytes) -> str:
    answer = await client.post(BUNDLES, files={"file": ("odd.cardbundle", data)})
    assert answer.status_code in {409, 422}, answer.text
    assert answer.json()["next_step"]
    return str(answer.json()["code"])


async def library(client: httpx.AsyncClient) -> list[str]:
    return sorted(one["name"] for one in (await client.get("/api/v2/cards")).json()["items"])


# -- one bundle --


async def test_an_opened_bundle_says_what_is_in_it_and_whose_it_is(client: httpx.AsyncClient) -> None:
    lore = {"entries": [cards.entry(1), cards.entry(2)]}
    told = await open_file(client, packed(("mira.png", picture_card(name="Mira", character_book=lore))))
    assert (told["author"], told["licence"], told["fingerprint"], told["trust"]) == (
        "Ada",
        "CC-BY-4.0",
        MARK,
        "unknown",
    )
    (card,) = told["cards"]
    assert (card["name"], card["lorebook_entries"], card["rating"], card["has_picture"]) == ("Mira", 2, "safe", True)
    assert 0 < card["score"] <= 100
    assert await library(client) == []


async def test_the_rating_is_that_of_the_card_and_not_of_the_list(client: httpx.AsyncClient) -> None:
    data = as_json(
        name="Eve", description="Eve is a 30 year old woman. She is horny and has explicit sex.", tags=["nsfw"]
    )
    told = await open_file(client, forged_list(("eve.json", data)))
    assert told["cards"][0]["rating"] == "explicit"


async def test_picked_cards_come_into_the_library(db: Database, client: httpx.AsyncClient) -> None:
    told = await open_file(client)
    answer = await client.post(f"{BUNDLES}/{told['id']}/imports", json={"numbers": [2]})
    assert answer.status_code == 202, answer.text
    assert (await worked(db, answer.json()["job_id"]))["counts"] == {"added": 1}
    assert await library(client) == ["Bo"]
    again = (await client.post(f"{BUNDLES}/{told['id']}/imports", json={})).json()["job_id"]
    assert (await worked(db, again))["counts"] == {"added": 1, "skipped": 1}
    assert await library(client) == ["Bo", "Mira"]
    assert (await client.post(f"{BUNDLES}/{told['id']}/imports", json={"numbers": [9]})).status_code == 422


async def test_a_card_that_the_rules_forbid_is_told_and_stays_out(db: Database, client: httpx.AsyncClient) -> None:
    told = await open_file(client, forged_list(("a.json", MINOR), ("bo.json", as_json(name="Bo")), ("c.json", b"{}")))
    assert [bool(one["problem"]) for one in told["cards"]] == [True, False, True]
    job = (await client.post(f"{BUNDLES}/{told['id']}/imports", json={"numbers": [1, 2, 3]})).json()["job_id"]
    assert (await worked(db, job))["counts"] == {"refused": 2, "added": 1}
    async with db.reading() as session:
        kept = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.action == "card.refused")))
    assert len(kept) == 2  # once when it was looked at, once when it was to come in


async def test_a_bundle_is_put_away_after_a_week(db: Database, client: httpx.AsyncClient) -> None:
    told = await open_file(client)
    async with db.writing() as session:
        row = await session.get_one(CardBundle, told["id"])
        row.created_at -= opened.KEPT + timedelta(minutes=1)
    assert (await client.get(f"{BUNDLES}/{told['id']}")).status_code == 404
    await open_file(client)
    async with db.reading() as session:
        assert await session.get(CardBundle, told["id"]) is None


async def test_another_workspace_sees_nothing(db: Database, client: httpx.AsyncClient, workspace: Workspace) -> None:
    told = await open_file(client)
    async with db.writing() as session:
        other = Workspace(name="Elsewhere")
        session.add(other)
    stranger = await person(db, other, "Eve", Role.OWNER)
    async with client_for(small_app(cards_router), stranger) as theirs:
        assert (await theirs.get(BUNDLES)).json()["items"] == []
        assert (await theirs.get(f"{BUNDLES}/{told['id']}")).status_code == 404
        assert (await theirs.post(f"{BUNDLES}/{told['id']}/imports", json={})).status_code == 404
        assert (await theirs.delete(f"{BUNDLES}/{told['id']}")).status_code == 404


async def test_characters_are_made_of_what_comes_in(db: Database, client: httpx.AsyncClient) -> None:
    files = [
        ("mira.png", picture_card(name="Mira")),
        ("odd.json", as_json(name="Old", description="Old is 12 years old.")),
    ]
    told = await open_file(client, packed(*files))
    body = {"likeness": "synthetic"}
    job = (await client.post(f"{BUNDLES}/{told['id']}/imports", json=body)).json()["job_id"]
    result = await worked(db, job)
    assert (result["counts"], result["characters"]["made"]) == ({"added": 2}, 2 - len(result["characters"]["refused"]))
    kept = (await client.get("/api/v2/cards", params={"character": "any"})).json()["items"]
    assert "Mira" in {one["name"] for one in kept}
    again = await worked(db, job)  # begun anew after a crash: nobody is made twice
    assert again["characters"]["made"] == 0


# -- hostile ones --


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (packed() + b"", ""),
        (forged_list(("../../evil.json", as_json())), "bundle_damaged"),
        (forged_list(("a.json", as_json()), cards=[]), "bundle_damaged"),
        (forged_list(("a.json", as_json()), version=2, cards="another shape"), "bundle_newer"),
        (forged_list(("bomb.json", b"0" * 40_000_000)), "bundle_damaged"),
        (b"PK\x05\x06" + bytes(18), "not_a_bundle"),
        (b"not a zip at all", "not_a_bundle"),
    ],
)
async def test_hostile_bundles_are_told_apart(client: httpx.AsyncClient, data: bytes, code: str) -> None:
    if code:
        assert await refused(client, data) == code
        assert (await client.get(BUNDLES)).json()["items"] == []
    else:
        await open_file(client, data)


async def test_a_second_file_of_one_name_is_no_way_in(client: httpx.AsyncClient) -> None:
    out = io.BytesIO(packed(("bo.json", as_json(name="Bo"))))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("cards/bo.json", as_json(name="Eve"))
    assert await refused(client, out.getvalue()) == "bundle_forged"


async def test_a_list_that_promises_more_than_a_disk_holds(client: httpx.AsyncClient) -> None:
    one = {"sha256": "0" * 64, "bytes": 200_000_000, "name": "x"}
    files = [(f"{n}.json", b"{}") for n in range(11)]
    data = forged_list(*files, cards=[one | {"file": f"cards/{name}"} for name, _ in files])
    assert await refused(client, data) == "bundle_too_large"


async def test_words_that_a_database_refuses_are_cleaned(client: httpx.AsyncClient) -> None:
    data = forged_list(("bo.json", as_json(name="B\0o", tags=["s\0ea"])), name="Har\0bour", author="A\0da")
    told = await open_file(client, data)
    assert (told["name"], told["author"]) == ("Harbour", "Ada")
    assert "\0" not in json.dumps(told, ensure_ascii=False)


# -- keys --


async def test_trust_is_a_choice_and_a_blocked_key_is_refused(client: httpx.AsyncClient) -> None:
    told = await open_file(client)
    await client.post(f"{BUNDLES}/{told['id']}/imports", json={"trust": True})
    (key,) = (await client.get(f"{BUNDLES}/keys")).json()["items"]
    assert (key["fingerprint"], key["label"], key["state"]) == (MARK, "Ada", "trusted")
    assert (await client.get(f"{BUNDLES}/{told['id']}")).json()["trust"] == "trusted"

    await client.post(f"{BUNDLES}/keys", json={"fingerprint": MARK, "state": "blocked"})
    assert await refused(client, packed()) == "key_blocked"
    late = await client.post(f"{BUNDLES}/{told['id']}/imports", json={})
    assert (late.status_code, late.json()["code"]) == (409, "key_blocked")

    assert (await client.delete(f"{BUNDLES}/keys/{key['id']}")).status_code == 204
    assert (await open_file(client))["trust"] == "unknown"
    odd = await client.post(f"{BUNDLES}/keys", json={"fingerprint": "nonsense", "state": "trusted"})
    assert odd.status_code == 422


async def test_a_known_name_with_another_key_is_pointed_out(client: httpx.AsyncClient) -> None:
    await client.post(f"{BUNDLES}/keys", json={"fingerprint": MARK, "label": "Ada", "state": "trusted"})
    told = await open_file(client, packed(key=Ed25519PrivateKey.generate()))
    assert (told["trust"], MARK in told["warning"]) == ("unknown", True)
    assert (await open_file(client))["warning"] == ""


async def test_only_managers_decide_about_keys_and_sources(db: Database, workspace: Workspace) -> None:
    mira = await person(db, workspace, "Mira", Role.CREATOR)
    async with client_for(small_app(cards_router), mira) as client:
        told = await open_file(client)
        assert (await client.post(f"{BUNDLES}/{told['id']}/imports", json={})).status_code == 202
        body = {"fingerprint": MARK, "state": "trusted"}
        assert (await client.post(f"{BUNDLES}/keys", json=body)).status_code == 403
        assert (await client.post(f"{BUNDLES}/{told['id']}/imports", json={"trust": True})).status_code == 403
        assert (
            await client.post(f"{BUNDLES}/sources", json={"address": "https://x.example/b.json"})
        ).status_code == 403


# -- sources --


def own_folder(settings: Settings, actor: Actor) -> Path:
    folder = settings.data / "bundles" / actor.workspace_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def test_a_folder_offers_what_lies_in_it(
    db: Database, client: httpx.AsyncClient, owner: Actor, settings: Settings
) -> None:
    folder = own_folder(settings, owner)
    (folder / "good.cardbundle").write_bytes(packed())
    (folder / "bad.cardbundle").write_bytes(b"zip?")
    made = await client.post(f"{BUNDLES}/sources", json={"address": str(folder)})
    assert (made.status_code, made.json()["offers"], made.json()["kind"]) == (201, 2, "folder"), made.text
    good, bad = (await client.get(f"{BUNDLES}/offers")).json()["items"]
    assert (good["name"], good["cards"], good["trust"], good["problem"]) == ("Harbour people", 2, "unknown", "")
    assert bad["problem"]
    found = (await client.get(f"{BUNDLES}/offers", params={"q": "ADA harbour"})).json()["items"]
    assert [one["name"] for one in found] == ["Harbour people"]

    source = made.json()["id"]
    opened_there = await client.post(f"{BUNDLES}/sources/{source}/openings", json={"url": good["url"]})
    assert opened_there.json()["origin"] == good["url"]
    wrong = await client.post(f"{BUNDLES}/sources/{source}/openings", json={"url": bad["url"]})
    assert wrong.status_code == 422
    assert (await client.post(f"{BUNDLES}/sources", json={"address": str(folder)})).status_code == 409
    assert (await client.delete(f"{BUNDLES}/sources/{source}")).status_code == 204
    assert (await client.get(f"{BUNDLES}/offers")).json()["items"] == []


async def test_pages_never_look_beside_the_folders_that_are_set_aside(
    client: httpx.AsyncClient, owner: Actor, settings: Settings, tmp_path: Path
) -> None:
    folder = own_folder(settings, owner)
    (tmp_path / "elsewhere").mkdir()
    (folder / "way-out").symlink_to(tmp_path / "elsewhere")
    places = [
        str(tmp_path / "elsewhere"),
        "/etc",
        "bundles",
        f"{folder}/../..",
        f"{folder}/way-out",
        "/nowhere",
        "a\0b",
    ]
    places += ["file:///etc", str(settings.data)]
    for address in places:
        answer = await client.post(f"{BUNDLES}/sources", json={"address": address})
        assert (answer.status_code, answer.json()["code"]) == (403, "folder_not_allowed"), (address, answer.text)
    assert (await client.post(f"{BUNDLES}/sources", json={"address": "http://["})).status_code == 422
    config.use(replace(settings, bundle_folders=os.pathsep.join(["relative", str(tmp_path / "elsewhere")])))
    answer = await client.post(f"{BUNDLES}/sources", json={"address": str(tmp_path / "elsewhere")})
    assert answer.status_code == 201


async def test_what_a_source_does_not_offer_is_never_read(
    client: httpx.AsyncClient, owner: Actor, settings: Settings, tmp_path: Path
) -> None:
    folder = own_folder(settings, owner)
    secret = tmp_path / "secret.cardbundle"
    secret.write_bytes(packed())
    (folder / "link.cardbundle").symlink_to(secret)
    source = (await client.post(f"{BUNDLES}/sources", json={"address": str(folder)})).json()["id"]
    for url in (str(secret), f"{folder}/../x.cardbundle", "https://example.org/a.cardbundle"):
        assert (await client.post(f"{BUNDLES}/sources/{source}/openings", json={"url": url})).status_code == 404
    assert (await client.get(f"{BUNDLES}/offers")).json()["items"] == []  # a link that leads out is no offer


async def test_only_an_owner_has_folders_listed(db: Database, workspace: Workspace, settings: Settings) -> None:
    manager = await person(db, workspace, "Mo", Role.MANAGER)
    async with client_for(small_app(cards_router), manager) as client:
        address = str(own_folder(settings, manager))
        assert (await client.post(f"{BUNDLES}/sources", json={"address": address})).status_code == 403


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes | Exception]:
    """What lies on the web; an exception is what asking for it comes to."""
    there: dict[str, bytes | Exception] = {}

    async def get(url: str, *, max_bytes: int) -> bytes:
        found = there.get(url, Unreachable("bundles", "No connection."))
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(catalogue, "_get", get)
    return there


LIST = "https://cards.example/bundles.json"


async def test_an_address_offers_and_keeps_its_offers_while_it_is_dead(
    client: httpx.AsyncClient, web: dict[str, bytes | Exception]
) -> None:
    assert (await client.post(f"{BUNDLES}/sources", json={"address": LIST})).status_code == 502
    web[LIST] = b"<html>"
    assert (await client.post(f"{BUNDLES}/sources", json={"address": LIST})).json()["code"] == "unexpected_reply"
    offers = [
        {"url": "a.cardbundle", "name": "Harbour people", "fingerprint": MARK},
        {"url": "file:///etc/passwd", "name": "Local"},
        {"url": "liar.cardbundle", "name": "Liar", "fingerprint": "0000-0000-0000-0000-0000-0000"},
    ]
    web[LIST] = json.dumps({"bundles": offers}).encode()
    web["https://cards.example/a.cardbundle"] = web["https://cards.example/liar.cardbundle"] = packed()
    source = (await client.post(f"{BUNDLES}/sources", json={"address": LIST})).json()
    assert source["offers"] == 3
    good, liar, local = (await client.get(f"{BUNDLES}/offers")).json()["items"]
    assert "nowhere on the web" in local["problem"]
    open_url = f"{BUNDLES}/sources/{source['id']}/openings"
    assert (await client.post(open_url, json={"url": good["url"]})).status_code == 201
    assert (await client.post(open_url, json={"url": liar["url"]})).json()["code"] == "bundle_forged"
    assert (await client.post(open_url, json={"url": local["url"]})).status_code == 422

    web[LIST] = Unreachable("bundles", "No connection to cards.example.")
    dead = (await client.post(f"{BUNDLES}/sources/{source['id']}/refreshment")).json()
    assert "cards.example" in dead["problem"]
    assert dead["offers"] == 3


# -- making --


async def test_cards_and_characters_become_a_bundle_that_opens(
    db: Database, client: httpx.AsyncClient, owner: Actor
) -> None:
    added = await client.post("/api/v2/cards", files={"file": ("mira.png", picture_card(name="Mira"))})
    async with db.writing() as session:
        ada = await characters.create(session, owner, CharacterDraft(name="Ada Vale", age=30, bio="Paints boats."))
    body = {
        "name": "Ours",
        "author": "Ada",
        "licence": "CC0",
        "ids": [added.json()["card"]["id"]],
        "character_ids": [ada.id],
    }
    job = (await client.post(f"{BUNDLES}/packings", json=body)).json()["job_id"]
    result = await worked(db, job)
    assert (result["packed"], result["left_out"], result["filename"]) == (2, 0, "Ours.cardbundle")
    data = storage.waiting_path(result["waiting"]).read_bytes()
    told = await open_file(client, data)
    assert [one["name"] for one in told["cards"]] == ["Mira", "Ada Vale"]
    assert (told["trust"], told["fingerprint"]) == ("ours", result["fingerprint"])
    assert bundle.read(data).card(bundle.read(data).cards[0]) == picture_card(name="Mira")


async def test_what_is_not_there_cannot_be_packed(client: httpx.AsyncClient) -> None:
    assert (await client.post(f"{BUNDLES}/packings", json={"name": "Ours", "ids": ["nothing"]})).status_code == 404
    assert (await client.post(f"{BUNDLES}/packings", json={"name": "Ours"})).status_code == 422
