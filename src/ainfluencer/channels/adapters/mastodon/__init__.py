"""Mastodon: any of its servers; what it is and allows."""

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
_RULES = "https://docs.joinmastodon.org/user/moderating/"
_BOT = "https://docs.joinmastodon.org/entities/Account/#bot"

MANIFEST = Manifest(
    slug="mastodon",
    title="Mastodon",
    family=Family.CHANNEL,
    access=Access.OFFICIAL_API,
    login=Login.TOKEN,
    summary="Posts with up to four pictures on any Mastodon server, with that server's own limits.",
    capabilities=frozenset(
        {
            Capability.PUBLISH,
            Capability.SETTLE,
            Capability.WITHDRAW,
            Capability.PULL,
            Capability.REPLY,
            Capability.MEASURE,
        }
    ),
    fields=(
        Field("url", "Server", "Such as mastodon.social.", kind="url"),
        Field(
            "visibility", "Who sees posts", default="public", kind="select", choices=("public", "unlisted", "private")
        ),
        Field(
            "token", "Access token", "From Preferences, Development, your application.", secret=True, kind="password"
        ),
    ),
    # Defaults of 4.5; a server's own numbers from /api/v2/instance win.
    limits=Limits(
        text=500,
        counting=Counting.MASTODON,
        alt_text=1500,
        images=4,
        image_bytes=16_777_216,
        image_pixels=33_177_600,
        image_kinds=("image/jpeg", "image/png", "image/webp", "image/gif"),
        posts_per_day=2400,  # 300 in three hours, app/lib/rate_limiter.rb
        requests_per_minute=60,  # 300 in five minutes
    ),
    label=Label.ACCOUNT,
    rules=(
        Rule(
            Action.POST,
            True,
            "Automated accounts may post; most servers ask that the account is marked as a bot.",
            _BOT,
            _CHECKED,
        ),
        Rule(Action.MENTION, False, "Naming people who did not write first is reported as spam.", _RULES, _CHECKED),
        Rule(
            Action.REPLY_UNATTENDED,
            False,
            "Each server decides; read its rules before you switch this on.",
            _RULES,
            _CHECKED,
        ),
        Rule(Action.LIKE, False, "Favourites by machine are reported as spam.", _RULES, _CHECKED),
        Rule(Action.FOLLOW, False, "Follows by machine are reported as spam.", _RULES, _CHECKED),
        Rule(Action.REPOST, False, "Boosts by machine are reported as spam.", _RULES, _CHECKED),
    ),
    documentation="https://docs.joinmastodon.org/client/intro/",
    api_version="4.x, media v2",
    checked=_CHECKED,
    idempotent=True,
    notes=("The server remembers a post's key for one hour; later it is looked for among the account's own posts.",),
)
