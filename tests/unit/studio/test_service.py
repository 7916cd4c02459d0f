"""Runs with the real poster maker: start, make, stop, again, forget; words and likenesses that are refused."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from ainfluencer.characters import consents
from ainfluencer.characters import service as character_service
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import CharacterDraft, Look
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, NotAllowed, NotConnected, NotFound, PolicyRefused
from ainfluencer.db.session import Database
from ainfluencer.engine.jobs import JobRun
from ainfluencer.engine.models import Job
from ainfluencer.media import provenance, storage
from ainfluencer.media import service as media
from ainfluencer.quality import jobs as quality_jobs
from ainfluencer.quality import queries as quality
from ainfluencer.studio import queries, service
from ainfluencer.studio.events import RunFinished
from ainfluencer.studio.models import Run, RunState
from ainfluencer.studio.schemas import ImageRecipe, NewRun, PosterRecipe
from tests.unit.media.test_media import picture


def poster(**changes: object) -> NewRun:
    recipe = PosterRecipe.model_validate({"title": "The sea keeps a ledger", "seed": 3, "height": 1080} | changes)
    return NewRun(title="Ledger", alt_text="A poster about the sea", recipe=recipe)


async def begin(db: Database, actor: Actor, new: NewRun, *, enqueue: bool = False) -> Run:
    async with db.writing() as session:
        return await service.start(session, actor, new, enqueue=enqueue)


async def mira(db: Database, actor: Actor) -> Character:
    async with db.writing() as session:
        face = await media.store(session, actor, picture(300, 300), filename="mira.png")
        draft = CharacterDraft(name="Mira", look=Look(colours=("teal",)))
        return await character_service.create(session, actor, draft, picture=face)


async def test_a_run_makes_a_signed_picture_once(db: Database, owner: Actor) -> None:
    run = await begin(db, owner, poster())
    (asset,) = await service.execute(owner, run.id)
    (same,) = await service.execute(owner, run.id)
    assert same.id == asset.id
    assert (asset.alt_text, asset.source_type, asset.run_id) == ("A poster about the sea", "algorithmicMedia", run.id)
    async with db.reading() as session:
        ((_, file),) = await queries.assets_with_files(session, owner, [asset.id])
        done = await queries.get_run(session, owner, run.id)
    assert (done.state, file.width, file.height, file.is_signed) == (RunState.DONE, 1080, 1080, True)
    read = provenance.read(storage.path_of(file.sha256, file.mime).read_bytes(), file.mime)
    assert (read.state, read.source_type, read.xmp_source_type) == ("Trusted", "algorithmicMedia", "algorithmicMedia")


async def test_every_page_of_a_carousel_is_an_asset_with_its_own_words(db: Database, owner: Actor) -> None:
    run = await begin(db, owner, poster(format="carousel", items=("Salt", "Rope", "Lamp")))
    assets = await service.execute(owner, run.id)
    assert [a.position for a in assets] == list(range(len(assets)))
    assert len(assets) >= 4
    assert assets[1].alt_text == f"Page 2 of {len(assets)}. Salt"


async def test_the_same_recipe_is_the_same_picture_and_a_variation_is_not(db: Database, owner: Actor) -> None:
    first = await begin(db, owner, poster())
    (one,) = await service.execute(owner, first.id)
    async with db.writing() as session:
        again = await service.again(session, owner, first.id)
        other = await service.again(session, owner, first.id, vary=True)
    (two,) = await service.execute(owner, again.id)
    (three,) = await service.execute(owner, other.id)
    assert one.recipe == two.recipe
    assert three.recipe["variant"] != one.recipe["variant"]
    assert other.recipe["alt_text"] == "A poster about the sea"


async def test_a_stopped_run_makes_nothing(db: Database, owner: Actor) -> None:
    run = await begin(db, owner, poster(), enqueue=True)
    async with db.writing() as session:
        await service.cancel(session, owner, run.id)
        with pytest.raises(Conflict):
            await service.cancel(session, owner, run.id)
    with pytest.raises(Conflict):
        await service.execute(owner, run.id)
    async with db.reading() as session:
        assert await queries.assets_of_run(session, owner, run.id) == []
        job = await session.scalar(select(Job).where(Job.id == run.job_id))
    assert job is not None
    assert job.state == "cancelled"


async def test_a_failure_is_kept_in_words(db: Database, owner: Actor) -> None:
    run = await begin(db, owner, NewRun(recipe=ImageRecipe(prompt="a pier")))
    with pytest.raises(NotConnected):
        await service.execute(owner, run.id)
    async with db.reading() as session:
        failed = await queries.get_run(session, owner, run.id)
    assert failed.state == RunState.FAILED
    assert failed.error["next_step"]


@pytest.mark.parametrize(
    ("words", "code"), [("a nude study", "adult_off"), ("sexy schoolgirl", "minor_refused"), ("a quiet pier", "")]
)
async def test_words_are_read_before_anything_is_made(db: Database, owner: Actor, words: str, code: str) -> None:
    new = NewRun(recipe=ImageRecipe(prompt=words))
    if not code:
        assert (await begin(db, owner, new)).state == RunState.QUEUED
        return
    with pytest.raises(PolicyRefused) as refusal:
        await begin(db, owner, new)
    assert refusal.value.reason == code


async def test_a_likeness_needs_a_consent_that_holds(db: Database, owner: Actor) -> None:
    character = await mira(db, owner)
    own = poster().model_copy(update={"character_id": character.id})
    without = poster(use_picture=False).model_copy(update={"character_id": character.id})
    by_file = poster(picture_file_id=character.picture_file_id)
    waiting = await begin(db, owner, own)
    async with db.writing() as session:
        consent = await consents.need(session, owner, character)
        await consents.revoke(session, owner, character, consent.id)
    for refused in (own, by_file):
        with pytest.raises(PolicyRefused) as refusal:
            await begin(db, owner, refused)
        assert refusal.value.reason == "consent_missing"
    with pytest.raises(PolicyRefused):
        await service.execute(owner, waiting.id)
    async with db.reading() as session:
        assert (await queries.get_run(session, owner, waiting.id)).error["code"] == "consent_missing"
    assert (await begin(db, owner, without)).state == RunState.QUEUED


async def test_a_profile_whose_consent_ended_gets_no_new_picture(db: Database, owner: Actor) -> None:
    """However it ended, and whatever kind of picture; other characters and words alone go on."""
    character = await mira(db, owner)
    async with db.writing() as session:
        other = await character_service.create(session, owner, CharacterDraft(name="Tom"))
    generated = NewRun(character_id=character.id, recipe=ImageRecipe(prompt="a quiet pier"))
    begun = await begin(db, owner, generated)
    preview = poster().model_copy(update={"character_id": character.id})
    assert await service.preview(owner, preview)
    async with db.writing() as session:
        consent = await consents.need(session, owner, character)
        consent.expires_at = clock.from_now(seconds=-1)
        session.add(consent)
    for refused in (generated, preview):
        with pytest.raises(PolicyRefused, match="ended on"):
            await begin(db, owner, refused)
    with pytest.raises(PolicyRefused, match="ended on"):
        await service.preview(owner, preview)
    with pytest.raises(PolicyRefused, match="ended on"):
        await service.execute(owner, begun.id)
    assert (await begin(db, owner, generated.model_copy(update={"character_id": other.id}))).state == RunState.QUEUED
    async with db.writing() as session:
        await consents.record(session, owner, character, consents.synthetic())
    again = await begin(db, owner, generated)
    async with db.writing() as session:
        now = await consents.need(session, owner, character)
        await consents.revoke(session, owner, character, now.id)
    with pytest.raises(PolicyRefused, match="was withdrawn on"):
        await service.execute(owner, again.id)


async def test_a_reference_face_is_a_likeness_wherever_it_is_named(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        face = await media.store(session, owner, picture(200, 210), filename="face.png")
        await session.flush()
        draft = CharacterDraft(name="Noor", look=Look(face_file_ids=(face.id,)))
        noor = await character_service.create(session, owner, draft)
    for refused in (
        poster(picture_file_id=face.id),
        NewRun(character_id=noor.id, recipe=ImageRecipe(prompt="a quiet pier")),
    ):
        with pytest.raises(PolicyRefused, match="no consent on record"):
            await begin(db, owner, refused)
    async with db.writing() as session:
        await consents.record(session, owner, noor, consents.synthetic())
    assert (await begin(db, owner, poster(picture_file_id=face.id))).state == RunState.QUEUED


async def test_a_run_that_ended_can_be_forgotten(db: Database, owner: Actor) -> None:
    run = await begin(db, owner, poster())
    async with db.writing() as session:
        with pytest.raises(Conflict):
            await service.remove(session, owner, run.id)
    (asset,) = await service.execute(owner, run.id)
    async with db.writing() as session:
        await service.remove(session, owner, run.id)
    async with db.reading() as session:
        kept = await queries.get_asset(session, owner, asset.id)
        assert kept.run_id is None
        with pytest.raises(NotFound):
            await queries.get_run(session, owner, run.id)
    other = await begin(db, owner, poster())
    async with db.writing() as session:
        assert await service.clear(session, owner) == 0
        with pytest.raises(NotAllowed):
            await service.clear(session, Actor(workspace_id=owner.workspace_id, role=Role.CREATOR))
        await service.cancel(session, owner, other.id)
        assert await service.clear(session, owner) == 1


async def test_a_run_of_its_own_is_looked_at_once(db: Database, owner: Actor) -> None:
    of_a_week = await begin(db, owner, poster())
    await service.execute(owner, of_a_week.id)
    run = await begin(db, owner, poster(seed=4), enqueue=True)
    (asset,) = await service.execute(owner, run.id)
    async with db.reading() as session:
        (job,) = await session.scalars(select(Job).where(Job.kind == "quality.assess_run"))
    assert job.payload == {"run_id": run.id, "asset_ids": [asset.id]}
    work = JobRun(job)
    event = RunFinished(**job.payload)
    assert (await quality_jobs.assess_run(work, event))["assessed"] == 1
    assert (await quality_jobs.assess_run(work, event))["assessed"] == 0
    async with db.reading() as session:
        assert len(await quality.scores(session, owner, asset.id)) > 5
        assert (await queries.get_asset(session, owner, asset.id)).score is not None


async def test_a_preview_is_small_and_kept_nowhere(db: Database, owner: Actor) -> None:
    (drawn,) = await service.preview(owner, poster())
    assert Image.open(io.BytesIO(drawn)).size == (540, 540)
    async with db.reading() as session:
        assert await queries.list_runs(session, owner) == []


async def test_a_use_is_counted(db: Database, owner: Actor) -> None:
    run = await begin(db, owner, poster())
    (asset,) = await service.execute(owner, run.id)
    async with db.writing() as session:
        await service.note_use(session, owner, [asset.id])
    async with db.reading() as session:
        used = await queries.get_asset(session, owner, asset.id)
    assert used.times_used == 1
    assert used.last_used_at is not None
