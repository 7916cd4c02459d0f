"""What `card translate` and `card forge` refuse before anybody is asked: no instance is started for a slip of the pen."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ainfluencer.cli.groups import card_forge, card_translate
from ainfluencer.cli.groups import jobs as job_verbs
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
        ("forge --card anna.json --text Anna. --check --out b.json", 2, "writes no card"),
        ("forge --text Anna. --no-wait --keep", 2, "without waiting"),
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


class Answers:
    """An instance that answers as it was told, and remembers what was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, Any]] = []

    def call(self, method: str, path: str, **parts: Any) -> Any:
        self.asked.append((method, path, parts.get("json") or parts.get("params")))
        found = next(value for name, value in self.answers.items() if name in path)
        return found.pop(0) if isinstance(found, list) else found

    def fetch(self, path: str, **parts: Any) -> bytes:
        return json.dumps(self.call("GET", path, **parts)).encode()

    @contextmanager
    def connect(self) -> Iterator[Answers]:
        yield self


MODELS = {"items": [{"maker": "ollama", "title": "Ollama"}, {"maker": "embedded", "title": "Built in"}]}


@pytest.mark.parametrize(
    ("words", "profile", "said"),
    [
        ("", "best", "Ollama"),
        ("--maker embedded", "best", "Built in"),
        ("", "offline", "by rules"),
        ("", "openai_text", "not connected"),
    ],
)
def test_a_plan_names_who_would_be_asked_and_reads_every_kind_of_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, profile: str, said: str
) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("word/document.xml", "<w:p><w:t>Anna keeps the lamp.</w:t></w:p>")
    about = {"id": "x", "name": "x", "description": "", "version": 1, "maker": profile}
    instance = Answers(characters={"items": []}, profiles=about, models=MODELS)
    monkeypatch.setattr(card_forge, "connect", instance.connect)
    result = CliRunner().invoke(app, f"forge a.docx --dry-run {words}".split())
    assert f"Would ask: {said}" in result.output or said in result.output.partition("Would ask: ")[2]
    assert "Anna keeps the lamp." in instance.asked[0][2]["source_text"]


def test_a_profile_is_changed_by_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    instance = Answers(profiles={"id": "1", "name": "mine"})
    monkeypatch.setattr(card_forge, "connect", instance.connect)
    (tmp_path / "p.json").write_text('{"kind": "forge_prompt_profile", "name": "mine", "prompts": {}}', "utf-8")
    assert CliRunner().invoke(app, ["profiles", "change", "mine", "p.json"]).exit_code == 0
    assert instance.asked == [("PUT", "/profiles/prompts/mine", {"name": "mine", "prompts": {}})]
    assert isinstance(CliRunner().invoke(app, ["profiles", "change", "mine", "anna.json"]).exception, InvalidInput)


def test_a_log_is_followed_to_its_end_and_a_result_is_taken_along(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def page(number: int, state: str) -> dict[str, Any]:
        line = {"number": number, "at": "now", "level": "info", "message": f"line {number}\x1b[2J"}
        return {"items": [line] if number else [], "cursor": str(number), "state": state}

    pages = [page(1, "running"), page(0, "running"), page(2, "completed"), page(0, "completed")]
    instance = Answers(logs=pages, download={"a": 1}, export={"b": 2}, result={"result": {"c": 3}})
    monkeypatch.setattr(job_verbs, "connect", instance.connect)
    monkeypatch.setattr(job_verbs, "POLL_SECONDS", 0)
    run = CliRunner().invoke(job_verbs.app, ["logs", "J", "--follow"])
    assert [line.split()[-2:] for line in run.output.splitlines()] == [["line", "1[2J"], ["line", "2[2J"]]
    assert CliRunner().invoke(job_verbs.app, ["download", "J", "v3", "-o", "a.json"]).exit_code == 0
    assert (tmp_path / "a.json").read_text("utf-8") == '{"a": 1}'
    assert CliRunner().invoke(job_verbs.app, ["export", "J", "--format", "csv"]).stdout == '{"b": 2}'
    assert instance.asked[-1] == ("GET", "/jobs/J/export", {"format": "csv"})
    assert json.loads(CliRunner().invoke(job_verbs.app, ["result", "J"]).stdout) == {"c": 3}
