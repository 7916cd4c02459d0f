"""`person`: who is here, links for those who cannot get in, and whether mail works."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from ainfluencer.cli.groups.options import Cursor, Json, Limit
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import listing, note, show_json
from ainfluencer.core.errors import NotFound, ProductError

app = typer.Typer(help="People of the workspace.", no_args_is_help=True)

POLL_SECONDS = 0.5


@app.command("list")
def index(limit: Limit = 50, cursor: Cursor = "", as_json: Json = False) -> None:
    """List the people of the workspace."""
    params = {"limit": limit, "cursor": cursor}
    with connect() as instance:
        answer = instance.call("GET", "/people", params={k: v for k, v in params.items() if v})
    if as_json:
        show_json(answer)
        return
    rows = [{**one["user"], "role": one["role"]} for one in answer["items"]]
    columns = {"Name": "name", "E-mail": "email", "Role": "role", "Proven": "is_verified"}
    listing({"items": rows}, columns, as_json=False, empty="Nobody.")


@app.command("password-link")
def password_link(email: str) -> None:
    """Make a link with which that person sets a new password; it needs no mail server."""
    with connect() as instance:
        person = _find(instance, email)
        made = instance.call("POST", f"/people/{person['id']}/password-reset")
        note(f"Works once, until {made['expires_at']}:")
        note(f"{instance.url}{made['path']}")


@app.command("letter")
def letter(to: Annotated[str, typer.Argument(help="Where it goes.")]) -> None:
    """Send a letter to see whether mail works."""
    with connect() as instance:
        job_id = instance.call("POST", "/auth/trial-letters", json={"email": to})["job_id"]
        job = _wait(instance, job_id)
    if job["state"] != "completed":
        error = job["error"] or {"detail": job["message"], "next_step": "It is tried again by itself."}
        raise ProductError(error["detail"], error["next_step"])
    note(f"The mail server took a letter to {to}.")


def _find(instance: Instance, email: str) -> dict[str, Any]:
    cursor = ""
    while True:
        page = instance.call("GET", "/people", params={"limit": 200, **({"cursor": cursor} if cursor else {})})
        for one in page["items"]:
            if one["user"]["email"] == email.strip().lower():
                found: dict[str, Any] = one["user"]
                return found
        cursor = page["next_cursor"] or ""
        if not cursor:
            raise NotFound("There is nobody with that address in the workspace.", "See: ainfluencer person list")


def _wait(instance: Instance, job_id: str) -> dict[str, Any]:
    """Until it has ended, or failed once and waits for another try."""
    while True:
        job: dict[str, Any] = instance.call("GET", f"/jobs/{job_id}")["job"]
        if job["state"] not in {"pending", "running"} or (job["attempt"] and job["state"] == "pending"):
            return job
        time.sleep(POLL_SECONDS)
