"""Creating, changing and removing characters on a real database."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import Connection, event, insert, select

from ainfluencer.accounts.models import Workspace
from ainfluencer.characters import queries, service
from ainfluencer.characters.changes import CharacterChanges, LookChanges, NewCharacter, PersonaChanges, TraitChanges
from ainfluencer.characters.models import Character, Consent, LookRow, MaterialRow, PersonaRow
from ainfluencer.characters.schemas import (
    CharacterDraft,
    ConsentDraft,
    ConsentKind,
    Look,
    Material,
    MaterialKind,
    Persona,
    Status,
    Traits,
)
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, PolicyRefused
from ainfluencer.core.ids import new_id
from ainfluencer.db.session import Database
from ainfluencer.media import service as media
from ainfluencer.media.models import MediaFile
from tests.conftest import person

MIRA = CharacterDraft(
    name="Mira Vale",
    bio="Reads the tide before the news.",
    age=34,
    location="Ericeira",
    timezone="Europe/Lisbon",
    interests=("surfing", "Surfing", "tide tables"),
    persona=Persona(traits=Traits(humor=0.8), topics=("the sea",), language="pt"),
    look=Look(hair="salt-stiff brown", colours=("teal", "#f4e1c1")),
    material=(
        Material(kind=MaterialKind.QUOTE, text="The sea owes you nothing.", source="brief"),
        Material(
            kind=MaterialKind.LORE, text="A harbour with two lights.", source="lorebook: Harbour", keys=("harbour",)
        ),
    ),
)


async def made(db: Database, actor: Actor, draft: CharacterDraft = MIRA) -> Character:
    async with db.writing() as session:
        return await service.create(session, actor, draft)


async def stored_picture(db: Database, actor: Actor) -> MediaFile:
    out = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, "PNG")
    async with db.writing() as session:
        return await media.store(session, actor, out.getvalue(), filename="teal.png")


async def test_a_created_character_reads_back_as_a_sheet(db: Database, owner: Actor) -> None:
    character = await made(db, owner)
    async with db.reading() as session:
        sheet = await queries.sheet(session, owner, character.id)
    assert (sheet.name, sheet.handle, sheet.age, sheet.timezone) == ("Mira Vale", "mira_vale", 34, "Europe/Lisbon")
    assert sheet.interests == ("surfing", "tide tables")
    assert sheet.persona == MIRA.persona
    assert sheet.look == MIRA.look
    assert sheet.material == MIRA.material
    assert sheet.picture_path == ""


async def test_the_same_name_never_overwrites(db: Database, owner: Actor) -> None:
    first, second, third = [await made(db, owner) for _ in range(3)]
    assert [first.handle, second.handle, third.handle] == ["mira_vale", "mira_vale_2", "mira_vale_3"]
    async with db.reading() as session:
        page = await queries.list_characters(session, owner)
        found = await queries.find_by_handle(session, owner, "@Mira_Vale_2")
        assert found is not None
        assert found.id == second.id
    assert page.total == 3


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "🦊" * 300}, "name"),
        ({"name": " \u200b\u202e "}, "name"),
        ({"timezone": "Europe/Lissabon"}, "timezone"),
        ({"bio": "x" * 5001}, "bio"),
        ({"interests": tuple(f"thing {n}" for n in range(51))}, "interests"),
        ({"tags": ("x" * 81,)}, "tags"),
    ],
)
async def test_what_cannot_be_is_refused_by_field(
    db: Database, owner: Actor, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await made(db, owner, MIRA.model_copy(update=changed))
    assert refusal.value.field == field
    async with db.reading() as session:
        assert (await queries.list_characters(session, owner)).total == 0


async def test_a_change_keeps_what_is_left_out(db: Database, owner: Actor) -> None:
    character = await made(db, owner)
    changes = CharacterChanges(
        bio="New words",
        age=None,
        persona=PersonaChanges(traits=TraitChanges(creativity=0.9), content_tone="dry"),
        look=LookChanges(eyes="grey"),
    )
    async with db.writing() as session:
        await service.update(session, owner, character.id, changes)
    async with db.reading() as session:
        sheet = await queries.sheet(session, owner, character.id)
    assert (sheet.bio, sheet.age, sheet.location) == ("New words", None, "Ericeira")
    assert (sheet.persona.traits.creativity, sheet.persona.traits.humor) == (0.9, 0.8)
    assert (sheet.persona.content_tone, sheet.persona.topics) == ("dry", ("the sea",))
    assert (sheet.look.eyes, sheet.look.hair) == ("grey", "salt-stiff brown")
    assert sheet.handle == "mira_vale"


async def test_pause_delete_restore_erase(db: Database, owner: Actor) -> None:
    character = await made(db, owner)
    async with db.writing() as session:
        await service.pause(session, owner, character.id)
    async with db.writing() as session:
        paused = await service.resume(session, owner, character.id)
        assert (paused.status, paused.is_active) == (Status.ACTIVE, True)
        with pytest.raises(Conflict):
            await service.erase(session, owner, character.id)
        gone = await service.delete(session, owner, character.id)
        assert (gone.status, gone.is_active) == (Status.DELETED, False)
    async with db.reading() as session:
        assert await queries.find(session, owner, character.id) is None
        assert (await queries.counts(session, owner))["deleted"] == 1
        assert (await queries.list_characters(session, owner)).total == 0
        assert (await queries.list_characters(session, owner, status="deleted")).total == 1
    async with db.writing() as session:
        back = await service.restore(session, owner, character.id)
        assert (back.status, back.deleted_at) == (Status.PAUSED, None)
        await service.delete(session, owner, character.id)
        await service.erase(session, owner, character.id)
    async with db.reading() as session:
        for table in (Character, PersonaRow, LookRow, MaterialRow, Consent):
            assert (await session.execute(table.__table__.select())).all() == []


async def test_search_ignores_case_beyond_ascii_and_pages(db: Database, owner: Actor) -> None:
    for name in ("Éva Őri", "Bruno", "Évariste"):
        await made(db, owner, MIRA.model_copy(update={"name": name, "bio": "100% wool"}))
    async with db.reading() as session:
        hits = await queries.list_characters(session, owner, search="ÉVA")
        assert [c.name for c in hits.items] == ["Évariste", "Éva Őri"]
        assert (await queries.list_characters(session, owner, search="100% wool")).total == 3
        assert (await queries.list_characters(session, owner, search="1%0")).total == 0
        first = await queries.list_characters(session, owner, limit=2)
        rest = await queries.list_characters(session, owner, limit=2, cursor=first.next_cursor or "")
        assert [c.name for c in (*first.items, *rest.items)] == ["Évariste", "Bruno", "Éva Őri"]
    assert first.total == rest.total == 3
    assert rest.next_cursor is None


async def test_a_picture_needs_consent(db: Database, owner: Actor) -> None:
    character = await made(db, owner)
    file = await stored_picture(db, owner)
    async with db.writing() as session:
        with pytest.raises(PolicyRefused):
            await service.set_picture(session, owner, character.id, file)
        statement = ConsentDraft(kind=ConsentKind.SYNTHETIC, statement="Drawn by us.")
        await service.set_picture(session, owner, character.id, file, consent=statement)
    async with db.reading() as session:
        consent = await queries.find_consent(session, owner, character.id)
        assert consent is not None
        assert (consent.kind, consent.recorded_by) == (ConsentKind.SYNTHETIC, owner.user_id)
        consent_id = consent.id
        assert (await queries.sheet(session, owner, character.id)).picture_path != ""
    async with db.writing() as session:
        await service.revoke_consent(session, owner, character.id, consent_id)
        with pytest.raises(Conflict):
            await service.revoke_consent(session, owner, character.id, consent_id)
        with pytest.raises(PolicyRefused):
            await service.set_picture(session, owner, character.id, file)


async def test_a_named_person_needs_name_proof_and_end(db: Database, owner: Actor) -> None:
    character = await made(db, owner)
    file = await stored_picture(db, owner)
    named = {"kind": ConsentKind.NAMED_PERSON, "person_name": "Ada", "proof_file_id": file.id}
    async with db.writing() as session:
        with pytest.raises(InvalidInput) as refusal:
            await service.add_consent(session, owner, character.id, ConsentDraft(**named))
        assert refusal.value.field == "expires_at"
        past = ConsentDraft(**named, expires_at=clock.from_now(days=-1))
        with pytest.raises(InvalidInput):
            await service.add_consent(session, owner, character.id, past)
        row = await service.add_consent(
            session, owner, character.id, ConsentDraft(**named, expires_at=clock.from_now(days=9))
        )
        assert row.holds()
        assert not row.holds(clock.from_now(days=10))


async def test_another_workspace_sees_nothing(db: Database, owner: Actor) -> None:
    character = await made(db, owner)
    async with db.writing() as session:
        other = Workspace(name="Elsewhere")
        session.add(other)
    stranger = await person(db, other, "Mallory", Role.OWNER)
    async with db.reading() as session:
        with pytest.raises(NotFound):
            await queries.sheet(session, stranger, character.id)
        assert await queries.find_by_handle(session, stranger, "mira_vale") is None
        assert await queries.list_material(session, stranger, character.id) == []
        assert sum((await queries.counts(session, stranger)).values()) == 0


async def test_a_viewer_changes_nothing(db: Database, workspace: Workspace, owner: Actor) -> None:
    character = await made(db, owner)
    viewer = await person(db, workspace, "Vera", Role.VIEWER)
    async with db.writing() as session:
        with pytest.raises(NotAllowed):
            await service.update(session, viewer, character.id, CharacterChanges(bio="mine"))
        with pytest.raises(NotAllowed):
            await service.create(session, viewer, MIRA)


async def test_ten_thousand_pieces_are_kept_and_the_sheet_stays_small(db: Database, owner: Actor) -> None:
    lore = tuple(Material(kind=MaterialKind.LORE, text=f"Entry {n}", source="book") for n in range(10_000))
    character = await made(db, owner, MIRA.model_copy(update={"material": lore}))
    async with db.reading() as session:
        assert (await queries.material_counts(session, owner, character.id))["lore"] == 10_000
        sheet = await queries.sheet(session, owner, character.id)
        last = await queries.list_material(session, owner, character.id, offset=9_999)
        assert [row.text for row in last] == ["Entry 9999"]
    assert len(sheet.material) == queries.SHEET_MATERIAL_PER_KIND


def test_a_template_is_a_start_and_given_words_win() -> None:
    draft = service.draft_of(
        NewCharacter(name="Bea", template="entertainer", persona=PersonaChanges(traits=TraitChanges(humor=0.1)))
    )
    assert draft.persona.traits.humor == 0.1
    assert draft.persona.traits.extroversion == 0.95
    with pytest.raises(InvalidInput):
        service.draft_of(NewCharacter(name="Bea", template="pirate"))


async def test_a_refused_change_sets_nothing(db: Database, owner: Actor) -> None:
    character = await made(db, owner)
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.update(session, owner, character.id, CharacterChanges(bio="Half", timezone="Mars/Base"))
    async with db.reading() as session:
        assert (await queries.sheet(session, owner, character.id)).bio == MIRA.bio


async def test_many_of_one_name_at_once_get_handles_of_their_own(db: Database, owner: Actor) -> None:
    async def make() -> str:
        async with db.writing() as session:
            return (await service.create(session, owner, CharacterDraft(name="Ada"))).handle

    handles = await asyncio.gather(*(make() for _ in range(5)))
    assert sorted(handles) == ["ada", "ada_2", "ada_3", "ada_4", "ada_5"]


async def test_a_handle_taken_between_look_and_write_is_not_the_end(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        await service.create(session, owner, CharacterDraft(name="Mira"))
        found = (await session.execute(select(Character.__table__))).mappings().one()
        rival = dict(found) | {"id": new_id(), "handle": "ada"}

        def overtake(connection: Connection, _name: str) -> None:
            # Somebody else's row appears after the free handle was chosen and before ours is written.
            connection.execute(insert(Character), rival)

        event.listen(db.engine.sync_engine, "savepoint", overtake, once=True)
        made = await service.create(session, owner, CharacterDraft(name="Ada"))
    async with db.reading() as session:
        kept = await queries.get(session, owner, made.id)
    assert (kept.handle, kept.persona.character_id, kept.look.character_id) == ("ada_2", made.id, made.id)
