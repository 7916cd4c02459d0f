"""A manifest says what an adapter is and can do: data only, importable without keys or client packages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Family(StrEnum):
    """Which module owns the adapter."""

    CHANNEL = "channel"  # publishes, listens, measures
    MAKER = "maker"  # generates text, pictures, voice, video


class Access(StrEnum):
    """How the outside thing is reached."""

    BUILT_IN = "built_in"  # inside this product
    LOCAL = "local"  # a program on this machine or in this network
    OFFICIAL_API = "official_api"
    HAND_OFF = "hand_off"  # a person carries it over


class Login(StrEnum):
    """What connecting asks for."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105 - the name of a kind, not a secret
    PASSWORD = "app_password"  # noqa: S105 - the name of a kind, not a secret
    OAUTH = "oauth"


class Capability(StrEnum):
    """A declared capability equals an implemented method, both ways (the conformance suite checks)."""

    PUBLISH = "publish"
    SETTLE = "settle"
    WITHDRAW = "withdraw"
    PULL = "pull"
    REPLY = "reply"
    MEASURE = "measure"
    REFRESH = "refresh"
    TEXT = "text"
    IMAGE = "image"
    POSTER = "poster"
    MODELS = "models"
    CANCEL = "cancel"
    SEE = "see"  # a text maker that can be shown pictures, where its model sees


class Label(StrEnum):
    """How AI-made content is declared on a channel."""

    FIELD = "field"  # the platform's own field
    CAPTION = "caption"  # a line in the text
    ACCOUNT = "account"  # a mark on the account itself, plus a line in the text


class Counting(StrEnum):
    """How a platform counts the length of a text."""

    CHARACTERS = "characters"  # Unicode code points
    GRAPHEMES = "graphemes"  # what a person calls a letter
    UTF16 = "utf16"
    BYTES = "bytes"
    MASTODON = "mastodon"  # letters, with every link as 23 and @user@host as @user


class Action(StrEnum):
    """What a platform's terms may forbid to a program; see `Manifest.rules`."""

    POST = "post"
    REPLY_UNATTENDED = "reply_unattended"  # an answer that no person has read
    MENTION = "mention"  # naming somebody who did not write to us
    LIKE = "like"
    FOLLOW = "follow"
    REPOST = "repost"
    DIRECT_MESSAGE = "direct_message"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a platform, in a sentence for people, with where it is written and when we read it."""

    action: Action
    allowed: bool
    sentence: str
    source: str
    checked: date


@dataclass(frozen=True, slots=True)
class Field:
    """One input of the connect form."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: str = ""
    kind: str = "text"  # text | url | password | select | tick (its value is "yes" or nothing)
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Dated facts of a platform; None means unknown, 0 means not at all."""

    text: int | None = None
    counting: Counting = Counting.CHARACTERS
    text_bytes: int | None = None
    hashtags: int | None = None
    links: int | None = None
    alt_text: int | None = None
    images: int | None = None
    image_bytes: int | None = None
    image_kinds: tuple[str, ...] = ("image/png", "image/jpeg")
    image_pixels: int | None = None
    videos: int | None = 0
    posts_per_day: int | None = None
    spacing_seconds: int | None = None  # between two posts of one account
    requests_per_minute: int | None = None  # calls of any kind over one connection


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that forms, limits, tables, docs and tests need to know of one adapter."""

    slug: str
    title: str
    family: Family
    access: Access
    login: Login
    summary: str
    capabilities: frozenset[Capability]
    fields: tuple[Field, ...] = ()
    limits: Limits = field(default_factory=Limits)
    label: Label = Label.CAPTION
    label_required: bool = False  # the platform itself demands that AI-made content is declared
    rules: tuple[Rule, ...] = ()
    base_url: str = ""  # of the service; a settings field called "url" wins
    documentation: str = ""
    api_version: str = ""
    checked: date | None = None
    idempotent: bool = False  # the platform itself refuses a second post with the same key
    unattended_replies: bool = False  # the platform's rules allow automated answers
    quality: int = 0  # makers only: 0 basic .. 100 best; the best connected one is chosen first
    notes: tuple[str, ...] = ()

    def can(self, capability: Capability) -> bool:
        """Whether the capability is declared."""
        return capability in self.capabilities

    def rule(self, action: Action) -> Rule | None:
        """What the platform says about the action; None where we have read nothing (treat it as not allowed)."""
        return next((rule for rule in self.rules if rule.action == action), None)
