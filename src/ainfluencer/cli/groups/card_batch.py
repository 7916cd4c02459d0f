"""`card batch`: one action over thousands of files, with a ledger that a second run goes on from."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ainfluencer.cards.batching import running, sources
from ainfluencer.cards.batching.actions import Action, Order, Task
from ainfluencer.cards.batching.ledger import Ledger, stamp
from ainfluencer.cards.converting import books, converter
from ainfluencer.cards.linting.budget import DEFAULT_CONTEXT
from ainfluencer.cli.groups.card_files import AsJson, DryRun, tell
from ainfluencer.cli.output import moving, note, plain
from ainfluencer.core.errors import InvalidInput

LEDGER = "card-batch.jsonl"
_KINDS = (*converter.VERSIONS, *converter.SAME, *books.LAYOUTS)


def batch(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    action: Annotated[Action, typer.Argument(help="What to do with every file.")],
    files: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="Files, patterns, folders with all below them, or @list.txt."),
    ],
    out: Annotated[
        str, typer.Option(metavar="FOLDER", help="Where results go; without it, fix changes the files.")
    ] = "",
    to: Annotated[str, typer.Option(help="For convert: a version or kind, as in card convert.")] = "",
    allow_loss: Annotated[bool, typer.Option("--allow-loss", help="Convert even if something is lost.")] = False,
    context: Annotated[int, typer.Option(min=256, help="Tokens of the chat's context.")] = DEFAULT_CONTEXT,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 means one a core.")] = 0,
    report: Annotated[
        str, typer.Option(metavar="FILE", help=f"The ledger; by default {LEDGER} in --out or here.")
    ] = "",
    again: Annotated[bool, typer.Option("--again", help="Do every file anew instead of going on.")] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Do one thing with many files. Killed or interrupted, the same command goes on where it was. Exit code 1 when any file was refused."""
    order = _order(action, to, out, context, allow_loss=allow_loss, dry_run=dry_run)
    tasks = sources.tasks(files, out)
    if not tasks:
        raise InvalidInput(
            "There is no card file among these.", "Name files, patterns or folders.", code="no_such_file"
        )
    ledger = Ledger(Path(report or Path(out) / LEDGER), order, is_fresh=again or dry_run)
    summary = running.Summary()
    left = [task for task in tasks if not _known(ledger, task, summary, as_json=as_json)]
    with _ledger(ledger, is_kept=not dry_run) as keep, _bar(len(tasks), summary, is_shown=not as_json) as advance:
        for row in running.rows(order, left, workers or os.cpu_count() or 1):
            keep(row | {"stamp": stamp(row["file"])})
            summary.add(row)
            advance()
            _tell(row, as_json=as_json)
    _conclude(summary, ledger, as_json=as_json)


def _order(action: Action, to: str, out: str, context: int, *, allow_loss: bool, dry_run: bool) -> Order:
    if action is Action.CONVERT and (not out or to not in _KINDS):
        raise typer.BadParameter(f"convert needs --out and --to (one of {', '.join(_KINDS)})", param_hint="--to")
    if out and action in {Action.INSPECT, Action.LINT}:
        raise typer.BadParameter(f"{action} writes no files; its rows go to --report", param_hint="--out")
    return Order(action, to, allow_loss, context, dry_run)


def _known(ledger: Ledger, task: Task, summary: running.Summary, *, as_json: bool) -> bool:
    row = ledger.done(task.file)
    if row is None:
        return False
    summary.add(row, is_old=True)
    if as_json:
        _tell({name: value for name, value in row.items() if name != "stamp"}, as_json=True)
    return True


@contextmanager
def _ledger(ledger: Ledger, *, is_kept: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    if not is_kept:
        yield lambda _row: None
        return
    with ledger:
        try:
            yield ledger.add
        except KeyboardInterrupt:
            note(f"What is done stands in {ledger.path}. The same command goes on.", mark="!")
            raise


@contextmanager
def _bar(total: int, summary: running.Summary, *, is_shown: bool) -> Iterator[Callable[[], None]]:
    """A bar of progress on standard error, for people at a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=moving(), transient=True, disable=not is_shown) as progress:
        task = progress.add_task("Cards", total=total, completed=summary.total)
        yield lambda: progress.update(task, completed=summary.total, description=f"{summary.refused} refused")


def _tell(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        tell(json.dumps(row, ensure_ascii=False, default=str))
    elif row["error"]:
        note(f"{row['file']}: {row['error']['code']}: {row['error']['detail']}", mark="✗")


def _conclude(summary: running.Summary, ledger: Ledger, *, as_json: bool) -> None:
    told = summary.as_dict()
    if as_json:
        tell(json.dumps({"summary": told}, ensure_ascii=False))
    else:
        before = f", {summary.skipped} of them before" if summary.skipped else ""
        score = f" Mean score {told['score']} of 100." if told["score"] is not None else ""
        tell(plain(f"{summary.total} files: {summary.ok} done{before}, {summary.refused} refused.{score}"))
        for title, name in (("refused", "refusals"), ("found", "findings"), ("fixed", "fixed"), ("lost", "losses")):
            for code, count in list(told[name].items())[:8]:
                tell(plain(f"  {title:8} {code}: {count}"))
        if ledger.path.exists():
            tell(plain(f"Every file has its line in {ledger.path}."))
    if summary.refused:
        raise typer.Exit(1)
