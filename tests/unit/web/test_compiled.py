"""Templates are compiled once for a data folder, and never shown as they were before."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from ainfluencer.core.config import Settings
from ainfluencer.web import compiled
from ainfluencer.web.compiled import Compiled


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "page.html").write_text("Hello {{ name }}", "utf-8")
    return folder


def drawn(templates: Path) -> str:
    """As a process that begins draws it."""
    env = Environment(loader=FileSystemLoader(templates), bytecode_cache=Compiled(), autoescape=True)
    return env.get_template("page.html").render(name="Mira")


def kept(settings: Settings) -> list[Path]:
    return sorted((settings.data / "cache").rglob("*.*"))


def test_the_next_process_compiles_nothing(
    settings: Settings, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.data.mkdir()
    assert drawn(templates) == "Hello Mira"
    [file] = kept(settings)
    assert file.suffix == ".bin"
    with monkeypatch.context() as patched:
        patched.setattr(Environment, "compile", lambda *_: pytest.fail("it was compiled"))
        assert drawn(templates) == "Hello Mira"


def test_a_changed_template_is_compiled_anew(settings: Settings, templates: Path) -> None:
    settings.data.mkdir()
    drawn(templates)
    (templates / "page.html").write_text("Good day {{ name }}", "utf-8")
    assert drawn(templates) == "Good day Mira"
    assert len(kept(settings)) == 1


@pytest.mark.parametrize("damage", [b"", b"half", b"\0" * 4000])
def test_a_damaged_file_is_compiled_anew(settings: Settings, templates: Path, damage: bytes) -> None:
    settings.data.mkdir()
    drawn(templates)
    kept(settings)[0].write_bytes(damage)
    assert drawn(templates) == "Hello Mira"
    assert kept(settings)[0].stat().st_size > len(b"half")


def test_without_a_data_folder_nothing_is_kept_and_nothing_fails(settings: Settings, templates: Path) -> None:
    assert drawn(templates) == "Hello Mira"
    assert not settings.data.exists()
    settings.data.mkdir()
    (settings.data / "cache").write_text("a file where the folder should be", "utf-8")
    assert drawn(templates) == "Hello Mira"


def test_what_another_version_kept_goes(settings: Settings, templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.data.mkdir()
    drawn(templates)
    [old] = kept(settings)
    monkeypatch.setattr(compiled, "_maker", lambda: "another")
    assert drawn(templates) == "Hello Mira"
    [new] = kept(settings)
    assert new != old
    assert new.parent.name == "templates-another"
