"""Text from any server that speaks the OpenAI chat API."""

from __future__ import annotations

from datetime import date

from ainfluencer.integrations.manifest import Access, Capability, Family, Field, Limits, Login, Manifest

MANIFEST = Manifest(
    slug="openai_text",
    title="OpenAI-compatible text",
    family=Family.MAKER,
    access=Access.LOCAL,
    login=Login.TOKEN,
    summary="Writes with any server that speaks the OpenAI chat API: LM Studio, vLLM, llama.cpp, LocalAI or a hosted one.",
    capabilities=frozenset({Capability.TEXT, Capability.MODELS, Capability.SEE}),
    fields=(
        Field("base_url", "Address", "Up to and with /v1, such as http://127.0.0.1:1234/v1.", kind="url"),
        Field("api_key", "API key", "Local servers mostly need none.", secret=True, required=False, kind="password"),
        Field("model", "Model", "Empty takes the first of the server's list.", required=False),
        Field(
            "sees_pictures",
            "This model sees pictures",
            "Then the forge shows it pictures of a character. Servers do not say it themselves.",
            required=False,
            kind="tick",
        ),
    ),
    limits=Limits(text=100_000),
    documentation="https://platform.openai.com/docs/api-reference/chat",
    api_version="v1",
    checked=date(2026, 11, 21),
    quality=80,
)
