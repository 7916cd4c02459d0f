"""JSON routes of makers: what there is, connecting, checking, their models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from ainfluencer.core.errors import InvalidInput
from ainfluencer.integrations.manifest import Capability
from ainfluencer.makers import queries, service
from ainfluencer.makers.schemas import KINDS, MakerView
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/makers", tags=["makers"])


class FieldOut(BaseModel):
    """One input of the connect form."""

    name: str
    label: str
    help: str
    secret: bool
    required: bool
    default: str
    kind: str
    choices: tuple[str, ...]


class MakerOut(BaseModel):
    """A maker and how it stands in this workspace. Secrets never come out."""

    slug: str
    title: str
    summary: str
    access: str
    kinds: list[str]
    quality: int
    is_connected: bool
    is_enabled: bool
    settings: dict[str, str]
    has_secrets: bool
    account: str
    checked_at: datetime | None
    problem: str
    fields: list[FieldOut]
    documentation: str
    notes: tuple[str, ...]


class MakerIn(BaseModel):
    """Settings and secrets to store; a secret that is left out keeps its stored value."""

    settings: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict)
    check: bool = True


class AccountOut(BaseModel):
    """What a check found."""

    title: str
    handle: str
    notes: tuple[str, ...]


class SwitchIn(BaseModel):
    """Whether requests may go to the maker."""

    on: bool


class ModelOut(BaseModel):
    """A model that can be named in a request."""

    name: str
    title: str
    size_bytes: int
    notes: str


def _out(view: MakerView) -> MakerOut:
    m = view.manifest
    fields = [FieldOut(**{k: getattr(f, k) for k in FieldOut.model_fields}) for f in m.fields]
    return MakerOut(
        slug=m.slug, title=m.title, summary=m.summary, access=m.access, quality=m.quality,
        kinds=[name for name, capability in KINDS.items() if m.can(capability)],
        is_connected=view.is_connected, is_enabled=view.is_enabled, settings=dict(view.settings),
        has_secrets=view.has_secrets, account=view.account, checked_at=view.checked_at, problem=view.problem,
        fields=fields, documentation=m.documentation, notes=m.notes,
    )  # fmt: skip


@router.get("")
async def list_makers(session: Read, actor: Who, kind: Annotated[str, Query()] = "") -> dict[str, Any]:
    """Every known maker, best quality first; `kind` (text, image, poster) keeps those that can do it."""
    if kind and kind not in KINDS:
        raise InvalidInput(f"There is no kind “{kind[:40]}”.", f"Known: {', '.join(KINDS)}.", field="kind")
    views = await queries.list_makers(session, actor)
    wanted: Capability | None = KINDS.get(kind)
    items = [_out(v) for v in views if wanted is None or v.manifest.can(wanted)]
    return {"items": items, "next_cursor": None}


@router.get("/kinds")
async def list_kinds(session: Read, actor: Who) -> dict[str, Any]:
    """For each kind of request the makers that would be asked, in order."""
    items = []
    for name, capability in KINDS.items():
        asked = await queries.choices(session, actor, capability)
        items.append(
            {"kind": name, "makers": [{"slug": c.slug, "title": c.title, "quality": c.quality} for c in asked]}
        )
    return {"items": items, "next_cursor": None}


@router.get("/{slug}")
async def show_maker(slug: str, session: Read, actor: Who) -> MakerOut:
    """One maker."""
    return _out(await queries.get(session, actor, slug))


@router.put("/{slug}")
async def connect_maker(slug: str, body: MakerIn, actor: Who) -> MakerOut:
    """Check the settings (unless `check` is false) and store them."""
    account = await service.check(actor, slug, body.settings, body.secrets) if body.check else None
    return _out(await service.connect_now(actor, slug, body.settings, body.secrets, account=account))


@router.post("/{slug}/check")
async def check_maker(slug: str, actor: Who) -> AccountOut:
    """Ask the maker with its stored settings who we are."""
    found = await service.check(actor, slug)
    return AccountOut(title=found.title, handle=found.handle, notes=found.notes)


@router.put("/{slug}/switch")
async def switch_maker(slug: str, body: SwitchIn, session: Write, actor: Who) -> MakerOut:
    """Switch it on or off."""
    await service.switch(session, actor, slug, on=body.on)
    return _out(await queries.get(session, actor, slug))


@router.delete("/{slug}", status_code=204)
async def disconnect_maker(slug: str, session: Write, actor: Who) -> None:
    """Forget its settings and secrets."""
    await service.disconnect(session, actor, slug)


@router.get("/{slug}/models")
async def list_models(slug: str, actor: Who) -> dict[str, Any]:
    """The models that it offers."""
    found = await service.models(actor, slug)
    items = [ModelOut(name=m.name, title=m.title, size_bytes=m.size_bytes, notes=m.notes) for m in found]
    return {"items": items, "next_cursor": None}
