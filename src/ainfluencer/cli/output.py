"""How results reach a terminal or a script: tables for people, JSON for programs, messages on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import Console

# What is printed may be a stranger's words: never read as markup (“[/b]” would be an error), never sent as a command.
_COLOURS = {"✓": "green", "!": "yellow", "✗": "red"}
_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


def plain(value: Any) -> str:
    """Any value as text for a terminal, without the codes that would steer it."""
    return str(value).translate(_CONTROLS)


def show_json(value: Any) -> None:
    """Exactly one JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """A table, or one sentence when there is nothing."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:  # an id that is cut short could not be given to the next command
        table.add_column(column, no_wrap=column == "Id", min_width=26 if column == "Id" else None, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    Console(highlight=False, markup=False).print(table if table.row_count else empty)


def moving() -> Console:
    """Where bars of progress are drawn: standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False)


def listing(answer: Mapping[str, Any], columns: Mapping[str, str], *, as_json: bool, empty: str) -> None:
    """One page of a list: {"items": [...]} as JSON, or the named fields as a table. `columns`: heading -> field."""
    if as_json:
        show_json(answer)
        return
    show_table(
        list(columns), ([item.get(field, "") for field in columns.values()] for item in answer["items"]), empty=empty
    )


def marked(mark: str, message: str) -> str:
    """A line with a coloured sign in front: ✓, ! or ✗."""
    return f"{typer.style(mark, fg=_COLOURS[mark])} {plain(message)}"


def note(message: str, *, mark: str = "") -> None:
    """A line for people that scripts do not read."""
    typer.echo(marked(mark, message) if mark else plain(message), err=True)


def fail(detail: str, next_step: str = "", *, code: int = 1) -> NoReturn:
    """Say what is wrong and what to do, then leave."""
    note(detail, mark="✗")
    if next_step:
        note(f"  {next_step}")
    sys.exit(code)
