"""Odd types made usable, each with a note: a number where a string belongs, a string where a list belongs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ainfluencer.cards.reading.values import Notes


class Fields:
    """Typed looks into one JSON object; `path` names it in notes."""

    def __init__(self, values: Mapping[str, Any], notes: Notes, path: str = "") -> None:
        self.values = values
        self.notes = notes
        self.path = path

    def _odd(self, key: str, wanted: str, value: Any) -> None:
        self.notes.add("type_coerced", f"{self.path}{key} is {_kind(value)} where {wanted} belongs.")

    def text(self, key: str) -> str:
        """A string; numbers become their digits, null and missing become empty."""
        value = self.values.get(key)
        if isinstance(value, str):
            return clean(value, self.notes)
        if value is None:
            if key in self.values:
                self.notes.add("null_value", f"{self.path}{key} is null.")
            return ""
        self._odd(key, "text", value)
        return "" if isinstance(value, dict) else joined(value, self.notes)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings; one string is a list of one (tags are split at commas)."""
        value = self.values.get(key)
        if value is None or value == "":
            return ()
        if isinstance(value, str):
            self._odd(key, "a list", value)
            parts = value.split(",") if key in {"tags", "keys", "secondary_keys"} else [value]
            return tuple(clean(p, self.notes).strip() for p in parts if p.strip())
        if isinstance(value, dict):
            self._odd(key, "a list", value)
            value = list(value.values())
        if not isinstance(value, list):
            self._odd(key, "a list", value)
            value = [value]
        if any(not isinstance(v, str) for v in value):
            self.notes.add("type_coerced", f"{self.path}{key} holds more than text.")
        return tuple(t for v in value if v is not None and (t := joined(v, self.notes)))

    def objects(self, key: str) -> list[dict[str, Any]]:
        """A list of objects; an object of objects is read in its own order."""
        value = self.values.get(key)
        if value is None:
            return []
        if isinstance(value, dict):
            self._odd(key, "a list", value)
            value = list(value.values())
        if not isinstance(value, list):
            self._odd(key, "a list", value)
            return []
        kept = [v for v in value if isinstance(v, dict)]
        if len(kept) < len(value):
            self.notes.add(
                "items_dropped", f"{self.path}{key} holds {len(value) - len(kept)} items that are not objects."
            )
        return kept

    def table(self, key: str) -> dict[str, Any]:
        """An object; anything else counts as empty."""
        value = self.values.get(key)
        if isinstance(value, dict):
            return value
        if value is not None or key in self.values:
            self._odd(key, "an object", value)
        return {}

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false; 0, 1, "true" and "false" are understood."""
        value = self.values.get(key)
        if isinstance(value, bool):
            return value
        if value is None:
            return default
        self._odd(key, "true or false", value)
        if isinstance(value, str):
            return value.strip().lower() in {"true", "1", "yes", "on"} if value.strip() else default
        return bool(value)

    def maybe_flag(self, key: str) -> bool | None:
        """Like `flag`, None when it is missing."""
        return None if self.values.get(key) is None else self.flag(key, default=False)

    def number(self, key: str) -> float | None:
        """A finite number; digits in a string are understood, empty and missing are None."""
        value = self.values.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _finite(value)
        if value is None:
            return None
        self._odd(key, "a number", value)
        try:
            return _finite(float(value))
        except (TypeError, ValueError):
            return None

    def whole(self, key: str) -> int | None:
        """A whole number in the range of 64 bits, or None."""
        value = self.number(key)
        return int(value) if value is not None and abs(value) < 2**63 else None


def _finite(value: float) -> float | None:
    try:
        return value if math.isfinite(value) else None
    except OverflowError:
        return None


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    names: dict[type, str] = {str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return next((name for kind, name in names.items() if isinstance(value, kind)), type(value).__name__)


def joined(value: Any, notes: Notes) -> str:
    """A readable string out of any scalar or list of scalars."""
    if isinstance(value, str):
        return clean(value, notes)
    if isinstance(value, list):
        return "\n".join(joined(v, notes) for v in value if isinstance(v, str | int | float))
    if isinstance(value, dict) or value is None:
        return ""
    return str(value)


def clean(text: str, notes: Notes) -> str:
    """Without lone surrogates and NULs, which no database and no file can hold."""
    if text.isascii():
        if "\0" not in text:
            return text
    else:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            notes.add("lone_surrogate", "The text holds broken characters (lone surrogates); they are shown as �.")
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\0" in text:
        notes.add("nul", "The text holds NUL characters; they are left out.")
        text = text.replace("\0", "")
    return text


def plain(value: Any) -> Any:
    """A stored value as it can be told: strings as `clean` leaves them, keys too."""
    if isinstance(value, str):
        return clean(value, Notes())
    if isinstance(value, Mapping):
        return {clean(str(key), Notes()): plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value
