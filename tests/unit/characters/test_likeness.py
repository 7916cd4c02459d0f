"""Pictures and consents through the page: who says what, what is missing, and what it blocks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest
from PIL import Image

from ainfluencer.characters import queries, service
from ainfluencer.characters.models import Character, Consent
from ainfluencer.characters.pages import router as pages
from ainfluencer.characters.schemas import CharacterDraft
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from tests.support.pages import HTMX, browsing, page_app

TOMORROW = (clock.now() + timedelta(days=1)).date()


def png(colour: str = "teal") -> bytes:
    out = BytesIO()
    Image.new("RGB", (60, 90), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    async with browsing(page_app(pages), owner) as made:
        yield made


@pytest.fixture
async def mira(db: Database, owner: Actor) -> Character:
    async with db.writing() as session:
        return await service.create(session, owner, CharacterDraft(name="Mira", timezone="Europe/Lisbon"))


async def state(db: Database, owner: Actor, character: Character) -> tuple[str | None, list[Consent]]:
    async with db.reading() as session:
        row = await queries.get(session, owner, character.id)
        return row.picture_file_id, await queries.list_consents(session, owner, character.id)


async def test_a_picture_is_taken_replaced_and_removed(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: Character
) -> None:
    where = f"/characters/{mira.id}"
    assert "No consent on record" in (await client.get(where)).text
    set_first = await client.post(f"{where}/picture", data={"kind": "synthetic"}, files={"picture": ("a.png", png())})
    assert set_first.status_code == 303
    first, consents = await state(db, owner, mira)
    assert first
    assert [c.kind for c in consents] == ["synthetic"]
    shown = (await client.get(where)).text
    assert f"/media/{first}/480.webp" in shown
    assert "Replace the picture" in shown
    # Another picture under the statement that holds: no second record.
    await client.post(f"{where}/picture", data={"kind": "keep"}, files={"picture": ("b.png", png("coral"))})
    second, consents = await state(db, owner, mira)
    assert second not in {None, first}
    assert len(consents) == 1
    assert (await client.post(f"{where}/picture/removal")).status_code == 303
    assert (await state(db, owner, mira))[0] is None
    told = (await client.get(f"{where}?tab=activity")).text
    assert "Profile picture removed" in told
    assert "somebody invented" in told


@pytest.mark.parametrize(
    ("data", "files", "words"),
    [
        ({"kind": "synthetic"}, {}, "There is no picture yet"),
        ({"kind": "synthetic"}, {"picture": ("a.png", b"not a picture")}, "This file is no picture"),
        ({"kind": "synthetic"}, {"picture": ("a.png", png()[:60])}, "broken or cut off"),
        ({"kind": "whoever"}, {"picture": ("a.png", png())}, "Whose face is it"),
        ({"kind": "named_person"}, {"picture": ("a.png", png())}, "Add the person’s name"),
        ({"kind": "named_person", "person_name": "Noor"}, {"picture": ("a.png", png())}, "signed permission"),
        (
            {"kind": "named_person", "person_name": "Noor", "expires_on": "some day"},
            {"picture": ("a.png", png())},
            "is not a day",
        ),
        (
            {"kind": "named_person", "person_name": "Noor", "expires_on": "2020-01-01"},
            {"picture": ("a.png", png()), "proof": ("p.pdf", b"%PDF-1.7")},
            "already ended",
        ),
    ],
)
async def test_mistakes_stand_in_the_form_and_leave_nothing(
    client: httpx.AsyncClient,
    db: Database,
    owner: Actor,
    mira: Character,
    data: dict[str, str],
    files: dict[str, tuple[str, bytes]],
    words: str,
) -> None:
    refused = await client.post(f"/characters/{mira.id}/picture", data=data, files=files, headers=HTMX)
    assert refused.status_code == 422
    assert refused.text.lstrip().startswith('<div id="likeness-form"')
    assert words in refused.text.replace("&#39;", "’")
    assert await state(db, owner, mira) == (None, [])


async def test_a_named_person_with_proof_until_a_day(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: Character
) -> None:
    data = {"kind": "named_person", "person_name": "Noor Haddad", "expires_on": TOMORROW.isoformat()}
    files = {"picture": ("a.png", png()), "proof": ("permission.pdf", b"%PDF-1.7 signed")}
    assert (await client.post(f"/characters/{mira.id}/picture", data=data, files=files)).status_code == 303
    _, (consent,) = await state(db, owner, mira)
    assert consent.expires_at
    assert consent.expires_at.astimezone(UTC) > datetime.combine(TOMORROW, datetime.min.time(), UTC)
    shown = (await client.get(f"/characters/{mira.id}")).text
    assert "Named person: Noor Haddad" in shown
    assert f"/media/{consent.proof_file_id}?download=true" in shown


async def test_a_revoked_consent_is_told_with_what_it_blocks(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: Character
) -> None:
    where = f"/characters/{mira.id}"
    assert (await client.post(f"{where}/consents", data={"kind": "own", "statement": "It is me."})).status_code == 303
    _, (consent,) = await state(db, owner, mira)
    assert (consent.kind, consent.statement) == ("own", "It is me.")
    assert (await client.post(f"{where}/consents/{consent.id}/revocation")).status_code == 303
    shown = (await client.get(where)).text
    assert "The consent has ended" in shown
    assert "No picture can be added" in shown
    refused = await client.post(f"{where}/picture", data={"kind": "keep"}, files={"picture": ("a.png", png())})
    assert refused.status_code == 409  # the statement that is to be kept holds no more
    again = await client.post(f"{where}/consents", data={"kind": "named_person"}, headers=HTMX)
    assert again.status_code == 422


async def test_the_form_is_a_page_or_a_dialog(client: httpx.AsyncClient, mira: Character) -> None:
    for way in ("picture", "consents"):
        page = (await client.get(f"/characters/{mira.id}/{way}")).text
        assert page.count("<h1") == 1
        dialog = (await client.get(f"/characters/{mira.id}/{way}", headers=HTMX)).text
        assert dialog.lstrip().startswith("<dialog")
        assert "data-arrives" in dialog
        assert ('type="file" name="picture"' in dialog) == (way == "picture")
