"""`card`: look into character cards. Works on files, without an instance."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from ainfluencer.cards import service
from ainfluencer.cli.groups.sources import read_source
from ainfluencer.core.errors import ProductError

app = typer.Typer(help="Character cards.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Read cards of any tool."""


@app.command()
def inspect(
    files: Annotated[list[str], typer.Argument(help="Card files.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say what a file is, and what is odd about it. Exit code 1 when any file was refused."""
    refused = False
    for file in files:
        row = _inspect(file)
        refused = refused or not row["ok"]
        sys.stdout.write((json.dumps(row, ensure_ascii=False) if as_json else _line(row)) + "\n")
    if refused:
        raise typer.Exit(1)


def _inspect(file: str) -> dict[str, Any]:
    try:
        name, data = read_source(file)
        found = service.inspect(data, name)
    except ProductError as error:
        return {"file": file, "ok": False, "error": {"code": error.reason, "detail": error.detail}}
    return {"file": file, "ok": True, **found, "error": None}


def _line(row: dict[str, Any]) -> str:
    if not row["ok"]:
        return f"✗ {row['file']}: {row['error']['detail']}"
    odd = f", {len(row['warnings'])} remarks" if row["warnings"] else ""
    return f"✓ {row['file']}: {row['name']} ({row['spec'] or row['container']}, {row['lorebook_entries']} lore entries{odd})"
