"""The ready-made characters that come with the product, for somebody who has no card at hand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ainfluencer.cards import service
from ainfluencer.cards.schemas import CardSource
from ainfluencer.core.errors import NotFound

_FOLDER = resources.files("ainfluencer.cards").joinpath("samples")


@dataclass(frozen=True, slots=True)
class Starter:
    """One of them, as a page shows it; `palette` are pairs of word and #rrggbb."""

    slug: str
    name: str
    line: str
    palette: tuple[tuple[str, str], ...]
    topics: tuple[str, ...]


@lru_cache(maxsize=1)
def starters() -> tuple[Starter, ...]:
    """All of them, by name; none when the package was built without them."""
    if not _FOLDER.is_dir():
        return ()
    slugs = sorted(file.name.removesuffix(".json") for file in _FOLDER.iterdir() if file.name.endswith(".json"))
    return tuple(_starter(slug) for slug in slugs)


def _starter(slug: str) -> Starter:
    draft = source(slug).draft
    line = draft.bio or ", ".join(draft.interests[:4])
    return Starter(slug, draft.name, line, draft.look.palette, draft.persona.topics[:3])


def source(slug: str) -> CardSource:
    """The card of that name, read; `NotFound` for any other word."""
    return service.read_source(*card(slug))


def card(slug: str) -> tuple[bytes, str]:
    """The bytes and the file name of one; `NotFound` for any other word."""
    file = _FOLDER.joinpath(f"{slug}.json")
    if not slug.replace("_", "").isalpha() or not file.is_file():
        raise NotFound("There is no ready-made character of that name.", "Choose one of those that are shown.")
    return file.read_bytes(), file.name
