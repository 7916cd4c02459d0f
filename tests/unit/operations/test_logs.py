"""Reading logs: the end of a file, filters, rotated files, broken lines, secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ainfluencer.core.errors import NotFound
from ainfluencer.operations import logs
from ainfluencer.operations.logs import LogFilter

BEGUN = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
NAME = "20261121-100000-embedded-77"


def write(data: Path, *lines: tuple[int, str, str, str], name: str = NAME, file: str = "events.jsonl") -> Path:
    folder = data / "runs" / name
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / file).open("a", encoding="utf-8") as out:
        for second, level, service, message in lines:
            at = (BEGUN + timedelta(seconds=second)).isoformat()
            out.write(
                json.dumps({"ts": at, "level": level, "service": service, "message": message, "n": second}) + "\n"
            )
    return folder


def test_the_last_lines_oldest_first(tmp_path: Path) -> None:
    write(tmp_path, *[(n, "info", "api", f"line {n}") for n in range(5000)])
    found = logs.tail(tmp_path, "", LogFilter(), limit=3)
    assert [line.text for line in found] == ["line 4997", "line 4998", "line 4999"]
    assert found[0].details == {"n": 4997}
    assert found[0].at == BEGUN + timedelta(seconds=4997)


def test_filters_by_level_source_and_words(tmp_path: Path) -> None:
    write(
        tmp_path, (1, "debug", "api", "a"), (2, "warning", "engine", "late tide"), (3, "error", "api", "wave"),
        (4, "info", "engine", "tide"),
    )  # fmt: skip

    def texts(wanted: LogFilter) -> list[str]:
        return [line.text for line in logs.tail(tmp_path, NAME, wanted)]

    assert texts(LogFilter(level="warning")) == ["late tide", "wave"]
    assert texts(LogFilter(service="engine")) == ["late tide", "tide"]
    assert texts(LogFilter(text="TIDE")) == ["late tide", "tide"]
    assert texts(LogFilter(text='"n": 3')) == ["wave"]
    assert logs.services(tmp_path, NAME) == ("api", "engine")


def test_rotated_files_go_on_and_broken_lines_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, (1, "info", "api", "old"), file="events.jsonl.1")
    folder = write(tmp_path, (2, "info", "api", "new"))
    with (folder / "events.jsonl").open("a", encoding="utf-8") as out:
        out.write('{"ts": "half a li')
    assert [line.text for line in logs.tail(tmp_path, "", LogFilter())] == ["old", "new"]


def test_secrets_stay_hidden(tmp_path: Path) -> None:
    write(tmp_path, (1, "info", "api", "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789"))
    assert "abcdefghijklmnop" not in logs.tail(tmp_path, "", LogFilter())[0].text


def test_runs_are_listed_and_nothing_else_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path, (1, "info", "api", "x"))
    (folder / "summary.txt").write_text("embedded started\n", "utf-8")
    (tmp_path / "runs" / "latest").mkdir()
    runs = logs.runs(tmp_path)
    assert [(r.mode, r.pid, r.started_at, r.summary) for r in runs] == [("embedded", 77, BEGUN, "embedded started\n")]
    for name in ("latest", "../..", "20261121-100000-embedded-78"):
        with pytest.raises(NotFound):
            logs.folder_of(tmp_path, name)


def test_errors_of_all_runs_with_counts(tmp_path: Path) -> None:
    write(tmp_path, (1, "error", "engine", "too old"), name="20261120-100000-embedded-5")
    write(tmp_path, (10, "error", "api", "first"), (20, "warning", "api", "second"), (30, "info", "api", "fine"))
    found = logs.errors(tmp_path, BEGUN + timedelta(seconds=5))
    assert [line.text for line in found.lines] == ["second", "first"]
    assert found.by_level == {"error": 1, "warning": 1}
    assert found.by_source == {"api": 2}
