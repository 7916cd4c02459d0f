"""Posts over HTTP. Actions are sub-resources; scheduling fields follow group SCH."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, status
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from ainfluencer.api.schemas import Paged
from ainfluencer.core import clock
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import ProductError
from ainfluencer.publishing import content, pace, preflight, queries, service
from ainfluencer.publishing.models import Post
from ainfluencer.publishing.preflight import Severity
from ainfluencer.publishing.queries import PostFilter
from ainfluencer.publishing.schemas import (
    ApprovalView,
    Bulk,
    NewPost,
    PostEdit,
    PostPage,
    PostView,
    PreflightView,
    ProblemView,
    Refusal,
)
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/posts", tags=["posts"])


class ApprovalIn(BaseModel):
    """A reviewer's note, if there is one."""

    note: str = Field("", max_length=2000)


class RejectionIn(BaseModel):
    """Why not."""

    reason: str = Field(max_length=2000)


class BulkIn(BaseModel):
    """Several posts."""

    post_ids: list[str] = Field(min_length=1, max_length=200)
    note: str = Field("", max_length=2000)


class ScheduleIn(BaseModel):
    """When: an instant with an offset, and the zone and slot that people read it in.

    `or_next`: where one of its channels takes no other post then, the next free time is taken instead of a refusal.
    """

    due_at: AwareDatetime
    or_next: bool = False
    timezone: str = ""
    slot_label: str = Field("", max_length=120)


class FreeTime(BaseModel):
    """When the post may go out, and the zone in which people read that."""

    free_at: AwareDatetime
    timezone: str


class WithdrawalIn(BaseModel):
    """Why."""

    reason: str = Field("", max_length=2000)


class BatchIn(BaseModel):
    """The same content for several characters (SCH-008): `channel_ids` by character, where they differ."""

    character_ids: list[str] = Field(min_length=1, max_length=100)
    post: dict[str, Any] = Field(description="A new post without character_id.")
    channel_ids: dict[str, list[str]] = {}


class BatchOut(BaseModel):
    """The posts that were made, and why others were not."""

    created: list[str]
    refused: list[Refusal]


