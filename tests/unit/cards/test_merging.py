"""Another edit of a card brought into it: differences decided one by one, the base found, pages and API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ainfluencer.accounts.models import Workspace
from ainfluencer.cards.api import router as cards_router
from ainfluencer.cards.comparing.choosing import Choosing
from ainfluencer.cards.library.pages.states import pieces
from ainfluencer.cards.pages import router as pages
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.session import Database
from tests.conftest import person
from tests.support.cards import cards
from tests.support.clients import client_for, small_app
from tests.support.pages import HTMX, browsing, page_app
from tests.unit.cards.test_library_keeping import picture_card

BASE: dict[str, Any] = {"description": "Sails.", "personality": "Calm.", "tags": ["sea"]}


def card(**changes: Any) -> dict[str, Any]:
    return cards.v2(**(BASE | changes))


def decided(
    ours: dict[str, Any], theirs: dict[str, Any], base: dict[str, Any] | None = None, **choices: str
) -> Choosing:
    merging = Choosing(choices)
    merging.made = merging.cards(card() if base is None else base, ours, theirs)["data"]  # type: ignore[attr-defined]
    return merging


def kinds(merging: Choosing) -> dict[str, tuple[str, str]]:
    return {one.field: (one.kind, one.side) for one in merging.decisions}


@pytest.mark.parametrize("word", ["x ", "She waits by the harbour wall. ", "海"])
def test_long_texts_are_compared_at_once(word: str) -> None:
    old = (word * 20_000)[:15_000]
    new = f"{old[:5000]}Ada{old[5005:]}"
    left, right = pieces(old, new)
    assert ("".join(text for _, text in left), "".join(text for _, text in right)) == (old, new)


# -- the decisions --


def test_what_one_side_changed_is_taken_and_conflicts_stay_open() -> None:
    merging = decided(
        card(description="Sails at dawn.", personality="Loud."),
        card(description="Sails at night.", scenario="A storm."),
    )
    assert kinds(merging) == {
        "description": ("conflict", ""),
        "scenario": ("theirs", "theirs"),
        "personality": ("ours", "ours"),
    }
    assert [one.field for one in merging.clashes] == ["description"]
    assert merging.decisions[0].field == "description"  # conflicts first


def test_a_choice_wins_over_what_would_be_taken() -> None:
    merging = decided(
        card(description="Sails at dawn."), card(description="Sails at night.", scenario="A storm."),
        description="theirs", scenario="ours",
    )  # fmt: skip
    assert merging.clashes == []
    made = merging.made  # type: ignore[attr-defined]
    assert (made["description"], made["scenario"]) == ("Sails at night.", card()["data"]["scenario"])


def test_tags_of_both_are_joined_and_one_side_may_be_had_alone() -> None:
    ours, theirs = card(tags=["sea", "calm"]), card(tags=["sea", "storm"])
    assert kinds(decided(ours, theirs)) == {"tags": ("both", "both")}
    assert decided(ours, theirs).made["tags"] == ["sea", "calm", "storm"]  # type: ignore[attr-defined]
    assert decided(ours, theirs, tags="theirs").made["tags"] == ["sea", "storm"]  # type: ignore[attr-defined]


def test_each_lore_entry_is_a_decision_of_its_own() -> None:
    def book(*contents: str) -> dict[str, Any]:
        return {"entries": [cards.entry(n, id=n, content=text) for n, text in enumerate(contents, 1)]}

    merging = decided(
        card(character_book=book("a", "b changed here")),
        card(character_book=book("a changed there", "b changed there", "new")),
        card(character_book=book("a", "b")),
    )
    found = {field.split("entries")[1]: kind for field, (kind, _) in kinds(merging).items()}
    assert found == {"[id:1].content": "theirs", "[id:2].content": "conflict", "[id:3]": "theirs"}
    texts = [one["content"] for one in merging.made["character_book"]["entries"]]  # type: ignore[attr-defined]
    assert texts == ["a changed there", "b changed here", "new"]


def test_without_a_base_every_difference_of_two_texts_is_a_conflict() -> None:
    merging = decided(card(personality=""), card(description="Swims.", personality="Brave."), {})
    assert kinds(merging) == {"description": ("conflict", ""), "personality": ("theirs", "theirs")}


@pytest.mark.parametrize("choices", [{"name": "theirs"}, {"description": "both"}, {"description": "mine"}])
def test_a_choice_that_cannot_be_meant(choices: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        decided(card(description="Sails at dawn."), card(description="Sails at night."), None, **choices).check()


# -- over the API --


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(small_app(cards_router), owner) as made:
        yield made


@pytest.fixture
async def browser(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(page_app(pages), owner) as made:
        yield made


async def add(client: httpx.AsyncClient, **changes: Any) -> str:
    answer = await client.post(
        "/api/v2/cards", files={"file": ("mira.png", picture_card(**(BASE | changes)))}, data={"on_same": "keep_both"}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["card"]["id"])


async def edit(client: httpx.AsyncClient, card_id: str, rev: int, **fields: Any) -> None:
    answer = await client.patch(f"/api/v2/cards/{card_id}", json={"rev": rev, "set": fields})
    assert answer.status_code == 200, answer.text


async def plan(client: httpx.AsyncClient, card_id: str, **params: Any) -> Any:
    answer = await client.get(f"/api/v2/cards/{card_id}/merge", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def field(client: httpx.AsyncClient, card_id: str, name: str) -> Any:
    return (await client.get(f"/api/v2/cards/{card_id}/fields")).json()["data"][name]


async def test_two_cards_that_came_as_one_file_know_their_base(client: httpx.AsyncClient) -> None:
    mine, other = await add(client), await add(client)
    await edit(client, mine, 1, description="Sails at dawn.")
    await edit(client, other, 1, description="Sails at night.", scenario="A storm.")
    told = await plan(client, mine, theirs=other)
    assert (told["base"], told["base_how"]) == ("1", "same")
    assert [(one["field"], one["kind"]) for one in told["decisions"]] == [
        ("description", "conflict"),
        ("scenario", "theirs"),
    ]
    body = {"rev": told["rev"], "theirs": other, "seen": told["seen"]}
    refused = await client.post(f"/api/v2/cards/{mine}/merge", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "merge_conflicts")
    done = await client.post(f"/api/v2/cards/{mine}/merge", json=body | {"choices": {"description": "theirs"}})
    assert done.status_code == 200, done.text
    assert done.json()["version"] == 3
    assert await field(client, mine, "description") == "Sails at night."
    assert await field(client, mine, "scenario") == "A storm."
    versions = (await client.get(f"/api/v2/cards/{mine}/versions")).json()["items"]
    assert versions[0]["reason"] == "merged"


async def test_an_edited_file_finds_the_version_that_it_comes_from(client: httpx.AsyncClient) -> None:
    mine = await add(client)
    await edit(client, mine, 1, description="Sails at dawn.")
    file = ("copy.json", json.dumps(cards.v2(**BASE | {"scenario": "A storm."})).encode())
    side = (await client.post(f"/api/v2/cards/{mine}/merge/files", files={"file": file})).json()["theirs"]
    told = await plan(client, mine, theirs=side)
    assert (told["base"], told["base_how"]) == ("1", "near")
    assert {one["field"]: one["side"] for one in told["decisions"]}["scenario"] == "theirs"
    assert {one["field"]: one["side"] for one in told["decisions"]}["description"] == "ours"
    bad = await client.post(f"/api/v2/cards/{mine}/merge/files", files={"file": ("x.json", b"{}")})
    assert bad.status_code == 422


async def test_a_stranger_has_no_base(client: httpx.AsyncClient) -> None:
    texts = {"description": "A wizard.", "personality": "Grim.", "scenario": "A tower.", "first_mes": "Begone."}
    mine, other = await add(client), await add(client, name="Zed", mes_example="", **texts)
    told = await plan(client, mine, theirs=other)
    assert (told["base"], told["base_how"]) == ("none", "none")
    assert {one["field"]: one["kind"] for one in told["decisions"]}["description"] == "conflict"


async def test_an_old_change_comes_in_once_more(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    mine = await add(client)
    await edit(client, mine, 1, scenario="A storm.")
    rev = 2
    restored = await client.post(f"/api/v2/cards/{mine}/versions/1/restoration", json={"rev": rev})
    assert restored.status_code == 200, restored.text
    told = await plan(client, mine, theirs="2")
    assert (told["base"], told["base_how"]) == ("1", "before")
    body = {"rev": told["rev"], "theirs": "2"}
    assert (await client.post(f"/api/v2/cards/{mine}/merge", json=body)).status_code == 200
    assert await field(client, mine, "scenario") == "A storm."


async def test_what_moved_on_meanwhile_is_not_merged_blindly(client: httpx.AsyncClient) -> None:
    mine, other = await add(client), await add(client)
    await edit(client, other, 1, scenario="A storm.")
    told = await plan(client, mine, theirs=other)
    await edit(client, other, 2, scenario="A calm.")
    body = {"rev": told["rev"], "theirs": other, "seen": told["seen"]}
    answer = await client.post(f"/api/v2/cards/{mine}/merge", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    await edit(client, mine, 1, personality="Loud.")
    answer = await client.post(f"/api/v2/cards/{mine}/merge", json=body | {"seen": ""})
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")


async def test_another_workspaces_card_and_file_are_no_side(db: Database, client: httpx.AsyncClient) -> None:
    mine = await add(client)
    side = await client.post(f"/api/v2/cards/{mine}/merge/files", files={"file": ("a.png", picture_card())})
    async with db.writing() as session:
        other = Workspace(name="Elsewhere")
        session.add(other)
    eve = await person(db, other, "Eve", Role.OWNER)
    async with client_for(small_app(cards_router), eve) as theirs:
        own = await add(theirs)
        for one in (mine, side.json()["theirs"], "file:../../x"):
            answer = await theirs.get(f"/api/v2/cards/{own}/merge", params={"theirs": one})
            assert answer.status_code == 404, one


# -- pages --


async def test_the_page_offers_other_sides(browser: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    mine, other = await add(client), await add(client, name="Mira the second")
    page = (await browser.get(f"/cards/{mine}/merge")).text
    assert f"/cards/{mine}/merge?theirs={other}" in page
    found = await browser.get(f"/cards/{mine}/merge", params={"q": "second"}, headers=HTMX)
    assert "Mira the second" in found.text
    assert "<html" not in found.text
    assert "No other card matches" in (await browser.get(f"/cards/{mine}/merge", params={"q": "zebra"})).text


async def test_a_merge_on_the_page(browser: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    mine, other = await add(client), await add(client)
    await edit(client, mine, 1, description="Sails at dawn.")
    await edit(client, other, 1, description="Sails at night <b>.")
    page = (await browser.get(f"/cards/{mine}/merge", params={"theirs": other})).text
    assert "Both changed it" in page
    assert "&lt;b&gt;" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    form = {"rev": "2", "theirs": other, "base": "1", "seen": seen}
    open_one = await browser.post(f"/cards/{mine}/merge", data=form)
    assert open_one.status_code == 422
    assert "1 conflict is still open" in open_one.text
    done = await browser.post(f"/cards/{mine}/merge", data=form | {"side:description": "theirs"})
    assert done.headers["location"] == f"/cards/{mine}"
    assert await field(client, mine, "description") == "Sails at night <b>."


async def test_a_file_is_merged_on_the_page(browser: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    mine = await add(client)
    sent = {"file": ("copy.png", picture_card(**BASE | {"scenario": "Zeppelins."}))}
    place = (await browser.post(f"/cards/{mine}/merge/files", files=sent)).headers["location"]
    page = (await browser.get(place)).text
    assert "Zeppelins" in page
    assert "They changed it" in page
    assert "No difference" in (await browser.get(f"/cards/{mine}/merge", params={"theirs": "1"})).text


async def test_a_viewer_looks_and_cannot_save(db: Database, workspace: Workspace, client: httpx.AsyncClient) -> None:
    mine, other = await add(client), await add(client, scenario="Zeppelins.")
    viewer = await person(db, workspace, "Vi", Role.VIEWER)
    async with browsing(page_app(pages), viewer) as theirs:
        page = await theirs.get(f"/cards/{mine}/merge", params={"theirs": other})
        assert "Zeppelins" in page.text
        assert "Save as a new version" not in page.text
        form = {"rev": "1", "theirs": other}
        assert (await theirs.post(f"/cards/{mine}/merge", data=form)).status_code == 403
