"""Facts about posts that other modules react to. Plain JSON values; instants are ISO 8601 in UTC."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostApproved:
    """A reviewer approved the post."""

    post_id: str
    character_id: str


@dataclass(frozen=True, slots=True)
class PostRejected:
    """A reviewer rejected the post, with a reason."""

    post_id: str
    character_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class PostPublished:
    """One variant of the post is public on one channel."""

    post_id: str
    delivery_id: str
    channel_id: str
    platform: str
    character_id: str
    remote_id: str
    remote_url: str
    published_at: str


@dataclass(frozen=True, slots=True)
class DeliveryStopped:
    """A delivery failed, or waits for a person (`state` says which)."""

    post_id: str
    delivery_id: str
    channel_id: str
    state: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class PostWithdrawn:
    """The post was withdrawn; `still_live` names channels where it could not be deleted (yet)."""

    post_id: str
    character_id: str
    still_live: tuple[str, ...]
