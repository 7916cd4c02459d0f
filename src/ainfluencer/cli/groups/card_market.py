"""`card bundle` with the library: sources and their offers, known keys, bringing a bundle in, making one of cards that are kept."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePath
from typing import Annotated, Any

import typer

from ainfluencer.cards.bundles import LIST, SUFFIX
from ainfluencer.cards.saving import files
from ainfluencer.cli.groups.card_library import imported, tell_imported, waited
from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import listing, note, show_json
from ainfluencer.core.errors import InvalidInput, NotFound

API = "/cards/bundles"

keys = typer.Typer(help="Whose keys are known.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(metavar="SOURCE", help="The id or the address of a source.")]
Key = Annotated[str, typer.Argument(metavar="FINGERPRINT", help="Six groups of four, as `card bundle show` says it.")]


@keys.callback()
def group() -> None:
    """Say once whether a key is trusted or blocked; bundles of a blocked key are refused."""


def add(
    source: Annotated[str, typer.Argument(help=f"The address of a {LIST}, or a folder that the settings allow.")],
    as_json: Json = False,
) -> None:
    """Keep a source of bundles. Any folder can be read without keeping it: card bundle list FOLDER."""
    address = source if "://" in source else str(Path(source).expanduser().absolute())
    with connect() as instance:
        made = instance.call("POST", f"{API}/sources", json={"address": address})
    _tell_source(made, as_json=as_json)


def sources(as_json: Json = False) -> None:
    """List the sources that the workspace keeps."""
    with connect() as instance:
        answer = instance.call("GET", f"{API}/sources")
    columns = {"Id": "id", "Source": "address", "Bundles": "offers", "Looked at": "checked_at", "Problem": "problem"}
    listing(answer, columns, as_json=as_json, empty="No source yet. Add one: ainfluencer card bundle add ADDRESS")


def refresh(source: Which, as_json: Json = False) -> None:
    """Look at a source again. Exit code 1 when it cannot be read."""
    with connect() as instance:
        found = instance.call("POST", f"{API}/sources/{_source_id(instance, source)}/refreshment")
    _tell_source(found, as_json=as_json)
    if found["problem"]:
        raise typer.Exit(1)


def remove(source: Which) -> None:
    """Let go of a source; cards that came from it stay."""
    with connect() as instance:
        instance.call("DELETE", f"{API}/sources/{_source_id(instance, source)}")
    note("Removed.", mark="✓")


def offers(
    search: Annotated[str, typer.Argument(metavar="[WORDS]", help="Words of name, author, licence.")] = "",
    as_json: Json = False,
) -> None:
    """List what the sources offered when they were last looked at."""
    with connect() as instance:
        answer = instance.call("GET", f"{API}/offers", params={"q": search})
    columns = {"Bundle": "name", "Cards": "cards", "Author": "author", "Licence": "licence", "Key": "trust"}
    columns |= {"Where": "url", "Problem": "problem"}
    listing(answer, columns, as_json=as_json, empty="Nothing is offered.")


def _source_id(instance: Instance, source: str) -> str:
    known = instance.call("GET", f"{API}/sources")["items"]
    paths = {source} if "://" in source else {source, str(Path(source).expanduser().absolute())}
    found = next((one["id"] for one in known if one["id"] == source or one["address"] in paths), "")
    if not found:
        raise NotFound(f"There is no source “{source}”.", "List them: ainfluencer card bundle sources.")
    return str(found)


def _tell_source(source: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(source)
    elif source["problem"]:
        note(f"{source['address']}: {source['problem']}", mark="✗")
    else:
        note(f"{source['address']}: {source['offers']} bundle{'s' * (source['offers'] != 1)}", mark="✓")


def bring(
    source: Annotated[str, typer.Argument(metavar="BUNDLE", help="A file, or the address of one.")],
    only: Annotated[list[str] | None, typer.Option(help="Only the cards of this name. Repeatable.")] = None,
    on_same: Annotated[
        str, typer.Option(help="skip, new_version or keep_both: when the file, its text or its name is there.")
    ] = "skip",
    trust: Annotated[bool, typer.Option("--trust", help="Trust its key from now on.")] = False,
    characters: Annotated[
        str,
        typer.Option(help="Make characters of what is added; the pictures show: synthetic, own or none (left out)."),
    ] = "",
    as_json: Json = False,
) -> None:
    """Check a bundle and bring its cards into the library. Exit code 1 when any card was refused."""
    from ainfluencer.cards.bundles import catalogue

    data = asyncio.run(catalogue.fetch_from(source))
    with connect() as instance:
        opened = instance.call("POST", API, files={"file": (PurePath(source).name or f"bundle{SUFFIX}", data)})
        body = {"numbers": _numbers(opened["cards"], only or []), "on_same": on_same, "trust": trust}
        body["likeness"] = characters
        job = instance.call("POST", f"{API}/{opened['id']}/imports", json=body)
        results = imported(instance, job["job_id"])
    if not as_json:
        known = {"ours": "our own key", "trusted": "a known key"}.get(opened["trust"], "an unknown key")
        note(
            f"{opened['name']}: signed by {known}, {opened['fingerprint']}", mark="✓" if "unknown" not in known else "!"
        )
        if opened["warning"]:
            note(opened["warning"], mark="!")
    tell_imported(results, as_json=as_json, bundle={"name": opened["name"], "fingerprint": opened["fingerprint"]})


def _numbers(cards: list[dict[str, Any]], only: list[str]) -> list[int]:
    wanted = {name.casefold() for name in only}
    found = [card for card in cards if card["name"].casefold() in wanted]
    if missing := wanted - {card["name"].casefold() for card in found}:
        names = ", ".join(card["name"] for card in cards[:20])
        raise NotFound(f"The bundle has no card called “{min(missing)}”.", f"It has: {names}.", code="card_unknown")
    return [card["number"] for card in found]


def pack(  # noqa: PLR0913, PLR0917 - every parameter is an option of the command
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The bundle to write; its name ends in .cardbundle.")],
    ids: Annotated[list[str] | None, typer.Option("--id", help="Id of a card of the library. Repeatable.")] = None,
    character: Annotated[list[str] | None, typer.Option(help="Id of a character. Repeatable.")] = None,
    name: Annotated[str, typer.Option(help="What the bundle is called; by default the name of OUT.")] = "",
    description: str = "",
    author: str = "",
    licence: Annotated[str, typer.Option(help="Such as CC-BY-4.0.")] = "",
    homepage: str = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Make a bundle of cards of the library and of characters. Exit code 1 when something was left out."""
    if out.suffix.lower() != SUFFIX:
        raise typer.BadParameter(f"the name ends in {SUFFIX}", param_hint="OUT")
    if out.exists() and not force:
        raise InvalidInput(f"“{out}” is there already.", "Add --force to replace it.", code="file_exists")
    body = {"name": name or out.stem, "description": description, "author": author, "licence": licence}
    body |= {"homepage": homepage}
    with connect() as instance:
        wanted: dict[str, Any] = {**body, "ids": ids or [], "character_ids": character or []}
        job_id = instance.call("POST", f"{API}/packings", json=wanted)["job_id"]
        result = waited(instance, job_id)
        files.write(out, instance.fetch(f"/jobs/{job_id}/download/cardbundle"))
    if as_json:
        show_json({"out": str(out)} | {key: value for key, value in result.items() if key != "waiting"})
    else:
        note(
            f"{out}: {result['packed']} card{'s' * (result['packed'] > 1)}, signed with the key {result['fingerprint']}",
            mark="✓",
        )
        for one in result["report"]:
            note(f"{one['name'] or one['id']}: {one['error']}", mark="!")
    if result["left_out"]:
        raise typer.Exit(1)


