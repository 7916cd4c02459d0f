"""What the Stage's own API takes and gives. Its limits are those of a kind, strict platform."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

MAX_TEXT = 1000  # characters
MAX_IMAGES = 10
MAX_IMAGE_BYTES = 20_000_000
MAX_ALT = 1500


class Profile(BaseModel):
    """What an account says of itself."""

    handle: str = Field(min_length=1, max_length=60, pattern=r"^[a-z0-9_]+$")
    name: str = Field(min_length=1, max_length=120)
    bio: str = Field("", max_length=1000)


class AccountOut(BaseModel):
    """An account."""

    id: str
    handle: str
    name: str
    bio: str
    url: str
    followers: int = 0
    following: int = 0
    posts: int = 0


class UploadOut(BaseModel):
    """An uploaded picture, to be named in a post."""

    id: str


class NewStagePost(BaseModel):
    """A post or, with `in_reply_to`, a reply."""

    text: str = Field("", max_length=MAX_TEXT)
    media_ids: list[str] = Field([], max_length=MAX_IMAGES)
    in_reply_to: str = ""
    ai_made: bool = True


class StagePostOut(BaseModel):
    """A post as the API shows it."""

    id: str
    url: str
    text: str
    ai_made: bool
    created_at: datetime
    in_reply_to: str | None


class Metrics(BaseModel):
    """Counters of one post."""

    id: str
    likes: int
    replies: int
    reposts: int
    views: int


class Notification(BaseModel):
    """Something that happened to an account."""

    id: str
    kind: str  # comment | like | repost | follow
    author_id: str
    author: str
    text: str
    at: datetime
    post_id: str
    parent_id: str
    url: str


class NotificationPage(BaseModel):
    """Notifications oldest first; hand `cursor` back to go on."""

    items: list[Notification]
    cursor: str
