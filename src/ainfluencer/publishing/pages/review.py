"""Review: one post at a time, with everything that a decision needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotFound, ProductError
from ainfluencer.publishing import drafting, queries, service
from ainfluencer.publishing.drafting import Outlook
from ainfluencer.publishing.schemas import PostCard, PostEdit
from ainfluencer.quality import queries as quality
from ainfluencer.quality.models import Score
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, is_htmx, render, swap
from ainfluencer.writing import queries as writing
from ainfluencer.writing.models import DraftCandidate

router = APIRouter(include_in_schema=False)

REASONS = ("Not in their voice", "The picture is off", "Too much like an earlier one", "Not true", "Wrong moment")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that was written, and whether it is the one in the post."""

    row: DraftCandidate
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """Everything that a reviewer sees of one post."""

    card: PostCard
    outlook: Outlook
    scores: dict[str, list[Score]]
    candidates: tuple[Candidate, ...]


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
    """The card with previews, findings, scores and the texts that were written."""
    scores = await quality.scores_of(session, actor, [picture.asset.id for picture in card.pictures])
    return Looked(card, drafting.outlook(card.content), scores, await _candidates(session, actor, card))


async def _candidates(session: AsyncSession, actor: Actor, card: PostCard) -> tuple[Candidate, ...]:
    if not card.post.candidates_id:
        return ()
    try:
        draft = await writing.get(session, actor, card.post.candidates_id)
    except NotFound:
        return ()  # drafts may be tidied away before their posts
    return tuple(Candidate(row, row.caption == card.post.caption) for row in draft.candidates)


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
        return _moved(request, region)
    return render(request, ReviewPage(region))


def _moved(request: Request, region: ReviewRegion) -> Response:
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
    return _moved(request, await region_at(session, actor, character, "", done + 1, at=at))


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
    return _moved(request, await region_at(session, actor, character, "", done + 1, at=at))


@router.post("/posts/review/{post_id}/candidate")
async def choose(
    request: Request,
    session: Write,
    actor: Who,
    post_id: str,
    index: Annotated[int, Form()],
    character: Annotated[str, Form()] = "",
    done: Annotated[int, Form()] = 0,
) -> Response:
    """Take another of the written texts."""
    await service.choose_candidate(session, actor, post_id, index)
    return _moved(request, await region_at(session, actor, character, post_id, done))


@router.post("/posts/review/{post_id}/words")
async def reword(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Keep what was edited in place: caption, hashtags and alt texts."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    character, done = form.get("character", ""), int(form["done"]) if form.get("done", "").isdigit() else 0
    alt_texts = {name.removeprefix("alt_"): value for name, value in form.items() if name.startswith("alt_")}
    tags = tuple(tag for tag in form.get("hashtags", "").replace("#", " ").replace(",", " ").split() if tag)
    try:
        change = PostEdit(caption=form.get("caption", ""), hashtags=tags, alt_texts=alt_texts)
        await service.edit(session, actor, post_id, change)
    except (ProductError, ValueError) as mistake:
        await session.rollback()
        if not isinstance(mistake, ProductError):
            mistake = ProductError(str(mistake).splitlines()[0], "Shorten it.", field="caption")
        region = await region_at(session, actor, character, post_id, done, editing=True)
        redrawn = ReviewRegion(
            region.looked, region.place, region.can_review, region.can_create, True, form, form_errors(mistake)
        )
        return swap(request, redrawn, status=422) if is_htmx(request) else render(request, ReviewPage(redrawn), 422)
    flash(request, "Kept.", "success")
    return _moved(request, await region_at(session, actor, character, post_id, done))


async def _position(session: AsyncSession, actor: Actor, character: str, post_id: str) -> int:
    queue = await queries.review_queue(session, actor, character_id=character)
    return queue.index(post_id) if post_id in queue else 0
