"""Connected accounts: the cards, one account, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from fastapi import Request
from markupsafe import Markup
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.channels import queries, registry, service
from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.channels.pages import forms
from ainfluencer.channels.pages.connecting import ACTIONS, LABELS, Platform, people
from ainfluencer.channels.pages.forms import ConnectForm
from ainfluencer.channels.schemas import ChannelChanges
from ainfluencer.characters import queries as characters
from ainfluencer.characters.models import Character
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import queries as jobs
from ainfluencer.engine import service as engine
from ainfluencer.engine.models import Job
from ainfluencer.integrations.manifest import Access, Limits
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.filters import duration
from ainfluencer.web.markdown import to_html
from ainfluencer.web.render import flash, go_to, render, swap
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

_LIMITS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("text", "Letters in a text", lambda v: f"{v:,}"),
    ("hashtags", "Hashtags", str),
    ("images", "Pictures", str),
    ("image_bytes", "Size of a picture", lambda v: f"{v / 1e6:.0f} MB"),
    ("alt_text", "Letters in an alt text", lambda v: f"{v:,}"),
    ("videos", "Films", lambda v: str(v) if v else "none"),
    ("posts_per_day", "Posts a day", lambda v: f"{v:,}"),
    ("spacing_seconds", "Between two posts", duration),
)


def limits_in_words(limits: Limits) -> tuple[tuple[str, str], ...]:
    """Those that are known."""
    known = ((label, getattr(limits, name), words) for name, label, words in _LIMITS)
    return tuple((label, words(value)) for label, value, words in known if value is not None)


@dataclass(frozen=True, slots=True)
class Account:
    """A channel with its platform and its character."""

    channel: Channel
    platform: Platform
    character: Character | None
    limits: tuple[tuple[str, str], ...]
    job: Job | None = None

    @property
    def is_built_in(self) -> bool:
        """Whether it needs no sign-in."""
        return self.platform.manifest.access == Access.BUILT_IN

    @property
    def picture(self) -> str:
        """Of the character, or empty."""
        file_id = self.character.picture_file_id if self.character else None
        return f"/media/{file_id}/160.webp" if file_id else ""


@dataclass(frozen=True, slots=True)
class IndexPage:
    """Every connected account."""

    accounts: tuple[Account, ...]
    state: str
    can_publish: bool
    template: ClassVar[str] = "channels/index.html"
    region: ClassVar[str] = "results"


@dataclass(frozen=True, slots=True)
class AccountRegion:
    """One card."""

    account: Account
    can_publish: bool
    template: ClassVar[str] = "channels/_card.html"

    @property
    def id(self) -> str:
        """The card's element."""
        return f"channel-{self.account.channel.id}"


@dataclass(frozen=True, slots=True)
class ShowPage:
    """One account: facts, rules, and the form that changes it."""

    account: Account
    people: tuple[tuple[str, str], ...]
    help: Markup
    can_publish: bool
    values: ConnectForm
    errors: dict[str, str] = field(default_factory=dict)
    prefix: str = forms.PREFIX
    actions: dict[Any, str] = field(default_factory=lambda: dict(ACTIONS))
    labels: dict[str, str] = field(default_factory=lambda: dict(LABELS))
    template: ClassVar[str] = "channels/show.html"
    region: ClassVar[str] = "form"


@router.get("/channels")
async def index(request: Request, session: Read, actor: Who, state: str = "") -> Response:
    """The cards; disconnected ones only when asked for."""
    actor.require(Right.READ)
    known = state if state in set(ChannelState) else ""
    page = await queries.list_channels(session, actor, state=known, limit=200)
    faces = await _faces(session, actor)
    accounts = tuple(_account(channel, faces) for channel in page.items)
    return render(request, IndexPage(accounts, known, actor.can(Right.PUBLISH)))


@router.get("/channels/{channel_id}")
async def show(request: Request, session: Read, actor: Who, channel_id: str) -> Response:
    """One account."""
    actor.require(Right.READ)
    channel = await queries.get(session, actor, channel_id)
    return render(request, await _page(session, actor, channel, _values(channel)))


@router.get("/channels/{channel_id}/region")
async def region(request: Request, session: Read, actor: Who, channel_id: str) -> Response:
    """One card, while it is being checked."""
    return swap(request, await _region(session, actor, channel_id), back="/channels")


@router.post("/channels/{channel_id}")
async def update(request: Request, actor: Who, channel_id: str) -> Response:
    """Keep the changes; new settings or secrets are tested live first, outside any transaction."""
    actor.require(Right.PUBLISH)
    async with database().reading() as session:
        channel = await queries.get(session, actor, channel_id)
    manifest = registry.manifest(channel.platform)
    values = await forms.read(request, manifest)
    try:
        await _update(actor, channel, values)
    except (ProductError, ValidationError) as mistake:
        async with database().reading() as session:
            page = await _page(session, actor, channel, values, forms.mistakes(mistake, manifest))
        return render(request, page, status=422)
    flash(request, f"{values.title or channel.title} is kept.", "success")
    return go_to(request, f"/channels/{channel.id}")


