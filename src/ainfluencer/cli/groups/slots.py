"""`slot`: list, show, fill, stop."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from ainfluencer.cli.groups.options import Cursor, Json, Limit
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import listing, note, show_json
from ainfluencer.core.errors import ProductError

app = typer.Typer(help="Planned moments of the calendar.", no_args_is_help=True)

POLL_SECONDS = 0.5


@app.command("list")
def index(
    character: Annotated[str, typer.Option(help="Id of a character.")] = "",
    week: Annotated[str, typer.Option(help="Id of a week.")] = "",
    open_only: Annotated[bool, typer.Option("--open", help="Only those without a post.")] = False,
    limit: Limit = 50,
    cursor: Cursor = "",
    as_json: Json = False,
) -> None:
    """List planned moments, in the order of their times."""
    params = {"character": character, "week": week, "open": open_only, "limit": limit, "cursor": cursor}
    with connect() as instance:
        answer = instance.call("GET", "/slots", params={k: v for k, v in params.items() if v})
    listing(
        answer,
        {"Id": "id", "Due": "due_at", "Theme": "theme", "Form": "format", "State": "state", "Post": "post_id"},
        as_json=as_json,
        empty="No slots.",
    )


@app.command()
def show(slot_id: str) -> None:
    """One slot as JSON."""
    with connect() as instance:
        show_json(instance.call("GET", f"/slots/{slot_id}"))


@app.command()
def fill(
    slot_ids: list[str],
    source: Annotated[
        str, typer.Option("--from", help="library, new, or either: the library where something fits.")
    ] = "either",
    asset: Annotated[str, typer.Option(help="Id of an approved picture, for one slot.")] = "",
    channel: Annotated[
        list[str] | None, typer.Option(help="Id of a channel instead of the week's. Repeatable.")
    ] = None,
    approve: Annotated[
        bool, typer.Option("--approve", help="Approve the posts in your name, unless they are held.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fill slots: find an approved picture or make one, write to it for each channel, hand the post to review."""
    wish = {"source": source, "asset_id": asset, "channel_ids": channel or [], "approve": approve}
    with connect() as instance:
        told = instance.call("POST", "/slots/fillings", json={**wish, "slot_ids": slot_ids})
        for one in told["refused"]:
            note(f"{one['id']}: {one['detail']} {one['next_step']}")
        slots = [_wait(instance, one) for one in told["started"]]
    if as_json:
        show_json({"slots": slots, "refused": told["refused"]})
    missing = len(slot_ids) - sum(bool(slot["post_id"]) for slot in slots)
    if missing:
        raise ProductError(f"{missing} of {len(slot_ids)} slots have no post.", "Read the reasons above.")


@app.command()
def stop(slot_id: str) -> None:
    """Stop filling a slot."""
    with connect() as instance:
        note(instance.call("DELETE", f"/slots/{slot_id}/filling")["state"])


def _wait(instance: Instance, slot: dict[str, Any]) -> dict[str, Any]:
    """Until its job has ended; Ctrl-C leaves the job running in the instance."""
    while instance.call("GET", f"/jobs/{slot['job_id']}")["job"]["state"] in {"pending", "running"}:
        time.sleep(POLL_SECONDS)
    slot = instance.call("GET", f"/slots/{slot['id']}")
    reason = " ".join(str(slot["error"].get(name, "")) for name in ("detail", "next_step")).strip()
    note(f"{slot['theme']}: {'post ' + slot['post_id'] if slot['post_id'] else reason or slot['state']}")
    return slot
