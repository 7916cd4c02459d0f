"""What the documents say is there: files, commands, settings, words. And they stay short."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from ainfluencer.core.config import PREFIX, Settings
from tests.architecture.source import PACKAGE, ROOT, python_files
from tools.tasks import VERBS

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SHORT = {"README.md": 120, "CONTRIBUTING.md": 150, "STYLE.md": 200, "AGENTS.md": 60}
TOP = ("src/", "tests/", "tools/", "docs/", "web/", "requirements/", ".ci/", "bench/")


def code_in(text: str) -> list[str]:
    """Everything written as code: in backticks, and in indented blocks."""
    blocks = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    return re.findall(r"`([^`\n]+)`", text) + blocks


def lost_links(document: Path, text: str) -> list[str]:
    """Relative links and paths in backticks that lead nowhere."""
    links = [
        link.split("#")[0]
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
        if "://" not in link and not link.startswith("#")
    ]
    lost = [link for link in links if link and not (document.parent / link).exists()]
    paths = [
        code.split("::")[0].rstrip("/")
        for code in code_in(text)
        if code.startswith(TOP) and not set(code) & set("<>*{} ")
    ]
    return lost + [path for path in paths if not (ROOT / path).exists()]


def known_commands() -> dict[str, Any]:
    """Every command of the command line, by its words."""
    from ainfluencer.cli import app  # noqa: PLC0415 - the command line loads everything; only two tests need it

    def walk(path: str, command: Any) -> dict[str, Any]:
        inner = getattr(command, "commands", {})
        below = {
            word: one for name, child in inner.items() for word, one in walk(f"{path} {name}".strip(), child).items()
        }
        return below if inner else {path: command}

    return walk("", typer.main.get_command(app))


def unknown_commands(text: str, known: dict[str, Any]) -> list[str]:
    """Commands in a document that do not exist, and options that they do not have."""
    wrong = []
    for code in code_in(text):
        words = re.sub(r"^python3? launch\.py |^ainfluencer ", "ainfluencer ", code).split("#")[0].split()
        if (
            words[:1] != ["ainfluencer"]
            or len(words) < 2
            or words[1] in {"test", "WORDS", "..."}
            or words[1].startswith("-")
        ):
            continue
        name = next((" ".join(words[1:end]) for end in (5, 4, 3, 2) if " ".join(words[1:end]) in known), "")
        options = (
            {option for one in known[name].params for option in (*one.opts, *one.secondary_opts)} if name else set()
        )
        used = {word.split("=")[0] for word in words if word.startswith("--")}
        if not name or used - options - {"--help"}:
            wrong.append(code)
    return wrong


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    assert not lost_links(document, document.read_text("utf-8"))


def test_commands_exist() -> None:
    known = known_commands()
    wrong = {path.name: found for path in DOCUMENTS if (found := unknown_commands(path.read_text("utf-8"), known))}
    assert not wrong


def test_tasks_exist() -> None:
    said = [word for path in DOCUMENTS for word in re.findall(r"tools\.tasks (\w+)", path.read_text("utf-8"))]
    assert said
    assert set(said) <= set(VERBS)
    assert len(VERBS) <= 12


def test_variables_exist() -> None:
    # the launcher and the tests have variables of their own; all others are settings
    read = {
        word for file in python_files("tests", "tools") for word in re.findall(r"\bAINFLUENCER_[A-Z_]+\b", file.text)
    }
    known = read | {PREFIX + name.upper() for name in Settings.__dataclass_fields__}
    said = {word for path in DOCUMENTS for word in re.findall(r"\bAINFLUENCER_[A-Z_]+\b", path.read_text("utf-8"))}
    assert said <= known


def test_short_documents_stay_short() -> None:
    for name, most in SHORT.items():
        assert len((ROOT / name).read_text("utf-8").splitlines()) <= most, name


def test_every_decision_is_listed_and_complete() -> None:
    index = (ROOT / "docs" / "decisions" / "README.md").read_text("utf-8")
    for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"):
        assert path.name in index
        text = path.read_text("utf-8")
        for part in ("## Context", "## Decision", "## Consequences", "## Enforced by"):
            assert part in text, f"{path.name} lacks {part}"


def test_the_search_can_fail() -> None:
    text = "See [this](nowhere.md), `src/ainfluencer/nowhere.py` and `ainfluencer make tea`."
    assert lost_links(ROOT / "README.md", text) == ["nowhere.md", "src/ainfluencer/nowhere.py"]
    assert unknown_commands(text, {"make week": None}) == ["ainfluencer make tea"]


# -- words --


def glossary() -> dict[str, set[str]]:
    """Each word with the words that are not used for its idea."""
    rows = [
        line.strip("| \n").split(" | ")
        for line in (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
        if line.startswith("|")
    ]
    return {row[0]: {word.strip() for word in row[3].split(",")} for row in rows[2:]}


def names_in_use() -> dict[str, str]:
    """Tables and parts of addresses, with where they stand."""
    used: dict[str, str] = {}
    for file in python_files("src"):
        for found in re.findall(r'__tablename__ = "(\w+)"', file.text):
            used[found] = file.path
        for found in re.findall(r'(?:prefix=|router\.\w+\()"(/[^"]*)"', file.text):
            used |= {
                part.replace("-", "_"): file.path for part in found.split("/") if part and not part.startswith("{")
            }
    return used


GIVEN = {"generation"}
"""Parts of addresses that a contract names which is older than the glossary (docs/how-to/forge.md)."""


def offenders(used: dict[str, str]) -> list[str]:
    """Names that the glossary has another word for."""
    refused = {word.replace(" ", "_"): right for right, wrong in glossary().items() for word in wrong}
    return [
        f"{path}: “{name}” is called {refused[one]} here"
        for name, path in used.items()
        for one in (name, name.removesuffix("s"))
        if one in refused and name not in GIVEN
    ]


def test_tables_and_addresses_use_the_words_of_the_glossary() -> None:
    assert not offenders(names_in_use())


def test_the_words_can_be_refused() -> None:
    assert offenders({"providers": "x.py"}) == ["x.py: “providers” is called Maker here"]
    assert {"Post", "Delivery", "Stage"} <= set(glossary())


def test_every_module_says_what_it_owns() -> None:
    modules = [path for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    silent = [
        path.name
        for path in modules
        if not (path / "__init__.py").exists() or not (path / "__init__.py").read_text("utf-8").strip()
    ]
    assert not silent
