"""The library of cards from a terminal: everything that its pages do, against the real API."""

from __future__ import annotations

import json
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from ainfluencer.cards.api import router as cards_router
from ainfluencer.cli.groups import card_library, card_shelf
from ainfluencer.cli.groups.cards import app
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine.api import router as jobs_router
from ainfluencer.engine.models import Job, JobState
from tests.support.cards import cards
from tests.support.clients import client_for, small_app
from tests.support.commands import Done, commands
from tests.unit.cards.test_library_imports import worked
from tests.unit.cards.test_library_keeping import picture_card

Card = Callable[..., Awaitable[Done]]


@pytest.fixture
async def card(db: Database, owner: Actor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Card]:
    async def do_the_job(path: str) -> None:
        job_id = path.removeprefix("/jobs/")
        if path.startswith("/jobs/") and len(job_id) == 26:
            async with db.reading() as session:
                is_open = (await session.get_one(Job, job_id)).state == JobState.PENDING
            if is_open:
                await worked(db, job_id)

    monkeypatch.chdir(tmp_path)
    async with client_for(small_app(cards_router, jobs_router), owner) as client:
        yield commands(app, (card_library, card_shelf), client, monkeypatch, do_the_job)


@pytest.fixture
async def shelf(card: Card, tmp_path: Path) -> dict[str, str]:
    """Three cards in the library: their ids by name."""
    (tmp_path / "mira.png").write_bytes(picture_card(name="Mira", creator="Ada", tags=["sea"]))
    (tmp_path / "cy.json").write_text(json.dumps(cards.v2(name="Cy", creator="Bea", tags=["rain"])), "utf-8")
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("jonas.json", json.dumps(cards.v3(name="Jonas", creator="Ada", tags=["sea", "snow"])))
    done = await card("add", "*.png", "*.json", "more.zip", "--json")
    assert done.code == 0, done.said
    assert [one["outcome"] for one in done.json["items"]] == ["added"] * 3
    return {one["name"]: one["id"] for one in (await card("list", "--json")).json["items"]}


async def names(card: Card, *words: str) -> list[str]:
    return [one["name"] for one in (await card("list", *words, "--json")).json["items"]]


async def shown(card: Card, card_id: str) -> Any:
    return (await card("show", card_id, "--json")).json["card"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ((), ["Jonas", "Cy", "Mira"]),
        (("--tag", "sea"), ["Jonas", "Mira"]),
        (("--tag", "sea", "--tag", "snow"), ["Jonas"]),
        (("--creator", "ADA", "--sort", "name"), ["Jonas", "Mira"]),
        (("cy",), ["Cy"]),
        (("zebra",), []),
    ],
)
async def test_cards_are_found(card: Card, shelf: dict[str, str], words: tuple[str, ...], found: list[str]) -> None:
    assert len(shelf) == 3
    assert sorted(await names(card, *words)) == sorted(found)


async def test_a_page_goes_on_after_its_cursor(card: Card, shelf: dict[str, str]) -> None:
    first = (await card("list", "--sort", "name", "--limit", "2", "--json")).json
    rest = (await card("list", "--sort", "name", "--cursor", first["next_cursor"], "--json")).json
    assert [one["name"] for one in (*first["items"], *rest["items"])] == ["Cy", "Jonas", "Mira"]
    assert rest["next_cursor"] is None
    assert set(shelf) == {"Cy", "Jonas", "Mira"}


async def test_people_get_a_table(card: Card, shelf: dict[str, str]) -> None:
    out = (await card("list")).out.decode()
    assert all(f"{name}" in out for name in shelf)
    assert "Score" in out
    assert b"No card matches" in (await card("list", "zebra")).out


