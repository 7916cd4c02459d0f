"""Strangers' words as both databases keep them."""

from __future__ import annotations

from typing import Any


def storable(value: Any) -> Any:
    """Texts, also inside lists and objects: PostgreSQL takes no NUL, and neither takes halves of characters."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {storable(key): storable(one) for key, one in value.items()}
    return [storable(one) for one in value] if isinstance(value, (list, tuple)) else value
