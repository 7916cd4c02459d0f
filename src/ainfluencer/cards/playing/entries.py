"""One lorebook entry as a chat program reads it: the specification's fields, SillyTavern's extensions, the decorators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ainfluencer.cards.playing import orders
from ainfluencer.cards.playing.orders import Orders
from ainfluencer.cards.reading.card import Book, Entry

Rules = Literal["spec", "sillytavern"]
_PLACES = {
    0: "before_char",
    1: "after_char",
    2: "note_top",
    3: "note_bottom",
    4: "at_depth",
    5: "examples_top",
    6: "examples_bottom",
}
_ROLES = {0: "system", 1: "user", 2: "assistant"}
_SLOTS = {
    "after_desc": "after_desc",
    "before_desc": "before_desc",
    "personality": "personality",
    "scenario": "scenario",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """An entry with everything that decides whether it fires and where it goes."""

    at: int
    entry: Entry
    orders: Orders
    rules: Rules

    @property
    def label(self) -> str:
        """How people call it."""
        return self.entry.name or self.entry.comment or ", ".join(self.entry.keys[:3]) or f"Entry {self.at + 1}"

    @property
    def is_pattern(self) -> bool:
        """Whether its keys are patterns by the specification; SillyTavern goes by the slashes alone."""
        return self.rules == "spec" and self.entry.uses_regex

    @property
    def is_constant(self) -> bool:
        """Whether it needs no key. By the specification that is ignored for patterns."""
        return (self.entry.is_constant and not self.is_pattern) or "activate" in self.orders

    @property
    def is_cased(self) -> bool:
        """Whether small and capital letters differ."""
        stored = self.entry.extensions.get("case_sensitive")
        return bool(self.entry.is_case_sensitive if self.entry.is_case_sensitive is not None else stored)

    @property
    def is_whole(self) -> bool:
        """Whether a key must stand alone as a word."""
        if "match_full_word" in self.orders or "match_partial_word" in self.orders:
            return "match_full_word" in self.orders
        return bool(self.entry.extensions.get("match_whole_words"))

    def scan_depth(self, book: Book, usual: int) -> int:
        """How many of the newest messages are searched."""
        own = self.orders.number("scan_depth")
        if own is None:
            own = whole(self.entry.extensions.get("scan_depth"))
        return own if own is not None else book.scan_depth if book.scan_depth is not None else usual

    @property
    def secondary(self) -> list[str]:
        """The second keys, where they count."""
        if self.is_pattern or not self.entry.is_selective:
            return []
        return [key for key in self.entry.secondary_keys if key.strip()]

    @property
    def logic(self) -> int:
        """How second keys count: 0 any, 1 not all, 2 none, 3 all."""
        return whole(self.entry.extensions.get("selectiveLogic")) or 0

    @property
    def probability(self) -> int:
        """Percent."""
        own = self.orders.number("probability")
        if own is not None:
            return own
        given = whole(self.entry.extensions.get("probability"))
        return 100 if given is None or self.entry.extensions.get("useProbability") is False else given

    @property
    def sticky(self) -> int:
        """For how many messages it stays once it fired; 0 for none."""
        return max(0, whole(self.entry.extensions.get("sticky")) or 0)

    @property
    def cooldown(self) -> int:
        """For how many messages it rests after it fired; 0 for none."""
        return max(0, whole(self.entry.extensions.get("cooldown")) or 0)

    @property
    def delay(self) -> int:
        """How many messages a chat must have before it may fire."""
        return max(0, whole(self.entry.extensions.get("delay")) or 0)

    @property
    def groups(self) -> list[str]:
        """Groups of which only one entry is taken."""
        return [one.strip() for one in str(self.entry.extensions.get("group") or "").split(",") if one.strip()]

    @property
    def delay_level(self) -> int:
        """The first round of recursion in which it may fire; 0 fires at once."""
        value = self.entry.extensions.get("delay_until_recursion")
        if self.orders.values.get("unrecursive") is None and "recursive" in self.orders:
            value = value or False
        return int(value) if isinstance(value, bool) else whole(value) or 0

    @property
    def is_found_in_lore(self) -> bool:
        """Whether the text of other entries may fire it."""
        return not self.entry.extensions.get("exclude_recursion") and "no_recursive_search" not in self.orders

    @property
    def is_searched(self) -> bool:
        """Whether its text may fire other entries."""
        return not self.entry.extensions.get("prevent_recursion") and "unrecursive" not in self.orders

    @property
    def importance(self) -> tuple[float, float, float]:
        """What is kept when room gets scarce sorts first."""
        own = self.orders.number("priority")
        priority = own if own is not None else self.entry.priority
        return (1 if "ignore_on_max_context" in self.orders else 0, -(priority or 0), -self.entry.order)

    @property
    def place(self) -> tuple[str, int, str]:
        """Slot, depth and role. A decorator wins over an extension, and that over the specification's field."""
        depth = next((n for name in _DEPTHS if (n := self.orders.number(name)) is not None), None)
        role = str(self.orders.values.get("role", ""))
        if depth is not None:
            return "at_depth", max(0, depth), role or "system"
        if slot := _SLOTS.get(str(self.orders.values.get("position", ""))):
            return slot, 0, role or "system"
        stored = self.entry.extensions
        theirs = whole(stored.get("position"))
        slot = _PLACES.get(theirs if theirs is not None else -1, "") or (
            "after_char" if self.entry.position == "after_char" else "before_char"
        )
        given = _ROLES.get(whole(stored.get("role")) or 0, "system")
        at = whole(stored.get("depth"))
        return slot, (4 if at is None else at) if slot == "at_depth" else 0, role or given


_DEPTHS = ("depth", "reverse_depth")


def whole(value: Any) -> int | None:
    """A whole number, also from a text or a decimal; None for everything else."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return int(float(value))
    except (TypeError, ValueError, OverflowError):
        return None


def readings(book: Book, rules: Rules) -> list[Reading]:
    """Every entry of a book, in the book's order."""
    read = orders.read if rules == "spec" else orders.unread
    return [Reading(at, entry, read(entry.content), rules) for at, entry in enumerate(book.entries)]
