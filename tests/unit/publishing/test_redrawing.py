"""Other words for a post: its picture is drawn anew, the old one keeps its place in the library, and nobody's yes stands."""

from __future__ import annotations

import pytest

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.engine import service as engine
from ainfluencer.engine.models import Job, JobState
from ainfluencer.publishing import overlay, preflight, queries, service
from ainfluencer.publishing.content import Content, load
from ainfluencer.publishing.models import Post
from ainfluencer.publishing.preflight import PreflightFailed
from ainfluencer.publishing.schemas import PostEdit
from ainfluencer.studio import queries as studio_queries
from ainfluencer.studio import service as studio
from ainfluencer.studio.schemas import PosterText
from tests.support import posting
from tests.support.doubles import Platform
from tests.support.redrawing import QUOTES, designed_post, drawn, run_job, written


@pytest.fixture(autouse=True)
def known_jobs() -> None:
    jobs.load_all()


@pytest.fixture
async def channel(db: Database, owner: Actor, platform: Platform) -> str:
    return await posting.add_channel(db, owner, "quay", platform.server.url)


@pytest.fixture
async def post(db: Database, owner: Actor, mira: str, channel: str) -> Post:
    """A post whose picture and caption say the first quote."""
    return await designed_post(db, owner, mira, channel)


async def choose(db: Database, actor: Actor, post_id: str, index: int) -> Post:
    async with db.writing() as session:
        return await service.choose_candidate(session, actor, post_id, index)


async def whole(db: Database, actor: Actor, post_id: str) -> Content:
    async with db.reading() as session:
        return await load(session, await queries.get(session, actor, post_id))


async def shown(db: Database, actor: Actor, post_id: str) -> overlay.Overlay:
    async with db.reading() as session:
        found = await overlay.find(session, actor, await load(session, await queries.get(session, actor, post_id)))
    assert found
    return found


async def test_another_text_gets_its_own_picture(db: Database, owner: Actor, post: Post) -> None:
    before = await whole(db, owner, post.id)
    taken = await choose(db, owner, post.id, 1)
    assert taken.caption.startswith(QUOTES[1])
    assert (await run_job(db, taken.drawing_job_id))["outcome"] == "drawn"
    after = await whole(db, owner, post.id)
    assert after.post.drawing_job_id == ""
    assert [p.asset.id for p in after.pictures] != [p.asset.id for p in before.pictures]
    assert after.pictures[0].alt_text == f"It reads: {QUOTES[1]}"
    assert (await shown(db, owner, post.id)).text.title == QUOTES[1]
    assert after.post.content_hash == after.hash()


async def test_the_picture_keeps_its_design_and_its_lineage(db: Database, owner: Actor, post: Post) -> None:
    (old,) = [p.asset for p in (await whole(db, owner, post.id)).pictures]
    await run_job(db, (await choose(db, owner, post.id, 2)).drawing_job_id)
    (new,) = [p.asset for p in (await whole(db, owner, post.id)).pictures]
    assert new.redrawn_from_id == old.id
    assert new.recipe["variant"] == old.recipe["variant"]
    assert new.recipe["palette"] == old.recipe["palette"]
    assert new.times_used == 1
    async with db.reading() as session:
        assert [a.id for a in await studio_queries.redrawn_as(session, owner, old.id)] == [new.id]
        kept = await studio_queries.get_asset(session, owner, old.id)
        assert kept.deleted_at is None


async def test_an_approved_post_is_reviewed_again(db: Database, owner: Actor, post: Post) -> None:
    assert (await posting.approved(db, owner, post.id)).state == "scheduled"
    taken = await choose(db, owner, post.id, 1)
    assert taken.state == "in_review"
    assert [d.state for d in await posting.deliveries(db, owner, post.id)] == ["cancelled"]
    async with db.reading() as session:
        assert [a.is_void for a in await queries.approvals_of(session, owner, post.id)] == [True]
    with pytest.raises(PreflightFailed, match="not there yet"):
        await posting.approved(db, owner, post.id)
    await run_job(db, taken.drawing_job_id)
    assert (await posting.approved(db, owner, post.id)).state == "scheduled"


async def test_only_the_picture_differs_and_still_nobodys_yes_stands(db: Database, owner: Actor, post: Post) -> None:
    await posting.approved(db, owner, post.id)
    async with db.writing() as session:
        text = (await shown(db, owner, post.id)).text.model_copy(update={"title": "Salt on every page."})
        changed = await service.change_picture_words(session, owner, post.id, text)
    assert (changed.state, changed.caption) == ("in_review", f"{QUOTES[0]} Good morning.")
    await run_job(db, changed.drawing_job_id)
    found = await whole(db, owner, post.id)
    assert "Salt on every page." in found.pictures[0].alt_text
    assert found.post.state == "in_review"


async def test_the_last_choice_wins(db: Database, owner: Actor, post: Post) -> None:
    first = (await choose(db, owner, post.id, 1)).drawing_job_id
    second = (await choose(db, owner, post.id, 2)).drawing_job_id
    async with db.reading() as session:
        assert (await session.get_one(Job, first)).state == JobState.CANCELLED
    await run_job(db, second)
    assert (await run_job(db, first))["outcome"] == "superseded"
    assert (await shown(db, owner, post.id)).text.title == QUOTES[2]


