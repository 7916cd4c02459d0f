"""How results reach a terminal or a script: tables for people, JSON for programs, messages on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from rich.console import Console
from rich.markup import escape
from rich.table import Table

screen = Console(highlight=False)
notes = Console(stderr=True, highlight=False)


def show_json(value: Any) -> None:
    """Exactly one JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """A table, or one sentence when there is nothing."""
    table = Table(*columns, box=None, header_style="bold", pad_edge=False)
    count = 0
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
        count += 1
    screen.print(table if count else empty)


def listing(answer: Mapping[str, Any], columns: Mapping[str, str], *, as_json: bool, empty: str) -> None:
    """One page of a list: {"items": [...]} as JSON, or the named fields as a table. `columns`: heading -> field."""
    if as_json:
        show_json(answer)
        return
    show_table(
        list(columns), ([item.get(field, "") for field in columns.values()] for item in answer["items"]), empty=empty
    )


def note(message: str) -> None:
    """A line for people that scripts do not read."""
    notes.print(message, soft_wrap=True)


def fail(detail: str, next_step: str = "", *, code: int = 1) -> NoReturn:
    """Say what is wrong and what to do, then leave."""
    notes.print(f"[bold red]✗[/] {escape(detail)}", soft_wrap=True)
    if next_step:
        notes.print(f"  {escape(next_step)}", soft_wrap=True)
    sys.exit(code)
