"""Connecting an account: choose a platform, fill in its form, tested live before anything is saved; and the table of all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from fastapi import Request
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.channels import registry, service
from ainfluencer.channels.declined import DECLINED, Declined
from ainfluencer.channels.pages import forms
from ainfluencer.channels.pages.forms import ConnectForm
from ainfluencer.channels.schemas import NewChannel
from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, ProductError
from ainfluencer.db.session import database
from ainfluencer.integrations.grades import GradeReport
from ainfluencer.integrations.manifest import Access, Action, Capability, Manifest
from ainfluencer.web.deps import Read, Who
from ainfluencer.web.markdown import to_html
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

ACCESS = {
    Access.BUILT_IN: "Inside this studio",
    Access.LOCAL: "In your network",
    Access.OFFICIAL_API: "Official interface",
    Access.HAND_OFF: "Handed to a person",
}
ABILITIES = {
    Capability.PUBLISH: "Posts",
    Capability.SETTLE: "Never twice",
    Capability.WITHDRAW: "Withdraws",
    Capability.PULL: "Reads replies",
    Capability.REPLY: "Answers",
    Capability.MEASURE: "Counts reactions",
}
ACTIONS = {
    Action.POST: "Automated posts",
    Action.REPLY_UNATTENDED: "Unread answers",
    Action.MENTION: "Mentions",
    Action.LIKE: "Likes",
    Action.FOLLOW: "Follows",
    Action.REPOST: "Reposts",
    Action.DIRECT_MESSAGE: "Messages",
}
LABELS = {
    "field": "In the platform’s own field",
    "caption": "As a line of the text",
    "account": "On the account, and as a line of the text",
}


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform as a card or a column."""

    manifest: Manifest
    grade: GradeReport

    @property
    def access(self) -> str:
        """How it is reached, in words."""
        return ACCESS.get(self.manifest.access, str(self.manifest.access))

    @property
    def abilities(self) -> tuple[str, ...]:
        """What it can do, in words."""
        return tuple(words for ability, words in ABILITIES.items() if self.manifest.can(ability))


def platforms() -> tuple[Platform, ...]:
    """Every platform, those inside the studio first."""
    known = sorted(registry.manifests().values(), key=lambda m: (m.access != Access.BUILT_IN, m.title))
    return tuple(Platform(m, registry.grade(m.slug)) for m in known)


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """The first step."""

    platforms: tuple[Platform, ...]
    template: ClassVar[str] = "channels/new.html"


@dataclass(frozen=True, slots=True)
class ConnectPage:
    """The second step: the form of one platform, and how to obtain access."""

    platform: Platform
    help: Markup
    people: tuple[tuple[str, str], ...]
    values: ConnectForm = field(default_factory=ConnectForm)
    errors: dict[str, str] = field(default_factory=dict)
    prefix: str = forms.PREFIX
    template: ClassVar[str] = "channels/connect.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class CapabilitiesPage:
    """What each platform can do and allows, and what is never done anywhere."""

    platforms: tuple[Platform, ...]
    abilities: tuple[tuple[Capability, str], ...]
    actions: tuple[tuple[Action, str], ...]
    labels: dict[str, str]
    declined: tuple[Declined, ...]
    template: ClassVar[str] = "channels/capabilities.html"


@router.get("/channels/capabilities")
async def capabilities(request: Request, actor: Who) -> Response:
    """The table."""
    actor.require(Right.READ)
    page = CapabilitiesPage(platforms(), tuple(ABILITIES.items()), tuple(ACTIONS.items()), LABELS, DECLINED)
    return render(request, page)


@router.get("/channels/new")
async def choose(request: Request, actor: Who) -> Response:
    """Which platform?"""
    actor.require(Right.PUBLISH)
    return render(request, ChoosePage(platforms()))


@router.get("/channels/new/{slug}")
async def start(request: Request, session: Read, actor: Who, slug: str, character: str = "") -> Response:
    """The form of one platform."""
    actor.require(Right.PUBLISH)
    return render(request, await _page(session, actor, slug, ConnectForm(character_id=character[:26])))


@router.post("/channels/new/{slug}")
async def connect(request: Request, actor: Who, slug: str) -> Response:
    """Ask the platform who we are; save only when it answers. No transaction is open while it is asked."""
    actor.require(Right.PUBLISH)
    manifest = registry.manifest(slug)
    values = await forms.read(request, manifest)
    try:
        channel_id, title, notes = await _connect(actor, manifest, values)
    except ProductError as mistake:
        async with database().reading() as session:
            page = await _page(session, actor, slug, values, forms.mistakes(mistake, manifest))
        return render(request, page, status=422)
    flash(request, f"{title} is connected.{' ' + ' '.join(notes) if notes else ''}", "success")
    return go_to(request, f"/channels/{channel_id}")


async def _connect(actor: Actor, manifest: Manifest, values: ConnectForm) -> tuple[str, str, list[str]]:
    built_in = manifest.access == Access.BUILT_IN
    if built_in and not values.character_id:
        raise InvalidInput("Choose whose account it is.", "", field="character_id")
    account = None
    if not built_in:
        account = await service.probe(actor, manifest.slug, values.settings, values.secrets)
    new = NewChannel(
        platform=manifest.slug, settings=dict(values.settings), secrets=dict(values.secrets),
        character_id=values.character_id or None, title=values.title,
    )  # fmt: skip
    async with database().writing() as session:
        channel = await service.connect(session, actor, new, account)
        return channel.id, channel.title, list(channel.notes)


async def _page(
    session: AsyncSession, actor: Actor, slug: str, values: ConnectForm, errors: dict[str, str] | None = None
) -> ConnectPage:
    manifest = registry.manifest(slug)
    return ConnectPage(
        Platform(manifest, registry.grade(manifest.slug)),
        to_html(registry.setup_text(manifest.slug)),
        await people(session, actor),
        values,
        errors or {},
    )


async def people(session: AsyncSession, actor: Actor) -> tuple[tuple[str, str], ...]:
    """Characters to choose from: (id, name)."""
    found = await characters.list_characters(session, actor, limit=200)
    return tuple((c.id, c.name) for c in found.items)
