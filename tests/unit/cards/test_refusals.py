"""What policy refuses is refused on every way in, and the refusal stays in the trail although the request is undone."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from ainfluencer.accounts.models import AuditEntry
from ainfluencer.cards import service
from ainfluencer.cards.api import router as cards_router
from ainfluencer.characters.models import Character
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import PolicyRefused
from ainfluencer.db.session import Database
from ainfluencer.media import storage
from tests.support.cards import cards
from tests.support.clients import client_for, small_app

REFUSED = json.dumps(cards.v2(description="Ada is 15 years old.", tags=["nsfw"])).encode()


async def test_a_refusal_outlives_the_request(db: Database, owner: Actor) -> None:
    async with client_for(small_app(cards_router), owner) as client:
        answer = await client.post("/api/v2/characters/import", files={"file": ("../x/ada.json", REFUSED)})
    assert (answer.status_code, answer.json()["code"]) == (409, "minor_sexual")
    async with db.reading() as session:
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "card.refused"))).one()
        assert (await session.scalars(select(Character))).all() == []
    assert (entry.subject_kind, entry.subject_id) == ("card", storage.sha256(REFUSED))
    assert (entry.actor_id, entry.workspace_id) == (owner.user_id, owner.workspace_id)
    assert entry.details == {"code": "minor_sexual", "filename": "ada.json", "size_bytes": len(REFUSED)}
    assert "15" not in json.dumps(entry.details | {"size_bytes": 0})


async def test_an_ordinary_mistake_leaves_no_trace(db: Database, owner: Actor) -> None:
    async with client_for(small_app(cards_router), owner) as client:
        assert (await client.post("/api/v2/characters/import", data={"text": "someone"})).status_code == 422
    async with db.reading() as session:
        assert (await session.scalars(select(AuditEntry).where(AuditEntry.action == "card.refused"))).all() == []


def test_what_a_card_carries_for_its_character_is_judged_too() -> None:
    words = {"name": "Ada", "age": 15, "bio": "Ada is horny.", "look": {"negative_prompt": "nsfw"}}
    card = cards.v2(extensions={"ainfluencer": {"character": words | {"greeting": "Moans loudly."}}})
    with pytest.raises(PolicyRefused):
        service.read_source(json.dumps(card).encode(), "ada.json")
    card["data"]["extensions"]["ainfluencer"]["character"] = words | {"bio": "Ada paints."}
    assert service.read_source(json.dumps(card).encode(), "ada.json").rating == "safe"


def test_briefs_are_judged_as_cards_are() -> None:
    with pytest.raises(PolicyRefused) as refused:
        service.read_source(b"name: Ada\nage: 15\ntags: [nsfw]\nabout: Ada paints.")
    assert refused.value.reason == "minor_sexual"
    assert service.read_source(b"name: Ada\nage: 15\nabout: Ada paints.").rating == "safe"
    assert service.read_source(b"name: Ada\nage: 30\ntags: [nsfw]\nabout: Ada paints.").rating == "explicit"
