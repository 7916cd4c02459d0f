"""`card batch`: which files, what is told, going on after a stop, and a file that takes its process down."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ainfluencer.cards.batching import actions, running, sources
from ainfluencer.cards.batching.actions import Action, Order, Task
from ainfluencer.cards.converting import converter
from ainfluencer.cards.opening import open_card
from ainfluencer.cli.groups.cards import app
from ainfluencer.core.errors import Conflict, InvalidInput
from tests.support import deadly
from tests.support.cards import cards, pngs

PNG = pngs.png(pngs.text("chara", pngs.b64(cards.v2())))


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for place in ("in/one/ada.png", "in/two/ada.png", "in/two/notes.txt", "in/.hidden.png"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(PNG)
    (tmp_path / "in/broken.json").write_text("{", "utf-8")
    return tmp_path


def batch(*words: str) -> tuple[int, list[dict[str, Any]], dict[str, Any]]:
    """Exit code, the rows, and the summary."""
    result = CliRunner().invoke(app, ["batch", *words, "--workers", "1", "--json"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return result.exit_code, lines[:-1], lines[-1]["summary"] if lines else {}


def test_every_file_below_a_folder_once_and_the_broken_one_stops_nothing(room: Path) -> None:
    code, rows, summary = batch("lint", "in", "in/one/*.png")
    assert code == 1
    assert [row["file"] for row in rows] == [
        str(Path("in/broken.json")),
        str(Path("in/one/ada.png")),
        str(Path("in/two/ada.png")),
    ]
    assert (summary["ok"], summary["refused"], summary["skipped"]) == (2, 1, 0)
    assert summary["refusals"] == {rows[0]["error"]["code"]: 1}
    assert 0 < summary["score"] <= 100


def test_results_lie_as_their_files_do(room: Path) -> None:
    code, rows, _ = batch("convert", "in/one", "in/two", "--out", "out", "--to", "charx")
    assert code == 0
    assert [row["out"] for row in rows] == [str(Path("out/ada.charx")), str(Path("out/ada (2).charx"))]
    for row in rows:
        assert open_card(Path(row["out"]).read_bytes(), row["out"]).card.name == "Ada"
    _, rows, _ = batch("convert", "in", "--out", "tree", "--to", "v3")
    assert [row["out"] for row in rows if row["ok"]] == [str(Path("tree/one/ada.png")), str(Path("tree/two/ada.png"))]


def test_the_same_command_goes_on_where_it_was(room: Path) -> None:
    batch("lint", "in")
    ledger = room / "card-batch.jsonl"
    lines = ledger.read_text("utf-8").splitlines()
    ledger.write_text("\n".join(lines[:-1]) + "\n" + lines[-1][: len(lines[-1]) // 2], "utf-8")  # killed while writing
    (room / "in/one/ada.png").write_bytes(PNG + b"changed since")
    _, rows, summary = batch("lint", "in")
    assert summary["total"] == 3
    assert summary["skipped"] == 1
    assert len(rows) == 3
    assert [json.loads(line)["file"] for line in ledger.read_text("utf-8").splitlines()[1:]].count(
        str(Path("in/one/ada.png"))
    ) == 2
    _, _, summary = batch("lint", "in", "--again")
    assert summary["skipped"] == 0


def test_what_lay_with_the_machine_is_tried_again(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("convert", "in", "--out", "out", "--to", "v3")
    (room / "out").mkdir()
    for place in ("one", "two"):
        (room / "out" / place).write_text("a file where a folder should be", "utf-8")
    code, rows, summary = batch(*words)
    assert code == 1
    assert summary["refusals"]["not_writable"] == 2
    for place in ("one", "two"):
        (room / "out" / place).unlink()

    def breaks(*_: object, **__: object) -> None:
        raise AssertionError("a fault of ours")

    with monkeypatch.context() as patch:
        patch.setattr(converter, "convert", breaks)
        _, rows, summary = batch(*words)
    assert [row["error"]["code"] for row in rows if row["error"]].count("reader_failed") == 2
    _, rows, summary = batch(*words)
    assert (summary["ok"], summary["skipped"]) == (2, 1)


def test_a_ledger_of_something_else_is_left_alone(room: Path) -> None:
    batch("lint", "in")
    with pytest.raises(Conflict, match="another batch"):
        batch("inspect", "in")
    (room / "mine.txt").write_text("my notes", "utf-8")
    with pytest.raises(InvalidInput, match="not the ledger"):
        batch("lint", "in", "--report", "mine.txt")
    assert (room / "mine.txt").read_text("utf-8") == "my notes"


def test_fixing_in_place_and_beside(room: Path) -> None:
    odd = json.dumps(cards.v2(tags="sea")).encode()  # tags should be a list
    (room / "odd.json").write_bytes(odd)
    _, rows, _ = batch("fix", "odd.json", "--out", "mended")
    assert rows[0]["fixed"]
    assert (room / "odd.json").read_bytes() == odd
    assert open_card((room / "mended/odd.json").read_bytes()).payload.data["data"]["tags"] == ["sea"]
    batch("fix", "odd.json", "--dry-run")
    assert (room / "odd.json").read_bytes() == odd
    batch("fix", "odd.json")
    assert (room / "odd.json").read_bytes() == (room / "mended/odd.json").read_bytes()


def test_lists_of_files(room: Path) -> None:
    (room / "list.txt").write_text("# mine\nin/one/ada.png\n\nin/two/ada.png\n", "utf-8")
    assert [task.file for task in sources.tasks(["@list.txt"], "")] == ["in/one/ada.png", "in/two/ada.png"]
    with pytest.raises(InvalidInput, match="There is no"):
        sources.tasks(["nowhere.png"], "")


@pytest.mark.parametrize(
    "words", [("convert", "in"), ("convert", "in", "--out", "o", "--to", "tape"), ("lint", "in", "--out", "o")]
)
def test_what_cannot_be_meant(room: Path, words: Sequence[str]) -> None:
    assert CliRunner().invoke(app, ["batch", *words]).exit_code == 2
    assert not (room / "o").exists()


@pytest.mark.skipif(os.name == "nt", reason="a process that ends itself by a signal")
def test_a_file_that_ends_its_process_is_refused_and_the_others_are_done(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    order = Order(Action.INSPECT)
    tasks = [Task(str(room / "in/one/ada.png"), "") for _ in range(12)]
    tasks.insert(3, Task("/dev/stdin", ""))
    monkeypatch.setattr(actions, "do", deadly.do)
    rows = list(running.rows(order, tasks, 2))
    assert len(rows) == 13
    assert [row["error"]["code"] for row in rows if not row["ok"]] == ["crashed"]
