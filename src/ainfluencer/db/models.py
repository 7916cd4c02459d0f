"""Loads every module's tables, for migrations and tests. By folder scan, so that `db` names no module."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil

import ainfluencer


def load_all() -> None:
    """Import `ainfluencer.<module>.models` of every module that has one."""
    for info in pkgutil.iter_modules(ainfluencer.__path__):
        if info.ispkg and importlib.util.find_spec(f"ainfluencer.{info.name}.models"):
            importlib.import_module(f"ainfluencer.{info.name}.models")
