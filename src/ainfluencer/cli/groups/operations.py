"""`doctor`, `backup`, `restore`, `demo`: verbs on the whole instance."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from ainfluencer.cli import instance
from ainfluencer.cli.groups import making
from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.output import note, screen, show_json
from ainfluencer.core import config
from ainfluencer.core.errors import Conflict
from ainfluencer.operations import backups
from ainfluencer.operations import doctor as checks

_MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "problem": "[red]✗[/]"}


def register(app: typer.Typer) -> None:
    """Add the verbs to the root."""
    app.command()(doctor)
    app.command()(backup)
    app.command()(restore)
    app.command()(demo)


def doctor(as_json: Json = False) -> None:
    """Check this machine and this data folder; exit code 1 when something stands in the way."""
    found = checks.examine(config.settings())
    if as_json:
        show_json({"items": [c.as_dict() for c in found]})
    else:
        for one in found:
            screen.print(f"{_MARKS[one.state]} {one.title}: {one.detail}")
            if one.next_step:
                screen.print(f"    {one.next_step}")
    if any(one.state == "problem" for one in found):
        raise typer.Exit(1)


def backup(
    out: Annotated[Path | None, typer.Option(help="File to write (default: backups/ in the data folder).")] = None,
) -> None:
    """Save database, media and keys into one file; works while the instance runs."""
    note(f"Saved: {backups.create(config.settings(), out)}")


def restore(
    file: Path,
    force: Annotated[bool, typer.Option(help="Replace what is in the data folder; it is kept beside it.")] = False,
) -> None:
    """Bring a backup into the data folder. No instance may run on it."""
    settings = config.settings()
    running = instance.find(settings)
    if running:
        raise Conflict(f"An instance runs on this data folder: {running}", "Stop it first.")
    backups.restore(settings, file, force=force)
    note(f"Restored into {settings.data}")


def demo(as_json: Json = False) -> None:
    """Bring a ready-made character and live a week of it at once."""
    card = resources.files("ainfluencer.cards").joinpath("samples").joinpath("marisol_vaz.json")
    with resources.as_file(card) as path:
        making.week(str(path), approve="all", start="now", as_json=as_json)
