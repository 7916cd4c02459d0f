"""A three-way merge decided field by field: every difference is told with what would become of it, and a person may say otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ainfluencer.cards.comparing import matching
from ainfluencer.cards.comparing.merger import MISSING, Clash, Merge, Path, alike
from ainfluencer.cards.editing.paths import shown
from ainfluencer.cards.reading.coerce import plain
from ainfluencer.core.errors import InvalidInput

SIDES = ("ours", "theirs", "both")
_BLANK: tuple[Any, ...] = ("", [], {}, None)


@dataclass(frozen=True, slots=True)
class Decision:
    """One field on which the sides differ; None stands for a field that is not there.

    `kind` says who changed it since the base: ours, theirs, both (two lists of texts that join), or conflict. `side` is what is
    taken; empty: a conflict that nobody decided.
    """

    field: str
    kind: str
    base: Any
    ours: Any
    theirs: Any
    side: str
    can_join: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        names = ("field", "kind", "base", "ours", "theirs", "side", "can_join")
        return {name: plain(getattr(self, name)) for name in names}


class Choosing(Merge):
    """One merge with a person's choices by field; `prefer` decides the conflicts that they left open."""

    def __init__(self, choices: Mapping[str, str] | None = None, prefer: str = "") -> None:
        super().__init__(prefer or "ours")
        self._choices = dict(choices or {})
        self._decides = prefer
        self._by_field: dict[str, Decision] = {}

    @property
    def decisions(self) -> list[Decision]:
        """Every difference, the open conflicts first, then the decided ones, then what needs no thought."""
        ranks = {"conflict": 0, "both": 1, "theirs": 2, "ours": 3}
        return sorted(self._by_field.values(), key=lambda one: ranks[one.kind])

    def check(self) -> None:
        """`InvalidInput` for a choice about a field on which the sides do not differ."""
        if unknown := set(self._choices) - set(self._by_field):
            raise InvalidInput(
                f"The sides do not differ in “{min(unknown)[:80]}”.",
                "Look at the list of differences.",
                field="choices",
            )

    def _merged(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        if alike(ours, theirs) or path[-1:] == ("modification_date",):
            return ours if ours is not MISSING else theirs
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return self._objects(path, base if isinstance(base, dict) else {}, ours, theirs)
        if matching.are_items(ours, theirs):
            return self._items(path, base if _is_items(base) else [], ours, theirs)
        return self._decided(path, base, ours, theirs)

    def _decided(self, path: Path, base: Any, ours: Any, theirs: Any) -> Any:
        field = shown(path[1:] if path[:1] == ("data",) else path)
        joined = _joined(base, ours, theirs)
        kind = _kind(base, ours, theirs, can_join=joined is not None)
        usual = {"ours": "ours", "theirs": "theirs", "both": "both"}.get(kind, self._decides)
        side = self._choices.get(field) or usual
        told = [None if one is MISSING else one for one in (base, ours, theirs)]
        if side not in {"", *SIDES} or (side == "both" and joined is None):
            raise InvalidInput(
                f"“{field[:80]}” cannot be taken from “{side[:20]}”.", "Use ours or theirs.", field="choices"
            )
        self._by_field.setdefault(field, Decision(field, kind, told[0], told[1], told[2], side, joined is not None))
        if not side:
            self.clashes.append(Clash(field, *told))
        return joined if side == "both" else theirs if side == "theirs" else ours


def _is_items(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _joined(base: Any, ours: Any, theirs: Any) -> list[str] | None:
    """Two lists of texts brought together; None for anything else, and where both rewrote the same text."""
    old = [] if base is MISSING or base is None else base
    if not matching.are_texts(old, ours, theirs):
        return None
    trial = Merge()
    made = trial.joined(old, ours, theirs)
    return None if trial.clashes else made


def _kind(base: Any, ours: Any, theirs: Any, *, can_join: bool) -> str:
    """Who changed it. A field that is not there and one that is empty are the same."""
    if _same(base, theirs):
        return "ours"
    if _same(base, ours):
        return "theirs"
    return "both" if can_join else "conflict"


def _same(one: Any, other: Any) -> bool:
    is_blank = [value is MISSING or value in _BLANK for value in (one, other)]
    return all(is_blank) or alike(one, other)
