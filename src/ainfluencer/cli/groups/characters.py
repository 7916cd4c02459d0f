"""`character`: list, show, make by hand or of a card, export, delete."""

from __future__ import annotations

from typing import Annotated

import typer

from ainfluencer.cli.groups.options import Cursor, Json, Limit
from ainfluencer.cli.groups.sources import bring
from ainfluencer.cli.instance import connect
from ainfluencer.cli.output import listing, note, show_json

app = typer.Typer(help="Characters.", no_args_is_help=True)


@app.command("list")
def index(
    search: Annotated[str, typer.Option(help="Words in name or bio.")] = "",
    limit: Limit = 50,
    cursor: Cursor = "",
    as_json: Json = False,
) -> None:
    """List characters."""
    with connect() as instance:
        answer = instance.call("GET", "/characters", params={"search": search, "limit": limit, "cursor": cursor})
    listing(
        answer,
        {"Id": "id", "Name": "name", "Handle": "handle", "Status": "status"},
        as_json=as_json,
        empty="No character yet. Bring one: ainfluencer character import CARD_OR_BRIEF",
    )


@app.command()
def show(character_id: str) -> None:
    """One character as JSON."""
    with connect() as instance:
        show_json(instance.call("GET", f"/characters/{character_id}"))


@app.command()
def templates(as_json: Json = False) -> None:
    """List the personas to begin a character with."""
    with connect() as instance:
        answer = instance.call("GET", "/persona-templates")
    listing(answer, {"Template": "slug", "Name": "title", "What it suits": "summary"}, as_json=as_json, empty="")


@app.command()
def create(
    name: str,
    template: Annotated[str, typer.Option(help="A persona to begin with; `character templates` lists them.")] = "",
    bio: Annotated[str, typer.Option(help="One line about them.")] = "",
    age: Annotated[int | None, typer.Option(min=0)] = None,
    location: str = "",
    as_json: Json = False,
) -> None:
    """Make a character by hand."""
    wanted = {"name": name, "template": template, "bio": bio, "age": age, "location": location}
    with connect() as instance:
        made = instance.call("POST", "/characters", json={key: value for key, value in wanted.items() if value})
    if as_json:
        show_json(made)
    else:
        note(f"{made['name']} is here: {made['id']}", mark="✓")


@app.command("import")
def bring_in(
    source: Annotated[str, typer.Argument(metavar="CARD_OR_BRIEF")],
    again: Annotated[
        bool, typer.Option("--again", help="Make a second character even if this file was imported before.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring a character from a card or brief."""
    with connect() as instance:
        answer = bring(instance, source, reuse=not again)
    if as_json:
        show_json(answer)
        return
    note(f"{answer['character']['name']} is here: {answer['character']['id']}")
    for warning in answer["report"]["warnings"]:
        note(warning["detail"], mark="!")


@app.command()
def export(
    character_id: str,
    form: Annotated[str, typer.Option("--format", help="json or txt (a prompt for language models).")] = "json",
) -> None:
    """Print a persona."""
    if form not in {"json", "txt"}:
        raise typer.BadParameter("use json or txt", param_hint="--format")
    with connect() as instance:
        typer.echo(instance.fetch(f"{instance.url}/api/v2/characters/{character_id}/persona.{form}").decode())


@app.command()
def delete(character_id: str) -> None:
    """Delete a character (it can be restored)."""
    with connect() as instance:
        instance.call("DELETE", f"/characters/{character_id}")
    note("Deleted.")
