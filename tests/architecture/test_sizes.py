"""Budgets of size: small files and functions, and no long tail. An exception is a line in exceptions.toml."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, Finding, SourceFile, exceptions, files_named, python_files

FILE, FUNCTION, TEST_FILE, TEMPLATE, BEHAVIOUR, STYLES, ADAPTER = 450, 60, 600, 150, 120, 400, 500
FILE_P95, FUNCTION_P95, FUNCTION_MEDIAN = 300, 35, 8


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its decorators and docstring."""
    first = node.body[0]
    is_said = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return (
        (node.end_lineno or node.lineno)
        - node.lineno
        + 1
        - ((first.end_lineno or 0) - first.lineno + 1 if is_said else 0)
    )


def too_long(sizes: Iterable[tuple[str, int]], cap: int, rule: str) -> list[str]:
    """Those above the cap that nobody excused."""
    return [
        f"{path}: {size} lines, allowed {cap}"
        for path, size in sizes
        if size > cap and not any(one.covers(rule, path.split("::")[0], Finding(1, path)) for one in exceptions())
    ]


def percentile(sizes: list[int], share: float) -> int:
    """The size below which that share of them lies."""
    return sorted(sizes)[min(len(sizes) - 1, int(len(sizes) * share))]


def lengths(paths: Iterable[Path]) -> list[tuple[str, int]]:
    """Path and number of lines."""
    return [(path.relative_to(ROOT).as_posix(), len(path.read_text("utf-8").splitlines())) for path in paths]


def functions(files: Iterable[SourceFile]) -> list[tuple[str, int]]:
    """Every function and its length."""
    return [(f"{file.path}::{node.name}", lines_of(node)) for file in files for node in file.functions()]


def test_files() -> None:
    sizes = [(file.path, len(file.text.splitlines())) for file in python_files("src", "tools")]
    assert not too_long(sizes, FILE, "file_size")
    assert percentile([size for _, size in sizes], 0.95) <= FILE_P95


def test_functions() -> None:
    sizes = functions(python_files("src", "tools"))
    assert not too_long(sizes, FUNCTION, "function_size")
    assert percentile([size for _, size in sizes], 0.95) <= FUNCTION_P95
    assert percentile([size for _, size in sizes], 0.5) <= FUNCTION_MEDIAN


def test_test_files() -> None:
    assert not too_long(
        [(file.path, len(file.text.splitlines())) for file in python_files("tests")], TEST_FILE, "test_file_size"
    )


@pytest.mark.parametrize(("suffix", "cap"), [("*.html", TEMPLATE), ("*.js", BEHAVIOUR), ("*.css", STYLES)])
def test_templates_behaviours_and_styles(suffix: str, cap: int) -> None:
    paths = [*files_named(suffix), *sorted((ROOT / "web" / "src").rglob(suffix))]
    assert not too_long(lengths(paths), cap, "template_size")


def test_adapters() -> None:
    folders = [path for path in sorted(PACKAGE.glob("*/adapters/*")) if path.is_dir() and path.name != "__pycache__"]
    sizes = [
        (folder.relative_to(ROOT).as_posix(), sum(size for _, size in lengths(folder.rglob("*.py"))))
        for folder in folders
    ]
    assert not too_long(sizes, ADAPTER, "adapter_size")


def test_the_measure_can_fail() -> None:
    long = SourceFile("src/x.py", "def f():\n    '''Said\n    at length.'''\n" + "    g()\n" * 61)
    assert functions([long]) == [("src/x.py::f", 62)]
    assert too_long(functions([long]), FUNCTION, "function_size") == ["src/x.py::f: 62 lines, allowed 60"]
    assert percentile([1, 1, 1, 9], 0.95) == 9
