"""A grade holds for exactly the code that it was earned with, and not for ever."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from ainfluencer.channels import registry
from ainfluencer.core import clock
from ainfluencer.integrations.grades import CONFORMANCE, LIVE, Grade, evidence, fingerprint, grade, record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "samples").mkdir()
    (tmp_path / "adapter.py").write_bytes(b"a = 1\n")
    (tmp_path / "samples" / "success.json").write_bytes(b"{}\n")
    return tmp_path


def test_grades_are_earned_step_by_step(folder: Path) -> None:
    assert grade(folder).grade == Grade.DRAFT
    record(folder, LIVE, server="real 1.0")
    assert grade(folder).grade == Grade.DRAFT
    record(folder, CONFORMANCE, checks=30)
    found = grade(folder)
    assert (found.grade, found.proven_with, found.rehearsed_on) == (Grade.PROVEN, "real 1.0", clock.now().date())


@pytest.mark.parametrize("name", ["adapter.py", "samples/success.json", "more.py"])
def test_a_change_makes_the_evidence_stale(folder: Path, name: str) -> None:
    record(folder, CONFORMANCE)
    (folder / name).write_bytes(b"changed\n")
    assert grade(folder).grade == Grade.DRAFT


def test_line_ends_and_papers_do_not_matter(folder: Path) -> None:
    before = fingerprint(folder)
    (folder / "adapter.py").write_bytes(b"a = 1\r\n")
    (folder / "setup.md").write_text("# Way in\n")
    record(folder, CONFORMANCE)
    assert fingerprint(folder) == before


def test_proof_lasts_sixty_days(folder: Path) -> None:
    record(folder, CONFORMANCE)
    for days, expected in ((60, Grade.PROVEN), (61, Grade.REHEARSED)):
        old = {"date": (clock.now().date() - timedelta(days=days)).isoformat(), "fingerprint": fingerprint(folder)}
        (folder / LIVE).write_text(json.dumps(old))
        assert grade(folder).grade == expected


@pytest.mark.parametrize("content", ["", "{", "[]", '{"date": "someday", "fingerprint": "x"}', '{"fingerprint": "x"}'])
def test_damaged_evidence_is_none(folder: Path, content: str) -> None:
    (folder / CONFORMANCE).write_text(content)
    assert evidence(folder, CONFORMANCE) is None


def test_every_platform_has_a_grade() -> None:
    assert {registry.grade(slug).grade for slug in registry.manifests()} <= set(Grade)
