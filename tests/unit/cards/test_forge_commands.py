"""What `card translate` and `card forge` refuse before anybody is asked: no instance is started for a slip of the pen."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from ainfluencer.cli.groups import card_forge, card_translate
from ainfluencer.cli.groups.cards import app
from ainfluencer.core.errors import InvalidInput


@pytest.fixture(autouse=True)
def _no_instance(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def never() -> None:
        pytest.fail("an instance was looked for")

    for module in (card_forge, card_translate):
        monkeypatch.setattr(module, "connect", never)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "anna.json").write_text("{}", "utf-8")


@pytest.mark.parametrize(
    ("words", "exit_code", "said"),
    [
        ("translate anna.json out.json", 2, "into which language"),
        ("translate anna.json --to de", 2, "--keep"),
        ("translate anna.json anna.json --to de", 1, "there already"),
        ("translate anna.json out.webp --to de", 1, "cannot be written as .webp"),
        ("translate missing.png out.png --to de", 1, "cannot be read"),
        ("forge anna.json --out anna.json", 1, "there already"),
        ("forge anna.json --out anna.txt", 2, "end the name"),
        ("forge --card missing.png --translate-to de", 1, "cannot be read"),
    ],
)
def test_a_slip_is_refused_at_once(words: str, exit_code: int, said: str) -> None:
    result = CliRunner().invoke(app, words.split())
    refusal = result.exception
    if exit_code == 2:
        assert (result.exit_code, said in result.output) == (2, True), result.output
    else:
        assert isinstance(refusal, InvalidInput)
        assert said in refusal.detail
        assert refusal.next_step
