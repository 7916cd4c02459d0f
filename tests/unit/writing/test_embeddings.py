"""Nearness in meaning, with the model and without it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.operations.packs import file_of
from ainfluencer.writing.embeddings import EMBEDDER, Embedder, WordPiece, nearness, shared
from tests.conftest import MODELS

_VOCABULARY = {
    w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "tide", "##s", "cafe", "!", "un", "##real", "海"])
}


def test_word_pieces() -> None:
    tokens = WordPiece(_VOCABULARY)
    assert tokens.ids("Tides!") == [2, 4, 5, 7, 3]
    assert tokens.ids("Café unreal") == [2, 6, 8, 9, 3]
    assert tokens.ids("海tide " + "x" * 101) == [2, 10, 4, 1, 3]
    assert len(tokens.ids("tide " * 500)) == 128


async def test_without_the_pack_shared_words_decide(settings: Settings) -> None:
    near = await nearness("cold mornings at the harbour", ["The harbour in the morning", "A song about trains"])
    assert near[0] > near[1] == 0.0
    assert await nearness("anything", []) == []
    assert shared("", "") == 0.0


@pytest.fixture
def model(settings: Settings) -> Embedder:
    config.use(replace(settings, data=MODELS))
    EMBEDDER.unload()
    return EMBEDDER


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "ids"),
    [  # what the reference tokenizer of the same file gives
        ("Morning waves at the beach!", [101, 2851, 5975, 2012, 1996, 3509, 999, 102]),
        ("Crème brûlée, naïve café", [101, 13675, 21382, 7987, 9307, 2063, 1010, 15743, 7668, 102]),
        ("日本語 #tag 🙂", [101, 1864, 1876, 1950, 1001, 6415, 100, 102]),
        ("supercalifragilistic", [101, 3565, 9289, 10128, 29181, 24411, 4588, 102]),
    ],
)
def test_the_same_tokens_as_the_reference(text: str, ids: list[int], model: Embedder) -> None:
    assert WordPiece.read(file_of(MODELS, "minilm", "tokenizer.json")).ids(text) == ids


@pytest.mark.model
async def test_meaning_beats_shared_words(model: Embedder) -> None:
    near = await nearness(
        "morning waves at the beach", ["Sunrise surf session before the rain", "The morning news at the bank"]
    )
    assert near[0] > near[1]
    vectors = model.vectors(["a", "a", "b"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-2)
    assert (vectors[0] == vectors[1]).all()
    model.unload()
    assert not model.is_loaded
