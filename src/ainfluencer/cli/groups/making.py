"""`make week`, `make image`, `make text`: the studio's main verbs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.groups.sources import bring
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import moving, note, show_json, show_table
from ainfluencer.core.errors import InvalidInput, ProductError

app = typer.Typer(help="Make a week, a picture or a text.", no_args_is_help=True)

POLL_SECONDS = 0.4
SETTLED = {"published", "failed", "needs_person", "rejected", "withdrawn", "partly_published", "draft", "in_review"}
LIVE_PATIENCE_SECONDS = 120


@app.command()
def week(
    source: Annotated[
        str,
        typer.Argument(
            metavar="CARD_OR_BRIEF", help="A card (PNG, JSON), a brief (YAML, Markdown), or - for standard input."
        ),
    ],
    days: Annotated[int, typer.Option(min=1, max=31, help="How many days, one post a day.")] = 7,
    channel: Annotated[
        list[str] | None, typer.Option(help="Channel: a platform or a channel's id. Repeatable.")
    ] = None,
    approve: Annotated[str, typer.Option(help="“all” approves every post that passes its checks, in your name.")] = "",
    start: Annotated[
        str, typer.Option(help="“now” publishes seconds apart instead of over the week; “plan” makes no post yet.")
    ] = "",
    seed: Annotated[int | None, typer.Option(help="The same seed plans the same week.")] = None,
    as_json: Json = False,
) -> None:
    """Bring a character and make a week of it: written, pictured, checked, ready for review (or published)."""
    if approve not in {"", "all"}:
        raise typer.BadParameter("use --approve all", param_hint="--approve")
    if start not in {"", "now", "plan"}:
        raise typer.BadParameter("use --start now or --start plan", param_hint="--start")
    with connect() as instance:
        brought = bring(instance, source, reuse=True)
        character = brought["character"]
        for warning in brought["report"]["warnings"]:
            note(warning["detail"], mark="!")
        _say_without_model(instance)
        channels = [_channel_id(instance, name, character["id"]) for name in channel or ["stage"]]
        wish = {
            "character_id": character["id"],
            "days": days,
            "channel_ids": channels,
            "approve_all": approve == "all",
            "start_now": start == "now",
            "only_plan": start == "plan",
            "seed": seed,
        }
        made = _interrupted(instance, wish) or instance.call("POST", "/weeks", json=wish)
        if start == "plan":
            _show_plan(made, as_json=as_json)
            return
        try:
            result = _watch(instance, made["id"], wait_for_posts=approve == "all" and start == "now")
        except KeyboardInterrupt:
            instance.call("POST", f"/weeks/{made['id']}/cancellation")
            note("Stopping: posts that are done are kept.")
            raise
    _show(result, as_json=as_json)
    if result["state"] != "ready":
        raise ProductError(f"The week ended as {result['state']}.", "Read the errors of its slots above.")


def _say_without_model(instance: Instance) -> None:
    """A week is made all the same then, of the card's own words and our lists."""
    if instance.call("GET", "/texts/health")["status"] != "ok":
        note(
            "No text model is installed; the card's own words and our lists are used. ainfluencer models install",
            mark="!",
        )


def _interrupted(instance: Instance, wish: dict[str, Any]) -> dict[str, Any] | None:
    """The same week, still being made: its command was killed, and the instance has gone on with it."""
    if wish["only_plan"]:
        return None
    known = instance.call("GET", "/weeks", params={"character_id": wish["character_id"]})["items"]
    for one in known:
        if (one["state"], one["days"]) == ("making", wish["days"]):
            note("This week is being made already; it goes on.", mark="!")
            return dict(one)
    return None


def _channel_id(instance: Instance, name: str, character_id: str) -> str:
    """A channel by id, by platform of this character, or the built-in platform connected on the spot."""
    found = instance.call("GET", "/channels")["items"]
    for item in found:
        if item["id"] == name or (item["platform"] == name and item.get("character_id") in {character_id, None}):
            return str(item["id"])
    platforms = {p["slug"]: p for p in instance.call("GET", "/platforms")["items"]}
    if name not in platforms:
        raise InvalidInput(
            f"There is no channel or platform called “{name}”.", f"Known: {', '.join(sorted(platforms))}."
        )
    if platforms[name]["access"] != "built_in":
        raise InvalidInput(
            f"No {platforms[name]['title']} account is connected for this character.",
            f"Connect one first: ainfluencer channel connect {name}",
        )
    made = instance.call("POST", "/channels", json={"platform": name, "character_id": character_id})
    return str(made["id"])


