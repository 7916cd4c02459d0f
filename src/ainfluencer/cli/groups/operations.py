"""`doctor`, `backup`, `restore`, `demo`: verbs on the whole instance."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from ainfluencer.cli import instance
from ainfluencer.cli.groups import making
from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.output import marked, note, show_json
from ainfluencer.core import config
from ainfluencer.core.errors import Conflict
from ainfluencer.operations import backups

_MARKS = {"ok": "✓", "warning": "!", "problem": "✗"}


def register(app: typer.Typer) -> None:
    """Add the verbs to the root."""
    app.command()(doctor)
    app.command()(backup)
    app.command()(restore)
    app.command()(demo)


def doctor(as_json: Json = False) -> None:
    """Check this machine and this data folder; exit code 1 when something stands in the way."""
    from ainfluencer.operations import doctor as checks  # noqa: PLC0415 - it asks every part of the product

    found = checks.examine(config.settings())
    if as_json:
        show_json({"items": [c.as_dict() for c in found]})
    else:
        for one in found:
            typer.echo(marked(_MARKS[one.state], f"{one.title}: {one.detail}"))
            if one.next_step:
                typer.echo(f"    {one.next_step}")
    if any(one.state == "problem" for one in found):
        raise typer.Exit(1)


def backup(
    out: Annotated[Path | None, typer.Option(help="File to write (default: backups/ in the data folder).")] = None,
) -> None:
    """Save database, media and keys into one file; works while the instance runs."""
    note(f"Saved: {backups.create(config.settings(), out)}")


def restore(
    file: Path,
    force: Annotated[
        bool,
        typer.Option(help="Replace what is there; it is kept in a folder before-restore-… inside the data folder."),
    ] = False,
) -> None:
    """Bring a backup into the data folder. No instance may run on it."""
    settings = config.settings()
    running = instance.find(settings)
    if running:
        raise Conflict(f"An instance runs on this data folder: {running}", "Stop it first.")
    from ainfluencer.operations import restoring  # noqa: PLC0415 - as above

    aside = restoring.restore(settings, file, force=force)
    note(f"Restored into {settings.data}")
    if aside:
        note(f"What was there before is kept in {aside}; delete it when you no longer need it.")


def demo(as_json: Json = False) -> None:
    """Bring a ready-made character and live a week of it at once."""
    card = resources.files("ainfluencer.cards").joinpath("samples").joinpath("marisol_vaz.json")
    with resources.as_file(card) as path:
        making.week(str(path), approve="all", start="now", as_json=as_json)
