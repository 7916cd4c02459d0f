"""Shapes of posts: what comes in, and what the API shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ainfluencer.channels.models import Channel
from ainfluencer.publishing.content import Content, Picture
from ainfluencer.publishing.models import Approval, Delivery, Post, Receipt
from ainfluencer.publishing.post_states import EDITABLE, PostState
from ainfluencer.publishing.preflight import Problem

MAX_CAPTION = 20_000
MAX_ITEMS = 20


class NewPost(BaseModel):
    """A post to be. `hashtags` with or without #; `alt_texts` and `texts` by asset id and channel id, where they differ."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    character_id: str
    caption: str = Field("", max_length=MAX_CAPTION)
    hashtags: tuple[str, ...] = Field((), max_length=60)
    asset_ids: tuple[str, ...] = Field((), max_length=MAX_ITEMS)
    channel_ids: tuple[str, ...] = Field((), max_length=60)
    due_at: AwareDatetime | None = None
    timezone: str = "UTC"
    slot_label: str = Field("", max_length=120)
    candidates_id: str = Field("", max_length=40)
    language: str = Field("en", max_length=20)
    alt_texts: dict[str, str] = {}
    texts: dict[str, str] = {}
    adapt: bool = Field(default=False, description="Cut caption and hashtags for channels that take less.")
    draft: bool = False


