"""Two cards, field by field, whatever their versions and containers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ainfluencer.cards.comparing import matching
from ainfluencer.cards.converting import versions
from ainfluencer.cards.editing.document import same
from ainfluencer.cards.editing.paths import shown
from ainfluencer.cards.reading.coerce import plain

_MISSING = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `kind` is added, removed or changed; `before` and `after` are the values, None where there is none."""

    field: str
    kind: str
    before: Any = None
    after: Any = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        told: dict[str, Any] = plain(asdict(self))
        return told


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    """What differs between two cards' objects. Order of keys, spelling and copies of fields do not count."""
    before, after = versions.nested(old)["data"], versions.nested(new)["data"]
    found = list(_compared((), before, after))
    ranks = versions.rank_of(old), versions.rank_of(new)
    if ranks[0] != ranks[1]:
        found.insert(0, Change("spec", "changed", f"v{ranks[0]}", f"v{ranks[1]}"))
    return found


def _compared(path: tuple[str | int, ...], old: Any, new: Any) -> Iterator[Change]:
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            yield from _member((*path, str(key)), old.get(key, _MISSING), new.get(key, _MISSING))
    elif matching.are_items(old, new):
        yield from _items(path, old, new)
    elif matching.are_texts(old, new) and path != ("tags",):
        for place in range(max(len(old), len(new))):
            yield from _member((*path, place), *(v[place] if place < len(v) else _MISSING for v in (old, new)))
    else:
        yield Change(shown(path), "changed", old, new)


def _member(path: tuple[str | int, ...], old: Any, new: Any) -> Iterator[Change]:
    if old is _MISSING:
        if path[-1] == "use_regex" and new is False:
            return  # what V3 writes where V2 writes nothing
        if new not in ("", [], {}, None):
            yield Change(shown(path), "added", None, new)
    elif new is _MISSING:
        if old not in ("", [], {}, None):
            yield Change(shown(path), "removed", old, None)
    else:
        yield from _compared(path, old, new)


def _items(path: tuple[str | int, ...], old: list[Any], new: list[Any]) -> Iterator[Change]:
    names = matching.labels(old, new)
    before, after = dict(zip(names[0], old, strict=True)), dict(zip(names[1], new, strict=True))
    for name in dict.fromkeys([*before, *after]):
        field = f"{shown(path)}[{name}]"
        if name not in after:
            yield Change(field, "removed", before[name])
        elif name not in before:
            yield Change(field, "added", None, after[name])
        else:
            for change in _compared((), before[name], after[name]):
                yield Change(f"{field}.{change.field}", change.kind, change.before, change.after)
    kept = [name for name in names[0] if name in after]
    if kept != [name for name in names[1] if name in before]:
        yield Change(shown(path), "changed", kept, [name for name in names[1] if name in before])
