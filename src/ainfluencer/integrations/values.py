"""Plain values that go into adapters and come out of them. No ORM, no session, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ainfluencer.integrations.client import OutsideClient


@dataclass(frozen=True, slots=True)
class Link:
    """A connection as an adapter sees it: settings in clear text for the length of one call, and the client to use."""

    slug: str
    client: OutsideClient
    settings: Mapping[str, str]
    secrets: Mapping[str, str] = field(repr=False)
    folder: Path | None = None  # a private folder for built-in programs


@dataclass(frozen=True, slots=True)
class Account:
    """What `check` found: who we are over there."""

    remote_id: str
    handle: str
    title: str = ""
    url: str = ""
    notes: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)  # run-time limits win over the manifest's


# --- channels -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ParcelMedia:
    """One picture as it leaves: the stored file and what is said of it."""

    path: Path
    mime: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    alt_text: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """One variant as one channel gets it. `key` is the idempotency key; it never changes between attempts."""

    key: str
    text: str
    media: tuple[ParcelMedia, ...] = ()
    language: str = "en"
    ai_made: bool = True  # the adapter declares it where the platform has a field
    in_reply_to: str = ""  # remote id of what this answers
    created_at: datetime | None = None  # the same instant at every attempt: platforms that take a date get this one
    declared: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something that somebody wrote or did over there."""

    remote_id: str
    kind: str  # comment | mention | like | repost | follow
    author_id: str
    author: str
    text: str
    at: datetime
    post_remote_id: str = ""
    parent_remote_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A page of what came in; `cursor` is handed back at the next pull."""

    items: tuple[Incoming, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters of one remote post at one moment; only what the platform gives."""

    remote_id: str
    metrics: Mapping[str, int]  # likes, replies, reposts, quotes, views


# --- makers ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a model is shown: the bytes of a file and its media type."""

    data: bytes = field(repr=False)
    mime: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class TextRequest:
    """A piece of text to write. `schema` (JSON schema) or `grammar` (GBNF) bind the answer where the maker can.

    `pictures` are shown with the first message of the user; only makers that declare SEE take them.
    """

    messages: tuple[Mapping[str, str], ...]
    model: str = ""
    max_tokens: int = 300
    temperature: float = 0.8
    top_p: float = 0.95
    seed: int | None = None
    candidates: int = 1
    schema: Mapping[str, Any] | None = None
    grammar: str = ""
    stop: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class TextMade:
    """Texts, one a candidate, and what they cost."""

    texts: tuple[str, ...]
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A picture by description."""

    prompt: str
    negative_prompt: str = ""
    width: int = 1024
    height: int = 1024
    seed: int | None = None
    count: int = 1
    model: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PosterRequest:
    """A designed picture: words, a picture or none, a palette and a layout. Every value is plain.

    `format`: quote | carousel | story | list | look_board. `size` in pixels. `seed` picks among equal designs.
    """

    format: str
    width: int
    height: int
    title: str = ""
    body: str = ""
    items: tuple[str, ...] = ()  # list lines, or one carousel page each
    kicker: str = ""  # small line above the title
    attribution: str = ""
    handle: str = ""
    mood: str = "calm"  # calm | bright | bold | tender | playful | night | serious
    colours: tuple[str, ...] = ()  # words or #rrggbb from the character's look
    style_words: tuple[str, ...] = ()
    picture: Path | None = None  # the character's own picture
    seed: int = 0
    variant: str = ""  # force one named layout; empty lets the renderer choose by seed
    avoid_variants: tuple[str, ...] = ()  # layouts that were used lately


@dataclass(frozen=True, slots=True)
class MediaMade:
    """One produced file and how it came to be (the recipe is enough to make it again)."""

    data: bytes
    mime: str
    width: int
    height: int
    recipe: Mapping[str, Any]
    source_type: str  # IPTC digital source type: trainedAlgorithmicMedia | algorithmicMedia | compositeWithTrained...
    text_boxes: tuple[Mapping[str, Any], ...] = ()  # text as drawn: {text, x, y, width, height, overflow, contrast}


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that a maker offers."""

    name: str
    title: str = ""
    size_bytes: int = 0
    notes: str = ""
