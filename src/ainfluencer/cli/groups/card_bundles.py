"""`card bundle`: several cards in one signed file: make, look into, open, and list what a folder or an address offers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ainfluencer.cards.bundles import LIST, MOST_CARDS, SUFFIX
from ainfluencer.cards.saving import files
from ainfluencer.cli.groups import card_files, card_market
from ainfluencer.cli.groups.card_files import AsJson, Many
from ainfluencer.cli.output import note, plain, show_json, show_table
from ainfluencer.core.errors import InvalidInput, PolicyRefused

if TYPE_CHECKING:
    from ainfluencer.cards.bundles.bundle import Bundle

app = typer.Typer(help="Signed bundles of cards.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(metavar="BUNDLE", help="A file, or the address of one.")]
Key = Annotated[str, typer.Option(help="Refuse a bundle that another key signed: its fingerprint.")]


@app.callback()
def group() -> None:
    """Pass cards on in one file that shows whose it is, and that nobody changed it."""


@app.command()
def make(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The bundle to write; its name ends in .cardbundle.")],
    cards: Many,
    name: Annotated[str, typer.Option(help="What the bundle is called; by default the name of OUT.")] = "",
    description: str = "",
    author: str = "",
    licence: Annotated[str, typer.Option(help="Such as CC-BY-4.0.")] = "",
    homepage: str = "",
    key: Annotated[Path | None, typer.Option(help="A signing key; by default this studio's own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Pack cards into a bundle and sign it."""
    from ainfluencer.cards.bundles import bundle, keys

    if out.suffix.lower() != SUFFIX:
        raise typer.BadParameter(f"the name ends in {SUFFIX}", param_hint="OUT")
    try:
        about = bundle.About(
            name=name or out.stem, description=description, author=author, licence=licence, homepage=homepage
        )
    except ValueError as error:
        raise typer.BadParameter(str(error).splitlines()[2].strip()) from None
    chosen = [card_files.read(path) for path in card_files.expanded(cards)]
    made = bundle.pack(about, chosen, keys.read(key) if key else keys.own())
    files.write(out, made)
    _show(bundle.read(made), str(out), as_json=as_json)


@app.command()
def show(source: Source, key: Key = "", as_json: AsJson = False) -> None:
    """Check a bundle and say what is in it. Exit code 1 when it was changed after it was signed."""
    _show(_read(source, key), source, as_json=as_json)


@app.command("open")
def open_bundle(
    source: Source,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the cards go; nothing there is overwritten.")],
    key: Key = "",
    as_json: AsJson = False,
) -> None:
    """Check a bundle and write its cards into a folder."""
    made = _read(source, key)
    contents = [(item, made.card(item)) for item in made.cards]  # all are checked before the first is written
    card_files.make_folder(folder)
    rows: list[dict[str, Any]] = []
    for item, data in contents:
        place = _free(folder / Path(item.file).name, data)
        if not place.exists():
            files.write(place, data)
        rows.append({"file": str(place), "name": item.name, "sha256": item.sha256})
    if as_json:
        show_json({"bundle": made.about.name, "fingerprint": made.fingerprint, "cards": rows})
    else:
        show_table(("Card", "File"), ((row["name"], row["file"]) for row in rows), empty="")


@app.command("list")
def list_bundles(
    source: Annotated[str, typer.Argument(metavar="FOLDER|URL", help=f"A folder, or the address of a {LIST}.")],
    write: Annotated[bool, typer.Option("--write", help=f"Write {LIST} into the folder, to serve it.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the bundles that a folder or an address offers."""
    from ainfluencer.cards.bundles import catalogue

    is_far = source.startswith(("http://", "https://"))
    if write and is_far:
        raise typer.BadParameter("only a folder can be written to", param_hint="--write")
    offers = asyncio.run(catalogue.at_address(source)) if is_far else catalogue.in_folder(Path(source))
    if write:
        files.write(Path(source) / LIST, catalogue.listing(Path(source)))
    if as_json:
        show_json({"items": [one.model_dump() for one in offers], "next_cursor": None})
        return
    rows = ((one.name, one.cards or "", one.author, one.fingerprint, one.problem or one.url) for one in offers)
    show_table(("Bundle", "Cards", "Author", "Key", "Where"), rows, empty="There is no bundle.")


def _read(source: str, key: str) -> Bundle:
    from ainfluencer.cards.bundles import bundle, catalogue

    made = bundle.read(asyncio.run(catalogue.fetch_from(source)))
    if key and key != made.fingerprint:
        raise PolicyRefused(
            f"The bundle is signed by the key {made.fingerprint}, not by {key}.",
            "Ask its maker which key is theirs.",
            code="other_key",
        )
    return made


def _free(place: Path, data: bytes) -> Path:
    """The place, or the next one with a number where another file stands."""
    number, found = 1, place
    while found.exists() and found.read_bytes() != data:
        number += 1
        found = place.with_stem(f"{place.stem} ({number})")
        if number > MOST_CARDS:
            raise InvalidInput(f"There are too many files called {place.name}.", "Choose another folder.")
    return found


def _show(made: Bundle, source: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"file": source, **made.as_dict()}, ensure_ascii=False))
        return
    about = made.about
    note(
        f"{about.name}: {len(made.cards)} card{'s' * (len(made.cards) > 1)}, signed by {about.author or 'somebody'} with the key {made.fingerprint}.",
        mark="✓",
    )
    for line in (about.description, about.licence, about.homepage):
        if line:
            typer.echo(plain(line))
    rows = ((item.name, item.spec, item.lorebook_entries, item.rating, item.creator) for item in made.cards)
    show_table(("Card", "Version", "Lore", "Rating", "Creator"), rows, empty="")


app.command("add")(card_market.add)
app.command("sources")(card_market.sources)
app.command("refresh")(card_market.refresh)
app.command("remove")(card_market.remove)
app.command("offers")(card_market.offers)
app.command("import")(card_market.bring)
app.command("pack")(card_market.pack)
app.add_typer(card_market.keys, name="keys")
