"""Every rule of rules.py holds in the source, every rule can fail, and no exception outlives its reason."""

from __future__ import annotations

from datetime import date

import pytest

from tests.architecture import rules
from tests.architecture.rules import RULES, Checked
from tests.architecture.source import ROOT, Finding, SourceFile, exceptions, python_files

IDS = [checked.name for checked in RULES]


def objections(checked: Checked) -> list[tuple[SourceFile, Finding]]:
    """All that a rule finds where it holds, excused or not."""
    name = checked.name
    found = []
    for file in python_files(*rules.WHERE.get(name, ("src",))):
        if file.path.startswith(rules.ALLOWED.get(name, ())) and name in rules.ALLOWED:
            continue
        if name in rules.ONLY and not set(rules.ONLY[name]) & set(file.parts):
            continue
        found += [(file, finding) for finding in checked.rule(file)]
    return found


@pytest.mark.parametrize("checked", RULES, ids=IDS)
def test_the_rule_holds(checked: Checked) -> None:
    broken = [
        f"{file.path}:{finding.line} {finding.what}"
        for file, finding in objections(checked)
        if not any(excused.covers(checked.name, file.path, finding) for excused in exceptions())
    ]
    assert not broken, f"{checked.rule.__doc__}\n" + "\n".join(broken)


@pytest.mark.parametrize("checked", RULES, ids=IDS)
def test_the_rule_can_fail(checked: Checked) -> None:
    for sample in checked.bad:
        assert list(checked.rule(SourceFile(checked.path, sample))), sample
    for sample in checked.good:
        assert not list(checked.rule(SourceFile(checked.path, sample))), sample


def test_every_exception_has_a_reason_a_date_and_a_use() -> None:
    by_name = {checked.name: objections(checked) for checked in RULES}
    for excused in exceptions():
        assert len(excused.reason) > 20, excused
        assert date.fromisoformat(excused.date), excused
        assert (ROOT / excused.path).exists(), f"{excused.path} is gone: remove its exception"
        if excused.rule in by_name:
            used = any(excused.covers(excused.rule, file.path, finding) for file, finding in by_name[excused.rule])
            assert used, f"nothing is excused any more by {excused}"