def _watch(instance: Instance, week_id: str, *, wait_for_posts: bool) -> dict[str, Any]:
    """Show progress until the week is made (and, when it is lived at once, until every post has its outcome)."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    shown: set[str] = set()
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=moving(), transient=True) as progress:
        task = progress.add_task("Planning the week", total=1.0)
        while True:
            result: dict[str, Any] = instance.call("GET", f"/weeks/{week_id}")
            job = instance.call("GET", f"/jobs/{result['job_id']}")["job"] if result["job_id"] else {}
            progress.update(task, completed=job.get("progress", 0), description=job.get("message") or "Working")
            _tell(result, shown)
            if result["state"] not in {"planned", "making"}:
                break
            if job.get("state") in {"failed", "cancelled"}:
                error = job.get("error") or {}
                raise ProductError(error.get("detail", f"The week was {job['state']}."), error.get("next_step", ""))
            time.sleep(POLL_SECONDS)
        end = time.monotonic() + LIVE_PATIENCE_SECONDS
        while wait_for_posts and time.monotonic() < end and any(p["state"] not in SETTLED for p in result["posts"]):
            progress.update(task, description="Living the week")
            time.sleep(POLL_SECONDS)
            result = instance.call("GET", f"/weeks/{week_id}")
            _tell(result, shown)
    return result


def _tell(result: dict[str, Any], shown: set[str]) -> None:
    for slot in result["slots"]:
        if slot["state"] == "failed" and slot["id"] not in shown:
            shown.add(slot["id"])
            error = slot["error"]
            note(f"{slot['theme']}: {error.get('detail', '')} {error.get('next_step', '')}", mark="✗")
    for post in result["posts"]:
        mark = f"{post['id']}:{post['state']}"
        if mark not in shown:
            shown.add(mark)
            first = post["caption"].splitlines()[0] if post["caption"] else ""
            note(f"{post['slot']}  {post['state']:<12} {first[:70]}", mark="✓")


def _show_plan(week: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json({"character": week["character"], "slots": week["slots"]})
        return
    rows = ([s["id"], f"{s['local_day']} {s['local_time']}", s["format"], s["theme"]] for s in week["slots"])
    show_table(["Slot", "When", "Form", "Theme"], rows, empty="No slots.")
    note("Fill them with: ainfluencer slot fill SLOT")


def _show(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json({"character": result["character"], "posts": result["posts"]})
        return
    show_table(
        ["Slot", "State", "Channel", "Caption", "Pictures", "Link"],
        (
            [
                p["slot"],
                p["state"],
                p["channel"],
                (p["caption"].splitlines() or [""])[0][:60],
                len(p["media"]),
                p["url"],
            ]
            for p in result["posts"]
        ),
        empty="No post was made.",
    )


@app.command()
def image(
    title: Annotated[str, typer.Argument(help="The words of the poster, or the prompt of a picture.")],
    character: Annotated[str, typer.Option(help="Id of the character.")] = "",
    form: Annotated[
        str,
        typer.Option("--format", help="quote, carousel, story, list, look_board, or picture (needs an image maker)."),
    ] = "quote",
    item: Annotated[
        list[str] | None, typer.Option(help="A line of a list or a page of a carousel. Repeatable.")
    ] = None,
    mood: Annotated[str, typer.Option()] = "calm",
    seed: Annotated[int, typer.Option(min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder to copy the pictures to.")] = None,
    as_json: Json = False,
) -> None:
    """Make a picture: a designed one by default, a generated one with --format picture."""
    recipe: dict[str, Any] = {"kind": "image", "prompt": title, "seed": seed}
    if form != "picture":
        height = 1920 if form == "story" else 1350
        recipe = {
            "kind": "poster", "format": form, "title": title, "items": item or [], "mood": mood, "seed": seed, "height": height
        }  # fmt: skip
    with connect() as instance:
        run = instance.call(
            "POST", "/runs", json={"character_id": character or None, "title": title[:80], "recipe": recipe}
        )
        while run["state"] in {"queued", "running"}:
            time.sleep(POLL_SECONDS)
            run = instance.call("GET", f"/runs/{run['id']}")
        if run["state"] != "done":
            raise ProductError(
                run["error"].get("detail", f"The run {run['state']}."), run["error"].get("next_step", "")
            )
        assets = [instance.call("GET", f"/assets/{a}") for a in run["asset_ids"]]
        if out:
            out.mkdir(parents=True, exist_ok=True)
            for asset in assets:
                data = instance.fetch(f"{instance.url}{asset['url']}")
                (out / f"{asset['id']}{Path(asset['mime'].replace('/', '.')).suffix}").write_bytes(data)
    if as_json:
        show_json({"run": run, "assets": assets})
    else:
        show_table(
            ["Asset", "Size", "Score", "Rating"],
            ([a["id"], f"{a['width']}×{a['height']}", a["score"], a["rating"]] for a in assets),
            empty="Nothing was made.",
        )


@app.command()
def text(
    prompt: Annotated[str, typer.Argument(help="What to write.")],
    character: Annotated[str, typer.Option(help="Id of the character who speaks.")] = "",
    maker: Annotated[str, typer.Option(help="Maker to use; empty takes the best connected one.")] = "",
    max_tokens: Annotated[int, typer.Option(min=1, max=100_000)] = 300,
    temperature: Annotated[float, typer.Option(min=0, max=2)] = 0.8,
    as_json: Json = False,
) -> None:
    """Write a text with a connected language model (the built-in one is small)."""
    with connect() as instance:
        body = {"prompt": prompt, "max_tokens": max_tokens, "temperature": temperature}
        if character:
            body["character_id"] = character
        if maker:
            body["maker"] = maker
        answer = instance.call("POST", "/texts", json=body)
    if as_json:
        show_json(answer)
    else:
        typer.echo(answer["text"])
