"""The composer: a post by hand, with what each channel would get beside it while one writes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

from fastapi import Request
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.channels import service as channel_service
from ainfluencer.channels.models import Channel
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, NotFound, ProductError
from ainfluencer.library import queries as library
from ainfluencer.library.schemas import AssetOut, Filter
from ainfluencer.media.models import MediaFile
from ainfluencer.publishing import content, drafting, pace, queries, service
from ainfluencer.publishing.drafting import BUILT_IN, Outlook
from ainfluencer.publishing.models import Post
from ainfluencer.publishing.pages import drafts
from ainfluencer.publishing.pages.actions import instant_of
from ainfluencer.publishing.pages.drafts import Draft
from ainfluencer.publishing.preflight import PreflightFailed
from ainfluencer.publishing.schemas import Face, PostEdit
from ainfluencer.studio import queries as studio
from ainfluencer.studio.models import Asset
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

SHELF = 24


@dataclass(frozen=True, slots=True)
class ComposerPage:
    """The form with the pictures, the channels and the outlook."""

    draft: Draft
    faces: tuple[Face, ...]
    face: Face
    channels: tuple[Channel, ...]
    picked: tuple[tuple[Asset, MediaFile], ...]
    shelf: tuple[AssetOut, ...]
    outlook: Outlook
    due_note: str
    can_review: bool
    errors: dict[str, str] = field(default_factory=dict)
    is_choosing: bool = False
    template: ClassVar[str] = "publishing/composer.html"
    region: ClassVar[str] = "form"

    @property
    def action(self) -> str:
        """Where the form goes."""
        return f"/posts/{self.draft.post_id}" if self.draft.post_id else "/posts"


@dataclass(frozen=True, slots=True)
class OutlookRegion:
    """What each channel would get, and the note about its hour."""

    outlook: Outlook
    due_note: str
    id: ClassVar[str] = "outlook"
    template: ClassVar[str] = "publishing/_outlook.html"


@dataclass(frozen=True, slots=True)
class CountsRegion:
    """Only the lengths, for editing in place."""

    outlook: Outlook
    id: ClassVar[str] = "counts"
    template: ClassVar[str] = "publishing/_counts.html"


@router.get("/posts/new")
async def new(request: Request, session: Read, actor: Who, character: str = "", asset: str = "") -> Response:
    """An empty composer, or one that begins with a character or a picture of the library."""
    actor.require(Right.CREATE)
    first = await studio.get_asset(session, actor, asset) if asset else None
    owner = character or (first.character_id or "" if first else "")
    draft = Draft(character_id=owner, channel_ids=(BUILT_IN,), asset_ids=(asset,) if asset else ())
    return render(request, await _page(session, actor, draft))


@router.get("/posts/{post_id}/edit")
async def edit(request: Request, session: Read, actor: Who, post_id: str) -> Response:
    """The composer with a post in it."""
    actor.require(Right.CREATE)
    whole = await content.load(session, await queries.get(session, actor, post_id))
    return render(request, await _page(session, actor, drafts.of_content(whole)))


async def _page(
    session: AsyncSession, actor: Actor, draft: Draft, errors: dict[str, str] | None = None
) -> ComposerPage:
    faces = await queries.faces(session, actor)
    face = faces.get(draft.character_id) or next(iter(faces.values()), Face("", "Nobody"))
    draft = replace(draft, character_id=face.id)
    known = await drafting.open_channels(session, actor, face.id) if face.id else ()
    draft = replace(draft, channel_ids=_known_channels(draft, known))
    picked = await studio.assets_with_files(session, actor, draft.asset_ids)
    shelf = await library.list_assets(session, actor, Filter(character_id=face.id, kind="image"), limit=SHELF)
    outlook, note = await _outlook(session, actor, draft, face.timezone)
    return ComposerPage(
        draft,
        tuple(faces.values()),
        face,
        known,
        tuple(picked),
        tuple(item for item in shelf.items if item.id not in draft.asset_ids and item.state != "rejected"),
        outlook,
        note,
        actor.can(Right.REVIEW),
        errors or {},
    )


def _known_channels(draft: Draft, known: tuple[Channel, ...]) -> tuple[str, ...]:
    """The chosen channels that this character has; the local network stands for itself, made or not."""
    ids = {channel.id for channel in known}
    local = next((channel.id for channel in known if channel.id == BUILT_IN), known[0].id if known else "")
    return tuple(
        dict.fromkeys(local if one == BUILT_IN else one for one in draft.channel_ids if one == BUILT_IN or one in ids)
    )


async def _outlook(session: AsyncSession, actor: Actor, draft: Draft, zone: str) -> tuple[Outlook, str]:
    try:
        new = draft.new_post()
    except ValidationError:  # far too long for any channel: the form says so when it is sent
        new = replace(draft, caption=draft.caption[:20_000], hashtags="").new_post()
    imagined = await drafting.imagine(session, actor, new)
    due_at = None
    try:
        due_at, note = instant_of(draft.due_local, zone)
    except InvalidInput as mistake:
        note = mistake.detail
    full = await pace.problems(session, actor, imagined, due_at, post_id=draft.post_id)
    return drafting.outlook(imagined, full), note


@router.post("/posts/composer")
async def redraw(request: Request, session: Read, actor: Who) -> Response:
    """The form again, with a picture more or less, or for another character."""
    actor.require(Right.CREATE)
    form = await request.form()
    page = await _page(session, actor, drafts.read(form))
    return render(request, replace(page, is_choosing="add" in form))


@router.post("/posts/outlook")
async def look_ahead(request: Request, session: Read, actor: Who) -> Response:
    """What each channel would get of what is written so far."""
    draft = drafts.read(await request.form())
    face = (await queries.faces(session, actor, [draft.character_id])).get(draft.character_id, Face("", ""))
    return swap(request, OutlookRegion(*await _outlook(session, actor, draft, face.timezone)), back="/posts/new")


@router.post("/posts/counts")
async def count(request: Request, session: Read, actor: Who) -> Response:
    """How long the words are on each channel of a post, label and hashtags included."""
    sent = drafts.read(await request.form())
    whole = drafts.of_content(await content.load(session, await queries.get(session, actor, sent.post_id)))
    draft = replace(whole, caption=sent.caption, hashtags=sent.hashtags)
    outlook, _ = await _outlook(session, actor, draft, "UTC")
    return swap(request, CountsRegion(outlook), back="/posts/review")


@router.post("/posts")
async def create(request: Request, session: Write, actor: Who) -> Response:
    """Keep a new post; `then` says whether as a draft, for review, or approved at once."""
    return await _keep(request, session, actor, "")


@router.post("/posts/{post_id}")
async def update(request: Request, session: Write, actor: Who, post_id: str) -> Response:
    """Keep the changes; new content goes back to review."""
    return await _keep(request, session, actor, post_id)


async def _keep(request: Request, session: AsyncSession, actor: Actor, post_id: str) -> Response:
    actor.require(Right.CREATE)
    form = await request.form()
    draft, then = drafts.read(form, post_id), str(form.get("then", "review"))
    try:
        post = await _store(session, actor, draft, then)
    except (InvalidInput, NotFound, ValidationError) as mistake:
        if isinstance(mistake, NotFound) and not mistake.field:
            raise  # the post itself is not there
        await session.rollback()
        return render(request, await _page(session, actor, draft, _errors(mistake)), status=422)
    said = {"draft": "Kept as a draft.", "approve": "Approved."}.get(then, "Sent to review.")
    flash(request, "Approved and scheduled." if post.state == "scheduled" else said, "success")
    return go_to(request, f"/posts/{post.id}")


def _errors(mistake: ProductError | ValidationError) -> dict[str, str]:
    if isinstance(mistake, PreflightFailed):  # the findings stand in the outlook, each at its channel
        return {"": f"{mistake.detail} {mistake.next_step}"}
    return form_errors(mistake)


async def _store(session: AsyncSession, actor: Actor, draft: Draft, then: str) -> Post:
    if not draft.character_id:
        raise InvalidInput("Nobody says this yet.", "Choose a character.", field="character_id")
    face = (await queries.faces(session, actor, [draft.character_id])).get(draft.character_id)
    zone = face.timezone if face else "UTC"
    due_at, _ = instant_of(draft.due_local, zone)
    draft = await _with_local_network(session, actor, draft)
    wanted = draft.new_post()
    if draft.post_id:
        change = PostEdit(
            **wanted.model_dump(include={"caption", "hashtags", "asset_ids", "channel_ids", "alt_texts", "texts"}),
            due_at=due_at,
        )
        post = await service.edit(session, actor, draft.post_id, change)
        if then == "review" and post.state in {"draft", "rejected"}:
            post = await service.submit(session, actor, post.id)
    else:
        post = await service.create_post(
            session, actor, wanted.model_copy(update={"due_at": due_at, "timezone": zone, "draft": then == "draft"})
        )
    if then == "approve" and post.state not in {"approved", "scheduled"}:
        post = await service.approve(session, actor, post.id)
    return post


async def _with_local_network(session: AsyncSession, actor: Actor, draft: Draft) -> Draft:
    """The draft with a real channel in the place of the one that was not made yet."""
    if BUILT_IN not in draft.channel_ids:
        return draft
    made = (await channel_service.ensure_built_in(session, actor, draft.character_id)).id
    return replace(
        draft,
        channel_ids=tuple(made if one == BUILT_IN else one for one in draft.channel_ids),
        texts={made if one == BUILT_IN else one: text for one, text in draft.texts.items()},
    )
