"""Connecting makers, and making: the best usable maker is asked, and the next one when it cannot be reached."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock, crypto
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import settings
from ainfluencer.core.errors import (
    InvalidInput,
    LoginExpired,
    NotConnected,
    OutsideError,
    PermissionMissing,
    RateLimited,
    Unreachable,
    Unsupported,
)
from ainfluencer.db.session import database
from ainfluencer.integrations.manifest import Access, Capability, Field, Manifest
from ainfluencer.integrations.protocols import MakeRequest
from ainfluencer.integrations.values import Account, ImageRequest, Link, ModelInfo, TextRequest
from ainfluencer.makers import queries, registry
from ainfluencer.makers.models import MakerConnection
from ainfluencer.makers.schemas import MadeBy, MakerView
from ainfluencer.operations.packs import models_folder

_STEP_ASIDE = (Unreachable, NotConnected, LoginExpired, PermissionMissing, RateLimited)
"""Failures of the maker, not of the request: the next maker may well do it."""


def capability_of(request: MakeRequest) -> Capability:
    """Which capability a request asks for."""
    if isinstance(request, TextRequest):
        return Capability.TEXT
    return Capability.IMAGE if isinstance(request, ImageRequest) else Capability.POSTER


async def make(actor: Actor, request: MakeRequest, *, slug: str = "") -> MadeBy:
    """Have it made. Opens its own short sessions; never call it inside a write transaction.

    With a slug, exactly that maker is asked. Without one the usable makers are asked by quality, and the next one when
    a maker is unreachable, not connected, or wants us to wait; `MadeBy.notes` says so.

    Raises:
        NotConnected: nothing here can do this kind of request. Any error of the maker that was asked last.

    """
    actor.require(Right.CREATE)
    capability = capability_of(request)
    async with database().reading() as session:
        slugs = [slug] if slug else [c.slug for c in await queries.choices(session, actor, capability)]
    notes: list[str] = []
    last: OutsideError | None = None
    for name in slugs:
        manifest = registry.manifest(name)
        if not manifest.can(capability):
            raise Unsupported(name, f"{manifest.title} does not make this kind of thing ({capability}).")
        if isinstance(request, TextRequest) and request.pictures and not manifest.can(Capability.SEE):
            raise Unsupported(name, f"{manifest.title} cannot be shown pictures.", "Choose a maker whose model sees.")
        # A model's name belongs to the maker that it was chosen for.
        asked = request if slug or not notes else _without_model(request)
        try:
            made = await registry.adapter(name).make(await link_for(actor, name), asked)
        except _STEP_ASIDE as e:
            last = e
            notes.append(f"{manifest.title} was not used: {e.detail}")
            await _note_failure(actor, name, e.detail)
        else:
            return MadeBy(name, manifest.title, made, tuple(notes))
    if last is not None:
        raise last
    raise NotConnected("makers", f"Nothing that makes {capability} is connected and switched on.", "Connect a maker.")


def _without_model(request: MakeRequest) -> MakeRequest:
    return replace(request, model="") if isinstance(request, TextRequest | ImageRequest) else request


async def _note_failure(actor: Actor, slug: str, problem: str) -> None:
    async with database().writing() as session:
        row = await queries.find(session, actor, slug)
        if row is not None:
            row.failed_at, row.problem = clock.now(), problem


async def link_for(actor: Actor, slug: str) -> Link:
    """The maker's settings in clear text for one call. `NotConnected` when this workspace has not connected it."""
    manifest = registry.manifest(slug)
    async with database().reading() as session:
        row = await queries.find(session, actor, slug)
    if row is None and manifest.access is not Access.BUILT_IN:
        raise NotConnected(slug, f"{manifest.title} is not connected in this workspace.")
    if row is not None and not row.is_enabled:
        raise NotConnected(slug, f"{manifest.title} is switched off in this workspace.", "Switch it on on its page.")
    stored = row.settings if row else {}
    sealed = row.secrets if row else ""
    return _link(manifest, stored, _opened(actor.workspace_id, slug, sealed))


def _link(manifest: Manifest, stored: Mapping[str, str], secrets: Mapping[str, str]) -> Link:
    from ainfluencer.integrations.client import OutsideClient

    config = settings()
    values = {f.name: f.default for f in manifest.fields if not f.secret} | {k: str(v) for k, v in stored.items()}
    near = manifest.access in {Access.LOCAL, Access.BUILT_IN} or config.allow_private_urls
    client = OutsideClient(manifest.slug, values.get("base_url", ""), allow_private=near, secrets=secrets.values())
    return Link(manifest.slug, client, values, dict(secrets), folder=models_folder(config.data))


async def check(
    actor: Actor, slug: str, values: Mapping[str, str] | None = None, secrets: Mapping[str, str] | None = None
) -> Account:
    """Ask the maker who we are, with new values that are not saved yet or, without any, with the stored ones.

    The stored connection's state is updated in the second case. Raises the maker's error.
    """
    actor.require(Right.MANAGE)
    manifest = registry.manifest(slug)
    if values is not None:
        known = await _stored_secrets(actor, slug)
        link = _link(
            manifest, _valid(manifest, values, secret=False), {**known, **_valid(manifest, secrets or {}, secret=True)}
        )
        return await registry.adapter(slug).check(link)
    try:
        found = await registry.adapter(slug).check(await link_for(actor, slug))
    except OutsideError as e:
        await _note_failure(actor, slug, e.detail)
        raise
    async with database().writing() as session:
        row = await queries.find(session, actor, slug)
        if row is not None:
            row.checked_at, row.failed_at, row.problem, row.account = clock.now(), None, "", found.title[:200]
    return found


