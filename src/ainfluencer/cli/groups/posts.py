"""`post`: list, show, approve, reject, schedule, publish, withdraw."""

from __future__ import annotations

from typing import Annotated, Any

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
    params = {"state": state, "character": character, "limit": limit, "cursor": cursor}
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
def candidates(post_id: str, as_json: Json = False) -> None:
    """The texts that were written for a post."""
    with connect() as instance:
        answer = instance.call("GET", f"/posts/{post_id}/candidates")
    columns = {"Number": "index", "In the post": "is_taken", "Score": "score", "Caption": "caption"}
    listing(answer, columns, as_json=as_json, empty="Nothing was written to choose from.")


@app.command()
def choose(
    post_id: str, number: Annotated[int, typer.Argument(min=0, help="As `post candidates` numbers it.")]
) -> None:
    """Take another of the written texts; a job draws the picture with its words."""
    with connect() as instance:
        _say(instance.call("POST", f"/posts/{post_id}/candidate", json={"index": number}))


@app.command()
def words(
    post_id: str,
    kicker: Annotated[str | None, typer.Option(help="The small line above.")] = None,
    title: Annotated[str | None, typer.Option()] = None,
    body: Annotated[str | None, typer.Option()] = None,
    line: Annotated[list[str] | None, typer.Option(help="One line or page; repeat it for several.")] = None,
    attribution: Annotated[str | None, typer.Option(help="Whose words they are.")] = None,
) -> None:
    """Show the words on a post's picture, or put others on it: what is left out stays."""
    given = {"kicker": kicker, "title": title, "body": body, "items": line, "attribution": attribution}
    changes = {name: value for name, value in given.items() if value is not None}
    with connect() as instance:
        now = instance.call("GET", f"/posts/{post_id}/picture-words")
        if not changes:
            show_json(now)
            return
        _say(instance.call("PUT", f"/posts/{post_id}/picture-words", json={**(now["text"] or {}), **changes}))


def _say(post: dict[str, Any]) -> None:
    drawing = post["drawing_job_id"]
    note(f"{post['state']}: the picture is drawn by job {drawing}" if drawing else post["state"])


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
def schedule(
    post_id: str,
    at: Annotated[str, typer.Argument(help="ISO 8601 with offset.")],
    or_next: Annotated[
        bool, typer.Option("--or-next", help="Where a channel takes no other post then: the next free time.")
    ] = False,
) -> None:
    """Give a post another time."""
    with connect() as instance:
        post = instance.call("PUT", f"/posts/{post_id}/schedule", json={"due_at": at, "or_next": or_next})
    note(f"{post['state']}, {post['due_at']}")


@app.command()
def publish(post_id: str) -> None:
    """Publish an approved post now."""
    with connect() as instance:
        note(instance.call("POST", f"/posts/{post_id}/publication")["state"])


@app.command()
def due(
    late: Annotated[bool, typer.Option("--late", help="Also what was held because its time had passed.")] = False,
    as_json: Json = False,
) -> None:
    """Start everything that is due now. The instance does so by itself; this is for what was held."""
    with connect() as instance:
        told = instance.call("POST", "/posts/deliveries/due", json={"late": late})
    if as_json:
        show_json(told)
        return
    for one in told["started"]:
        note(f"{one['post_id']}: on its way to {one['platform']}")
    for one in told["waiting"]:
        note(f"{one['delivery']['post_id']}: tried again at {one['until']}")
    for post_id in told["held"]:
        note(f"{post_id}: held, its time has passed. Publish it now, or repeat with --late.")
    for one in told["refused"]:
        note(f"{one['id']}: {one['detail']} {one['next_step']}")
    if not any(told.values()):
        note("Nothing is due.")


@app.command()
def withdraw(post_id: str, reason: Annotated[str, typer.Option()] = "") -> None:
    """Take a post back wherever that is possible, and list where it is still live."""
    with connect() as instance:
        show_json(instance.call("POST", f"/posts/{post_id}/withdrawal", json={"reason": reason}))
