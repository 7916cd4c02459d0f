"""Loads every module's tables, for migrations and tests. By folder scan, so that `db` names no module."""

from __future__ import annotations

import importlib
from pathlib import Path

import ainfluencer


def load_all() -> None:
    """Import `ainfluencer.<module>.models` of every module that has one, and no package that has none."""
    for folder in sorted(Path(ainfluencer.__file__).parent.iterdir()):
        if (folder / "models.py").is_file() or (folder / "models" / "__init__.py").is_file():
            importlib.import_module(f"ainfluencer.{folder.name}.models")
