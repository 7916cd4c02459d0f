"""Cards in the library: kept as they came, versions by edits, nothing overwritten, nothing lost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from ainfluencer.cards import queries, service
from ainfluencer.cards.models import CardTag, CardText, CardVersion
from ainfluencer.cards.reading import png
from ainfluencer.cards.saving.png import is_card_text
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound, PolicyRefused
from ainfluencer.db.session import Database
from tests.support.cards import cards, pngs


def picture_card(colour: str = "teal", **changes: Any) -> bytes:
    """A real picture with a V2 card behind its pixels."""
    out = BytesIO()
    Image.new("RGB", (64, 96), colour).save(out, "PNG")
    whole = out.getvalue()
    return whole[:-12] + pngs.text("chara", pngs.b64(cards.v2(**changes))) + pngs.END


def chunks(data: bytes) -> list[bytes]:
    """The chunks of a PNG that hold no card."""
    return [data[piece.offset : piece.end] for piece in png.chunks(data) if not is_card_text(data, piece)]


async def added(db: Database, owner: Actor, data: bytes, filename: str = "mira.png", **options: Any) -> str:
    async with db.writing() as session:
        return (await service.add(session, owner, data, filename, **options)).row.id


async def edited(db: Database, owner: Actor, card_id: str, **fields: Any) -> int:
    async with db.writing() as session:
        row = await queries.get(session, owner, card_id)
        return (await service.edit(session, owner, card_id, rev=row.rev, set=fields)).version


async def test_a_card_is_listed_with_what_it_says(db: Database, owner: Actor) -> None:
    book = {"entries": [cards.entry(n) for n in range(3)]}
    card_id = await added(
        db, owner, picture_card(name="Mira", creator="Ada", tags=["Sea", "Déjà Vu"], character_book=book)
    )
    async with db.reading() as session:
        row = await queries.get(session, owner, card_id)
        tags = set(await session.scalars(select(CardTag.tag).where(CardTag.card_id == card_id)))
        words = await session.scalar(select(CardText.words).where(CardText.card_id == card_id)) or ""
    assert (row.name, row.creator, row.container, row.spec) == ("Mira", "Ada", "png", "v2")
    assert (row.lorebook_entries, row.version, row.rev) == (3, 1, 1)
    assert row.permanent_tokens > 0
    assert 0 < row.score <= 100
    assert row.picture_file_id
    assert tags == {"sea", "deja vu"}
    assert "mira" in words.split()


async def test_an_unedited_version_is_the_file_that_came(db: Database, owner: Actor) -> None:
    data = picture_card()
    card_id = await added(db, owner, data)
    async with db.reading() as session:
        file = await service.version_file(session, owner, card_id)
    assert (file.data, file.filename, file.mime) == (data, "mira.png", "image/png")


async def test_an_edit_keeps_the_picture_and_what_it_does_not_touch(db: Database, owner: Actor) -> None:
    data = picture_card(name="Mira", extensions={"odd": 9007199254740993, "one": 1.0})
    card_id = await added(db, owner, data)
    assert await edited(db, owner, card_id, description="She sails at night.") == 2
    async with db.reading() as session:
        found = await service.read(session, owner, card_id)
        first = await service.version_file(session, owner, card_id, 1)
    assert found.opened.card.description == "She sails at night."
    assert b"9007199254740993" in found.opened.payload.text
    assert b"1.0" in found.opened.payload.text
    assert chunks(found.opened.data) == chunks(data)
    assert found.version.fields == ["description"]
    assert first.data == data


async def test_edits_of_one_person_within_minutes_are_one_version(db: Database, owner: Actor) -> None:
    card_id = await added(db, owner, picture_card())
    assert await edited(db, owner, card_id, description="One.") == 2
    assert await edited(db, owner, card_id, scenario="Two.") == 2
    async with db.writing() as session:
        row = await queries.get(session, owner, card_id)
        version = await queries.current(session, owner, row)
        assert version.fields == ["description", "scenario"]
        assert row.rev == 3
        version.created_at = clock.now() - timedelta(minutes=16)
    assert await edited(db, owner, card_id, scenario="Three.") == 3
    async with db.reading() as session:
        assert (await service.read(session, owner, card_id, 2)).opened.card.scenario == "Two."
        assert (await service.read(session, owner, card_id)).opened.card.scenario == "Three."


async def test_a_version_that_was_handed_out_stays_as_it_is(db: Database, owner: Actor) -> None:
    card_id = await added(db, owner, picture_card())
    await edited(db, owner, card_id, description="One.")
    async with db.writing() as session:
        row = await queries.get(session, owner, card_id)
        (await queries.current(session, owner, row)).is_sealed = True
    assert await edited(db, owner, card_id, description="Two.") == 3


async def test_somebody_who_looks_at_an_old_revision_is_told(db: Database, owner: Actor) -> None:
    card_id = await added(db, owner, picture_card())
    await edited(db, owner, card_id, description="One.")
    async with db.writing() as session:
        with pytest.raises(Conflict) as refusal:
            await service.edit(session, owner, card_id, rev=1, set={"description": "Two."})
    assert refusal.value.reason == "changed_meanwhile"


async def test_an_edit_brings_the_measures_up_to_date(db: Database, owner: Actor) -> None:
    card_id = await added(db, owner, picture_card(name="Mira", tags=["sea"]))
    async with db.reading() as session:
        before = await queries.get(session, owner, card_id)
    await edited(db, owner, card_id, name="Mira Vale", tags=["harbour"], description="She walks the long pier. " * 30)
    async with db.reading() as session:
        row = await queries.get(session, owner, card_id)
        tags = list(await session.scalars(select(CardTag.tag).where(CardTag.card_id == card_id)))
        text = await session.scalar(select(CardText.words).where(CardText.card_id == card_id)) or ""
    assert (row.name, row.name_key, tags) == ("Mira Vale", "mira vale", ["harbour"])
    assert row.permanent_tokens > before.permanent_tokens
    assert row.picture_file_id == before.picture_file_id
    assert "pier" in text


async def test_an_edit_that_changes_nothing_makes_no_version(db: Database, owner: Actor) -> None:
    card_id = await added(db, owner, picture_card(description="She sails."))
    assert await edited(db, owner, card_id, description="She sails.") == 1


async def test_an_unknown_field_is_refused(db: Database, owner: Actor) -> None:
    card_id = await added(db, owner, picture_card())
    with pytest.raises(InvalidInput):
        await edited(db, owner, card_id, descriptoin="x")


async def test_the_same_name_never_overwrites(db: Database, owner: Actor) -> None:
    one = await added(db, owner, picture_card(name="Mira", description="One."))
    two = await added(db, owner, picture_card(name="Mira", description="Two."))
    assert one != two


@pytest.mark.parametrize(
    ("on_same", "outcome", "versions"), [("skip", "skipped", 1), ("new_version", "new_version", 2)]
)
async def test_a_person_chooses_what_happens_to_the_same_name(
    db: Database, owner: Actor, on_same: str, outcome: str, versions: int
) -> None:
    one = await added(db, owner, picture_card(name="Mira", description="One."))
    async with db.writing() as session:
        made = await service.add(
            session, owner, picture_card(name="MIRA", description="Two."), "m.png", on_same=on_same
        )
        assert (made.row.id, made.outcome, made.row.version) == (one, outcome, versions)


async def test_the_same_file_makes_no_version_of_itself(db: Database, owner: Actor) -> None:
    await added(db, owner, picture_card())
    async with db.writing() as session:
        made = await service.add(session, owner, picture_card(), "again.png", on_same="new_version")
    assert (made.outcome, made.row.version) == ("skipped", 1)


@pytest.mark.parametrize(
    ("on_same", "outcomes", "versions"),
    [
        ("keep_both", ["added"] * 4, [1, 1, 1, 1]),
        ("skip", ["added", "skipped", "skipped", "added"], [1, 1]),
        ("new_version", ["added", "new_version", "skipped", "added"], [2, 1]),
    ],
)
async def test_files_of_one_import_are_compared_with_each_other(
    db: Database, owner: Actor, on_same: str, outcomes: list[str], versions: list[int]
) -> None:
    files = [
        picture_card(name="Mira"),
        picture_card("red", name="MIRA", description="Older now."),
        picture_card(name="Mira") if on_same == "skip" else picture_card("blue", name="MIRA", description="Older now."),
        picture_card(name="Jonas"),
    ]
    examined = [service.examine(data, f"{place}.png") for place, data in enumerate(files)]
    async with db.writing() as session:
        added = await service.keep_many(session, owner, examined, on_same=service.OnSame(on_same))
    assert [one.outcome for one in added] == outcomes
    rows = {one.row.id: one.row for one in added}
    assert [row.version for row in rows.values()] == versions
    assert all(row.picture_file_id for row in rows.values())


async def test_a_card_in_a_read_only_file_is_edited_as_a_picture(db: Database, owner: Actor) -> None:
    out, exif = BytesIO(), Image.Exif()
    exif[0x9286] = b"ASCII\0\0\0" + json.dumps(cards.v1(name="Mira")).encode()
    Image.new("RGB", (64, 96), "teal").save(out, "WEBP", exif=exif)
    card_id = await added(db, owner, out.getvalue(), "mira.webp")
    assert await edited(db, owner, card_id, description="She sails.") == 2
    async with db.reading() as session:
        row = await queries.get(session, owner, card_id)
        old = await service.version_file(session, owner, card_id, 1)
        new = await service.read(session, owner, card_id)
    assert (row.container, old.mime) == ("png", "image/webp")
    assert new.opened.card.description == "She sails."


async def test_a_second_edit_of_a_yaml_card_builds_on_the_first(db: Database, owner: Actor) -> None:
    data = b"name: Mira\ncontext: She sails.\ngreeting: Hello.\n# kept\n"
    card_id = await added(db, owner, data, "mira.yaml")
    await edited(db, owner, card_id, description="She rows.")
    await edited(db, owner, card_id, first_mes="Ahoy.")
    async with db.reading() as session:
        found = await service.read(session, owner, card_id)
    assert (found.opened.card.description, found.opened.card.first_mes) == ("She rows.", "Ahoy.")
    assert b"# kept" in found.opened.data


async def test_an_edit_may_not_make_what_may_not_come_in(db: Database, owner: Actor) -> None:
    card_id = await added(db, owner, picture_card(description="She is 12 years old."))
    with pytest.raises(PolicyRefused):
        await edited(db, owner, card_id, tags=["nsfw"], scenario="Explicit erotic scenes, hentai.")


async def test_nobody_else_sees_a_card(db: Database, owner: Actor) -> None:
    stranger = replace(owner, workspace_id="0" * 26)
    card_id = await added(db, owner, picture_card())
    async with db.reading() as session:
        with pytest.raises(NotFound):
            await service.read(session, stranger, card_id)


async def test_an_imported_character_has_a_card_in_the_library(db: Database, owner: Actor) -> None:
    data = json.dumps(cards.v2(name="Mira")).encode()
    card_id = await added(db, owner, data, "mira.json")
    async with db.writing() as session:
        character = await service.import_source(session, owner, service.read_source(data, "mira.json"), None)
    async with db.reading() as session:
        rows = await queries.list_for_character(session, owner, character.id)
        versions = list(await session.scalars(select(CardVersion.number)))
    assert [row.id for row in rows] == [card_id]
    assert versions == [1]
