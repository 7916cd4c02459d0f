"""Review: one post at a time, with everything that a decision needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor, Right
from ainfluencer.publishing import drafting, overlay, pace, queries, service
from ainfluencer.publishing.drafting import Outlook
from ainfluencer.publishing.overlay import Drawing, Overlay
from ainfluencer.publishing.post_states import PostState
from ainfluencer.publishing.preflight import Problem
from ainfluencer.publishing.schemas import PostCard
from ainfluencer.quality import queries as quality
from ainfluencer.quality.models import Score
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, is_htmx, render, swap
from ainfluencer.web.routing import Router
from ainfluencer.writing.schemas import Candidate

router = Router(include_in_schema=False)

REASONS = ("Not in their voice", "The picture is off", "Too much like an earlier one", "Not true", "Wrong moment")


@dataclass(frozen=True, slots=True)
class Looked:
    """Everything that a reviewer sees of one post."""

    card: PostCard
    outlook: Outlook
    scores: dict[str, list[Score]]
    candidates: tuple[tuple[Candidate, bool], ...]  # each with whether it is the one in the post
    overlay: Overlay | None
    drawing: Drawing | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the queue one stands. `done` counts what was decided since one began."""

    character: str = ""
    number: int = 0
    total: int = 0
    done: int = 0
    before: str = ""
    after: str = ""

    def url(self, post_id: str = "", *, editing: bool = False) -> str:
        """The address of review with another post, or with the words open for editing."""
        query = {"character": self.character, "post": post_id, "done": self.done or "", "edit": 1 if editing else ""}
        kept = urlencode({name: value for name, value in query.items() if value})
        return f"/posts/review?{kept}" if kept else "/posts/review"


@dataclass(frozen=True, slots=True)
class ReviewRegion:
    """The post that is looked at, or the end of the queue."""

    looked: Looked | None
    place: Place
    can_review: bool
    can_create: bool
    is_editing: bool = False
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = REASONS
    template: ClassVar[str] = "publishing/_review.html"

    @property
    def id(self) -> str:
        """One a page."""
        return "review"


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The whole page."""

    shown: ReviewRegion
    template: ClassVar[str] = "publishing/review.html"


async def looked(session: AsyncSession, actor: Actor, card: PostCard) -> Looked:
    """The card with previews, findings, scores, the texts that were written and the words on its picture."""
    scores = await quality.scores_of(session, actor, [picture.asset.id for picture in card.pictures])
    return Looked(
        card,
        drafting.outlook(card.content, await _time_problems(session, actor, card)),
        scores,
        tuple(await queries.candidates_of(session, actor, card.post)),
        await overlay.find(session, actor, card.content),
        await overlay.drawing_of(session, actor, card.post),
    )


async def _time_problems(session: AsyncSession, actor: Actor, card: PostCard) -> list[Problem]:
    """Whether its channels take a post at its time, as long as it has none there."""
    is_open = card.post.state in {PostState.DRAFT, PostState.IN_REVIEW, PostState.APPROVED, PostState.REJECTED}
    return await pace.problems(session, actor, card.content, card.post.due_at) if is_open else []


async def region_at(
    session: AsyncSession, actor: Actor, character: str, post_id: str, done: int, *, at: int = 0, editing: bool = False
) -> ReviewRegion:
    """The queue at that post; where it is not in the queue (any more), at position `at`, else at the last one."""
    queue = await queries.review_queue(session, actor, character_id=character)
    rights = actor.can(Right.REVIEW), actor.can(Right.CREATE)
    if not queue:
        return ReviewRegion(None, Place(character, total=done, done=done), *rights)
    here = queue.index(post_id) if post_id in queue else min(at, len(queue) - 1)
    place = Place(
        character,
        done + here + 1,
        done + len(queue),
        done,
        queue[here - 1] if here else "",
        queue[here + 1] if here + 1 < len(queue) else "",
    )
    (card,) = await queries.cards(session, actor, [await queries.get(session, actor, queue[here])])
    values = {"caption": card.post.caption, "hashtags": ", ".join(card.post.hashtags)} if editing else {}
    return ReviewRegion(await looked(session, actor, card), place, *rights, is_editing=editing, values=values)


@router.get("/posts/review")
async def review(
    request: Request,
    session: Read,
    actor: Who,
    character: str = "",
    post: str = "",
    done: int = 0,
    edit: bool = False,
) -> Response:
    """One post of the queue; `done` is how many were decided since one began."""
    region = await region_at(session, actor, character, post, max(0, done), editing=edit and actor.can(Right.CREATE))
    if is_htmx(request) and region.looked:
        return moved(request, region)
    return render(request, ReviewPage(region))


@router.get("/posts/review/{post_id}/region")
async def look_again(
    request: Request, session: Read, actor: Who, post_id: str, character: str = "", done: int = 0
) -> Response:
    """The same post as it is now, while its picture is drawn."""
    await queries.get(session, actor, post_id)
    region = await region_at(session, actor, character, post_id, max(0, done))
    return swap(request, region, back=region.place.url(post_id))


def moved(request: Request, region: ReviewRegion) -> Response:
    """The region, with its address in the bar, so that a reload shows the same post."""
    url = region.place.url(region.looked.card.post.id if region.looked else "")
    answer = swap(request, region, back=url)
    answer.headers["hx-push-url"] = url
    return answer


@router.post("/posts/review/{post_id}/approval")
async def approve(
    request: Request,
    session: Write,
    actor: Who,
    post_id: str,
    character: Annotated[str, Form()] = "",
    done: Annotated[int, Form()] = 0,
) -> Response:
    """Approve, and on to the next."""
    at = await _position(session, actor, character, post_id)
    post = await service.approve(session, actor, post_id)
    said = "Approved and scheduled." if post.state == "scheduled" else "Approved."
    if post.problem:
        said = f"Approved. {post.problem['detail']}"
    flash(request, said, "success", undo_url=f"/posts/{post_id}/reopening")
    return moved(request, await region_at(session, actor, character, "", done + 1, at=at))


@router.post("/posts/review/{post_id}/rejection")
async def reject(
    request: Request,
    session: Write,
    actor: Who,
    post_id: str,
    character: Annotated[str, Form()] = "",
    done: Annotated[int, Form()] = 0,
    reason: Annotated[str, Form()] = "",
    quick: Annotated[str, Form()] = "",
) -> Response:
    """Reject with a reason, and on to the next."""
    at = await _position(session, actor, character, post_id)
    await service.reject(session, actor, post_id, ". ".join(part for part in (quick, reason.strip()) if part))
    flash(request, "Rejected.", "info", undo_url=f"/posts/{post_id}/reopening")
    return moved(request, await region_at(session, actor, character, "", done + 1, at=at))


async def _position(session: AsyncSession, actor: Actor, character: str, post_id: str) -> int:
    queue = await queries.review_queue(session, actor, character_id=character)
    return queue.index(post_id) if post_id in queue else 0
