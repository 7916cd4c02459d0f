"""`card asset` on files: listed, added, changed, removed and taken out, without an instance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ainfluencer.cli.groups.cards import app
from tests.unit.cards.test_attaching import BLUE, RED, in_charx, in_json


def run(*words: str | Path | int, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["asset", *map(str, words)])
    assert result.exit_code == code, result.output + str(result.exception)
    return result.stdout


def rows(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("list", file, "--json"))["assets"]
    return found


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "happy.png").write_bytes(RED.data)
    (tmp_path / "sad.webp").write_bytes(BLUE.data)
    (tmp_path / "ada.charx").write_bytes(in_charx().data)
    return tmp_path / "ada.charx"


def test_from_files_into_a_card_and_out_again(card: Path, tmp_path: Path) -> None:
    run("add", card, card, tmp_path / "happy.png", tmp_path / "sad.webp")
    assert "1  emotion  happy.png" in run("list", card)
    run("change", card, card, 1, "--type", "icon", "--main")
    run("replace", card, card, 2, tmp_path / "happy.png")
    assert [(one["type"], one["name"], one["ext"]) for one in rows(card)] == [
        ("icon", "icon", "png"), ("icon", "main", "png"), ("emotion", "sad", "png"),
    ]  # fmt: skip
    assert "icon-main.png" in run("extract", card, tmp_path / "out")
    assert (tmp_path / "out" / "icon-main.png").read_bytes() == RED.data
    run("extract", card, tmp_path / "out", 1)  # beside the first, which stays
    assert (tmp_path / "out" / "icon-main-2.png").exists()
    run("remove", card, card, 1, 2)
    assert [one["name"] for one in rows(card)] == ["icon"]


def test_a_name_with_a_path_stays_inside_the_folder(tmp_path: Path) -> None:
    uri = "data:image/png;base64,iVBORw0KGgo="
    asset = {"type": "x_../..", "uri": uri, "name": "../../../evil", "ext": "../sh"}
    file = tmp_path / "odd.json"
    file.write_bytes(in_json(assets=[asset]).data)
    run("extract", file, tmp_path / "deep" / "out")
    assert [one.parent for one in tmp_path.rglob("*evil*")] == [tmp_path / "deep" / "out"]


def test_refusals_and_dry_runs(card: Path, tmp_path: Path) -> None:
    before = card.read_bytes()
    run("add", card, card, tmp_path / "happy.png", "--dry-run")
    assert card.read_bytes() == before
    told = json.loads(run("add", card, card, tmp_path / "happy.png", "--type", "nonsense", "--json", code=1))
    assert told["error"]["code"] == "asset_type"
    assert card.read_bytes() == before
    run("change", card, card, 0, code=2)
    assert [one["name"] for one in rows(card)] == ["main"]
