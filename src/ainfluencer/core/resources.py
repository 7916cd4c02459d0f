"""Files that the build packs into the package, found by name; a name may carry a build hash."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from ainfluencer.core.errors import NotFound

PLACES = ("web/static/dist",)


@cache
def path(name: str) -> Path:
    """The packed file of that name (“twemoji.zip” also finds “twemoji-1a2b3c.zip”).

    Raises `NotFound` when the assets were not built; callers that can do without must say so.
    """
    stem, _, kind = name.rpartition(".")
    for place in PLACES:
        folder = Path(str(files("ainfluencer").joinpath(place)))
        found = sorted((*folder.glob(name), *folder.glob(f"{stem}[-.]*.{kind}")))
        if found:
            return found[0]
    raise NotFound(f"The packed file {name} is not there.", "Build the web assets, or install the finished package.")
