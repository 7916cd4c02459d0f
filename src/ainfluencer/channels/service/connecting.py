"""Connecting, changing and ending channels. The live test happens before, outside any transaction: `probe`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import queries, registry
from ainfluencer.channels.events import ChannelConnected, ChannelDisconnected
from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.channels.schemas import ChannelChanges, NewChannel
from ainfluencer.channels.service import links
from ainfluencer.characters import queries as characters
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.engine import service as engine
from ainfluencer.integrations import budget
from ainfluencer.integrations.addresses import clean_url, origin
from ainfluencer.integrations.manifest import Access, Manifest
from ainfluencer.integrations.values import Account


def clean_form(
    manifest: Manifest, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Settings and secrets as the platform's fields want them. `InvalidInput` names the field at fault."""
    known = {field.name: field for field in manifest.fields}
    for name in (*settings, *secrets):
        if name not in known:
            raise InvalidInput(f"{manifest.title} has no setting called “{name[:40]}”.", field=name)
    clean: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for name, field in known.items():
        given = (secrets if field.secret else settings).get(name, "")
        value = (given if field.kind == "password" else given.strip()) or field.default
        if field.required and not value:
            raise InvalidInput(f"{field.label} is missing.", field.help or f"Fill in {field.label}.", field=name)
        if field.choices and value not in field.choices:
            raise InvalidInput(f"{field.label} must be one of {', '.join(field.choices)}.", field=name)
        if field.kind == "url" and value:
            value = _address(value, field.label, name)
        if value:
            clean[1 if field.secret else 0][name] = value
    return clean


async def probe(actor: Actor, platform: str, settings: Mapping[str, str], secrets: Mapping[str, str]) -> Account:
    """The live test before anything is saved: ask the platform who we are. Calls outside; hold no transaction."""
    actor.require(Right.PUBLISH)
    manifest = registry.manifest(platform)
    settings, secrets = clean_form(manifest, settings, secrets)
    return await registry.adapter(platform).check(links.make_link(manifest, settings, secrets))


async def connect(session: AsyncSession, actor: Actor, new: NewChannel, account: Account | None = None) -> Channel:
    """Save a channel that `probe` has just found to work. The same account connected again is the same channel.

    `account` may be left out for platforms inside this product only: nothing can be wrong with their sign-in.
    """
    actor.require(Right.PUBLISH)
    manifest = registry.manifest(new.platform)
    if new.character_id is not None:
        await characters.get(session, actor, new.character_id)
    if account is None:
        if manifest.access != Access.BUILT_IN:
            raise Conflict(f"{manifest.title} has not been tested yet.", "Test the connection first, then save it.")
        return await ensure_built_in(session, actor, new.character_id or "", platform=new.platform)
    settings, secrets = clean_form(manifest, new.settings, new.secrets)
    key = _account_key(settings, account)
    channel = await queries.find_account(session, actor, new.platform, key)
    if channel is None:
        channel = Channel(workspace_id=actor.workspace_id, platform=new.platform, account_key=key, title="")
        session.add(channel)
    channel.settings = dict(settings)
    channel.state = ChannelState.CONNECTED
    if new.character_id is not None:
        channel.character_id = new.character_id
    # What was renewed at another time belongs to the sign-in that is being replaced.
    links.keep_secrets(channel, secrets, replace_all=True)
    links.fill(channel, account)
    channel.title = new.title or channel.title or account.title or account.handle
    await session.flush()
    budget.forget(channel.id)
    await engine.record(session, actor, ChannelConnected(channel.id))
    return channel


async def ensure_built_in(session: AsyncSession, actor: Actor, character_id: str, *, platform: str = "") -> Channel:
    """The character's channel on the local network, made when it is not there yet. Needs no form and no call.

    `platform` chooses among built-in ones; empty means the first. The adapter finds the character's id, handle and
    name, bio, and the workspace, in the settings, and a token that this instance signed in the secrets.
    """
    known = [m for m in registry.built_in() if platform in {"", m.slug}]
    if not known:
        raise NotFound("There is no built-in platform of that name.", "Connect a platform on the page of channels.")
    character = await characters.get(session, actor, character_id)
    manifest, key = known[0], f"character:{character.id}"
    channel = await queries.find_account(session, actor, manifest.slug, key)
    if channel is None:
        channel = Channel(workspace_id=actor.workspace_id, platform=manifest.slug, account_key=key, title="")
        session.add(channel)
    elif channel.state == ChannelState.PAUSED:
        return channel
    channel.character_id = character.id
    channel.handle = character.handle
    channel.title = channel.title or f"{character.name} on {manifest.title}"[:200]
    profile = {
        "workspace_id": actor.workspace_id,
        "character_id": character.id,
        "handle": character.handle,
        "name": character.name,
        "bio": character.bio,
    }
    if channel.settings != profile:
        # The profile over there is opened, or brought up to date, at the next use.
        channel.settings, channel.checked_at = profile, None
    channel.state = ChannelState.CONNECTED
    await session.flush()
    return channel


