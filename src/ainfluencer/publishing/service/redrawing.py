"""A post whose words changed gets its picture drawn anew, in a job; until that is there nobody can approve it."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor, Right, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.engine import queries as jobs
from ainfluencer.engine import service as engine
from ainfluencer.engine.errors import NotCancellable
from ainfluencer.publishing import content, overlay, queries
from ainfluencer.publishing.models import Post
from ainfluencer.publishing.schemas import PostEdit
from ainfluencer.publishing.service import posts, standing
from ainfluencer.quality.drawing import Drawn
from ainfluencer.studio import queries as studio_queries
from ainfluencer.studio import service as studio
from ainfluencer.studio.schemas import PosterRecipe, PosterText, recipe_of
from ainfluencer.writing.schemas import PostBrief, PosterWords

JOB = "publishing.redraw"


async def change_picture_words(
    session: AsyncSession, actor: Actor, post_id: str, text: PosterText, alt_text: str = ""
) -> Post:
    """Put other words on the post's picture. Its approval is void, and a job draws it.

    `InvalidInput` when no picture of the post carries words, or none are given.
    """
    actor.require(Right.CREATE)
    post = await queries.get(session, actor, post_id, lock=True)
    await posts.require_editable(session, actor, post)
    shown = await overlay.find(session, actor, await content.load(session, post))
    if shown is None:
        raise InvalidInput(
            "No picture of this post carries words of ours.", "Change the caption, or choose another picture."
        )
    if not any((text.title.strip(), text.body.strip(), *text.items)):
        raise InvalidInput("The picture would have no words.", "Write a title or a text.", field="title")
    if text != shown.text or post.drawing_job_id:
        await begin(session, actor, post, shown, text, alt_text)
    return post


async def follow(session: AsyncSession, actor: Actor, post: Post, words: PosterWords, alt_text: str) -> None:
    """The same for words that were written with the caption; a post without a designed picture stays as it is."""
    shown = await overlay.find(session, actor, await content.load(session, post))
    text = PosterText.cut(**words.model_dump())
    has_words = bool(text.title or text.body or text.items)
    if shown is not None and has_words and (text != shown.text or post.drawing_job_id):
        await begin(session, actor, post, shown, text, alt_text)


async def begin(
    session: AsyncSession, actor: Actor, post: Post, shown: overlay.Overlay, text: PosterText, alt_text: str
) -> None:
    """Record the run and its job. What was being drawn for this post before is stopped."""
    from ainfluencer.writing import service as writing

    await _stop(session, actor, post)
    ids = [asset.id for asset in shown.assets]
    alt_text = alt_text or writing.alt_text(
        PostBrief.model_validate({"theme": "-", "format": shown.recipe.format, "mood": shown.recipe.mood}),
        PosterWords(**text.model_dump()),
    )
    run = await studio.start(session, actor, shown.request(text, alt_text), enqueue=False, redraws=ids)
    job = await engine.enqueue(
        session,
        actor,
        JOB,
        {"post_id": post.id, "run_id": run.id, "asset_ids": ids},
        title="Draw the picture with the new words",
        subject=("post", post.id),
    )
    await posts.unsettle(session, actor, post)
    post.drawing_job_id = job.id
    await session.flush()
    standing.announce(session, post)


async def draw_again(session: AsyncSession, actor: Actor, post_id: str) -> Post:
    """Draw once more what could not be drawn. `Conflict` when nothing is missing, or it is still being drawn."""
    actor.require(Right.CREATE)
    post = await queries.get(session, actor, post_id, lock=True)
    under_way = await overlay.drawing_of(session, actor, post)
    if under_way is None or under_way.is_alive or under_way.job is None:
        raise Conflict("There is nothing to draw again.", "Look at the post: its picture is there, or on its way.")
    run = await studio_queries.get_run(session, actor, under_way.job.payload["run_id"])
    recipe = recipe_of(run.recipe)
    shown = await overlay.find(session, actor, await content.load(session, post))
    if shown is None or not isinstance(recipe, PosterRecipe):
        raise Conflict("The picture that was to be drawn anew is gone from the post.", "Keep the present pictures.")
    await begin(session, actor, post, shown, recipe.text, str(run.recipe.get("alt_text", "")))
    return post


async def keep_picture(session: AsyncSession, actor: Actor, post_id: str) -> Post:
    """Stop drawing: the post keeps the picture that it has. `Conflict` when nothing is being drawn."""
    actor.require(Right.CREATE)
    post = await queries.get(session, actor, post_id, lock=True)
    if not post.drawing_job_id:
        raise Conflict("Nothing is being drawn for this post.", "Its picture is the present one already.")
    await _stop(session, actor, post)
    standing.announce(session, post)
    return post


async def finish(session: AsyncSession, actor: Actor, job_id: str, post_id: str, ids: list[str], drawn: Drawn) -> str:
    """Put the new picture where the old one was; answers what came of it. The old asset stays in the library."""
    post = await queries.get(session, actor, post_id, lock=True)
    if post.drawing_job_id != job_id:
        return "superseded"
    post.drawing_job_id = ""
    present = [picture.asset.id for picture in (await content.load(session, post)).pictures]
    if not set(ids) <= set(present):
        standing.announce(session, post)
        return "other pictures were chosen meanwhile"
    at = present.index(ids[0])
    others = [asset_id for asset_id in present if asset_id not in ids]
    before = sum(asset_id not in ids for asset_id in present[:at])
    fresh = (*others[:before], *drawn.asset_ids, *others[before:])
    await posts.edit(session, actor, post.id, PostEdit(asset_ids=fresh))
    await studio.note_use(session, actor, drawn.asset_ids)
    if drawn.holds:
        post.problem = {
            "code": "needs_look",
            "detail": " ".join(drawn.holds)[:500],
            "next_step": "Look at the picture closely, then approve, change its words or reject.",
        }
    return "drawn"


async def _stop(session: AsyncSession, actor: Actor, post: Post) -> None:
    """End the job that draws for this post, and the run that it would make."""
    if not post.drawing_job_id:
        return
    manager = Actor(actor.workspace_id, Role.MANAGER, user_id=actor.user_id, name=actor.name, via=actor.via)
    with suppress(NotFound):
        job = await jobs.get(session, actor, post.drawing_job_id)
        with suppress(NotCancellable):  # it has ended already
            await engine.cancel(session, manager, job.id, by_owner=True)
        with suppress(NotFound, Conflict):  # the run has ended, or its record was deleted
            await studio.cancel(session, manager, job.payload["run_id"])
    post.drawing_job_id = ""
