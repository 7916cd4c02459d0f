"""Text from Ollama on this machine or in this network."""

from __future__ import annotations

from datetime import date

from ainfluencer.integrations.manifest import Access, Capability, Family, Field, Limits, Login, Manifest

MANIFEST = Manifest(
    slug="ollama",
    title="Ollama",
    family=Family.MAKER,
    access=Access.LOCAL,
    login=Login.NONE,
    summary="Writes with open models on your own machine. The best free way to better texts.",
    capabilities=frozenset({Capability.TEXT, Capability.MODELS, Capability.SEE}),
    fields=(
        Field("base_url", "Address", "Where Ollama listens.", default="http://127.0.0.1:11434", kind="url"),
        Field("model", "Model", "Such as llama3:8b. Empty takes the largest that is installed.", required=False),
    ),
    limits=Limits(text=100_000),
    documentation="https://docs.ollama.com/api",
    api_version="0.12",
    checked=date(2026, 11, 21),
    quality=75,
)
