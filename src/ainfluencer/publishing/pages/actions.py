"""What can be done with one post, and with several: each a POST of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput, ProductError
from ainfluencer.publishing import queries, service
from ainfluencer.publishing.pages.show import region_of
from ainfluencer.publishing.post_states import words
from ainfluencer.publishing.schemas import Bulk, Refusal
from ainfluencer.web.deps import Who, Write
from ainfluencer.web.render import came_from, flash, go_to, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@router.post("/posts/bulk")
async def bulk(
    request: Request,
    session: Write,
    actor: Who,
    ids: Annotated[list[str] | None, Form()] = None,
    action: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Approve or reject everything that is picked; each stands for itself."""
    if not ids:
        raise InvalidInput("Nothing is picked.", "Tick some posts first.")
    if action == "approve":
        done = await service.approve_many(session, actor, ids)
    elif action == "reject":
        done = await _reject_many(session, actor, ids, reason)
    else:
        raise InvalidInput("There is no such action for several posts.", "Choose approve or reject.", field="action")
    said = "approved" if action == "approve" else "rejected"
    if done.done:
        flash(request, f"{len(done.done)} {said}.", "success")
    for refusal in done.refused[:3]:
        flash(request, f"{refusal.detail} {refusal.next_step}", "warning")
    if len(done.refused) > 3:
        flash(request, f"{len(done.refused) - 3} more could not be {said}.", "warning")
    return go_to(request, came_from(request) if came_from(request).startswith("/posts") else "/posts")


async def _reject_many(session: AsyncSession, actor: Actor, ids: list[str], reason: str) -> Bulk:
    done: list[str] = []
    refused: list[Refusal] = []
    for post_id in dict.fromkeys(ids[:200]):
        try:
            async with session.begin_nested():
                await service.reject(session, actor, post_id, reason or "Rejected with others")
        except ProductError as error:
            refused.append(Refusal(id=post_id, code=error.reason, detail=error.detail, next_step=error.next_step))
        else:
            done.append(post_id)
    return Bulk(done=done, refused=refused)


async def _answer(request: Request, session: AsyncSession, actor: Actor, post_id: str) -> Response:
    await session.flush()
    return swap(request, await region_of(session, actor, post_id), back=f"/posts/{post_id}")


@router.post("/posts/{post_id}/approval")
async def approve(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Approve exactly this content."""
    post = await service.approve(session, actor, post_id)
    flash(request, f"The post is {words(post.state)}.", "success", undo_url=f"/posts/{post_id}/reopening")
    return await _answer(request, session, actor, post_id)


@router.post("/posts/{post_id}/rejection")
async def reject(
    request: Request, session: Write, actor: Who, post_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Reject, with a reason."""
    await service.reject(session, actor, post_id, reason)
    flash(request, "Rejected.", "info", undo_url=f"/posts/{post_id}/reopening")
    return go_to(request, f"/posts/{post_id}")


@router.post("/posts/{post_id}/reopening")
async def reopen(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Back into review, whatever was decided."""
    await service.reopen(session, actor, post_id)
    flash(request, "Back in review.", "success")
    back = came_from(request)
    return go_to(request, f"/posts/review?post={post_id}" if back.startswith("/posts/review") else f"/posts/{post_id}")


@router.post("/posts/{post_id}/submission")
async def submit(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Hand a draft to review."""
    await service.submit(session, actor, post_id)
    flash(request, "Sent to review.", "success")
    return await _answer(request, session, actor, post_id)


@router.post("/posts/{post_id}/schedule")
async def schedule(
    request: Request,
    session: Write,
    actor: Who,
    post_id: str,
    due_local: Annotated[str, Form()] = "",
    or_next: Annotated[bool, Form()] = False,
) -> Response:
    """Give it another time, written on the clock of its own zone, or the next one that its channels take."""
    post = await queries.get(session, actor, post_id)
    due_at, note = instant_of(due_local, post.timezone)
    if due_at is None:
        raise InvalidInput("No time was given.", "Choose a day and an hour.", field="due_local")
    post = await service.schedule(session, actor, post_id, due_at, or_next=or_next)
    if post.due_at and post.due_at != due_at:
        local = post.due_at.astimezone(clock.zone(post.timezone))
        note = f"That time was taken. Scheduled for {local:%a %d %b, %H:%M}."
    flash(request, note or "Scheduled.", "info" if note else "success")
    return go_to(request, f"/posts/{post_id}")


@router.post("/posts/{post_id}/publication")
async def publish(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Send it now."""
    await service.publish_now(session, actor, post_id)
    flash(request, "On its way.", "success")
    return await _answer(request, session, actor, post_id)


@router.post("/posts/{post_id}/cancellation")
async def cancel(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Take back what has not gone out."""
    await service.cancel(session, actor, post_id)
    flash(request, "Taken back. It is approved, without a date.", "info")
    return await _answer(request, session, actor, post_id)


@router.post("/posts/{post_id}/retry")
async def retry(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Send again what failed or is held."""
    await service.retry(session, actor, post_id)
    flash(request, "Sent again.", "success")
    return await _answer(request, session, actor, post_id)


@router.post("/posts/{post_id}/withdrawal")
async def withdraw(
    request: Request, session: Write, actor: Who, post_id: str, reason: Annotated[str, Form()] = ""
) -> Response:
    """Delete it wherever that is possible; the page lists where it is still live."""
    await service.withdraw(session, actor, post_id, reason)
    left = await service.still_live(session, actor, post_id)
    said = f"Withdrawn. {len(left)} still to be deleted." if left else "Withdrawn everywhere."
    flash(request, said, "info")
    return go_to(request, f"/posts/{post_id}")


@router.post("/posts/{post_id}/deletion")
async def delete(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Delete a post of which nothing was sent."""
    await service.delete(session, actor, post_id)
    flash(request, "The post is deleted.", "info")
    return go_to(request, "/posts")


@router.post("/posts/{post_id}/deliveries/{delivery_id}/resolution")
async def resolve(
    request: Request,
    session: Write,
    actor: Who,
    post_id: str,
    delivery_id: str,
    is_there: Annotated[bool, Form()],
    url: Annotated[str, Form()] = "",
) -> Response:
    """A person looked: it is there (or was posted by hand), or it is not and goes out again."""
    await queries.get(session, actor, post_id)
    delivery = await queries.get_delivery(session, actor, delivery_id)
    if delivery.post_id != post_id:
        raise InvalidInput("That delivery belongs to another post.", "Open the post it belongs to.")
    if delivery.is_unknown:
        await service.resolve_unknown(session, actor, delivery_id, is_there=is_there, url=url.strip())
    elif is_there:
        await service.mark_posted(session, actor, delivery_id, url=url.strip())
    else:
        await service.retry(session, actor, post_id)
    flash(request, "Noted: it is public." if is_there else "It goes out again.", "success")
    return await _answer(request, session, actor, post_id)


def instant_of(local: str, zone: str) -> tuple[datetime | None, str]:
    """The instant of a `datetime-local` value on the clock of a zone, and what that clock did to it."""
    if not local.strip():
        return None, ""
    try:
        wall = datetime.fromisoformat(local.strip())
    except ValueError:
        raise InvalidInput("That is not a day and an hour.", "Choose them again.", field="due_local") from None
    return clock.local_to_utc(wall.date(), wall.time(), zone)
