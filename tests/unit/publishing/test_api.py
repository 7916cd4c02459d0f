"""Posts over the API: lists, edits, approvals, schedules, withdrawals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.publishing import api
from tests.support import posting
from tests.support.clients import client_for, small_app
from tests.support.doubles import Platform
from tests.support.people import add_person, second_workspace


async def _ask(actor: Actor, method: str, path: str, body: Any = None) -> httpx.Response:
    async with client_for(small_app(api.router), actor) as client:
        return await client.request(method, f"/api/v2/posts{path}", json=body)


def _in(**span: float) -> str:
    return clock.from_now(**span).isoformat()


@pytest.fixture
async def channel(db: Database, owner: Actor, platform: Platform) -> str:
    return await posting.add_channel(db, owner, "pier", platform.url)


async def _new(owner: Actor, mira: str, channel: str, **more: Any) -> dict[str, Any]:
    body = {"character_id": mira, "caption": "Dawn.", "channel_ids": [channel], "timezone": "Europe/Lisbon", **more}
    answer = await _ask(owner, "POST", "", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_post_from_review_to_schedule_and_back(owner: Actor, mira: str, channel: str) -> None:
    made = await _new(owner, mira, channel)
    assert (made["state"], made["variants"][0]["text"]) == ("in_review", "Dawn.\n\nMade with AI.")
    path = f"/{made['id']}"
    assert (await _ask(owner, "PUT", f"{path}/schedule", {"due_at": _in(hours=1)})).status_code == 409
    assert (await _ask(owner, "POST", f"{path}/approval")).json()["state"] == "approved"
    planned = (await _ask(owner, "PUT", f"{path}/schedule", {"due_at": _in(hours=1), "slot_label": "Morning"})).json()
    assert (planned["state"], planned["slot_label"], planned["variants"][0]["delivery"]["state"]) == (
        "scheduled",
        "Morning",
        "scheduled",
    )
    assert (await _ask(owner, "PUT", f"{path}/schedule", {"due_at": _in(hours=-1)})).status_code == 422
    edited = (await _ask(owner, "PATCH", path, {"caption": "Dusk."})).json()
    assert (edited["state"], edited["variants"][0]["delivery"]["state"]) == ("in_review", "cancelled")
    assert (await _ask(owner, "GET", f"{path}/approval")).json()[0]["is_void"] is True
    assert (await _ask(owner, "POST", f"{path}/publication")).status_code == 409
    refused = await _ask(owner, "POST", f"{path}/rejection", {"reason": " "})
    assert refused.status_code == 422
    rejected = (await _ask(owner, "POST", f"{path}/rejection", {"reason": "Too dark"})).json()
    assert (rejected["state"], rejected["note"]) == ("rejected", "Too dark")


async def test_a_date_in_the_past_is_not_sent_by_an_approval(owner: Actor, mira: str, channel: str) -> None:
    made = await _new(owner, mira, channel, due_at=_in(hours=-2))
    done = (await _ask(owner, "POST", f"/{made['id']}/approval")).json()
    assert (done["state"], done["problem"]["code"]) == ("approved", "slot_passed")


async def test_bulk_approval_names_what_it_refuses(owner: Actor, mira: str, channel: str) -> None:
    good = await _new(owner, mira, channel, due_at=_in(days=1))
    bad = await _new(owner, mira, channel, caption="x" * 400)
    answer = (await _ask(owner, "POST", "/approvals", {"post_ids": [good["id"], bad["id"], "nope"]})).json()
    assert answer["done"] == [good["id"]]
    assert [row["code"] for row in answer["refused"]] == ["preflight_failed", "not_found"]
    assert (await _ask(owner, "GET", f"/{good['id']}")).json()["state"] == "scheduled"


async def test_lists_filter_and_page(owner: Actor, mira: str, channel: str) -> None:
    ids = [(await _new(owner, mira, channel, due_at=_in(days=n)))["id"] for n in (3, 1, 2)]
    edge = (clock.now() + timedelta(days=2, hours=1)).isoformat().replace("+", "%2B")
    page = (await _ask(owner, "GET", f"?due_to={edge}&limit=1")).json()
    rest = (await _ask(owner, "GET", f"?due_to={edge}&limit=1&cursor={page['next_cursor']}")).json()
    assert [row["id"] for row in page["items"] + rest["items"]] == [ids[1], ids[2]]
    assert rest["next_cursor"] is None
    assert (await _ask(owner, "GET", f"?state=draft&character={mira}")).json()["items"] == []
    assert len((await _ask(owner, "GET", f"?channel={channel}&q=dawn")).json()["items"]) == 3


async def test_cancel_delete_and_preflight(owner: Actor, mira: str, channel: str) -> None:
    made = await _new(owner, mira, channel, due_at=_in(days=1))
    path = f"/{made['id']}"
    await _ask(owner, "POST", f"{path}/approval")
    assert (await _ask(owner, "DELETE", path)).status_code == 409
    cancelled = (await _ask(owner, "POST", f"{path}/cancellation")).json()
    assert (cancelled["state"], cancelled["due_at"]) == ("approved", None)
    assert (await _ask(owner, "DELETE", path)).status_code == 204
    new = {"character_id": mira, "caption": "x" * 400, "channel_ids": [channel]}
    found = (await _ask(owner, "POST", "/preflight", new)).json()
    assert (found["ok"], found["problems"][0]["code"]) == (False, "text_too_long")
    assert (await _ask(owner, "GET", "")).json()["items"] == []


@pytest.mark.parametrize("post", [{"nonsense": True}, {"caption": 5}, {"due_at": "soon", "": []}])
async def test_a_batch_of_the_wrong_shape_is_refused_in_words(
    db: Database, owner: Actor, mira: str, channel: str, post: dict[str, Any]
) -> None:
    answer = await _ask(owner, "POST", "/batch", {"character_ids": [mira], "post": post, "channel_ids": {}})
    assert answer.status_code == 201
    (refused,) = answer.json()["refused"]
    assert (refused["id"], refused["code"]) == (mira, "validation_failed")
    assert "POST /api/v2/posts" in refused["next_step"]
    assert answer.json()["created"] == []


async def test_batch_for_several_characters(db: Database, owner: Actor, mira: str, channel: str) -> None:
    zoe = await posting.add_character(db, owner, "Zoe")
    body = {"character_ids": [mira, "nobody", zoe], "post": {"caption": "Hi.", "channel_ids": [channel]}}
    answer = (await _ask(owner, "POST", "/batch", body)).json()
    assert (len(answer["created"]), [row["id"] for row in answer["refused"]]) == (2, ["nobody"])


async def test_rights_and_strangers(db: Database, owner: Actor, workspace: Any, mira: str, channel: str) -> None:
    made = await _new(owner, mira, channel)
    maker = await add_person(db, workspace, "Niko", Role.CREATOR)
    assert (await _ask(maker, "POST", f"/{made['id']}/approval")).status_code == 403
    assert (await _ask(maker, "POST", f"/{made['id']}/withdrawal")).status_code == 403
    stranger = await second_workspace(db, "Ravi")
    assert (await _ask(stranger, "GET", f"/{made['id']}")).status_code == 404
    assert (await _ask(stranger, "GET", "")).json()["items"] == []