async def test_a_refused_file_is_told_and_stops_no_other(card: Card, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{", "utf-8")
    (tmp_path / "whole.json").write_text(json.dumps(cards.v2(name="Whole")), "utf-8")
    done = await card("add", "broken.json", "whole.json", "--json")
    assert done.code == 1
    assert [(one["filename"], one["outcome"]) for one in done.json["items"]] == [
        ("broken.json", "refused"), ("whole.json", "added"),
    ]  # fmt: skip
    assert await names(card) == ["Whole"]


async def test_the_same_file_is_passed_over_or_made_a_version(
    card: Card, shelf: dict[str, str], tmp_path: Path
) -> None:
    assert (await card("add", "mira.png", "--json")).json["items"][0]["outcome"] == "skipped"
    (tmp_path / "mira.png").write_bytes(picture_card(name="Mira", creator="Ada", description="Older now."))
    done = await card("add", "mira.png", "--on-same", "new_version", "--json")
    assert done.json["items"][0]["outcome"] == "new_version"
    assert (await shown(card, shelf["Mira"]))["version"] == 2


async def test_one_card_is_exported_as_it_came(card: Card, shelf: dict[str, str], tmp_path: Path) -> None:
    done = await card("export", "out.png", "--id", shelf["Mira"])
    assert done.code == 0, done.said
    assert (tmp_path / "out.png").read_bytes() == (tmp_path / "mira.png").read_bytes()
    again = await card("export", "out.png", "--id", shelf["Mira"])
    assert again.refusal is not None
    assert again.refusal.reason == "file_exists"
    assert (await card("export", "out.png", "--id", shelf["Mira"], "--force")).code == 0


async def test_many_cards_are_exported_with_a_report(card: Card, shelf: dict[str, str], tmp_path: Path) -> None:
    done = await card("export", "sea.zip", "--tag", "sea", "--to", "v2", "--allow-loss", "--json")
    assert done.code == 0, done.said
    assert (done.json["packed"], done.json["left_out"]) == (2, 0)
    with zipfile.ZipFile(tmp_path / "sea.zip") as archive:
        assert "report.json" in archive.namelist()
        assert len([name for name in archive.namelist() if name != "report.json"]) == 2
    assert shelf


async def test_an_export_that_would_lose_something_leaves_it_out(card: Card, tmp_path: Path) -> None:
    told = cards.v3(name="Lost", group_only_greetings=["Ahoy, all."])
    (tmp_path / "lost.json").write_text(json.dumps(told), "utf-8")
    await card("add", "lost.json")
    done = await card("export", "all.zip", "--to", "v1", "--json")
    assert done.code == 1
    assert (done.json["packed"], done.json["left_out"]) == (0, 1)


async def test_a_card_is_edited_and_an_older_version_taken_back(
    card: Card, shelf: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "greeting.txt").write_text("Good evening.", "utf-8")
    await card("export", "seal.png", "--id", shelf["Mira"])  # a version that was handed out is never changed
    done = await card("edit", shelf["Mira"], "name=Mira Lind", "tags[+]=fog", "first_mes=@greeting.txt", "--json")
    assert done.code == 0, done.said
    assert (done.json["name"], done.json["tags"], done.json["version"]) == ("Mira Lind", ["sea", "fog"], 2)
    told = (await card("versions", shelf["Mira"], "--json")).json["items"]
    assert [(one["number"], one["reason"]) for one in told] == [(2, "edited"), (1, "imported")]
    back = await card("versions", shelf["Mira"], "--restore", "1", "--json")
    assert (back.json["name"], back.json["version"]) == ("Mira", 3)


async def test_an_edit_of_an_old_revision_is_refused(card: Card, shelf: dict[str, str]) -> None:
    await card("edit", shelf["Cy"], "name=Cyrus")
    done = await card("edit", shelf["Cy"], "name=Cyril", "--rev", "1")
    assert done.refusal is not None
    assert done.refusal.reason == "changed_meanwhile"
    assert (await card("edit", shelf["Cy"], "no such field=1")).refusal is not None
    assert (await card("edit", shelf["Cy"])).code == 2


async def test_marks_stand_beside_the_cards(card: Card, shelf: dict[str, str]) -> None:
    ids = [shelf["Mira"], shelf["Cy"]]
    done = await card("mark", *ids, "--favourite", "--tag", "for june", "--note", "Ask Ada first.", "--json")
    assert done.json == {"count": 2}
    assert sorted(await names(card, "--favourite")) == ["Cy", "Mira"]
    assert sorted(await names(card, "--tag", "for june")) == ["Cy", "Mira"]
    assert (await shown(card, shelf["Cy"]))["note"] == "Ask Ada first."
    await card("mark", shelf["Cy"], "--no-favourite", "--untag", "for june", "--note", "")
    assert await names(card, "--favourite") == ["Mira"]
    after = await shown(card, shelf["Cy"])
    assert (after["own_tags"], after["note"], after["version"]) == ([], "", 1)
    assert (await card("mark", shelf["Cy"])).refusal is not None


async def test_cards_go_to_the_bin_and_back_and_for_good(card: Card, shelf: dict[str, str]) -> None:
    assert (await card("delete", shelf["Mira"], shelf["Cy"], "--json")).json == {"count": 2}
    assert await names(card) == ["Jonas"]
    assert (await card("restore", shelf["Cy"], "--json")).json == {"count": 1}
    unsure = await card("erase", shelf["Mira"])
    assert unsure.refusal is not None
    assert unsure.refusal.reason == "unconfirmed"
    assert (await card("erase", shelf["Mira"], "--yes", "--json")).json == {"count": 1}
    assert (await card("show", shelf["Mira"])).refusal is not None
    assert sorted(await names(card)) == ["Cy", "Jonas"]


async def test_duplicates_are_told(card: Card, shelf: dict[str, str]) -> None:
    assert (await card("duplicates", "--how", "file", "--json")).json == {"items": []}
    await card("add", "cy.json", "--on-same", "keep_both")
    (group,) = (await card("duplicates", "--how", "file", "--json")).json["items"]
    assert (group["how"], len(group["cards"])) == ("file", 2)
    kin = (await card("duplicates", shelf["Cy"], "--json")).json["items"]
    assert [one["card"]["name"] for one in kin if one["how"] == "file"] == ["Cy"]
    assert "file" in (await card("duplicates")).out.decode()


async def test_a_character_is_made_of_a_card_and_kept_in_step(card: Card, shelf: dict[str, str]) -> None:
    assert (await card("character", shelf["Jonas"])).refusal is not None
    made = await card("character", shelf["Jonas"], "--make", "--json")
    assert made.code == 0, made.said
    assert (made.json["name"], made.json["in_step"]) == ("Jonas", True)
    await card("edit", shelf["Jonas"], "scenario=A library in winter.")
    assert (await card("character", shelf["Jonas"], "--json")).json["card_changed"]
    after = (await card("character", shelf["Jonas"], "--take", "character", "--json")).json
    assert after["in_step"]


async def test_a_card_is_shown_with_its_findings(card: Card, shelf: dict[str, str]) -> None:
    done = await card("show", shelf["Mira"])
    assert "score" in done.out.decode()
    whole = (await card("show", shelf["Mira"], "--json")).json
    assert whole["lint"]["score"] == whole["card"]["score"]
