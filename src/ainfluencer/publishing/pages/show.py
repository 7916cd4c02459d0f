"""One post: what it says where, what became of it, and what can be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor, Right
from ainfluencer.integrations.manifest import Access
from ainfluencer.publishing import queries
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.drafting import Preview
from ainfluencer.publishing.models import Approval, Attempt, AttemptOutcome, Decision, Delivery, Receipt
from ainfluencer.publishing.pages.review import Looked, looked
from ainfluencer.publishing.post_states import EDITABLE, PostState, words
from ainfluencer.publishing.schemas import PostCard
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.render import render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

S = PostState
Entry = tuple[str, str, str, str, datetime | None]
_OUTCOMES = {
    AttemptOutcome.BEGUN: ("send", "info", "begun"),
    AttemptOutcome.PUBLISHED: ("check-check", "success", "published"),
    AttemptOutcome.PENDING: ("hourglass", "info", "taken, not public yet"),
    AttemptOutcome.REFUSED: ("circle-x", "error", "refused"),
    AttemptOutcome.UNKNOWN: ("circle-help", "warning", "no answer"),
    AttemptOutcome.NOT_THERE: ("search-x", "warning", "asked: nothing is there"),
}


@dataclass(frozen=True, slots=True)
class Lane:
    """One channel of a post: what it gets, where it stands, its ledger and its receipt."""

    preview: Preview
    delivery: Delivery | None
    attempts: tuple[Attempt, ...]
    receipt: Receipt | None

    @property
    def is_hand_off(self) -> bool:
        """Whether a person carries it over."""
        return self.preview.manifest.access is Access.HAND_OFF

    @property
    def waits(self) -> bool:
        """Whether a person must say what became of it."""
        return self.delivery is not None and self.delivery.state == DeliveryState.NEEDS_PERSON


@dataclass(frozen=True, slots=True)
class May:
    """Which actions this person may use on the post as it stands."""

    submit: bool
    approve: bool
    reject: bool
    reopen: bool
    edit: bool
    schedule: bool
    publish: bool
    cancel: bool
    retry: bool
    withdraw: bool
    delete: bool
    resolve: bool


@dataclass(frozen=True, slots=True)
class PostRegion:
    """All of a post's page that changes while one watches."""

    looked: Looked
    lanes: tuple[Lane, ...]
    story: tuple[Entry, ...]
    may: May
    template: ClassVar[str] = "publishing/_post.html"

    @property
    def id(self) -> str:
        """One a page."""
        return "post"

    @property
    def still_live(self) -> tuple[Lane, ...]:
        """Where a withdrawn post is public, or may be."""
        return tuple(
            lane
            for lane in self.lanes
            if lane.delivery
            and (lane.delivery.state in {DeliveryState.PUBLISHED, DeliveryState.SENDING} or lane.delivery.is_unknown)
        )


@dataclass(frozen=True, slots=True)
class PostPage:
    """One post."""

    region: PostRegion
    card: PostCard
    template: ClassVar[str] = "publishing/show.html"


@router.get("/posts/{post_id}")
async def show(request: Request, session: Read, actor: Who, post_id: str) -> Response:
    """The whole page."""
    region = await region_of(session, actor, post_id)
    return render(request, PostPage(region, region.looked.card))


@router.get("/posts/{post_id}/region")
async def region(request: Request, session: Read, actor: Who, post_id: str) -> Response:
    """The part that changes."""
    return swap(request, await region_of(session, actor, post_id), back=f"/posts/{post_id}")


async def region_of(session: AsyncSession, actor: Actor, post_id: str) -> PostRegion:
    """A post with its lanes and its story, in about ten queries."""
    (card,) = await queries.cards(session, actor, [await queries.get(session, actor, post_id)])
    seen = await looked(session, actor, card)
    attempts = await queries.ledger(session, actor, post_id)
    receipts = {receipt.delivery_id: receipt for receipt in await queries.receipts_of(session, actor, post_id)}
    deliveries = {delivery.channel_id: delivery for delivery in card.deliveries}
    lanes = tuple(
        Lane(
            preview,
            (delivery := deliveries.get(preview.channel.id)),
            tuple(attempts.get(delivery.id, ())) if delivery else (),
            receipts.get(delivery.id) if delivery else None,
        )
        for preview in seen.outlook.previews
    )
    approvals = await queries.approvals_of(session, actor, post_id)
    return PostRegion(seen, lanes, _story(card, list(approvals), lanes), _may(actor, card))


