"""Posts over HTTP. Actions are sub-resources; scheduling fields follow group SCH."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, status
from pydantic import AwareDatetime, BaseModel, Field

from ainfluencer.api.schemas import Paged
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import ProductError
from ainfluencer.publishing import content, preflight, queries, service
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.models import Post
from ainfluencer.publishing.preflight import Severity
from ainfluencer.publishing.queries import PostFilter
from ainfluencer.publishing.schemas import (
    ApprovalView,
    Bulk,
    DeliveryView,
    NewPost,
    PostEdit,
    PostPage,
    PostView,
    PreflightView,
    ProblemView,
    ReceiptView,
    Refusal,
)
from ainfluencer.web.deps import Read, Who, Write

router = APIRouter(prefix="/api/v2/posts", tags=["posts"])


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
    """When: an instant with an offset, and the zone and slot that people read it in."""

    due_at: AwareDatetime
    timezone: str = ""
    slot_label: str = Field("", max_length=120)


class WithdrawalIn(BaseModel):
    """Why."""

    reason: str = Field("", max_length=2000)


class ResolutionIn(BaseModel):
    """What a person found: whether the post is there, and its link."""

    is_there: bool
    url: str = Field("", max_length=2000)
    remote_id: str = Field("", max_length=500)


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
    items = [PostView.of(await content.load(session, post), deliveries[post.id]) for post in found.items]
    return PostPage(items=items, next_cursor=found.next_cursor)


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_post(new: NewPost, session: Write, actor: Who) -> PostView:
    """A post in review (or a draft)."""
    return await _view(session, actor, await service.create_post(session, actor, new))


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
        except ProductError as error:
            refused.append(Refusal(id=character_id, code=error.reason, detail=error.detail, next_step=error.next_step))
    return BatchOut(created=created, refused=refused)


@router.post("/approvals")
async def approve_many(body: BulkIn, session: Write, actor: Who) -> Bulk:
    """Approve several; each stands for itself."""
    return await service.approve_many(session, actor, body.post_ids, body.note)


@router.post("/preflight")
async def preflight_new(new: NewPost, session: Write, actor: Who) -> PreflightView:
    """Check a post that does not exist yet, exactly as an existing one is checked."""
    savepoint = await session.begin_nested()
    post = await service.create_post(session, actor, new)
    found = preflight.check(await content.load(session, post))
    await savepoint.rollback()
    session.info.pop("after_commit", None)  # nothing happened that anybody should hear of
    return _preflight(found)


@router.get("/deliveries")
async def list_deliveries(
    session: Read, actor: Who, page: Paged, state: Annotated[list[str] | None, Query()] = None, channel: str = ""
) -> dict[str, Any]:
    """Deliveries, newest first; for instance `?state=needs_person`."""
    found = await queries.list_deliveries(
        session,
        actor,
        states=[DeliveryState(name) for name in state or () if name in set(DeliveryState)],
        channel_id=channel,
        limit=page.limit,
        cursor=page.cursor,
    )
    return {"items": [DeliveryView.of(row) for row in found.items], "next_cursor": found.next_cursor}


@router.get("/{post_id}")
async def show_post(post_id: str, session: Read, actor: Who) -> PostView:
    """One post with its items, variants and deliveries."""
    return await _view(session, actor, await queries.get(session, actor, post_id))


@router.patch("/{post_id}")
async def edit_post(post_id: str, change: PostEdit, session: Write, actor: Who) -> PostView:
    """Change it; new content voids the approval."""
    return await _view(session, actor, await service.edit(session, actor, post_id, change))


@router.delete("/{post_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_post(post_id: str, session: Write, actor: Who) -> None:
    """Delete a post of which nothing was sent."""
    await service.delete(session, actor, post_id)


@router.get("/{post_id}/preflight")
async def preflight_post(post_id: str, session: Read, actor: Who) -> PreflightView:
    """What its channels would object to."""
    post = await queries.get(session, actor, post_id)
    return _preflight(preflight.check(await content.load(session, post)))


@router.post("/{post_id}/submission")
async def submit_post(post_id: str, session: Write, actor: Who) -> PostView:
    """Hand a draft to review."""
    return await _view(session, actor, await service.submit(session, actor, post_id))


@router.get("/{post_id}/approval")
async def list_approvals(post_id: str, session: Read, actor: Who) -> list[ApprovalView]:
    """What reviewers said, newest first."""
    await queries.get(session, actor, post_id)
    return [ApprovalView.of(row) for row in await queries.approvals_of(session, actor, post_id)]


@router.post("/{post_id}/approval")
async def approve_post(post_id: str, session: Write, actor: Who, body: ApprovalIn | None = None) -> PostView:
    """Approve exactly this content; a post with a date is scheduled by it."""
    return await _view(session, actor, await service.approve(session, actor, post_id, body.note if body else ""))


@router.post("/{post_id}/rejection")
async def reject_post(post_id: str, body: RejectionIn, session: Write, actor: Who) -> PostView:
    """Reject, with a reason."""
    return await _view(session, actor, await service.reject(session, actor, post_id, body.reason))


@router.put("/{post_id}/schedule")
async def schedule_post(post_id: str, body: ScheduleIn, session: Write, actor: Who) -> PostView:
    """Schedule or move an approved post."""
    post = await service.schedule(
        session, actor, post_id, body.due_at, timezone=body.timezone, slot_label=body.slot_label
    )
    return await _view(session, actor, post)


@router.post("/{post_id}/publication")
async def publish_post(post_id: str, session: Write, actor: Who) -> PostView:
    """Send it now."""
    return await _view(session, actor, await service.publish_now(session, actor, post_id))


@router.post("/{post_id}/cancellation")
async def cancel_post(post_id: str, session: Write, actor: Who) -> PostView:
    """Take back what has not gone out."""
    return await _view(session, actor, await service.cancel(session, actor, post_id))


@router.post("/{post_id}/retry")
async def retry_post(post_id: str, session: Write, actor: Who) -> PostView:
    """Send again what failed or is held."""
    return await _view(session, actor, await service.retry(session, actor, post_id))


@router.post("/{post_id}/withdrawal")
async def withdraw_post(post_id: str, session: Write, actor: Who, body: WithdrawalIn | None = None) -> PostView:
    """Delete it everywhere possible; deliveries say where it is still live."""
    return await _view(session, actor, await service.withdraw(session, actor, post_id, body.reason if body else ""))


@router.get("/{post_id}/deliveries")
async def list_post_deliveries(post_id: str, session: Read, actor: Who) -> list[dict[str, Any]]:
    """Where each variant stands, with the ledger of its attempts."""
    await queries.get(session, actor, post_id)
    answer = []
    for row in await queries.deliveries_of(session, actor, post_id):
        attempts = [
            {
                "number": attempt.number,
                "at": attempt.at,
                "ended_at": attempt.ended_at,
                "outcome": attempt.outcome,
                "error": attempt.error,
                "remote_id": attempt.remote_id,
            }
            for attempt in await queries.attempts_of(session, actor, row.id)
        ]
        answer.append({**DeliveryView.of(row).model_dump(), "attempts": attempts})
    return answer


@router.post("/{post_id}/deliveries/{delivery_id}/resolution")
async def resolve_delivery(
    post_id: str, delivery_id: str, body: ResolutionIn, session: Write, actor: Who
) -> DeliveryView:
    """A person says what became of a lost post, or that it was posted by hand."""
    await queries.get(session, actor, post_id)
    delivery = await queries.get_delivery(session, actor, delivery_id)
    if delivery.is_unknown:
        found = await service.resolve_unknown(
            session, actor, delivery_id, is_there=body.is_there, url=body.url, remote_id=body.remote_id
        )
    elif body.is_there:
        found = await service.mark_posted(session, actor, delivery_id, url=body.url, remote_id=body.remote_id)
    else:
        await service.retry(session, actor, delivery.post_id)
        found = await queries.get_delivery(session, actor, delivery_id)
    return DeliveryView.of(found)


@router.get("/{post_id}/receipt")
async def list_receipts(post_id: str, session: Read, actor: Who) -> list[ReceiptView]:
    """What was published where, and how its origin was declared."""
    await queries.get(session, actor, post_id)
    return [ReceiptView.of(row) for row in await queries.receipts_of(session, actor, post_id)]


async def _view(session: Read, actor: Who, post: Post) -> PostView:
    actor.require(Right.READ)
    await session.flush()
    deliveries = await queries.deliveries_of(session, actor, post.id)
    return PostView.of(await content.load(session, post), list(deliveries))


def _preflight(found: list[preflight.Problem]) -> PreflightView:
    ok = not any(problem.severity is Severity.ERROR for problem in found)
    return PreflightView(ok=ok, problems=[ProblemView.of(problem) for problem in found])
