"""What strangers wrote reaches the terminal as words: no markup, no codes that steer it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ainfluencer.cli import output
from ainfluencer.cli.groups import sources
from ainfluencer.core.errors import InvalidInput

HOSTILE = "[/b] [red]Mira[/] \x1b]0;pwned\x07\x1b[2J\x9b31m"


def test_words_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    output.note(HOSTILE)
    output.note(HOSTILE, mark="!")
    output.show_table(["Caption"], [[HOSTILE]], empty="Nothing.")
    with pytest.raises(SystemExit):
        output.fail(HOSTILE, HOSTILE)
    text = "".join(capsys.readouterr())
    assert text.count("[/b] [red]Mira[/]") == 5
    assert not {"\x1b", "\x07", "\x9b"} & set(text)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_device_that_never_ends_is_refused() -> None:
    with pytest.raises(InvalidInput, match="larger than"):
        sources.read_source("/dev/zero")


@pytest.mark.parametrize("path", ["nowhere.png", ".", "a\0b"])
def test_a_path_that_cannot_be_read_is_named(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        sources.read_source(path)


def test_an_id_is_never_cut_short(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    output.show_table(["Id", "Title", "Kind"], [["0" * 26, "long words " * 20, "k" * 90]], empty="")
    assert "0" * 26 in capsys.readouterr().out
