"""Two edits of one card brought together; what both changed differently is a conflict and is listed, never guessed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ainfluencer.cards.comparing import matching
from ainfluencer.cards.converting import versions
from ainfluencer.cards.editing.document import same
from ainfluencer.cards.editing.paths import shown
from ainfluencer.cards.reading.coerce import plain
from ainfluencer.core.errors import Conflict as ConflictError

Path = tuple[str | int, ...]
MISSING = object()
"""Stands for a field that is not there."""


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that both sides changed in different ways; None stands for a field that is not there."""

    field: str
    base: Any
    ours: Any
    theirs: Any

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        told: dict[str, Any] = plain(asdict(self))
        return told


class MergeConflicts(ConflictError):
    """Both sides changed the same fields; `clashes` has the list."""

    code = "merge_conflicts"
    default_next_step = "Choose a side for them: --prefer ours or --prefer theirs."

    def __init__(self, clashes: list[Clash]) -> None:
        fields = ", ".join(clash.field for clash in clashes[:10])
        super().__init__(f"Both sides changed {len(clashes)} field{'s' * (len(clashes) > 1)}: {fields}.")
        self.clashes = tuple(clashes)


class Merge:
    """One three-way merge. `prefer` says which side wins a conflict; all of them are collected in `clashes`."""

    def __init__(self, prefer: str = "ours") -> None:
        self._prefer = prefer
        self.clashes: list[Clash] = []

    def cards(self, base: dict[str, Any], ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
        """The merged card's object, in the version and layout of ours."""
        rank = versions.rank_of(ours)
        base, theirs = (
            one if versions.rank_of(one) == rank else versions.converted(one, rank)[0] for one in (base, theirs)
        )
        made: dict[str, Any] = self._merged((), base, ours, theirs)
        return made

    def _merged(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        if alike(ours, theirs) or alike(base, theirs):
            return ours
        if alike(base, ours):
            return theirs
        if path[-1:] == ("modification_date",):
            return ours  # saving sets it anew
        return self._both_changed(path, base, ours, theirs)

    def _both_changed(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return self._objects(path, base if isinstance(base, dict) else {}, ours, theirs)
        if matching.are_items(base, ours, theirs):
            return self._items(path, base, ours, theirs)
        if matching.are_texts(base, ours, theirs):
            return self._texts(path, base, ours, theirs)
        return self._clash(path, base, ours, theirs)

    def _objects(self, path: Path, base: Any, ours: Any, theirs: Any) -> dict[str, Any]:
        out = {}
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            sides = [side.get(key, MISSING) for side in (base, ours, theirs)]
            made = self._merged((*path, key), *sides)
            if made is not MISSING:
                out[key] = made
        return out

    def _items(self, path: Path, base: list[Any], ours: list[Any], theirs: list[Any]) -> list[Any]:
        names = matching.labels(base, ours, theirs)
        old, mine, other = (
            dict(zip(n, items, strict=True)) for n, items in zip(names, (base, ours, theirs), strict=True)
        )
        out = []
        for name in dict.fromkeys([*mine, *other]):
            sides = [side.get(name, MISSING) for side in (old, mine, other)]
            made = self._merged((*path, f"[{name}]"), *sides)
            if made is not MISSING:
                out.append(made)
        return out

    def joined(self, base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
        """Two lists of texts brought together; a clash when both rewrote the same text."""
        return self._texts((), base, ours, theirs)

    def _texts(self, path: Path, base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
        """Ours without what they took out and with what they added; a clash when both rewrote the same text.

        A text that they rewrote in its place stays there: greetings have an order.
        """
        old, mine, other = set(base), set(ours), set(theirs)
        gone, new = old - other, [one for one in theirs if one not in old]
        if gone - mine and new and mine - old:
            return self._clash(path, base, ours, theirs)  # type: ignore[no-any-return]
        pairs = zip(base, theirs, strict=True) if len(base) == len(theirs) else ()
        rewritten = {one: to for one, to in pairs if one in gone and one in mine and to not in old | mine}
        kept = [rewritten.get(one, one) for one in ours if one not in gone or one in rewritten]
        there = mine | set(rewritten.values())
        return kept + [one for one in new if one not in there]

    def _clash(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        told = [None if side is MISSING else side for side in (base, ours, theirs)]
        field = path[1:] if path[:1] == ("data",) else path
        self.clashes.append(Clash(shown(field), *told))
        return theirs if self._prefer == "theirs" else ours


def alike(a: Any, b: Any) -> bool:
    """Whether two values say the same; what is not there is like nothing but itself."""
    return a is b or (a is not MISSING and b is not MISSING and same(a, b))
