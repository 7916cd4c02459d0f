"""Matrix: one room on any homeserver; what it is and allows."""

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
_SPEC = "https://spec.matrix.org/v1.16/client-server-api/"
_NOTICE = "https://spec.matrix.org/v1.16/client-server-api/#mnotice"

MANIFEST = Manifest(
    slug="matrix",
    title="Matrix",
    family=Family.CHANNEL,
    access=Access.OFFICIAL_API,
    login=Login.TOKEN,
    summary="Messages with pictures into one room of any homeserver; answers and reactions come back.",
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
        Field("url", "Homeserver", "Such as https://matrix.example.org.", kind="url"),
        Field(
            "room", "Room", "Its id (!abc:example.org) or address (#news:example.org); the account must have joined it."
        ),
        Field(
            "token", "Access token", "In most apps: Settings, Help and about, Advanced.", secret=True, kind="password"
        ),
    ),
    # An event may have 65,536 bytes in all (spec, size limits); the rest of it needs some.
    limits=Limits(
        text=40_000,
        counting=Counting.BYTES,
        images=10,
        image_bytes=50_000_000,
        image_kinds=("image/jpeg", "image/png", "image/webp", "image/gif"),
        requests_per_minute=120,
    ),
    label=Label.CAPTION,
    rules=(
        Rule(
            Action.POST,
            True,
            "Programs may post in rooms that let them in; the room's own rules hold.",
            _SPEC,
            _CHECKED,
        ),
        Rule(Action.MENTION, False, "Naming people who did not write first notifies them unasked.", _SPEC, _CHECKED),
        Rule(
            Action.REPLY_UNATTENDED,
            False,
            "Programs that answer each other never end; a person decides per room.",
            _NOTICE,
            _CHECKED,
        ),
        Rule(
            Action.LIKE,
            False,
            "Nothing is written on reactions by machine, so they are left to people.",
            _SPEC,
            _CHECKED,
        ),
    ),
    documentation=_SPEC,
    api_version="client-server v3, media v1",
    checked=_CHECKED,
    idempotent=True,
    notes=("Encrypted rooms are not supported: choose a room without encryption.",),
)