@router.get("")
async def list_posts(
    session: Read,
    actor: Who,
    page: Paged,
    *,
    character: str = "",
    channel: str = "",
    state: Annotated[list[str] | None, Query()] = None,
    due_from: AwareDatetime | None = None,
    due_to: AwareDatetime | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
) -> PostPage:
    """Posts, newest first; with a due range in the order of their dates."""
    wanted = PostFilter(character, channel, tuple(state or ()), due_from, due_to, q)
    found = await queries.list_posts(session, actor, wanted, limit=page.limit, cursor=page.cursor)
    deliveries = await queries.deliveries_of_many(session, actor, [post.id for post in found.items])
    whole = await content.load_many(session, found.items)
    items = [PostView.of(whole[post.id], deliveries[post.id]) for post in found.items]
    return PostPage(items=items, next_cursor=found.next_cursor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_post(new: NewPost, session: Write, actor: Who) -> PostView:
    """A post in review (or a draft)."""
    return await view(session, actor, await service.create_post(session, actor, new))


@router.post("/batch", status_code=status.HTTP_201_CREATED)
async def create_batch(body: BatchIn, session: Write, actor: Who) -> BatchOut:
    """The same post for several characters; those that fail are named, the others are made together."""
    created: list[str] = []
    refused: list[Refusal] = []
    for character_id in dict.fromkeys(body.character_ids):
        channels = body.channel_ids.get(character_id, body.post.get("channel_ids", []))
        try:
            new = NewPost.model_validate({**body.post, "character_id": character_id, "channel_ids": channels})
            async with session.begin_nested():
                created.append((await service.create_post(session, actor, new)).id)
        except ValidationError as error:
            refused.append(_misshapen(character_id, error))
        except ProductError as error:
            refused.append(Refusal(id=character_id, code=error.reason, detail=error.detail, next_step=error.next_step))
    return BatchOut(created=created, refused=refused)


def _misshapen(character_id: str, error: ValidationError) -> Refusal:
    field, said = next(iter(form_errors(error).items()))
    return Refusal(
        id=character_id,
        code="validation_failed",
        detail=f"The post does not have the right shape, at “{field[:80]}”: {said}",
        next_step="Correct `post`; it takes the fields of POST /api/v2/posts.",
    )


@router.post("/approvals")
async def approve_many(body: BulkIn, session: Write, actor: Who) -> Bulk:
    """Approve several; each stands for itself."""
    return await service.approve_many(session, actor, body.post_ids, body.note)


@router.post("/preflight")
async def preflight_new(new: NewPost, session: Write, actor: Who) -> PreflightView:
    """Check a post that does not exist yet, exactly as an existing one is checked."""
    savepoint = await session.begin_nested()
    post = await service.create_post(session, actor, new)
    whole = await content.load(session, post)
    found = [*preflight.check(whole), *await pace.problems(session, actor, whole, post.due_at)]
    await savepoint.rollback()
    session.info.pop("after_commit", None)  # nothing happened that anybody should hear of
    return _preflight(found)


@router.get("/{post_id}")
async def show_post(post_id: str, session: Read, actor: Who) -> PostView:
    """One post with its items, variants and deliveries."""
    return await view(session, actor, await queries.get(session, actor, post_id))


@router.patch("/{post_id}")
async def edit_post(post_id: str, change: PostEdit, session: Write, actor: Who) -> PostView:
    """Change it; new content voids the approval."""
    return await view(session, actor, await service.edit(session, actor, post_id, change))


@router.delete("/{post_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_post(post_id: str, session: Write, actor: Who) -> None:
    """Delete a post of which nothing was sent."""
    await service.delete(session, actor, post_id)


@router.get("/{post_id}/preflight")
async def preflight_post(post_id: str, session: Read, actor: Who) -> PreflightView:
    """What its channels would object to."""
    whole = await content.load(session, await queries.get(session, actor, post_id))
    return _preflight([*preflight.check(whole), *await pace.problems(session, actor, whole, whole.post.due_at)])


@router.get("/{post_id}/free-time")
async def show_free_time(post_id: str, session: Read, actor: Who, at: AwareDatetime | None = None) -> FreeTime:
    """The first instant from `at` (now, when left out) on at which every channel of the post takes it."""
    whole = await content.load(session, await queries.get(session, actor, post_id))
    ids = [channel.id for _, channel in whole.variants]
    free_at = await service.free_time(session, actor, ids, at or clock.now(), post_id=post_id)
    return FreeTime(free_at=free_at, timezone=whole.post.timezone)


@router.post("/{post_id}/submission")
async def submit_post(post_id: str, session: Write, actor: Who) -> PostView:
    """Hand a draft to review."""
    return await view(session, actor, await service.submit(session, actor, post_id))


@router.get("/{post_id}/approval")
async def list_approvals(post_id: str, session: Read, actor: Who) -> list[ApprovalView]:
    """What reviewers said, newest first."""
    await queries.get(session, actor, post_id)
    return [ApprovalView.of(row) for row in await queries.approvals_of(session, actor, post_id)]


@router.post("/{post_id}/approval")
async def approve_post(post_id: str, session: Write, actor: Who, body: ApprovalIn | None = None) -> PostView:
    """Approve exactly this content; a post with a date is scheduled by it."""
    return await view(session, actor, await service.approve(session, actor, post_id, body.note if body else ""))


@router.post("/{post_id}/rejection")
async def reject_post(post_id: str, body: RejectionIn, session: Write, actor: Who) -> PostView:
    """Reject, with a reason."""
    return await view(session, actor, await service.reject(session, actor, post_id, body.reason))


@router.put("/{post_id}/schedule")
async def schedule_post(post_id: str, body: ScheduleIn, session: Write, actor: Who) -> PostView:
    """Schedule or move an approved post."""
    post = await service.schedule(
        session,
        actor,
        post_id,
        body.due_at,
        timezone=body.timezone,
        slot_label=body.slot_label,
        or_next=body.or_next,
    )
    return await view(session, actor, post)


@router.post("/{post_id}/publication")
async def publish_post(post_id: str, session: Write, actor: Who) -> PostView:
    """Send it now."""
    return await view(session, actor, await service.publish_now(session, actor, post_id))


@router.post("/{post_id}/cancellation")
async def cancel_post(post_id: str, session: Write, actor: Who) -> PostView:
    """Take back what has not gone out."""
    return await view(session, actor, await service.cancel(session, actor, post_id))


@router.post("/{post_id}/retry")
async def retry_post(post_id: str, session: Write, actor: Who) -> PostView:
    """Send again what failed or is held."""
    return await view(session, actor, await service.retry(session, actor, post_id))


@router.post("/{post_id}/withdrawal")
async def withdraw_post(post_id: str, session: Write, actor: Who, body: WithdrawalIn | None = None) -> PostView:
    """Delete it everywhere possible; deliveries say where it is still live."""
    return await view(session, actor, await service.withdraw(session, actor, post_id, body.reason if body else ""))


async def view(session: Read, actor: Who, post: Post) -> PostView:
    """A post as the API shows it, with what this request has changed."""
    actor.require(Right.READ)
    await session.flush()
    deliveries = await queries.deliveries_of(session, actor, post.id)
    return PostView.of(await content.load(session, post), list(deliveries))


def _preflight(found: list[preflight.Problem]) -> PreflightView:
    ok = not any(problem.severity is Severity.ERROR for problem in found)
    return PreflightView(ok=ok, problems=[ProblemView.of(problem) for problem in found])
