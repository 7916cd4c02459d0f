"""Models of the right length that are not models: what needs them goes on without them and says so."""

from __future__ import annotations

import pytest
from PIL import Image

from ainfluencer.core.config import Settings
from ainfluencer.operations import packs
from ainfluencer.quality import rating
from ainfluencer.writing import embeddings


@pytest.fixture
def hollow(settings: Settings) -> Settings:
    """A data folder whose packs hold nothing but zeros."""
    for pack in packs.PACKS.values():
        folder = packs.models_folder(settings.data) / pack.id
        folder.mkdir(parents=True)
        for member in pack.members:
            with (folder / member.name).open("wb") as file:
                file.truncate(member.size_bytes)
    return settings


async def test_nearness_falls_back_to_shared_words(hollow: Settings) -> None:
    assert packs.is_installed(hollow.data, "minilm")
    near = await embeddings.nearness("storm over the harbour", ["harbour in the storm", "bread and butter"])
    assert near[0] > near[1]
    assert packs.status_of(hollow.data, packs.pack("minilm")).state == "damaged"


def test_a_picture_is_rated_by_words_and_the_rating_says_so(hollow: Settings) -> None:
    rating._session.cache_clear()
    rated = rating.rate(Image.new("RGB", (300, 300)), "a lighthouse")
    assert (rated.rating, rated.score) == ("safe", None)
    assert "damaged" in rated.reasons[0]
    assert packs.status_of(hollow.data, packs.pack("opennsfw")).state == "damaged"
