"""The ready-made characters that come with the product, for a first try."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ainfluencer.cards import service as cards
from ainfluencer.cards.schemas import CardSource
from ainfluencer.core.errors import NotFound

_FOLDER = resources.files("ainfluencer.cards").joinpath("samples")


@dataclass(frozen=True, slots=True)
class Sample:
    """One of them, as the first page shows it."""

    slug: str
    name: str
    line: str


@lru_cache(maxsize=1)
def samples() -> tuple[Sample, ...]:
    """All of them, by name; none when the package was built without them."""
    if not _FOLDER.is_dir():
        return ()
    slugs = sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir() if file.name.endswith(".json"))
    found = []
    for slug in slugs:
        draft = source(slug).draft
        found.append(Sample(slug, draft.name, draft.bio or ", ".join(draft.interests[:4])))
    return tuple(found)


def source(slug: str) -> CardSource:
    """The card of that name, read; `NotFound` for any other."""
    file = _FOLDER.joinpath(f"{slug}.json")
    if not slug.replace("_", "").isalpha() or not file.is_file():
        raise NotFound("There is no ready-made character of that name.", "Go home and choose one of those shown.")
    return cards.read_source(file.read_bytes(), file.name)