async def models(actor: Actor, slug: str) -> tuple[ModelInfo, ...]:
    """What can be named in a request to this maker. `Unsupported` where it has no list."""
    actor.require(Right.READ)
    manifest = registry.manifest(slug)
    if not manifest.can(Capability.MODELS):
        raise Unsupported(slug, f"{manifest.title} has no list of models.")
    return await registry.adapter(slug).models(await link_for(actor, slug))


async def sees(actor: Actor, slug: str, model: str = "") -> bool:
    """Whether this maker, with that model or its own, can be shown pictures; it may be asked live.

    A maker that is not connected or does not answer sees nothing.
    """
    actor.require(Right.READ)
    if not registry.manifest(slug).can(Capability.SEE):
        return False
    try:
        return await registry.adapter(slug).sees(await link_for(actor, slug), model)
    except OutsideError:
        return False


async def connect(
    session: AsyncSession,
    actor: Actor,
    slug: str,
    values: Mapping[str, str],
    secrets: Mapping[str, str] | None = None,
    *,
    account: Account | None = None,
) -> MakerConnection:
    """Store settings and sealed secrets; call `check` with them first and hand its answer in as `account`.

    A secret that is left out or empty keeps its stored value. `InvalidInput` names the field at fault.
    """
    actor.require(Right.MANAGE)
    manifest = registry.manifest(slug)
    row = await queries.find(session, actor, slug)
    kept = _opened(actor.workspace_id, slug, row.secrets) if row else {}
    merged = {**kept, **{k: v for k, v in (secrets or {}).items() if v}}
    clear = _valid(manifest, values, secret=False)
    hidden = _valid(manifest, merged, secret=True)
    if row is None:
        row = MakerConnection(workspace_id=actor.workspace_id, slug=slug, title=manifest.title)
        session.add(row)
    row.settings = dict(clear)
    row.secrets = crypto.encrypt(json.dumps(hidden), _purpose(actor.workspace_id, slug)) if hidden else ""
    row.is_enabled, row.problem, row.failed_at = True, "", None
    if account is not None:
        row.checked_at, row.account = clock.now(), account.title[:200]
    await session.flush()
    return row


async def connect_now(
    actor: Actor,
    slug: str,
    values: Mapping[str, str],
    secrets: Mapping[str, str] | None = None,
    *,
    account: Account | None = None,
) -> MakerView:
    """`connect` in a transaction of its own, for callers that just spoke with the maker and hold none."""
    async with database().writing() as session:
        await connect(session, actor, slug, values, secrets, account=account)
        return await queries.get(session, actor, slug)


async def switch(session: AsyncSession, actor: Actor, slug: str, *, on: bool) -> MakerConnection:
    """Switch a maker on or off without losing its settings; works for built-in ones too."""
    actor.require(Right.MANAGE)
    manifest = registry.manifest(slug)
    row = await queries.find(session, actor, slug)
    if row is None:
        if manifest.access is not Access.BUILT_IN:
            raise NotConnected(slug, f"{manifest.title} is not connected in this workspace.")
        row = MakerConnection(workspace_id=actor.workspace_id, slug=slug, title=manifest.title)
        session.add(row)
    row.is_enabled = on
    await session.flush()
    return row


async def disconnect(session: AsyncSession, actor: Actor, slug: str) -> None:
    """Forget settings and secrets; a built-in maker goes back to its defaults. No error when there was nothing."""
    actor.require(Right.MANAGE)
    registry.manifest(slug)
    row = await queries.find(session, actor, slug)
    if row is not None:
        await session.delete(row)
        await session.flush()


async def forget_problems(session: AsyncSession, actor: Actor) -> None:
    """Let makers that failed just now be asked again at once."""
    actor.require(Right.MANAGE)
    for row in await session.scalars(select(MakerConnection).where(MakerConnection.workspace_id == actor.workspace_id)):
        row.failed_at = None


async def _stored_secrets(actor: Actor, slug: str) -> dict[str, str]:
    async with database().reading() as session:
        row = await queries.find(session, actor, slug)
    return _opened(actor.workspace_id, slug, row.secrets) if row else {}


def _purpose(workspace_id: str, slug: str) -> str:
    return f"maker:{workspace_id}:{slug}"


def _opened(workspace_id: str, slug: str, sealed: str) -> dict[str, str]:
    if not sealed:
        return {}
    opened: dict[str, str] = json.loads(crypto.decrypt(sealed, _purpose(workspace_id, slug)))
    return opened


def _valid(manifest: Manifest, given: Mapping[str, str], *, secret: bool) -> dict[str, str]:
    fields = {f.name: f for f in manifest.fields if f.secret is secret}
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise InvalidInput(f"{manifest.title} has no setting called “{unknown[0][:40]}”.", field=unknown[0][:40])
    found = {}
    for name, known in fields.items():
        value = str(given.get(name, "")).strip() or known.default
        if known.kind == "tick":
            value = _ticked(known, value)
        if known.required and not value:
            raise InvalidInput(f"{known.label} is missing.", field=name)
        if known.kind == "url" and value and not value.startswith(("http://", "https://")):
            raise InvalidInput(f"{known.label} must begin with http:// or https://.", field=name)
        if known.choices and value and value not in known.choices:
            raise InvalidInput(f"{known.label} must be one of {', '.join(known.choices)}.", field=name)
        if value:
            found[name] = value.rstrip("/") if known.kind == "url" else value
    return found


_YES, _NO = frozenset({"yes", "true", "on", "1"}), frozenset({"", "no", "false", "off", "0"})


def _ticked(known: Field, value: str) -> str:
    """“yes” or nothing, however it was said."""
    if value.lower() not in _YES | _NO:
        raise InvalidInput(f"{known.label} is yes or no.", field=known.name)
    return "yes" if value.lower() in _YES else ""