@keys.command("list")
def list_keys(as_json: Json = False) -> None:
    """List the keys that were trusted or blocked."""
    with connect() as instance:
        answer = instance.call("GET", f"{API}/keys")
    columns = {"Key": "fingerprint", "Whose": "label", "State": "state", "By": "added_by"}
    listing(answer, columns, as_json=as_json, empty="No key is known yet.")


@keys.command("trust")
def trust_key(fingerprint: Key, label: Annotated[str, typer.Option(help="Whose it is.")] = "") -> None:
    """Trust a key."""
    _decide(fingerprint, "trusted", label)


@keys.command("block")
def block_key(fingerprint: Key, label: Annotated[str, typer.Option(help="Whose it is.")] = "") -> None:
    """Refuse every bundle of a key."""
    _decide(fingerprint, "blocked", label)


def _decide(fingerprint: str, state: str, label: str) -> None:
    with connect() as instance:
        instance.call("POST", f"{API}/keys", json={"fingerprint": fingerprint, "state": state, "label": label})
    note(f"{fingerprint} is {state}.", mark="✓")


@keys.command("forget")
def forget_key(fingerprint: Key) -> None:
    """Let go of what was decided about a key."""
    with connect() as instance:
        known = instance.call("GET", f"{API}/keys")["items"]
        found = next((one["id"] for one in known if one["fingerprint"] == fingerprint), "")
        if not found:
            raise NotFound(f"Nothing was decided about the key {fingerprint}.", "List them: card bundle keys list.")
        instance.call("DELETE", f"{API}/keys/{found}")
    note(f"{fingerprint} is unknown again.", mark="✓")
