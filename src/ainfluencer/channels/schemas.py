"""Shapes of channels and platforms for forms, the API and other modules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from ainfluencer.channels.models import Channel, ChannelState
from ainfluencer.integrations.grades import GradeReport
from ainfluencer.integrations.manifest import Limits, Manifest


class NewChannel(BaseModel):
    """What the connect form brings. Secrets go in and never come out again."""

    platform: str = Field(max_length=40)
    settings: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, str] = Field(default_factory=dict, repr=False)
    character_id: str | None = Field(default=None, max_length=26)
    title: str = Field(default="", max_length=200)


class ChannelChanges(BaseModel):
    """What may be changed later; what is left out stays. New settings or secrets are tested before they are saved."""

    title: str | None = Field(default=None, max_length=200)
    character_id: str | None = Field(default=None, max_length=26)
    settings: dict[str, str] | None = None
    secrets: dict[str, str] | None = Field(default=None, repr=False)
    posts_per_day: int | None = Field(default=None, ge=1, le=10_000, description="At most; null: as the platform says.")
    spacing_minutes: int | None = Field(default=None, ge=1, le=10_080, description="Between two posts; null: none.")


class ProblemOut(BaseModel):
    """The last thing that went wrong."""

    code: str
    detail: str
    next_step: str
    until: datetime | None = None


class ChannelOut(BaseModel):
    """A connected account. It has no field for secrets."""

    id: str
    platform: str
    title: str
    handle: str
    url: str
    remote_id: str
    state: ChannelState
    character_id: str | None
    settings: dict[str, Any]
    limits: dict[str, Any]
    posts_per_day: int | None
    spacing_minutes: int | None
    notes: list[str]
    checked_at: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    problem: ProblemOut | None
    created_at: datetime
    updated_at: datetime


class FieldOut(BaseModel):
    """One input of the connect form."""

    name: str
    label: str
    help: str
    secret: bool
    required: bool
    default: str
    kind: str
    choices: list[str]


class RuleOut(BaseModel):
    """One rule of a platform, with its source and the day on which it was read."""

    action: str
    allowed: bool
    sentence: str
    source: str
    checked: date


class GradeOut(BaseModel):
    """How far the adapter is proven, computed from evidence."""

    grade: str
    reason: str
    rehearsed_on: date | None
    proven_on: date | None
    proven_with: str


class PlatformOut(BaseModel):
    """What a platform is, can do, allows and demands."""

    slug: str
    title: str
    summary: str
    access: str
    login: str
    capabilities: list[str]
    fields: list[FieldOut]
    limits: dict[str, Any]
    label: str
    label_required: bool
    unattended_replies: bool
    rules: list[RuleOut]
    documentation: str
    api_version: str
    checked: date | None
    notes: list[str]
    grade: GradeOut


class JobStarted(BaseModel):
    """The job that does what was asked for."""

    job_id: str


def channel_out(channel: Channel) -> ChannelOut:
    """The JSON shape of a channel."""
    names = ChannelOut.model_fields.keys() - {"problem"}
    problem = ProblemOut(**channel.problem) if channel.problem else None
    return ChannelOut(**{name: getattr(channel, name) for name in names}, problem=problem)


def limits_out(limits: Limits) -> dict[str, Any]:
    """Limits by name: null is unknown, 0 is not at all."""
    return {name: _plain(getattr(limits, name)) for name in Limits.__dataclass_fields__}


def platform_out(manifest: Manifest, grade: GradeReport) -> PlatformOut:
    """The JSON shape of a platform."""
    plain = ("slug", "title", "summary", "access", "login", "label", "label_required", "unattended_replies")
    return PlatformOut(
        **{name: getattr(manifest, name) for name in (*plain, "documentation", "api_version", "checked")},
        capabilities=sorted(manifest.capabilities),
        fields=[
            FieldOut(**{name: _plain(getattr(field, name)) for name in FieldOut.model_fields})
            for field in manifest.fields
        ],
        limits=limits_out(manifest.limits),
        rules=[RuleOut(**{name: getattr(rule, name) for name in RuleOut.model_fields}) for rule in manifest.rules],
        notes=list(manifest.notes),
        grade=GradeOut(**{name: getattr(grade, name) for name in GradeOut.model_fields}),
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
