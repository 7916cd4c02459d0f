"""`models`: the packs of weights. Works without an instance."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.output import moving, note, show_json, show_table
from ainfluencer.core import config
from ainfluencer.core.errors import ProductError
from ainfluencer.operations import packs, packs_install

app = typer.Typer(help="Model packs.", no_args_is_help=True)


@app.command("list")
def index(as_json: Json = False) -> None:
    """List packs and how they stand here."""
    rows = packs.status(config.settings().data)
    if as_json:
        show_json(
            {
                "items": [
                    {
                        "id": s.pack.id, "title": s.pack.title, "state": s.state, "size_bytes": s.pack.size_bytes,
                        "licence": s.pack.licence, "required": s.pack.is_required, "problem": s.problem,
                    }
                    for s in rows
                ]
            }
        )  # fmt: skip
        return
    show_table(
        ["Pack", "What", "State", "MB", "Licence"],
        ([s.pack.id, s.pack.title, s.state, s.pack.size_bytes // 1_000_000, s.pack.licence] for s in rows),
        empty="No packs.",
    )


@app.command()
def install(
    pack_ids: Annotated[list[str] | None, typer.Argument(help="Packs; all required ones when left out.")] = None,
    from_dir: Annotated[
        Path | None, typer.Option("--from", help="Folder with the wheels, for machines without network.")
    ] = None,
) -> None:
    """Install packs with this Python's own installer."""
    from rich.progress import Progress

    with Progress(console=moving(), transient=True) as progress:
        tasks: dict[str, int] = {}

        def tell(pack_id: str, share: float, sentence: str) -> None:
            if pack_id not in tasks:
                tasks[pack_id] = int(progress.add_task(pack_id, total=1.0))
            progress.update(tasks[pack_id], completed=share, description=sentence)  # type: ignore[arg-type] # TaskID is int

        for found in packs_install.install(config.settings().data, pack_ids or (), from_dir=from_dir, progress=tell):
            note(f"{found.pack.title}: {found.state}")


@app.command()
def verify(pack_ids: Annotated[list[str] | None, typer.Argument()] = None) -> None:
    """Read every byte and compare it with what was pinned."""
    bad = False
    for found in packs.verify(config.settings().data, pack_ids or ()):
        note(f"{found.pack.id}: {found.state} {found.problem}")
        bad = bad or not found.is_installed
    if bad:
        raise ProductError("A pack is damaged.", "Remove it and install it again.")


@app.command()
def remove(pack_id: str) -> None:
    """Delete a pack."""
    note(f"{packs.remove(config.settings().data, pack_id) // 1_000_000} MB freed.")
