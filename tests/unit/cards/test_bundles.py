"""Bundles: packed, checked, opened, listed; changed ones, hostile ones and other keys are refused."""

from __future__ import annotations

import hashlib
import io
import json
import socket
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from ainfluencer.cards.bundles import bundle, catalogue, keys
from ainfluencer.cards.bundles.bundle import BundleRefused
from ainfluencer.cards.bundles.shapes import About, Offer
from ainfluencer.cards.errors import CardRefused
from ainfluencer.cli.groups.cards import app
from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import InvalidInput, PolicyRefused, ProductError, UnexpectedReply, Unreachable
from tests.support.cards import cards, pngs

PNG = pngs.png(pngs.text("chara", pngs.b64(cards.v2())))
JSON = json.dumps(cards.v3(name="Bo")).encode()
KEY = Ed25519PrivateKey.generate()
ABOUT = About(name="Harbour people", author="Ada", licence="CC-BY-4.0")


def packed(*files: tuple[str, bytes]) -> bytes:
    return bundle.pack(ABOUT, files or (("ada.png", PNG), ("bo.json", JSON)), KEY)


def changed(data: bytes, **members: bytes | None) -> bytes:
    """The same archive with other members; None leaves one out."""
    names = {"list": "bundle.json", "signature": "signature", "ada": "cards/ada.png"}
    wanted = {names[name]: value for name, value in members.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            value = wanted.get(info.filename, old.read(info))
            if value is not None:
                new.writestr(info.filename, value)
    return out.getvalue()


def listed(data: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found: dict[str, Any] = json.loads(archive.read("bundle.json"))
    return found


def test_what_goes_in_comes_out_to_the_last_byte() -> None:
    made = bundle.read(packed())
    assert made.about == ABOUT
    assert made.fingerprint == keys.fingerprint(keys.public_of(KEY))
    assert [(item.name, item.spec, made.card(item)) for item in made.cards] == [("Ada", "v2", PNG), ("Bo", "v3", JSON)]


def test_names_that_clash_or_lead_elsewhere() -> None:
    files = [
        ("a/../../etc/passwd.json", JSON),
        ("ADA.json", JSON),
        ("ada.json", JSON),
        ("..", JSON),
        ("x:y.json", JSON),
    ]
    names = [item.file for item in bundle.read(packed(*files)).cards]
    assert len({name.casefold() for name in names}) == 5
    assert all(
        name.startswith("cards/") and "/" not in name[6:] and ":" not in name and ".." not in name for name in names
    )


def test_a_card_that_was_changed_is_noticed() -> None:
    made = bundle.read(changed(packed(), ada=PNG + b"x"))
    with pytest.raises(BundleRefused) as refusal:
        made.card(made.cards[0])
    assert refusal.value.reason == "bundle_forged"
    assert made.card(made.cards[1]) == JSON


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_bundle"),
        (PNG, "not_a_bundle"),
        (changed(packed(), signature=None), "not_a_bundle"),
        (changed(packed(), signature=bytes(64)), "bundle_forged"),
        (changed(packed(), list=json.dumps(listed(packed()) | {"author": "Eve"}).encode()), "bundle_forged"),
        (changed(packed(), list=b"{"), "bundle_damaged"),
        (changed(packed(), list=json.dumps(listed(packed()) | {"format": "other"}).encode()), "not_a_bundle"),
        (changed(packed(), list=json.dumps(listed(packed()) | {"version": 2}).encode()), "bundle_newer"),
        (changed(packed(), list=json.dumps(listed(packed()) | {"public_key": "?"}).encode()), "bundle_forged"),
        (changed(packed(), ada=None), "bundle_damaged"),
        (packed()[:-60], "not_a_bundle"),
    ],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(BundleRefused) as refusal:
        bundle.read(data)
    assert refusal.value.reason == code
    assert refusal.value.next_step


def test_only_cards_that_may_be_passed_on() -> None:
    with pytest.raises(CardRefused):
        packed(("a.json", b"{}"))
    with pytest.raises(PolicyRefused):
        packed(
            ("a.json", json.dumps(cards.v2(description="Ada is 15 years old. She is horny.", tags=["nsfw"])).encode())
        )
    with pytest.raises(InvalidInput, match="1 to"):
        bundle.pack(ABOUT, [], KEY)


def test_the_studios_key_stays_and_a_damaged_one_is_not_replaced(settings: Settings) -> None:
    first = keys.public_of(keys.own())
    assert keys.public_of(keys.own()) == first
    (settings.data / "keys" / keys.NAME).write_text("nonsense", "ascii")
    with pytest.raises(InvalidInput, match="no signing key"):
        keys.own()
    assert (settings.data / "keys" / keys.NAME).read_text("ascii") == "nonsense"


def test_a_folder_lists_good_and_bad_ones(tmp_path: Path) -> None:
    (tmp_path / "good.cardbundle").write_bytes(packed())
    (tmp_path / "bad.cardbundle").write_bytes(b"zip?")
    (tmp_path / "notes.txt").write_text("x")
    bad, good = catalogue.in_folder(tmp_path)
    assert bad.problem
    assert (good.name, good.cards, good.problem) == ("Harbour people", 2, "")
    told = json.loads(catalogue.listing(tmp_path))["bundles"]
    assert [one["url"] for one in told] == ["good.cardbundle"]
    with pytest.raises(InvalidInput):
        catalogue.in_folder(tmp_path / "none")


async def test_a_list_behind_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed()
    offer = {"url": "good.cardbundle", "name": "Harbour people", "sha256": hashlib.sha256(data).hexdigest()}
    pages = {"https://cards.example/a/bundles.json": json.dumps({"bundles": [offer]}).encode(), "https://cards.example/a/good.cardbundle": data, "https://cards.example/html": b"<html>"}  # fmt: skip

    async def get(url: str, *, max_bytes: int) -> bytes:
        return pages[url]

    monkeypatch.setattr(catalogue, "_get", get)
    (found,) = await catalogue.at_address("https://cards.example/a/bundles.json")
    assert bundle.read(await catalogue.fetch(found)).about.name == "Harbour people"
    pages["https://cards.example/a/good.cardbundle"] = packed(("bo.json", JSON))
    with pytest.raises(BundleRefused, match="not the one"):
        await catalogue.fetch(found)
    with pytest.raises(UnexpectedReply):
        await catalogue.at_address("https://cards.example/html")


async def test_addresses_of_this_machine_are_not_asked(settings: Settings) -> None:
    with pytest.raises(ProductError, match=r"127\.0\.0\.1"):
        await catalogue.at_address("http://127.0.0.1:9/bundles.json")


async def test_a_dead_address_is_not_said_to_be_tried_again(settings: Settings) -> None:
    config.use(replace(settings, allow_private_urls=True))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        with pytest.raises(Unreachable) as lost:
            await catalogue.at_address(f"http://127.0.0.1:{taken.getsockname()[1]}/bundles.json")
    assert "by itself" not in lost.value.next_step


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ada.png").write_bytes(PNG)
    (tmp_path / "bo.json").write_bytes(JSON)
    run = CliRunner()
    made = run.invoke(app, ["bundle", "make", "b.cardbundle", "ada.png", "bo.json", "--author", "Ada", "--json"])
    told = json.loads(made.stdout)
    assert [one["name"] for one in told["cards"]] == ["Ada", "Bo"]
    opened = run.invoke(app, ["bundle", "open", "b.cardbundle", "out", "--key", told["fingerprint"], "--json"])
    assert [Path(one["file"]).read_bytes() for one in json.loads(opened.stdout)["cards"]] == [PNG, JSON]
    (tmp_path / "out/ada.png").write_bytes(b"mine")
    again = json.loads(run.invoke(app, ["bundle", "open", "b.cardbundle", "out", "--json"]).stdout)
    assert (tmp_path / "out/ada.png").read_bytes() == b"mine"
    assert Path(again["cards"][0]["file"]).name == "ada (2).png"
    other = run.invoke(app, ["bundle", "show", "b.cardbundle", "--key", "0000"])
    assert isinstance(other.exception, PolicyRefused)
    listed = run.invoke(app, ["bundle", "list", ".", "--write", "--json"])
    assert json.loads(listed.stdout)["items"][0]["cards"] == 2
    assert (tmp_path / "bundles.json").exists()


async def test_a_bundle_that_is_not_there() -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        await catalogue.fetch(Offer(url="/nowhere/a.cardbundle"))
