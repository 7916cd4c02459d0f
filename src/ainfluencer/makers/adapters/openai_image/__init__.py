"""Pictures from any server that speaks the OpenAI images API."""

from __future__ import annotations

from datetime import date

from ainfluencer.integrations.manifest import Access, Capability, Family, Field, Limits, Login, Manifest

MANIFEST = Manifest(
    slug="openai_image",
    title="OpenAI-compatible pictures",
    family=Family.MAKER,
    access=Access.LOCAL,
    login=Login.TOKEN,
    summary="Pictures from any server that speaks the OpenAI images API, hosted or in your own network.",
    capabilities=frozenset({Capability.IMAGE, Capability.MODELS}),
    fields=(
        Field("base_url", "Address", "Up to and with /v1.", kind="url"),
        Field("api_key", "API key", "Local servers mostly need none.", secret=True, required=False, kind="password"),
        Field("model", "Model", "The picture model's name as the server knows it."),
        Field(
            "sizes",
            "Sizes",
            "What the model can make, as WIDTHxHEIGHT with commas. The nearest in shape is used.",
            required=False,
            default="1024x1024,1024x1536,1536x1024",
        ),
    ),
    limits=Limits(text=4_000, images=10),
    documentation="https://platform.openai.com/docs/api-reference/images",
    api_version="v1",
    checked=date(2026, 11, 21),
    quality=70,
)
