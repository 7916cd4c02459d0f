"""A card with halves of characters, NULs and numbers beyond every limit is accepted, so every page and answer about it comes."""

from __future__ import annotations

import json

import pytest

from ainfluencer.cards import service
from ainfluencer.cards.api import router as api
from ainfluencer.cards.pages import router as pages
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from tests.support.cards import cards
from tests.support.pages import browsing, page_app

ENTRY = {"keys": ["a\ud800"], "content": "c\0", "id": "\ud800", "extensions": {"\ud800": "\udc00"}}
CARD = json.dumps(
    cards.v3(
        extensions={"\ud800": "\udc00", "n\0": "N"},
        nickname="\ud800",
        creator_notes_multilingual={"\ud800": "x\0"},
        assets=[{"type": "icon", "uri": "embeded://\ud800", "name": "n", "ext": "\0"}],
        character_book={"name": "\ud800", "entries": [ENTRY, "\ud800"]},
    )
).replace('"N"', "[NaN, 1e400]")
PAGES = ("", "/edit", "/diff", "/merge?theirs=1", "/merge?theirs={other}&base=none")
ANSWERS = ("", "/fields", "/content", "/lint", "/assets", "/diff?other={other}", "/merge?theirs={other}&base=none")


async def test_every_page_and_answer_about_it_comes(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        card = (await service.add(session, owner, CARD.encode(), "a.json")).row.id
        other = (await service.add(session, owner, json.dumps(cards.v1(name="N\ud800")).encode(), "b.json")).row.id
    async with browsing(page_app(pages, api), owner) as browser:
        for path in [f"/cards/{card}{one}" for one in PAGES] + [f"/api/v2/cards/{card}{one}" for one in ANSWERS]:
            answer = await browser.get(path.format(other=other))
            assert answer.status_code == 200, path
            told = answer.content.decode("utf-8")
            if path.startswith("/api"):
                json.loads(told, parse_constant=pytest.fail)
