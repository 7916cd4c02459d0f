"""From a stored channel to something an adapter can use, and what became of using it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, case, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import queries, registry
from ainfluencer.channels.errors import NotUsable
from ainfluencer.channels.events import ChannelLoginExpired
from ainfluencer.channels.models import Channel, ChannelCursor, ChannelState
from ainfluencer.core import clock, crypto
from ainfluencer.core.actor import Actor
from ainfluencer.core.config import settings as app_settings
from ainfluencer.core.errors import LoginExpired, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import service as engine
from ainfluencer.integrations.budget import Budget
from ainfluencer.integrations.manifest import Access, Capability, Limits, Manifest
from ainfluencer.integrations.values import Account, Link

_CHANNELS = cast("Table", Channel.__table__)
_USED = (
    _CHANNELS.update()
    .where(_CHANNELS.c.id == bindparam("its_id"), _CHANNELS.c.workspace_id == bindparam("its_workspace"))
    .values(
        state=case((_CHANNELS.c.state == ChannelState.LOGIN_EXPIRED, ChannelState.CONNECTED), else_=_CHANNELS.c.state)
    )
)
PURPOSE = "channel"  # binds the encrypted text to this use: a secret moved to another column cannot be read
BUILT_IN_PURPOSE = "built-in channel"  # what the token of a built-in platform is signed for; it checks the same words
_AHEAD = timedelta(minutes=5)  # secrets that age out within this time are renewed before they are used


def make_link(manifest: Manifest, settings: Mapping[str, str], secrets: Mapping[str, str], *, key: str = "") -> Link:
    """A connection to that platform with these settings and secrets; `key` names the shared rate budget."""
    from ainfluencer.integrations.client import OutsideClient

    if manifest.access == Access.BUILT_IN:
        base = app_settings().stage_url or app_settings().url
        # Signed anew for every use, so nothing is stored and nothing can be stolen for long.
        whom = f"{settings['workspace_id']}:{settings['character_id']}"
        secrets = {"token": crypto.sign(whom, BUILT_IN_PURPOSE, until=clock.from_now(hours=1))}
    else:
        base = settings.get("url", "") or manifest.base_url
    per_minute = manifest.limits.requests_per_minute
    client = OutsideClient(
        manifest.slug,
        base,
        budget=Budget(key, per_minute, 60.0) if key and per_minute else None,
        secrets=[value for value in secrets.values() if value],
    )
    return Link(slug=manifest.slug, client=client, settings=dict(settings), secrets=dict(secrets))


def link(channel: Channel) -> Link:
    """The connection of a stored channel; `NotUsable` when it is paused, disconnected or its sign-in has ended."""
    if channel.state != ChannelState.CONNECTED:
        raise NotUsable(f"The channel “{channel.title}” is {_WORDS[ChannelState(channel.state)]}.")
    return make_link(registry.manifest(channel.platform), channel.settings, secrets_of(channel), key=channel.id)


async def open_link(actor: Actor, channel_id: str, *, seen: Channel | None = None) -> Link:
    """As `link`, ready for use: what is about to age out is renewed, a built-in account is opened at its first use.

    No session may be held: this may call outside. `seen`: the channel, if the caller has read it just now.

    A renewal that fails for a moment changes nothing as long as the present secrets still last; a dead sign-in is
    recorded on the channel and raised as `LoginExpired`.
    """
    channel = seen
    if channel is None:
        async with database().reading() as session:
            channel = await queries.get(session, actor, channel_id)
    made = link(channel)
    now = clock.now()
    manifest = registry.manifest(channel.platform)
    if manifest.access == Access.BUILT_IN and channel.checked_at is None:
        account = await registry.adapter(channel.platform).check(made)
        async with database().writing() as session:
            fill(await queries.get(session, actor, channel_id), account)
    if not manifest.can(Capability.REFRESH):
        return made
    if channel.fresh_until is not None and channel.fresh_until > now + _AHEAD:
        return made
    try:
        renewed = dict(await registry.require(channel.platform, Capability.REFRESH).refresh(made))
    except ProductError as e:
        async with database().writing() as session:
            await note_failure(session, actor, channel_id, e)
        if isinstance(e, LoginExpired) or channel.fresh_until is None or channel.fresh_until <= now:
            raise
        return made
    async with database().writing() as session:
        channel = await queries.get(session, actor, channel_id)
        keep_secrets(channel, renewed)
    return link(channel)


def fill(channel: Channel, account: Account) -> None:
    """Write down what a live test found."""
    channel.remote_id = account.remote_id[:300]
    channel.handle = account.handle[:200]
    channel.url = account.url
    channel.notes = list(account.notes)
    channel.limits = dict(account.limits)
    channel.checked_at = channel.succeeded_at = clock.now()
    channel.problem = {}


def limits(channel: Channel) -> Limits:
    """What holds for this very account: the platform's run-time limits where it tells them, else the manifest's.

    A person's own pace can only be slower than the platform's.
    """
    known = registry.manifest(channel.platform).limits
    told = {name: value for name, value in channel.limits.items() if name in Limits.__dataclass_fields__}
    theirs = replace(known, **told)
    if channel.posts_per_day is None and channel.spacing_minutes is None:
        return theirs
    days = [most for most in (theirs.posts_per_day, channel.posts_per_day) if most is not None]
    apart = max(theirs.spacing_seconds or 0, (channel.spacing_minutes or 0) * 60)
    return replace(theirs, posts_per_day=min(days, default=None), spacing_seconds=apart or None)


def secrets_of(channel: Channel) -> dict[str, str]:
    """The secrets in clear text; `Conflict` when the data folder's key does not fit them."""
    stored: dict[str, str] = json.loads(crypto.decrypt(channel.secrets, PURPOSE)) if channel.secrets else {}
    return stored


