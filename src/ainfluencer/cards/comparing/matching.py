"""Which lorebook entries and assets of two cards are the same thing: by id, else by name, else by keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

Item = dict[str, Any]


def _id(item: Item) -> str:
    return f"id:{item['id']}" if item.get("id") is not None else ""


def _name(item: Item) -> str:
    if "uri" in item:
        return f"{item.get('type')} {item.get('name')}"
    return str(item.get("name") or item.get("comment") or "")


def _keys(item: Item) -> str:
    keys = item.get("keys")
    return ", ".join(str(key) for key in keys) if isinstance(keys, list) else ""


_WAYS: tuple[Callable[[Item], str], ...] = (_id, _name, _keys)


def labels(*versions: Sequence[Item]) -> list[list[str]]:
    """A label for each item of each version; items of one label belong together.

    The first way counts that tells all items of every version apart. An entry that was just added has no id yet: it does
    not keep the others from being known by theirs. Where no way tells all apart, equal ones are counted.
    """
    for way in _WAYS:
        found = [[way(item) for item in items] for items in versions]
        if way is _id and all(names.count("") * 2 < len(names) for names in found if names):
            found = [list(map(_best, items)) for items in versions]
        if all(all(names) and max(Counter(names).values(), default=1) == 1 for names in found):
            return found
    return [_counted(list(map(_best, items))) for items in versions]


def _best(item: Item) -> str:
    return _id(item) or _name(item) or _keys(item)


def _counted(names: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    out = []
    for name in names:
        seen[name] += 1
        out.append(f"{name} #{seen[name]}".strip() if seen[name] > 1 or not name else name)
    return out


def are_items(*values: Any) -> bool:
    """Whether all values are lists of objects, and not all are empty."""
    return all(isinstance(value, list) and all(isinstance(one, dict) for one in value) for value in values) and any(
        values
    )


def are_texts(*values: Any) -> bool:
    """Whether all values are lists of texts."""
    return all(isinstance(value, list) and all(isinstance(one, str) for one in value) for value in values)