def _may(actor: Actor, card: PostCard) -> May:
    state = PostState(card.post.state)
    review, create, publish = actor.can(Right.REVIEW), actor.can(Right.CREATE), actor.can(Right.PUBLISH)
    touched = any(d.state in {DeliveryState.SENDING, DeliveryState.PUBLISHED} or d.is_unknown for d in card.deliveries)
    again = any(
        d.state in {DeliveryState.FAILED, DeliveryState.NEEDS_PERSON} and not d.is_unknown for d in card.deliveries
    )
    decided = {S.APPROVED, S.SCHEDULED, S.FAILED, S.NEEDS_PERSON}
    return May(
        submit=create and state in {S.DRAFT, S.REJECTED},
        approve=review and state in {S.IN_REVIEW, S.DRAFT, S.REJECTED},
        reject=review and state in {S.IN_REVIEW, S.APPROVED, S.SCHEDULED},
        reopen=review and state in {S.APPROVED, S.SCHEDULED} and not touched,
        edit=create and state in EDITABLE and not touched,
        schedule=publish and state in decided and not touched,
        publish=publish and state in {S.APPROVED, S.SCHEDULED},
        cancel=publish and state in {S.SCHEDULED, S.FAILED, S.NEEDS_PERSON},
        retry=publish and state in {S.FAILED, S.PARTLY_PUBLISHED, S.NEEDS_PERSON} and again,
        withdraw=publish and state in {S.PUBLISHED, S.PARTLY_PUBLISHED, S.PUBLISHING, S.NEEDS_PERSON} and touched,
        delete=create and state in {S.DRAFT, S.IN_REVIEW, S.REJECTED, S.APPROVED} and not touched,
        resolve=publish,
    )


def _story(card: PostCard, approvals: list[Approval], lanes: tuple[Lane, ...]) -> tuple[Entry, ...]:
    """What happened, the latest first."""
    post = card.post
    told: list[Entry] = [("pen-line", "iris", "Written", f"for {card.face.name}", post.created_at)]
    told += [_decision(approval) for approval in approvals]
    for lane in lanes:
        told += [_attempt(lane, attempt) for attempt in lane.attempts]
        if lane.delivery and lane.receipt and not lane.attempts:
            told.append(
                ("hand", "success", f"{lane.preview.channel.title}: posted by hand", "", lane.receipt.published_at)
            )
    if post.withdrawn_at:
        told.append(("undo-2", "neutral", "Withdrawn", post.withdrawal_reason, post.withdrawn_at))
    told.sort(key=lambda entry: entry[4] or post.created_at, reverse=True)
    if post.state == S.SCHEDULED and post.due_at:
        told.insert(0, ("calendar-clock", "primary", "Goes out", "", post.due_at))
    return tuple(told)


def _decision(row: Approval) -> Entry:
    is_yes = row.decision == Decision.APPROVED
    title = f"{'Approved' if is_yes else 'Rejected'} by {row.by_name or 'somebody'}"
    void = "Void: the post was changed or reopened afterwards." if row.is_void and is_yes else ""
    detail = " ".join(part for part in (row.note, void) if part)
    return ("check" if is_yes else "thumbs-down", "success" if is_yes else "error", title, detail, row.created_at)


def _attempt(lane: Lane, attempt: Attempt) -> Entry:
    glyph, tone, said = _OUTCOMES.get(AttemptOutcome(attempt.outcome), ("send", "neutral", words(attempt.outcome)))
    detail = str((attempt.error or {}).get("detail", ""))
    number = f" (attempt {attempt.number})" if attempt.number > 1 else ""
    return (glyph, tone, f"{lane.preview.channel.title}: {said}{number}", detail, attempt.at)