class PostEdit(BaseModel):
    """What changes; everything left out stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    caption: str | None = Field(None, max_length=MAX_CAPTION)
    hashtags: tuple[str, ...] | None = Field(None, max_length=60)
    asset_ids: tuple[str, ...] | None = Field(None, max_length=MAX_ITEMS)
    channel_ids: tuple[str, ...] | None = Field(None, max_length=60)
    language: str | None = Field(None, max_length=20)
    alt_texts: dict[str, str] | None = None
    texts: dict[str, str] | None = None
    adapt: bool | None = None
    unlabelled_reason: str | None = Field(None, max_length=500)
    timezone: str | None = None
    slot_label: str | None = Field(None, max_length=120)
    due_at: AwareDatetime | None = None
    candidates_id: str | None = Field(None, max_length=40)


class ItemView(BaseModel):
    """One picture of a post."""

    asset_id: str
    file_id: str
    kind: str
    mime: str
    width: int
    height: int
    alt_text: str
    url: str
    thumbnail_url: str


class DeliveryView(BaseModel):
    """Where one variant stands."""

    id: str
    post_id: str
    channel_id: str
    platform: str
    state: str
    due_at: datetime
    attempt: int
    remote_id: str
    url: str
    published_at: datetime | None
    is_unknown: bool
    still_live: str
    problem: dict[str, Any] | None

    @classmethod
    def of(cls, row: Delivery) -> DeliveryView:
        """The view of a row."""
        return cls(
            id=row.id,
            post_id=row.post_id,
            channel_id=row.channel_id,
            platform=row.platform,
            state=row.state,
            due_at=row.due_at,
            attempt=row.attempt,
            remote_id=row.remote_id,
            url=row.remote_url,
            published_at=row.published_at,
            is_unknown=row.is_unknown,
            still_live=row.still_live,
            problem=row.last_error or None,
        )


class VariantView(BaseModel):
    """What one channel gets."""

    channel_id: str
    channel: str
    platform: str
    text: str
    own_text: bool
    is_adapted: bool
    label: dict[str, str]
    left_out: tuple[str, ...]
    delivery: DeliveryView | None


class PostView(BaseModel):
    """A post with its items, variants and deliveries."""

    id: str
    character_id: str
    caption: str
    hashtags: list[str]
    language: str
    state: str
    due_at: datetime | None
    timezone: str
    slot_label: str
    candidates_id: str
    drawing_job_id: str | None
    note: str
    problem: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    items: list[ItemView]
    variants: list[VariantView]

    @classmethod
    def of(cls, content: Content, deliveries: list[Delivery]) -> PostView:
        """The view of a post that was loaded with `content.load`."""
        post = content.post
        by_channel = {delivery.channel_id: delivery for delivery in deliveries}
        variants = []
        for variant, channel in content.variants:
            labelled = content.labelled(variant, channel)
            delivery = by_channel.get(channel.id)
            variants.append(
                VariantView(
                    channel_id=channel.id,
                    channel=channel.title,
                    platform=channel.platform,
                    text=labelled.text,
                    own_text=bool(variant.text),
                    is_adapted=variant.is_adapted,
                    label=labelled.declared,
                    left_out=labelled.left_out,
                    delivery=DeliveryView.of(delivery) if delivery else None,
                )
            )
        return cls(
            id=post.id,
            character_id=post.character_id,
            caption=post.caption,
            hashtags=list(post.hashtags),
            language=post.language,
            state=post.state,
            due_at=post.due_at,
            timezone=post.timezone,
            slot_label=post.slot_label,
            candidates_id=post.candidates_id,
            drawing_job_id=post.drawing_job_id or None,
            note=post.note,
            problem=post.problem or None,
            created_at=post.created_at,
            updated_at=post.updated_at,
            published_at=post.published_at,
            items=[_item(picture) for picture in content.pictures],
            variants=variants,
        )


def _item(picture: Any) -> ItemView:
    file = picture.file
    return ItemView(
        asset_id=picture.asset.id,
        file_id=file.id,
        kind=file.kind,
        mime=file.mime,
        width=file.width,
        height=file.height,
        alt_text=picture.alt_text,
        url=f"/media/{file.id}",
        thumbnail_url=f"/media/{file.id}/480.webp",
    )


class ProblemView(BaseModel):
    """One finding of the preflight."""

    code: str
    severity: str
    detail: str
    hint: str
    channel_id: str
    field: str
    suggestion: str

    @classmethod
    def of(cls, problem: Problem) -> ProblemView:
        """The view of a finding."""
        return cls(
            code=problem.code,
            severity=problem.severity,
            detail=problem.detail,
            hint=problem.hint,
            channel_id=problem.channel_id,
            field=problem.field,
            suggestion=problem.suggestion,
        )


class PreflightView(BaseModel):
    """Whether it may go out, and what was found."""

    ok: bool
    problems: list[ProblemView]


class ApprovalView(BaseModel):
    """One decision of a reviewer."""

    decision: str
    by: str
    note: str
    at: datetime
    is_void: bool

    @classmethod
    def of(cls, row: Approval) -> ApprovalView:
        """The view of a row."""
        return cls(decision=row.decision, by=row.by_name, note=row.note, at=row.created_at, is_void=row.is_void)


class ReceiptView(BaseModel):
    """What was published where, and how its origin was declared."""

    delivery_id: str
    channel_id: str
    platform: str
    text: str
    media: list[Any]
    declared: dict[str, Any]
    content_hash: str
    approved_by: str
    idempotency_key: str
    remote_id: str
    url: str
    published_at: datetime

    @classmethod
    def of(cls, row: Receipt) -> ReceiptView:
        """The view of a row."""
        return cls(
            delivery_id=row.delivery_id,
            channel_id=row.channel_id,
            platform=row.platform,
            text=row.text,
            media=row.media,
            declared=row.declared,
            content_hash=row.content_hash,
            approved_by=row.approved_by,
            idempotency_key=row.idempotency_key,
            remote_id=row.remote_id,
            url=row.remote_url,
            published_at=row.published_at,
        )


class PostPage(BaseModel):
    """A page of posts."""

    items: list[PostView]
    next_cursor: str | None


class Refusal(BaseModel):
    """Why one of several was not done."""

    id: str
    code: str
    detail: str
    next_step: str


class Bulk(BaseModel):
    """What became of several: each stands for itself."""

    done: list[str]
    refused: list[Refusal]


@dataclass(frozen=True, slots=True)
class Face:
    """What a list shows of a character. `picture_url` is a small picture or empty."""

    id: str
    name: str
    handle: str = ""
    timezone: str = "UTC"
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class PostCard:
    """A post as lists, boards and calendars show it: with its face, pictures, channels and deliveries."""

    content: Content
    face: Face
    deliveries: tuple[Delivery, ...] = ()

    @property
    def post(self) -> Post:
        """The row."""
        return self.content.post

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Its items in order."""
        return self.content.pictures

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Where it goes."""
        return tuple(channel for _, channel in self.content.variants)

    def thumbnail(self, width: int = 480) -> str:
        """The address of its first picture in that width, or empty."""
        image = next((p.file for p in self.pictures if p.file.kind == "image"), None)
        return f"/media/{image.id}/{width}.webp" if image else ""

    @property
    def title(self) -> str:
        """The first line of the caption, or what the picture is called."""
        line = next((text.strip() for text in self.post.caption.splitlines() if text.strip()), "")
        return line or next((p.asset.title for p in self.pictures if p.asset.title), "") or "Without words"

    @property
    def is_under_way(self) -> bool:
        """Whether it goes out by itself, now or at its time."""
        return self.post.state in {PostState.SCHEDULED, PostState.PUBLISHING}

    @property
    def is_movable(self) -> bool:
        """Whether it may get another time."""
        return PostState(self.post.state) in EDITABLE - {PostState.REJECTED}

    @property
    def url(self) -> str:
        """The first public address, or empty."""
        return next((d.remote_url for d in self.deliveries if d.remote_url), "")