async def _update(actor: Actor, channel: Channel, values: ConnectForm) -> None:
    stored = {f.name: str(channel.settings.get(f.name, "")) for f in registry.manifest(channel.platform).fields}
    is_new = any(values.secrets.values()) or any(v.strip() != stored[n] for n, v in values.settings.items())
    changed: dict[str, Any] = {"title": values.title or None}
    changed |= {"posts_per_day": values.posts_per_day or None, "spacing_minutes": values.spacing_minutes or None}
    if registry.manifest(channel.platform).access != Access.BUILT_IN:
        changed["character_id"] = values.character_id or None
    if is_new or channel.state == ChannelState.DISCONNECTED:
        changed |= {"settings": dict(values.settings), "secrets": dict(values.secrets)}
    changes = ChannelChanges.model_validate(changed)
    account = None
    if changes.settings is not None:
        account = await service.probe(actor, channel.platform, *service.merged(channel, changes))
    async with database().writing() as session:
        await service.update(session, actor, channel.id, changes, account)


@router.post("/channels/{channel_id}/check")
async def check(request: Request, session: Write, actor: Who, channel_id: str) -> Response:
    """Test it against its platform now, as a job."""
    actor.require(Right.PUBLISH)
    channel = await queries.get(session, actor, channel_id)
    subject = ("channel", channel.id)
    running = await jobs.find_live(session, actor, "channels.check", subject)
    if running is None:
        payload = {"channel_id": channel.id}
        await engine.enqueue(
            session, actor, "channels.check", payload, title=f"Check {channel.title}"[:200], subject=subject
        )
    flash(request, f"{channel.title} is being checked.", "info")
    return swap(request, await _region(session, actor, channel_id), back=f"/channels/{channel.id}")


@router.post("/channels/{channel_id}/pause")
async def pause(request: Request, session: Write, actor: Who, channel_id: str) -> Response:
    """Nothing goes out or comes in for now."""
    channel = await service.pause(session, actor, channel_id)
    flash(request, f"{channel.title} is paused.", "success", undo_url=f"/channels/{channel.id}/resumption")
    return swap(request, await _region(session, actor, channel_id), back=f"/channels/{channel.id}")


@router.post("/channels/{channel_id}/resumption")
async def resume(request: Request, session: Write, actor: Who, channel_id: str) -> Response:
    """Back in use."""
    channel = await service.resume(session, actor, channel_id)
    flash(request, f"{channel.title} is back in use.", "success")
    return swap(request, await _region(session, actor, channel_id), back=f"/channels/{channel.id}")


@router.post("/channels/{channel_id}/disconnection")
async def disconnect(request: Request, session: Write, actor: Who, channel_id: str) -> Response:
    """Forget its secrets; what was published stays on record."""
    channel = await service.disconnect(session, actor, channel_id)
    flash(request, f"{channel.title} is disconnected; its sign-in is forgotten.", "success")
    return go_to(request, "/channels")


async def _faces(session: AsyncSession, actor: Actor) -> dict[str, Character]:
    found = await characters.list_characters(session, actor, limit=200)
    return {c.id: c for c in found.items}


def _account(channel: Channel, faces: dict[str, Character], job: Job | None = None) -> Account:
    platform = Platform(registry.manifest(channel.platform), registry.grade(channel.platform))
    limits = limits_in_words(service.limits(channel))
    return Account(channel, platform, faces.get(channel.character_id or ""), limits, job)


async def _region(session: AsyncSession, actor: Actor, channel_id: str) -> AccountRegion:
    channel = await queries.get(session, actor, channel_id)
    job = await jobs.find_live(session, actor, "channels.check", ("channel", channel.id))
    faces = await _faces(session, actor)
    return AccountRegion(_account(channel, faces, job), actor.can(Right.PUBLISH))


def _values(channel: Channel) -> ConnectForm:
    manifest = registry.manifest(channel.platform)
    settings = {f.name: str(channel.settings.get(f.name, f.default)) for f in manifest.fields if not f.secret}
    pace = (str(channel.posts_per_day or ""), str(channel.spacing_minutes or ""))
    return ConnectForm(channel.title, channel.character_id or "", settings, {}, *pace)


async def _page(
    session: AsyncSession, actor: Actor, channel: Channel, values: ConnectForm, errors: dict[str, str] | None = None
) -> ShowPage:
    job = await jobs.find_live(session, actor, "channels.check", ("channel", channel.id))
    faces = await _faces(session, actor)
    return ShowPage(
        _account(channel, faces, job),
        await people(session, actor),
        to_html(registry.setup_text(channel.platform)),
        actor.can(Right.PUBLISH),
        values,
        errors or {},
    )
