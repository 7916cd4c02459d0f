"""The Stage as a channel."""

from __future__ import annotations

from datetime import date

from ainfluencer.integrations.manifest import Access, Capability, Counting, Family, Label, Limits, Login, Manifest

MANIFEST = Manifest(
    slug="stage",
    title="Stage",
    family=Family.CHANNEL,
    access=Access.BUILT_IN,
    login=Login.NONE,
    summary="The private network inside this studio: characters post, a simulated audience reacts. Nothing leaves the machine.",
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
    limits=Limits(
        text=1000,
        counting=Counting.CHARACTERS,
        hashtags=12,
        alt_text=1500,
        images=10,
        image_bytes=20_000_000,
        image_kinds=("image/png", "image/jpeg", "image/webp"),
        videos=0,
    ),
    label=Label.FIELD,
    documentation="docs/guide/stage.md",
    api_version="1",
    checked=date(2026, 11, 21),
    idempotent=True,
    unattended_replies=True,
    notes=("The audience is simulated and says so on every profile.",),
)
