"""Bluesky and every other AT Protocol server: what it is and allows."""

from datetime import date

from ainfluencer.integrations.manifest import (
    Access,
    Action,
    Capability,
    Counting,
    Family,
    Field,
    Label,
    Limits,
    Login,
    Manifest,
    Rule,
)

_CHECKED = date(2026, 11, 21)
_GUIDELINES = "https://bsky.social/about/support/community-guidelines"
_BOTS = "https://docs.bsky.app/docs/starter-templates/bots"

MANIFEST = Manifest(
    slug="bluesky",
    title="Bluesky",
    family=Family.CHANNEL,
    access=Access.OFFICIAL_API,
    login=Login.PASSWORD,
    summary="Posts of up to 300 letters with pictures, on bsky.social or your own AT Protocol server.",
    capabilities=frozenset(
        {
            Capability.PUBLISH,
            Capability.SETTLE,
            Capability.WITHDRAW,
            Capability.PULL,
            Capability.REPLY,
            Capability.MEASURE,
            Capability.REFRESH,
        }
    ),
    fields=(
        Field(
            "url",
            "Server",
            "Where the account lives; leave it as it is for Bluesky itself.",
            default="https://bsky.social",
            kind="url",
        ),
        Field("handle", "Handle", "Such as mira.bsky.social, without the @."),
        Field(
            "password",
            "App password",
            "Made in Settings, Privacy and security, App passwords. Never the account's own.",
            secret=True,
            kind="password",
        ),
    ),
    # Lexicons app.bsky.feed.post, app.bsky.embed.images and app.bsky.embed.gallery as shipped with the server 0.5.35.
    limits=Limits(
        text=300,
        counting=Counting.GRAPHEMES,
        text_bytes=3000,
        alt_text=2000,
        images=10,
        image_bytes=2_000_000,
        image_kinds=("image/jpeg", "image/png", "image/webp"),
        posts_per_day=11_666,  # 35,000 points a day, 3 a post
        requests_per_minute=300,
    ),
    label=Label.ACCOUNT,
    rules=(
        Rule(Action.POST, True, "Automated accounts may post; mark the account as automated.", _BOTS, _CHECKED),
        Rule(Action.MENTION, False, "An automated account names only people who wrote to it.", _BOTS, _CHECKED),
        Rule(Action.REPLY_UNATTENDED, True, "It may answer people who mention it, and nobody else.", _BOTS, _CHECKED),
        Rule(Action.LIKE, False, "Likes by machine, unless asked for, are treated as spam.", _BOTS, _CHECKED),
        Rule(Action.FOLLOW, False, "Follows in bulk by machine are treated as spam.", _GUIDELINES, _CHECKED),
        Rule(Action.REPOST, False, "Reposts by machine, unless asked for, are treated as spam.", _BOTS, _CHECKED),
    ),
    base_url="https://bsky.social",
    documentation="https://docs.bsky.app",
    api_version="com.atproto / app.bsky lexicons, server 0.5.35",
    checked=_CHECKED,
    idempotent=True,
    unattended_replies=True,
    notes=("Notifications and counters need a server that is connected to an AppView; bsky.social is.",),
)
