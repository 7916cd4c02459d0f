"""The source tree as data for the rules: files with their syntax tree, findings, and the list of exceptions."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "ainfluencer"


@dataclass(frozen=True)
class SourceFile:
    """One Python file; `path` is relative to the root, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return ast.parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        """Of its path, without the suffix of the file: src/ainfluencer/media/probe.py > media, probe."""
        parts = Path(self.path).with_suffix("").parts
        return parts[2:] if parts[:2] == ("src", "ainfluencer") else parts

    @property
    def module(self) -> str:
        """The module that owns it: media."""
        return self.parts[0]

    @property
    def in_package(self) -> bool:
        """Whether it is part of the product."""
        return self.path.startswith("src/")

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@dataclass(frozen=True)
class Finding:
    """What a rule objects to."""

    line: int
    what: str


@dataclass(frozen=True)
class Excused:
    """An exception to a rule: a file (or folder) and why."""

    rule: str
    path: str
    reason: str
    date: str
    name: str = ""

    def covers(self, rule: str, path: str, finding: Finding) -> bool:
        """Whether it speaks about this finding; with a name, only about findings that mention it."""
        return (
            self.rule == rule and (path == self.path or path.startswith(self.path + "/")) and self.name in finding.what
        )


@cache
def exceptions() -> tuple[Excused, ...]:
    """The one list."""
    raw = tomllib.loads((Path(__file__).parent / "exceptions.toml").read_text("utf-8"))
    return tuple(Excused(**{key: str(value) for key, value in entry.items()}) for entry in raw.get("exception", []))


@cache
def python_files(*folders: str) -> tuple[SourceFile, ...]:
    """Every Python file below these folders of the root."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return tuple(
        SourceFile(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))
        for path in paths
        if not {"node_modules", "versions", "__pycache__", ".venv"} & set(path.parts)
    )


def files_named(*patterns: str) -> list[Path]:
    """Files of the package by pattern, what was built left out."""
    found = [path for pattern in patterns for path in PACKAGE.rglob(pattern)]
    return sorted(path for path in found if "dist" not in path.parts)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that belongs to the project: what git tracks, and what it would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in sorted(set(listed.split("\0"))) if name and (path := ROOT / name).is_file())


def slugs() -> frozenset[str]:
    """Of every adapter: the names of the folders."""
    folders = [path for path in PACKAGE.glob("*/adapters/*") if path.is_dir() and path.name != "__pycache__"]
    return frozenset(folder.name for folder in folders)
