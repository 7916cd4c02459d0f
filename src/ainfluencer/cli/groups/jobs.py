"""`job`: list, show, logs, cancel, retry, delete."""

from __future__ import annotations

from typing import Annotated

import typer

from ainfluencer.cli.groups.options import Cursor, Json, Limit
from ainfluencer.cli.instance import connect
from ainfluencer.cli.output import listing, note, show_json

app = typer.Typer(help="Durable work.", no_args_is_help=True)


@app.command("list")
def index(
    state: Annotated[str, typer.Option(help="pending, running, completed, failed, cancelled")] = "",
    kind: Annotated[str, typer.Option()] = "",
    background: Annotated[
        bool, typer.Option("--background", help="Also work that happens by itself and often.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = "",
    as_json: Json = False,
) -> None:
    """List jobs, newest first."""
    params = {"state": state, "kind": kind, "background": background, "limit": limit, "cursor": cursor}
    with connect() as instance:
        answer = instance.call("GET", "/jobs", params={k: v for k, v in params.items() if v})
    listing(
        answer,
        {"Id": "id", "Kind": "kind", "Title": "title", "State": "state", "Progress": "progress"},
        as_json=as_json,
        empty="No jobs.",
    )


@app.command()
def show(job_id: str) -> None:
    """One job as JSON."""
    with connect() as instance:
        show_json(instance.call("GET", f"/jobs/{job_id}"))


@app.command()
def logs(job_id: str, as_json: Json = False) -> None:
    """The log of a job."""
    with connect() as instance:
        page = instance.call("GET", f"/jobs/{job_id}/logs")
    if as_json:
        show_json(page)
        return
    for line in page["items"]:
        typer.echo(f"{line['at']}  {line['level']:<7} {line['message']}")


@app.command()
def cancel(job_id: str) -> None:
    """Cancel a pending or running job."""
    with connect() as instance:
        instance.call("POST", f"/jobs/{job_id}/cancel")
    note("Cancelled.")


@app.command()
def retry(job_id: str) -> None:
    """Run a job's configuration again."""
    with connect() as instance:
        show_json(instance.call("POST", f"/jobs/{job_id}/retry"))


@app.command()
def delete(job_id: str) -> None:
    """Delete a job that has ended."""
    with connect() as instance:
        instance.call("DELETE", f"/jobs/{job_id}")
    note("Deleted.")
