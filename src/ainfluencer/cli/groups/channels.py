"""`channel`: platforms, connect, list, check, disconnect."""

from __future__ import annotations

from typing import Annotated

import typer

from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.instance import connect
from ainfluencer.cli.output import listing, note, show_json
from ainfluencer.core.errors import InvalidInput

app = typer.Typer(help="Connected accounts.", no_args_is_help=True)


@app.command("list")
def index(as_json: Json = False) -> None:
    """List connected channels."""
    with connect() as instance:
        answer = instance.call("GET", "/channels")
    listing(
        answer,
        {"Id": "id", "Platform": "platform", "Title": "title", "State": "state"},
        as_json=as_json,
        empty="No channel yet. See what there is: ainfluencer channel platforms",
    )


@app.command()
def platforms(as_json: Json = False) -> None:
    """List platforms, what they can do and how well that is proven."""
    with connect() as instance:
        answer = instance.call("GET", "/platforms")
    listing(
        answer,
        {"Platform": "slug", "Title": "title", "Access": "access", "Grade": "grade"},
        as_json=as_json,
        empty="No platforms.",
    )


@app.command("connect")
def connect_one(
    platform: str,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="name=value; secrets are asked for when left out.")
    ] = None,
    character: Annotated[str, typer.Option(help="Id of the character that it belongs to.")] = "",
) -> None:
    """Connect an account; it is tested before anything is saved."""
    given = dict(pair.split("=", 1) for pair in setting or [] if "=" in pair)
    with connect() as instance:
        known = {p["slug"]: p for p in instance.call("GET", "/platforms")["items"]}
        if platform not in known:
            raise InvalidInput(f"There is no platform called “{platform}”.", f"Known: {', '.join(sorted(known))}.")
        settings: dict[str, str] = {}
        secrets: dict[str, str] = {}
        for field in known[platform]["fields"]:
            value = given.get(field["name"]) or field.get("default") or ""
            if not value and field["required"]:
                value = typer.prompt(field["label"], hide_input=field["secret"], err=True)
            if value:
                (secrets if field["secret"] else settings)[field["name"]] = value
        made = instance.call(
            "POST",
            "/channels",
            json={"platform": platform, "settings": settings, "secrets": secrets, "character_id": character or None},
        )
    note(f"Connected: {made['title']} ({made['id']})")


@app.command()
def pace(
    channel_id: str,
    posts_per_day: Annotated[int | None, typer.Option(min=0, help="At most; 0: as the platform says.")] = None,
    spacing_minutes: Annotated[int | None, typer.Option(min=0, help="Between two posts; 0: none.")] = None,
) -> None:
    """Say how often a channel posts at most. A day begins at midnight where its character lives."""
    given = {"posts_per_day": posts_per_day, "spacing_minutes": spacing_minutes}
    changes = {name: value or None for name, value in given.items() if value is not None}
    with connect() as instance:
        made = instance.call("PATCH", f"/channels/{channel_id}", json=changes)
    show_json({name: made[name] for name in given})


@app.command()
def check(channel_id: str) -> None:
    """Test a channel now."""
    with connect() as instance:
        show_json(instance.call("POST", f"/channels/{channel_id}/check"))


@app.command()
def disconnect(channel_id: str) -> None:
    """Remove a channel and its credentials."""
    with connect() as instance:
        instance.call("DELETE", f"/channels/{channel_id}")
    note("Disconnected.")
