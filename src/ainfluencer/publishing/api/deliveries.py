"""Deliveries over the API: where each variant stands, what is due, what a person found, and the receipts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, status
from pydantic import AwareDatetime, BaseModel, Field

from ainfluencer.api.schemas import Paged
from ainfluencer.publishing import queries, service
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.schemas import DeliveryView, ReceiptView, Refusal
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/posts", tags=["posts"])


class DueIn(BaseModel):
    """Whether what was held for being late goes out as well."""

    late: bool = False


class Waiting(BaseModel):
    """A delivery that is tried again at a time of its own."""

    delivery: DeliveryView
    until: AwareDatetime


class DueOut(BaseModel):
    """What was started, what waits for its next try, which posts are held for being late, and what was refused."""

    started: list[DeliveryView]
    waiting: list[Waiting]
    held: list[str]
    refused: list[Refusal]


class ResolutionIn(BaseModel):
    """What a person found: whether the post is there, and its link."""

    is_there: bool
    url: str = Field("", max_length=2000)
    remote_id: str = Field("", max_length=500)


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


@router.post("/deliveries/due", status_code=status.HTTP_202_ACCEPTED)
async def run_due(session: Write, actor: Who, body: DueIn | None = None) -> DueOut:
    """Start every delivery that is due now (SCH-011); with `late` also what was held because its time had passed."""
    told = await service.run_due(session, actor, late=body.late if body else False)
    await session.flush()
    return DueOut(
        started=[DeliveryView.of(row) for row in told.started],
        waiting=[Waiting(delivery=DeliveryView.of(row), until=until) for row, until in told.waiting],
        held=told.held,
        refused=told.refused,
    )


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