def keep_secrets(channel: Channel, renewed: Mapping[str, str], *, replace_all: bool = False) -> None:
    """Store secrets, encrypted. `fresh_until` among them is kept beside them."""
    given = dict(renewed)
    until = given.pop("fresh_until", "")
    merged = given if replace_all else {**secrets_of(channel), **given}
    channel.fresh_until = clock.parse_instant(until) if until else None
    channel.secrets = crypto.encrypt(json.dumps(merged), PURPOSE) if merged else ""


async def note_success(session: AsyncSession, actor: Actor, channel_id: str) -> Channel:
    """It worked: the last problem is over. A sign-in that was refused before is good again."""
    await note_use(session, actor, channel_id)
    channel = await queries.get(session, actor, channel_id)
    await session.refresh(channel)
    return channel


async def note_use(session: AsyncSession, actor: Actor, channel_id: str) -> None:
    """As `note_success`, in one statement."""
    its = {"its_id": channel_id, "its_workspace": actor.workspace_id}
    await session.execute(_USED, {**its, "succeeded_at": clock.now(), "problem": {}})


async def note_failure(session: AsyncSession, actor: Actor, channel_id: str, error: ProductError) -> Channel:
    """It failed. Only a dead sign-in takes the channel out of use; a blip, a throttle or a refusal never does."""
    channel = await queries.get(session, actor, channel_id)
    until: datetime | None = getattr(error, "until", None)
    channel.failed_at = clock.now()
    channel.problem = {
        "code": error.reason,
        "detail": error.detail,
        "next_step": error.next_step,
        "until": until.isoformat() if until else None,
    }
    if isinstance(error, LoginExpired) and channel.state == ChannelState.CONNECTED:
        channel.state = ChannelState.LOGIN_EXPIRED
        await engine.record(session, actor, ChannelLoginExpired(channel.id))
    return channel


async def keep_cursor(session: AsyncSession, channel: Channel, position: str, kind: str = "news") -> None:
    """Remember how far that kind of news has been read."""
    question = select(ChannelCursor).where(ChannelCursor.channel_id == channel.id, ChannelCursor.kind == kind)
    row = await session.scalar(question)
    if row is None:
        row = ChannelCursor(workspace_id=channel.workspace_id, channel_id=channel.id, kind=kind)
        session.add(row)
    row.position = position
    await session.flush()


_WORDS = {
    ChannelState.CONNECTED: "connected",
    ChannelState.LOGIN_EXPIRED: "signed out by its platform",
    ChannelState.PAUSED: "paused",
    ChannelState.DISCONNECTED: "disconnected",
}
