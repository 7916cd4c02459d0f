"""Which files a batch is about, and where each result goes."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ainfluencer.cards.batching.actions import Task
from ainfluencer.core.errors import InvalidInput

SUFFIXES = frozenset({".png", ".apng", ".json", ".charx", ".byaf", ".webp", ".jpg", ".jpeg", ".yaml", ".yml"})


def tasks(sources: Iterable[str], out: str) -> list[Task]:
    """Files, patterns, folders (with all below them) and @lists (one name a line) as tasks, each file once, in order.

    Below `out` results lie as their files do below the folder that was named; where two would take one place, the later
    one gets a number. Raises `InvalidInput` for what is not there.
    """
    found: dict[str, Task] = {}
    taken: set[str] = set()
    for source in sources:
        for file, inner in _files(source):
            if file not in found:
                found[file] = Task(file, _place(out, inner, taken) if out else "")
    return list(found.values())


def _files(source: str) -> Iterator[tuple[str, Path]]:
    """Each file with its path below the folder that was named."""
    if source.startswith("@"):
        for line in _lines(source[1:]):
            yield from _files(line)
        return
    path = Path(source)
    if path.is_dir():
        yield from _below(path)
    elif path.exists():
        yield source, Path(path.name)
    elif glob.has_magic(source):
        names = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - also absolute patterns
        yield from ((name, Path(Path(name).name)) for name in names if Path(name).is_file())
    else:
        raise InvalidInput(f"There is no “{source}”.", "Check the path.", code="no_such_file")


def _below(path: Path) -> Iterator[tuple[str, Path]]:
    for folder, inner, names in os.walk(path):
        inner.sort()
        for name in sorted(names):
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith("."):
                file = Path(folder, name)
                yield str(file), file.relative_to(path)


def _lines(name: str) -> list[str]:
    try:
        text = Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"“{name}” cannot be read as a list of files.", "One path a line, in UTF-8.") from None
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith(("@", "#"))]


def _place(out: str, inner: Path, taken: set[str]) -> str:
    stem = str(Path(out, inner.with_suffix("")))
    place, number = stem, 1
    while place.casefold() in taken:  # also where the disk does not tell capitals apart
        number += 1
        place = f"{stem} ({number})"
    taken.add(place.casefold())
    return place
