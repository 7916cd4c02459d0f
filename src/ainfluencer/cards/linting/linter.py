"""The front door of linting: an opened card in, findings, score and budget out; and the file with its safe fixes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ainfluencer.cards.linting import budget, conformance, findings, fixes, lore, macros, oddities, wording
from ainfluencer.cards.linting.budget import Budget
from ainfluencer.cards.linting.findings import Finding, Severity
from ainfluencer.cards.linting.subject import Subject
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.saving import saver

Rule = Callable[[Subject], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    oddities.oddities,
    conformance.required,
    conformance.version,
    conformance.misplaced,
    conformance.version_and_chunk,
    conformance.dates,
    conformance.languages,
    conformance.assets,
    wording.emptiness,
    wording.lengths,
    wording.greetings,
    wording.examples,
    wording.leftovers,
    wording.tags,
    macros.macros,
    lore.ids,
    lore.entries,
    lore.whole,
)
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_MOST = 500  # findings that are told; the score counts all


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, the worst first, at most 500; the score from 0 to 100 over all; the token budget."""

    score: int
    findings: tuple[Finding, ...]
    budget: Budget

    def as_dict(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {
            "score": self.score,
            "findings": [one.as_dict() for one in self.findings],
            "budget": self.budget.as_dict(),
        }


def lint(opened: OpenCard, context: int = budget.DEFAULT_CONTEXT) -> Report:
    """Check a card by every rule; `context` is the size of the chat's context in tokens."""
    subject = Subject(opened, budget.measure(opened.card, context))
    found = [one for rule in RULES for one in rule(subject)]
    found.sort(key=lambda one: _ORDER[one.severity])
    return Report(findings.score(found), _told(found), subject.budget)


def _told(found: list[Finding]) -> tuple[Finding, ...]:
    """The worst, and of each code that can be mended the first: what is not told is not mended."""
    if len(found) <= _MOST:
        return tuple(found)
    first = {one.code: place for place, one in reversed(list(enumerate(found))) if one.can_fix}
    kept = {*range(_MOST - len(first)), *first.values()}
    return tuple(one for place, one in enumerate(found) if place in kept)


def fix(opened: OpenCard, report: Report, notes: Notes) -> bytes:
    """The file with every safe fix of a report applied; the same bytes when there is none.

    `notes` takes what was mended in the container. Raises `InvalidInput` for containers that are only read.
    """
    codes = {one.code for one in report.findings if one.can_fix}
    if not codes:
        return opened.data
    saver.check_writable(opened.payload.container)
    editor = opened.editor()
    editor.rewrite(fixes.fixed(editor.card, codes))
    editor.finish()
    if codes - fixes.FIXES.keys():
        return saver.rewritten(opened.data, opened.payload, editor, notes)
    return saver.save(opened.data, opened.payload, editor, notes)
