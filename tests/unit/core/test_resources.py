"""Packed files are found by name, with or without a build hash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ainfluencer.core import resources
from ainfluencer.core.errors import NotFound


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packed files."""
    monkeypatch.setattr(resources, "PLACES", (str(tmp_path),))
    resources.path.cache_clear()
    yield tmp_path
    resources.path.cache_clear()


@pytest.mark.parametrize("name", ["icons.zip", "icons-1a2b3c.zip", "icons.1a2b3c.zip"])
def test_a_file_is_found(place: Path, name: str) -> None:
    (place / name).write_bytes(b"zip")
    (place / "iconset.zip").write_bytes(b"another")
    assert resources.path("icons.zip") == place / name


def test_what_was_not_built_is_not_found() -> None:
    with pytest.raises(NotFound) as refused:
        resources.path("icons.zip")
    assert "assets" in refused.value.next_step
