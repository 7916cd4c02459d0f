"""`card list`, `card add` and `card export`: the library of cards, through the instance that runs here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ainfluencer.cards.saving import files as written
from ainfluencer.cli.groups import card_files
from ainfluencer.cli.groups.card_files import Many
from ainfluencer.cli.groups.options import Cursor, Json, Limit
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import listing, note, show_json
from ainfluencer.core.errors import InvalidInput, ProductError

POLL_SECONDS = 0.4
_AT_ONCE = 100  # files of one request; all stand in one list of results


def index(  # noqa: PLR0913, PLR0917 - every filter of the API has its own option here
    search: Annotated[str, typer.Argument(metavar="[WORDS]", help="Words of the card, its tags or its note.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Only cards with this tag. Repeatable.")] = None,
    creator: Annotated[str, typer.Option(help="Only cards of this creator.")] = "",
    rating: Annotated[str, typer.Option(help="safe, suggestive or explicit.")] = "",
    min_score: Annotated[int, typer.Option(min=0, max=100, help="Least score of the linter.")] = 0,
    max_tokens: Annotated[int, typer.Option(min=0, help="Most tokens that are always sent; 0 means any.")] = 0,
    favourite: Annotated[bool, typer.Option("--favourite", help="Only favourites.")] = False,
    sort: Annotated[str, typer.Option(help="newest, changed, name, score, tokens or creator.")] = "newest",
    limit: Limit = 50,
    cursor: Cursor = "",
    as_json: Json = False,
) -> None:
    """List the cards of the library."""
    params: dict[str, Any] = {"q": search, "tag": tag or [], "creator": creator, "rating": rating, "sort": sort}
    params |= {"min_score": min_score, "max_tokens": max_tokens, "favourite": favourite}
    with connect() as instance:
        answer = instance.call("GET", "/cards", params=params | {"limit": limit, "cursor": cursor})
    columns = {"Id": "id", "Name": "name", "Creator": "creator", "Score": "score", "Tokens": "permanent_tokens"}
    empty = "No card matches. Bring some: ainfluencer card add cards/*.png"
    listing(answer, columns | {"Version": "version"}, as_json=as_json, empty=empty)


def add(
    files: Many,
    on_same: Annotated[
        str, typer.Option(help="skip, new_version or keep_both: when the file, its text or its name is there.")
    ] = "skip",
    as_json: Json = False,
) -> None:
    """Put cards, or zips of cards, into the library. Exit code 1 when any file was refused."""
    names = card_files.expanded(files)
    results: list[dict[str, Any]] = []
    with connect() as instance:
        for at in range(0, len(names), _AT_ONCE):
            results += _added(instance, names[at : at + _AT_ONCE], on_same)
    tell_imported(results, as_json=as_json)


def tell_imported(results: Sequence[dict[str, Any]], *, as_json: bool, **more: Any) -> None:
    """What became of each file; leaves with exit code 1 when any was refused."""
    if as_json:
        show_json({"items": results} | more)
    else:
        for one in results:
            refused = one["outcome"] == "refused"
            told = one["detail"] if refused else one["outcome"].replace("_", " ")
            note(f"{one['filename']}: {told}", mark="✗" if refused else "✓")
    if any(one["outcome"] == "refused" for one in results):
        raise typer.Exit(1)


def _added(instance: Instance, names: Sequence[str], on_same: str) -> list[dict[str, Any]]:
    sent = [("files", card_files.read(name)) for name in names]
    return imported(instance, instance.call("POST", "/cards/imports", files=sent, data={"on_same": on_same})["job_id"])


def imported(instance: Instance, job_id: str) -> list[dict[str, Any]]:
    """What became of each file of an import, once it has ended."""
    waited(instance, job_id)
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = instance.call("GET", f"/cards/imports/{job_id}", params={"limit": 1000, "cursor": cursor})
        found += page["items"]
        if not page["next_cursor"]:
            return found
        cursor = page["next_cursor"]


def waited(instance: Instance, job_id: str) -> dict[str, Any]:
    """The result of a job once it has ended; its own refusal when it failed or was cancelled."""
    while (job := instance.call("GET", f"/jobs/{job_id}")["job"])["state"] in {"pending", "running"}:
        time.sleep(POLL_SECONDS)
    if job["state"] != "completed":
        error = job["error"] or {}
        raise ProductError(error.get("detail", f"The job was {job['state']}."), error.get("next_step", ""))
    result: dict[str, Any] = instance.call("GET", f"/jobs/{job_id}/result")["result"]
    return result


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A .zip of many, or the file of one card.")],
    ids: Annotated[list[str] | None, typer.Option("--id", help="Id of a card. Repeatable.")] = None,
    search: Annotated[str, typer.Option(help="Every card that these words find.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Every card with this tag. Repeatable.")] = None,
    to: Annotated[str, typer.Option(help="v1, v2, v3, json, png, charx or yaml; left out, as they are.")] = "",
    allow_loss: Annotated[bool, typer.Option("--allow-loss", help="Also where something is lost.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
) -> None:
    """Write cards of the library to a file: one as it is, or many as a zip with a report of losses."""
    if out.exists() and not force:
        raise InvalidInput(f"“{out}” is there already.", "Add --force to replace it.", code="file_exists")
    with connect() as instance:
        if ids and len(ids) == 1 and out.suffix.lower() != ".zip":
            params = {"to": to, "allow_loss": allow_loss}
            written.write(out, instance.fetch(f"/cards/{ids[0]}/download", params=params))
            result: dict[str, Any] = {"packed": 1, "left_out": 0, "report": []}
        else:
            wanted: dict[str, Any] = {"ids": ids or [], "to": to, "allow_loss": allow_loss}
            if not ids:
                wanted["filter"] = {"q": search, "tag": tag or []}
            job_id = instance.call("POST", "/cards/exports", json=wanted)["job_id"]
            result = waited(instance, job_id)
            written.write(out, instance.fetch(f"/jobs/{job_id}/download/zip"))
    if as_json:
        show_json({"out": str(out)} | result)
    else:
        note(f"{out}: {result['packed']} written, {result['left_out']} left out", mark="✓")
        for one in result["report"]:
            told = one["error"] or ", ".join(loss["field"] for loss in one["losses"])
            note(f"{one['filename'] or one['id']}: {told}", mark="!")
    if result["left_out"]:
        raise typer.Exit(1)
