"""What is done with one file of a batch. Runs in a process of its own, so everything here can be sent there."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ainfluencer.cards import opening
from ainfluencer.cards.converting import book_files, books, converter
from ainfluencer.cards.errors import our_fault
from ainfluencer.cards.linting import linter
from ainfluencer.cards.linting.budget import DEFAULT_CONTEXT
from ainfluencer.cards.reading import limits
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.saving import files
from ainfluencer.core.errors import InvalidInput, ProductError


class Action(enum.StrEnum):
    """What a batch does with every file."""

    INSPECT = "inspect"
    LINT = "lint"
    FIX = "fix"
    CONVERT = "convert"


@dataclass(frozen=True, slots=True)
class Order:
    """What to do, the same for every file. `to` as in `card convert`; `context` in tokens."""

    action: Action
    to: str = ""
    allow_loss: bool = False
    context: int = DEFAULT_CONTEXT
    dry_run: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As the ledger keeps it."""
        return {"action": self.action.value, "to": self.to, "allow_loss": self.allow_loss, "context": self.context}


@dataclass(frozen=True, slots=True)
class Task:
    """One file, and the place of its result without the ending ("" where nothing is written)."""

    file: str
    out: str


def do(order: Order, task: Task) -> dict[str, Any]:
    """The result of one file as a row: {"file", "ok", ..., "error"}. A refusal is a row too; nothing else is raised."""
    try:
        return {"file": task.file, "ok": True, **_WORK[order.action](order, task), "error": None}
    except ProductError as error:
        losses = [loss.as_dict() for loss in getattr(error, "losses", ())]
        return _refused(task, error) | ({"losses": losses} if losses else {})
    except (MemoryError, RecursionError) as error:
        detail = f"The file needs too much memory ({type(error).__name__})."
        return _refused(task, InvalidInput(detail, "Look at this file alone.", code="too_large"))
    except Exception as error:  # an edge: a file that we fail on is named, and stops none of the others
        import structlog  # noqa: PLC0415 - 30 ms that only a failure of ours needs

        log = structlog.get_logger("cards.batching")
        log.exception("card failed", file=task.file)
        return _refused(task, our_fault(error))


def _refused(task: Task, error: ProductError) -> dict[str, Any]:
    told = {"code": error.reason, "detail": error.detail, "next_step": error.next_step}
    return {"file": task.file, "ok": False, "error": told}


def _bytes(file: str) -> bytes:
    try:
        with Path(file).open("rb") as stream:
            return stream.read(limits.MAX_FILE + 1)
    except OSError as error:
        raise InvalidInput(f"It cannot be read: {error.strerror}.", "Check the file.", code="not_readable") from None


def _write(order: Order, name: str, data: bytes) -> None:
    if order.dry_run:
        return
    try:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.not_writable(Path(name), error) from None
    files.write(Path(name), data)


def _inspect(_order: Order, task: Task) -> dict[str, Any]:
    return opening.inspect(_bytes(task.file), Path(task.file).name)


def _lint(order: Order, task: Task) -> dict[str, Any]:
    opened = opening.open_card(_bytes(task.file), Path(task.file).name)
    return {"name": opened.card.name, **linter.lint(opened, order.context).as_dict()}


def _fix(order: Order, task: Task) -> dict[str, Any]:
    data, notes = _bytes(task.file), Notes()
    opened = opening.open_card(data, Path(task.file).name)
    report = linter.lint(opened, order.context)
    made = linter.fix(opened, report, notes)
    name = f"{task.out}{Path(task.file).suffix}" if task.out else task.file
    if made != data or name != task.file:
        _write(order, name, made)
    after = linter.lint(opening.open_card(made, Path(task.file).name), order.context) if made != data else report
    fixed = {one.code for one in report.findings} - {one.code for one in after.findings}
    told = {"out": name, "fixed": sorted(fixed), "notes": opening.told(notes)}
    return {"name": opened.card.name, **after.as_dict(), **told}


def _convert(order: Order, task: Task) -> dict[str, Any]:
    data, name = _bytes(task.file), Path(task.file).name
    if order.to in books.LAYOUTS:
        made = book_files.convert(data, name, order.to, allow_loss=order.allow_loss)
    else:
        opened = opening.open_card(data, name)
        target = converter.target_of(order.to, "", opened.payload.container)
        made = converter.convert(opened, target, allow_loss=order.allow_loss)
    out = f"{task.out}.{made.target.container}"
    _write(order, out, made.data)
    told = {"out": out, "name": made.name, "spec": made.target.spec, "container": made.target.container}
    return told | {"losses": [loss.as_dict() for loss in made.losses], "notes": opening.told(made.notes)}


_WORK = {Action.INSPECT: _inspect, Action.LINT: _lint, Action.FIX: _fix, Action.CONVERT: _convert}
