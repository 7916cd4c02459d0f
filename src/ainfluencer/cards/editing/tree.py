"""What every document offers, JSON or YAML: looks at its value by path, and verbs that change it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from ainfluencer.cards.editing.paths import Path, PathMissing, stepped


class Tree(ABC):
    """A text and its parsed value. Paths are tuples of keys and places: ("data", "tags", 0)."""

    is_changed: bool

    @property
    @abstractmethod
    def root(self) -> Any:
        """The parsed document. Look at it; to change it, use `set`."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The present text; unchanged, the very text that came in."""

    @abstractmethod
    def set(self, path: Path, value: Any) -> None:
        """Put a value at a path; an equal value changes nothing."""

    @abstractmethod
    def remove(self, path: Path) -> None:
        """Take a member out."""

    def get(self, path: Path, default: Any = None) -> Any:
        """The value at a path, or `default` when there is none."""
        try:
            return stepped(self.root, path)
        except PathMissing:
            return default

    def has(self, path: Path) -> bool:
        """Whether there is a value at this path."""
        missing = object()
        return self.get(path, missing) is not missing
