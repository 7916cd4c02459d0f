"""`job`: list, show, logs, result, download, export, cancel, retry, delete."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ainfluencer.cards.saving import files
from ainfluencer.cli.groups.options import Cursor, Json, Limit
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import listing, note, plain, show_json

POLL_SECONDS = 0.5
STATES = ("pending", "running", "completed", "failed", "cancelled")
FORMATS = "json, or one of the kind's own: v2, v3, png, charx and card for cards of the forge."
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Write it here instead of standard output.")]
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
    if state and state not in STATES:
        raise typer.BadParameter(f"use one of {', '.join(STATES)}", param_hint="--state")
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
def logs(
    job_id: str,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the job has ended; with --json one line is one object.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The whole log of a job."""
    with connect() as instance:
        lines = _lines(instance, job_id, follow=follow)
        if as_json and not follow:
            show_json({"items": list(lines), "next_cursor": None})
            return
        for line in lines:
            said = (
                json.dumps(line, ensure_ascii=False)
                if as_json
                else plain(f"{line['at']}  {line['level']:<7} {line['message']}")
            )
            typer.echo(said)


def _lines(instance: Instance, job_id: str, *, follow: bool) -> Iterator[dict[str, Any]]:
    """Every line from the first on; with `follow` until the job has ended."""
    cursor = ""
    while True:
        page = instance.call("GET", f"/jobs/{job_id}/logs", params={"cursor": cursor, "limit": 1000})
        yield from page["items"]
        is_over = page["state"] not in {"pending", "running"}
        if not page["items"] and (is_over or not follow):
            return
        cursor = page["cursor"]
        if follow and not is_over and not page["items"]:
            time.sleep(POLL_SECONDS)


@app.command()
def result(job_id: str) -> None:
    """The result of a completed job as JSON."""
    with connect() as instance:
        show_json(instance.call("GET", f"/jobs/{job_id}/result")["result"])


@app.command()
def download(
    job_id: str, form: Annotated[str, typer.Argument(metavar="FORMAT", help=FORMATS)] = "json", out: Out = None
) -> None:
    """The result of a completed job as a file."""
    with connect() as instance:
        _write(instance.fetch(f"/jobs/{job_id}/download/{form}"), out)


@app.command()
def export(
    job_id: str,
    form: Annotated[str, typer.Option("--format", help="json, yaml or csv")] = "json",
    out: Out = None,
) -> None:
    """Everything that is known of a job: timings, tokens, configuration, result and log."""
    with connect() as instance:
        _write(instance.fetch(f"/jobs/{job_id}/export", params={"format": form}), out)


def _write(data: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(data)
        return
    files.write(out, data)
    note(f"Written to {out}", mark="✓")


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
