"""The built-in text model: llama.cpp in a process of its own, with a model file of the data folder."""

from __future__ import annotations

from datetime import date

from ainfluencer.integrations.manifest import Access, Capability, Family, Field, Limits, Login, Manifest

MANIFEST = Manifest(
    slug="embedded",
    title="Built-in small model",
    family=Family.MAKER,
    access=Access.BUILT_IN,
    login=Login.NONE,
    summary="Works without a network or a GPU. Good for a sentence in a fixed frame, not for free writing.",
    capabilities=frozenset({Capability.TEXT, Capability.MODELS}),
    fields=(
        Field(
            "model",
            "Model",
            "Another .gguf file below the models folder; empty is the one of the model pack.",
            required=False,
        ),
    ),
    limits=Limits(text=3_000),
    documentation="https://github.com/ggml-org/llama.cpp/tree/master/tools/server",
    api_version="v1",
    checked=date(2026, 11, 21),
    quality=10,
    notes=("Understands a GBNF grammar. Facts and meaning of the packaged 135M model are not to be trusted.",),
)
