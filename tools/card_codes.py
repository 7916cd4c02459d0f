"""The page of card codes: what `card lint` finds, and why a file is refused. Read from the rules themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.tables import table

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "src" / "ainfluencer" / "cards" / "linting"
_HELPERS = {"_w": "warning", "_i": "info", "_e": "error"}


def card_codes() -> str:
    """Every finding with severity, words and next step, and every refusal."""
    from ainfluencer.cards.errors import _NEXT, CardRefused, Reason  # noqa: PLC0415 - the code is read when the page is drawn
    from ainfluencer.cards.linting.oddities import ODDITIES  # noqa: PLC0415 - as above

    rules = {code: rest for path in sorted(RULES.glob("*.py")) for code, *rest in _findings(path)}
    found = [(f"`{code}`", *rest) for code, rest in sorted(rules.items())]
    odd = [
        (f"`{code}`", str(severity), "yes" if can_fix else "", step)
        for code, (severity, step, can_fix) in sorted(ODDITIES.items())
    ]
    refused = [(f"`{one.value}`", _NEXT.get(one, CardRefused.default_next_step)) for one in Reason]
    return (
        "# Codes of card files\n\nSource: `src/ainfluencer/cards/linting/` and `src/ainfluencer/cards/errors.py`. Codes do not change; scripts may\n"
        "rely on them. An error means that a program refuses or destroys the card, a warning that readers differ or that it reads\n"
        "badly, an info that something is worth knowing. `card lint --fix` mends what says yes without asking.\n\n"
        "## Findings about the content\n\n"
        + table(("Code", "Severity", "Fix", "Says", "Next step"), found)
        + "\n## Findings about the file\n\n"
        + table(("Code", "Severity", "Fix", "Next step"), odd)
        + "\n## Refusals\n\n"
        + table(("Code", "Next step"), refused)
    )  # fmt: skip


def _findings(path: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Code, severity, fix, meaning and next step of every finding that a file makes."""
    for rule in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(rule, ast.FunctionDef):
            continue
        said = " ".join((ast.get_docstring(rule) or "").split("\n\n")[0].split())
        for call in ast.walk(rule):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and (made := _finding(call)):
                yield made[0], made[1], made[2], made[4] or said, made[3]


def _finding(call: ast.Call) -> tuple[str, str, str, str, str] | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    given = list(call.args)
    if (name != "Finding" and name not in _HELPERS) or not given or not _text(given[0]):
        return None
    if name == "Finding":
        kind = given.pop(1)
        severity = kind.attr.lower() if isinstance(kind, ast.Attribute) else "by its kind"
    else:
        severity = _HELPERS[name]
    options = {one.arg: one.value for one in call.keywords}
    step = options.get("next_step") or (given[3] if len(given) > 3 else None)
    can_fix = options.get("can_fix")
    is_fixed = "yes" if isinstance(can_fix, ast.Constant) and can_fix.value else "sometimes" if can_fix else ""
    return _text(given[0]), severity, is_fixed, _text(step), _text(given[1] if len(given) > 1 else None)


def _text(node: ast.expr | None) -> str:
    """A text as it is written; the parts that are known only when it happens as …"""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return ""