async def update(
    session: AsyncSession, actor: Actor, channel_id: str, changes: ChannelChanges, account: Account | None = None
) -> Channel:
    """Change a channel. New settings or secrets need the `account` that `probe` found with them (see `merged`)."""
    actor.require(Right.PUBLISH)
    channel = await queries.get(session, actor, channel_id)
    if changes.title:
        channel.title = changes.title
    if "character_id" in changes.model_fields_set:
        if changes.character_id is not None:
            await characters.get(session, actor, changes.character_id)
        channel.character_id = changes.character_id
    for name in {"posts_per_day", "spacing_minutes"} & changes.model_fields_set:
        setattr(channel, name, getattr(changes, name))
    if changes.settings is None and changes.secrets is None:
        return channel
    if account is None:
        raise Conflict("The new settings have not been tested yet.", "Test the connection first, then save it.")
    settings, secrets = clean_form(registry.manifest(channel.platform), *merged(channel, changes))
    key = _account_key(settings, account)
    other = await queries.find_account(session, actor, channel.platform, key)
    if other is not None and other.id != channel.id:
        raise Conflict(f"This account is connected already, as “{other.title}”.", "Open that channel instead.")
    channel.account_key = key
    channel.settings = dict(settings)
    channel.state = ChannelState.CONNECTED
    links.keep_secrets(channel, secrets, replace_all=True)
    links.fill(channel, account)
    await engine.record(session, actor, ChannelConnected(channel.id))
    return channel


def merged(channel: Channel, changes: ChannelChanges) -> tuple[dict[str, str], dict[str, str]]:
    """Settings and secrets as they would be after the changes; secrets that are left out or empty stay."""
    fields = {field.name for field in registry.manifest(channel.platform).fields if field.secret}
    kept = {name: value for name, value in links.secrets_of(channel).items() if name in fields}
    given = {name: value for name, value in (changes.secrets or {}).items() if value}
    return {**channel.settings, **(changes.settings or {})}, {**kept, **given}


async def pause(session: AsyncSession, actor: Actor, channel_id: str) -> Channel:
    """Nothing goes out or comes in until it is resumed."""
    actor.require(Right.PUBLISH)
    channel = await queries.get(session, actor, channel_id)
    if channel.state == ChannelState.DISCONNECTED:
        raise Conflict("This channel is disconnected.", "Connect it again instead.")
    channel.state = ChannelState.PAUSED
    return channel


async def resume(session: AsyncSession, actor: Actor, channel_id: str) -> Channel:
    """Use a paused channel again. A dead sign-in is found out at its next use."""
    actor.require(Right.PUBLISH)
    channel = await queries.get(session, actor, channel_id)
    if channel.state not in {ChannelState.PAUSED, ChannelState.CONNECTED}:
        raise Conflict("Only a paused channel can be resumed.", "Connect it again instead.")
    channel.state = ChannelState.CONNECTED
    return channel


async def disconnect(session: AsyncSession, actor: Actor, channel_id: str) -> Channel:
    """Forget the secrets. The row stays, because posts that went out through it point to it."""
    actor.require(Right.PUBLISH)
    channel = await queries.get(session, actor, channel_id)
    channel.state = ChannelState.DISCONNECTED
    channel.secrets = ""
    channel.fresh_until = None
    budget.forget(channel.id)
    await engine.record(session, actor, ChannelDisconnected(channel.id))
    return channel


def _account_key(settings: Mapping[str, str], account: Account) -> str:
    # Ids are unique per server only, so the server belongs to the key.
    host = origin(settings["url"])[1] if settings.get("url") else ""
    return f"{account.remote_id}@{host}"[:300]


def _address(value: str, label: str, name: str) -> str:
    try:
        return clean_url(value)
    except ValueError:
        raise InvalidInput(f"{label} is not an address.", "Write it like https://example.org.", field=name) from None
