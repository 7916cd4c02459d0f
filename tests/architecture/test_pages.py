"""A newcomer guesses a page's template from its address: /posts/{id}/approval belongs to publishing/approval.html."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import PACKAGE, Finding, SourceFile, exceptions, python_files


def templates(files: tuple[SourceFile, ...]) -> Iterator[tuple[SourceFile, str, str]]:
    """Every page class that names a template: the file, the class, the template."""
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    if (
                        isinstance(line, ast.AnnAssign)
                        and getattr(line.target, "id", "") == "template"
                        and isinstance(line.value, ast.Constant)
                        and line.value.value
                    ):
                        yield file, node.name, str(line.value.value)


def routes(file: SourceFile) -> Iterator[tuple[str, set[str], int]]:
    """Every address that answers GET: the path, the names used in the function, the line."""
    for node in file.functions():
        for mark in node.decorator_list:
            is_get = isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == "get"
            if is_get and isinstance(mark, ast.Call) and mark.args and isinstance(mark.args[0], ast.Constant):
                yield (
                    str(mark.args[0].value),
                    {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)},
                    node.lineno,
                )


def guesses(path: str) -> set[str]:
    """The names that a newcomer would look for."""
    words = [word.removeprefix("_") for word in path.strip("/").split("/") if word]
    named = [word.replace("-", "_") for word in words if not word.startswith("{")]
    if not words or (len(named) == 1 and len(words) == 1):
        return {"index", *named}
    if words[-1].startswith("{"):
        return {"show", *(re.sub("s$", "", name) for name in named), *named}
    return {named[-1], f"{named[-1]}_index", "index"} | ({"form"} if named[-1] in {"new", "edit"} else set())


def misnamed(file: SourceFile, by_class: dict[str, str]) -> list[Finding]:
    """Routes whose template has a name that nobody guesses."""
    found = []
    for path, names, line in routes(file):
        used = {by_class[name] for name in names if name in by_class}
        # a page of several templates has a folder of its own: web/patterns/family.html
        stems = {part.removeprefix("_") for template in used for part in template.removesuffix(".html").split("/")[1:]}
        if stems and not stems & guesses(path):
            found.append(Finding(line, f"{path} is drawn by {sorted(used)}; expected one of {sorted(guesses(path))}"))
    return found


def test_every_page_names_a_template_of_its_module() -> None:
    for file, name, template in templates(python_files("src")):
        module, _, rest = template.partition("/")
        there = PACKAGE / module / "templates" / rest
        own = PACKAGE / module / "templates" / module / rest
        assert there.exists() or own.exists(), f"{file.path}: {name} names {template}, which does not exist"
        assert module in {file.module, "web"}, f"{file.path}: {name} draws a template of {module}"


def test_templates_are_guessed_from_the_address() -> None:
    files = python_files("src")
    by_class = {name: template for _, name, template in templates(files)}
    broken = [
        f"{file.path}:{finding.line} {finding.what}"
        for file in files
        if "pages" in file.parts
        for finding in misnamed(file, by_class)
        if not any(excused.covers("template_name", file.path, finding) for excused in exceptions())
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    ("path", "stem", "is_fine"),
    [
        ("/characters", "index", True),
        ("/characters/{character_id}", "show", True),
        ("/characters/new", "form", True),
        ("/posts/{post_id}/approval", "approval", True),
        ("/posts/{post_id}/approval", "show", False),
        ("/characters/{character_id}", "profile_page", False),
    ],
)
def test_the_guess_can_fail(path: str, stem: str, is_fine: bool) -> None:
    text = f'@router.get("{path}")\ndef page():\n    return render(Shown())\n'
    file = SourceFile("src/ainfluencer/characters/pages.py", text)
    assert bool(misnamed(file, {"Shown": f"characters/{stem}.html"})) != is_fine
