"""`card asset`: the files that a card carries beside its words. Works on card files, without an instance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ainfluencer.cards import opening
from ainfluencer.cards.attaching import changing, kinds, listing
from ainfluencer.cards.attaching.changing import NewFile
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.saving import files as saving
from ainfluencer.cli.groups import card_files
from ainfluencer.cli.groups.card_files import AsJson, DryRun, Out
from ainfluencer.cli.output import plain

app = typer.Typer(help="The files that a card carries: icons, backgrounds, emotions, sounds.", no_args_is_help=True)

File = Annotated[str, typer.Argument(metavar="FILE", help="Card file, or - for standard input.")]
In = Annotated[str, typer.Argument(metavar="IN", help="Card file, or - for standard input.")]
At = Annotated[int, typer.Argument(metavar="NUMBER", min=0, help="Its place in the list, counted from 0.")]


@app.callback()
def group() -> None:
    """Assets of V3 cards: chunks of a PNG, members of a CharX archive, or data: addresses in JSON."""


@app.command("list")
def index(file: File, as_json: AsJson = False) -> None:
    """List the assets: which lie inside, which are elsewhere, which are missing."""

    def work() -> dict[str, Any]:
        opened = card_files.opened(file)
        found = listing.listed(opened)
        if not as_json:
            _tell(found)
        return {"assets": [one.as_dict() for one in found], "rank": opened.editor().rank}

    card_files.one(file, work, as_json=as_json)


def _tell(found: list[listing.Attached]) -> None:
    for one in found:
        where = {"inside": f"{one.size:,} bytes inside", "data": f"{one.size:,} bytes in the text"}.get(one.place)
        where = where or {"default": "the card's own picture", "remote": one.uri[:120]}.get(one.place)
        card_files.tell(plain(f"{one.at}  {one.type}  {one.name}.{one.ext}  {where or f'missing: {one.uri[:80]}'}"))
    if not found:
        card_files.tell("No assets: programs take the card's own picture as its icon.")


@app.command()
def add(
    source: In,
    out: Out,
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE...", help="Pictures, sounds or others.")] = None,
    kind: Annotated[str, typer.Option("--type", help="icon, background, emotion, user_icon, or x_…")] = "emotion",
    name: Annotated[str, typer.Option(help="Of a single file; else files are named after themselves.")] = "",
    uri: Annotated[str, typer.Option(help="The address of a file elsewhere, which is not fetched.")] = "",
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Add files to a card, or name one that lies elsewhere; everything else stays, to the last byte."""
    card_files.once(source, *(files or []))

    def make(opened: OpenCard) -> bytes:
        new = [NewFile(card_files.read(one)[1], Path(one).name) for one in card_files.expanded(files or [])]
        return changing.added(opened, kind, new, name=name, uri=uri)

    _written(source, out, make, as_json=as_json, dry_run=dry_run)


@app.command()
def replace(source: In, out: Out, number: At, file: File, as_json: AsJson = False, dry_run: DryRun = False) -> None:
    """Put another file under an asset; its kind and name stay."""
    card_files.once(source, file)

    def make(opened: OpenCard) -> bytes:
        return changing.replaced(opened, number, NewFile(card_files.read(file)[1], Path(file).name))

    _written(source, out, make, as_json=as_json, dry_run=dry_run)


@app.command()
def change(
    source: In,
    out: Out,
    number: At,
    kind: Annotated[str | None, typer.Option("--type", help="icon, background, emotion, user_icon, or x_…")] = None,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    main: Annotated[bool, typer.Option("--main", help="Make it the icon or background that programs take.")] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Give an asset another kind or name, or make it the main one of its kind."""
    if kind is None and name is None and not main:
        raise typer.BadParameter("say --type, --name or --main")

    def make(opened: OpenCard) -> bytes:
        return changing.changed(opened, number, kind=kind, name=name, is_main=main)

    _written(source, out, make, as_json=as_json, dry_run=dry_run)


@app.command()
def remove(
    source: In,
    out: Out,
    numbers: Annotated[list[int], typer.Argument(metavar="NUMBER...", min=0, help="Counted from 0.")],
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Take assets out, and their files where no other asset needs them."""
    _written(source, out, lambda opened: changing.removed(opened, numbers), as_json=as_json, dry_run=dry_run)


def _written(source: str, out: str, make: Callable[[OpenCard], bytes], *, as_json: bool, dry_run: bool) -> None:
    """The card with its change, written to OUT and told."""
    outputs = card_files.Outputs(out, dry_run=dry_run)

    def work() -> dict[str, Any]:
        data, name = make(card_files.opened(source)), outputs.name_for(source)
        found = listing.listed(opening.open_card(data, source))
        outputs.write(name, data)
        if not as_json:
            told = f"✓ {source} → {name}: {len(found)} asset{'' if len(found) == 1 else 's'}"
            card_files.tell(plain(told), to_errors=name == "-")
        return {"out": name, "assets": [one.as_dict() for one in found]}

    card_files.one(source, work, as_json=as_json, out=out)


@app.command()
def extract(
    file: File,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the files go; made if it is not there.")],
    numbers: Annotated[list[int] | None, typer.Argument(metavar="NUMBER...", min=0, help="All when left out.")] = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Write the files of assets into a folder, under names that are no paths. Nothing is fetched and nothing overwritten."""

    def work() -> dict[str, Any]:
        opened = card_files.opened(file)
        found = listing.listed(opened)
        wanted = numbers or [one.at for one in found if one.place in {"inside", "data"}]
        if not dry_run:
            card_files.make_folder(folder)
        rows = [_extracted(opened, at, folder, dry_run=dry_run) for at in wanted]
        if not as_json:
            for row in rows:
                card_files.tell(plain(f"✓ {row['index']} → {row['out']}"))
        return {"files": rows, "left_out": [one.at for one in found if one.at not in wanted]}

    card_files.one(file, work, as_json=as_json)


def _extracted(opened: OpenCard, at: int, folder: Path, *, dry_run: bool) -> dict[str, Any]:
    asset, data = listing.content(opened, at)
    name = Path(kinds.file_name(asset.type, asset.name, kinds.ending(data, f"x.{asset.ext}")))
    target, number = folder / name, 1
    while target.exists():
        number += 1
        target = folder / f"{name.stem}-{number}{name.suffix}"
    if not dry_run:
        saving.write(target, data)
    return {"index": at, "out": str(target), "bytes": len(data)}