async def test_a_job_that_ran_half_draws_only_once(db: Database, owner: Actor, post: Post) -> None:
    taken = await choose(db, owner, post.id, 1)
    async with db.reading() as session:
        run_id = (await session.get_one(Job, taken.drawing_job_id)).payload["run_id"]
    made = await studio.execute(owner, run_id)
    await run_job(db, taken.drawing_job_id)
    assert [p.asset.id for p in (await whole(db, owner, post.id)).pictures] == [a.id for a in made]


async def test_a_person_may_keep_the_picture(db: Database, owner: Actor, post: Post) -> None:
    before = await whole(db, owner, post.id)
    taken = await choose(db, owner, post.id, 1)
    async with db.writing() as session:
        kept = await service.keep_picture(session, owner, post.id)
        assert kept.drawing_job_id == ""
        with pytest.raises(Conflict):
            await service.keep_picture(session, owner, post.id)
    after = await whole(db, owner, post.id)
    assert [p.asset.id for p in after.pictures] == [p.asset.id for p in before.pictures]
    assert after.post.caption == taken.caption
    async with db.reading() as session:
        assert (await session.get_one(Job, taken.drawing_job_id)).state == JobState.CANCELLED
    assert preflight.require(after) is not None


async def test_what_could_not_be_drawn_is_drawn_again_or_left(db: Database, owner: Actor, post: Post) -> None:
    taken = await choose(db, owner, post.id, 1)
    async with db.writing() as session:
        with pytest.raises(Conflict, match="nothing to draw again"):
            await service.draw_again(session, owner, post.id)
        (await session.get_one(Job, taken.drawing_job_id)).state = JobState.FAILED
    assert not preflight_is_fit(await whole(db, owner, post.id))
    async with db.writing() as session:
        again = await service.draw_again(session, owner, post.id)
        assert again.drawing_job_id not in {"", taken.drawing_job_id}
    await run_job(db, again.drawing_job_id)
    assert (await shown(db, owner, post.id)).text.title == QUOTES[1]


async def test_other_pictures_chosen_meanwhile_stay(db: Database, owner: Actor, post: Post) -> None:
    taken = await choose(db, owner, post.id, 1)
    other = await posting.add_asset(db, owner, post.character_id)
    async with db.writing() as session:
        await service.edit(session, owner, post.id, PostEdit(asset_ids=(other,)))
    answer = await run_job(db, taken.drawing_job_id)
    assert answer["outcome"] == "other pictures were chosen meanwhile"
    found = await whole(db, owner, post.id)
    assert found.post.drawing_job_id == ""
    assert [p.asset.id for p in found.pictures] == [other]


async def test_a_photograph_has_no_words_to_change(db: Database, owner: Actor, mira: str, channel: str) -> None:
    photo = await posting.add_asset(db, owner, mira)
    draft = await written(db, owner, mira)
    post = await posting.add_post(db, owner, mira, [channel], asset_ids=(photo,), candidates_id=draft)
    taken = await choose(db, owner, post.id, 1)
    assert taken.drawing_job_id == ""
    async with db.writing() as session:
        with pytest.raises(InvalidInput, match="carries words"):
            await service.change_picture_words(session, owner, post.id, PosterText(title="Any"))


async def test_a_picture_without_words_is_refused(db: Database, owner: Actor, post: Post) -> None:
    async with db.writing() as session:
        with pytest.raises(InvalidInput, match="no words"):
            await service.change_picture_words(session, owner, post.id, PosterText(kicker="Notes"))


async def test_a_set_of_pages_is_replaced_as_a_whole_where_it_stood(
    db: Database, owner: Actor, mira: str, channel: str
) -> None:
    pages = await drawn(db, owner, mira, format="carousel", items=QUOTES[:2])
    photo = await posting.add_asset(db, owner, mira)
    last = await posting.add_asset(db, owner, mira, size=(60, 60))
    post = await posting.add_post(db, owner, mira, [channel], asset_ids=(photo, *pages, last))
    async with db.writing() as session:
        text = (await shown(db, owner, post.id)).text.model_copy(update={"items": QUOTES})
        changed = await service.change_picture_words(session, owner, post.id, text)
    await run_job(db, changed.drawing_job_id)
    ids = [p.asset.id for p in (await whole(db, owner, post.id)).pictures]
    assert (ids[0], ids[-1]) == (photo, last)
    assert len(ids) == len(pages) + 3
    assert not set(pages) & set(ids)


async def test_a_recipe_is_known_after_its_run_was_forgotten(db: Database, owner: Actor, post: Post) -> None:
    (asset,) = [p.asset for p in (await whole(db, owner, post.id)).pictures]
    async with db.writing() as session:
        await studio.remove(session, owner, str(asset.run_id))
    assert (await shown(db, owner, post.id)).text.title == QUOTES[0]
    await run_job(db, (await choose(db, owner, post.id, 1)).drawing_job_id)
    assert (await shown(db, owner, post.id)).text.title == QUOTES[1]


async def test_the_job_belongs_to_the_post(db: Database, owner: Actor, post: Post) -> None:
    taken = await choose(db, owner, post.id, 1)
    async with db.writing() as session:
        with pytest.raises(Conflict, match="belongs to a post"):
            await engine.cancel(session, owner, taken.drawing_job_id)


def preflight_is_fit(found: Content) -> bool:
    return not any(p.severity == "error" for p in preflight.check(found))
