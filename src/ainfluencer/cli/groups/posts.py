"""`post`: list, show, approve, reject, schedule, publish, withdraw."""

from __future__ import annotations

from typing import Annotated

import typer

from ainfluencer.cli.groups.options import Cursor, Json, Limit
from ainfluencer.cli.instance import connect
from ainfluencer.cli.output import listing, note, show_json

app = typer.Typer(help="Posts.", no_args_is_help=True)


@app.command("list")
def index(
    state: Annotated[str, typer.Option(help="draft, in_review, approved, scheduled, published, ...")] = "",
    character: Annotated[str, typer.Option(help="Id of a character.")] = "",
    limit: Limit = 50,
    cursor: Cursor = "",
    as_json: Json = False,
) -> None:
    """List posts."""
    params = {"state": state, "character_id": character, "limit": limit, "cursor": cursor}
    with connect() as instance:
        answer = instance.call("GET", "/posts", params={k: v for k, v in params.items() if v})
    listing(
        answer,
        {"Id": "id", "State": "state", "Due": "due_at", "Caption": "caption"},
        as_json=as_json,
        empty="No posts.",
    )


@app.command()
def show(post_id: str) -> None:
    """One post as JSON."""
    with connect() as instance:
        show_json(instance.call("GET", f"/posts/{post_id}"))


@app.command()
def approve(post_ids: list[str], comment: Annotated[str, typer.Option("--note")] = "") -> None:
    """Approve posts; those with a time are scheduled."""
    with connect() as instance:
        for post_id in post_ids:
            answer = instance.call("POST", f"/posts/{post_id}/approval", json={"note": comment})
            note(f"{post_id}: {answer['state']}")


@app.command()
def reject(post_id: str, reason: Annotated[str, typer.Option(prompt=True)]) -> None:
    """Reject a post, with the reason."""
    with connect() as instance:
        note(instance.call("POST", f"/posts/{post_id}/rejection", json={"reason": reason})["state"])


@app.command()
def schedule(post_id: str, at: Annotated[str, typer.Argument(help="ISO 8601 with offset.")]) -> None:
    """Give a post another time."""
    with connect() as instance:
        note(instance.call("PUT", f"/posts/{post_id}/schedule", json={"due_at": at})["state"])


@app.command()
def publish(post_id: str) -> None:
    """Publish an approved post now."""
    with connect() as instance:
        note(instance.call("POST", f"/posts/{post_id}/publication")["state"])


@app.command()
def withdraw(post_id: str, reason: Annotated[str, typer.Option()] = "") -> None:
    """Take a post back wherever that is possible, and list where it is still live."""
    with connect() as instance:
        show_json(instance.call("POST", f"/posts/{post_id}/withdrawal", json={"reason": reason}))
