"""`card forge` and `card profiles`: from source material or another card to a card, through the instance that runs here."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Annotated, Any

import typer

from ainfluencer.cards.forge import texts
from ainfluencer.cards.saving import files as whole_files
from ainfluencer.cli.groups import card_files
from ainfluencer.cli.groups.card_files import AsJson
from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import moving, note, show_json, show_table
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound, ProductError

POLL_SECONDS = 0.4
FORMS = {".json": "v3", ".png": "png", ".charx": "charx"}
profiles = typer.Typer(help="Profiles of the forge: who writes, and what is asked.", no_args_is_help=True)
Keys = Annotated[str, typer.Option(help="keep, or add: translated lore keys go behind those that are there.")]
KeepWord = Annotated[list[str] | None, typer.Option(help="Word that a translation keeps. Repeatable.")]
Notes = Annotated[bool, typer.Option("--notes", help="Translate the notes for people of a V1 or V2 card too.")]
ProfileId = Annotated[str, typer.Argument(metavar="PROFILE", help="Id or name.")]


def forge(  # noqa: PLR0913, PLR0917 - every option of the API has its own here
    source: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...", help="Text, Markdown, JSON, DOCX, EPUB or card files; - reads standard input."
        ),
    ] = None,
    text: Annotated[str, typer.Option(help="Source material, typed: an idea of one line is enough.")] = "",
    file: Annotated[
        list[str] | None, typer.Option("--file-id", help="Id of a source file that was uploaded before. Repeatable.")
    ] = None,
    name: Annotated[str, typer.Option(help="Character of the source; left out, the one that it speaks of most.")] = "",
    card: Annotated[str, typer.Option(help="Input card: a file, or the id of a card of the library.")] = "",
    instruction: Annotated[str, typer.Option(help="What is to be changed, or looked out for.")] = "",
    only_missing: Annotated[bool, typer.Option("--only-missing", help="Write only what the input card lacks.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Hold the card against the source; write nothing.")] = False,
    field: Annotated[list[str] | None, typer.Option(help="Write this field only. Repeatable.")] = None,
    based_on: Annotated[str, typer.Option(help="Go on from the material and card of this finished job.")] = "",
    config: Annotated[str, typer.Option(help="Config profile: who writes.")] = "basic",
    prompt: Annotated[str, typer.Option(help="Prompt profile: what is asked.")] = "default",
    maker: Annotated[str, typer.Option(help="Maker instead of the profile's.")] = "",
    model: Annotated[str, typer.Option(help="Model instead of the profile's.")] = "",
    temperature: Annotated[float | None, typer.Option(min=0, max=2)] = None,
    top_p: Annotated[float | None, typer.Option(min=0.001, max=1)] = None,
    max_tokens: Annotated[int | None, typer.Option(min=16, max=100_000, help="Longest answer of one step.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed and source give the same card.")] = None,
    language: Annotated[str, typer.Option(help="Language of the card, such as en or de.")] = "",
    nickname: Annotated[str, typer.Option(help="What {{char}} becomes in chats.")] = "",
    creator: Annotated[str, typer.Option(help="Creator that the card names.")] = "",
    character_version: Annotated[
        str, typer.Option(help="Version that the card names; left out, that of the input card.")
    ] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Tag that the card gets in any case. Repeatable.")] = None,
    greetings: Annotated[int, typer.Option(min=1, max=8, help="Openings in all.")] = 3,
    examples: Annotated[int, typer.Option(min=0, max=12, help="Example exchanges.")] = 4,
    book: Annotated[bool, typer.Option("--book/--no-book", help="Write a lorebook.")] = True,
    entries: Annotated[int, typer.Option(min=0, max=200, help="Lorebook entries at most.")] = 24,
    system_prompt: Annotated[bool, typer.Option("--system-prompt", help="Write a system prompt too.")] = False,
    chunk_tokens: Annotated[int, typer.Option(min=300, max=100_000, help="Tokens of one part of the source.")] = 3000,
    max_chunks: Annotated[int, typer.Option(min=0, max=5000, help="Read at most so many parts; 0 reads all.")] = 0,
    repair: Annotated[bool, typer.Option("--repair/--no-repair", help="Mend what the linter finds.")] = True,
    translate_to: Annotated[
        str, typer.Option(help="Translate --card into this language (de, German) and change nothing else.")
    ] = "",
    keys: Keys = "keep",
    keep_word: KeepWord = None,
    notes: Notes = False,
    validation: Annotated[
        str, typer.Option(help="What happens with faults: lenient mends and tells, strict refuses, none only tells.")
    ] = "lenient",
    timeout: Annotated[
        int | None, typer.Option("--timeout", min=1, max=86_400, help="Seconds for the whole job.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the card here: .json (V3), .png or .charx.")
    ] = None,
    to: Annotated[str, typer.Option(help="v2, v3, png or charx, whatever the name of --out says.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Put the card into the library.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for the job; Ctrl-C cancels it and keeps its steps.")
    ] = True,
    go_on: Annotated[str, typer.Option(metavar="JOB", help="Go on with a job that was stopped or failed.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be asked of whom, and who the source speaks of.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Forge a card from source material; revise, complete, check or translate one. Every sentence says where it comes from."""
    form = form_of(out, to)
    check_free(out, force=force)
    if (out or keep) and (check or not wait):
        raise typer.BadParameter("a check writes no card" if check else "without waiting there is no card to write yet", param_hint="--out" if out else "--keep")  # fmt: skip
    mode = "translate" if translate_to else "check" if check else "fill" if only_missing else "revise" if card and instruction else "create"  # fmt: skip
    options = {
        "mode": mode, "name": name, "instruction": instruction, "fields": field or [], "based_on": based_on, "config_profile": config,
        "prompt_profile": prompt, "maker": maker, "model": model, "temperature": temperature, "top_p": top_p, "max_tokens": max_tokens,
        "seed": seed, "language": language, "nickname": nickname, "creator": creator, "character_version": character_version, "tags": tag or [],
        "greetings": greetings, "examples": examples, "book": book, "entries": entries, "system_prompt": system_prompt,
        "chunk_tokens": chunk_tokens, "max_chunks": max_chunks, "repair": repair, "validation_mode": validation, "timeout_seconds": timeout,
        "source_text": text, "files": file or [], "translate_to": translate_to, "keys": keys, "keep_words": keep_word or [],
        "translate_notes": notes,
    }  # fmt: skip
    files = [("source", card_files.read(one)) for one in source or []]
    if card:
        files += input_card(card, options)
    with connect() as instance:
        if dry_run:
            _plan(instance, options, [pair for kind, pair in files if kind == "source"], as_json=as_json)
            return
        begun = instance.call("POST", f"/jobs/{go_on}/retry")["job"] if go_on else begin(instance, options, files)
        if not wait:
            _tell_begun(begun, as_json=as_json)
            return
        result = watch(instance, begun["id"])
        if out:
            whole_files.write(out, instance.fetch(f"/jobs/{begun['id']}/download/{form}"))
        kept = instance.call("POST", f"/generation/{begun['id']}/card") if keep else None
    show(result, begun["id"], out, kept, as_json=as_json)


def check_free(out: Path | None, *, force: bool) -> None:
    """`InvalidInput` for a file that is there and may not be replaced."""
    if out and out.exists() and not force:
        raise InvalidInput(f"{out} is there already.", "Choose another name, or add --force.")


def input_card(card: str, options: dict[str, Any]) -> list[tuple[str, tuple[str, bytes]]]:
    """The file of an input card; the id of one in the library goes into the options instead."""
    if card == "-" or Path(card).exists() or PurePath(card).suffix:
        return [("card", card_files.read(card))]
    options["library_card_id"] = card
    return []


def begin(instance: Instance, options: dict[str, Any], files: list[tuple[str, tuple[str, bytes]]]) -> dict[str, Any]:
    """The job of these options and files, in the queue."""
    if files:
        parts = [(kind, (Path(name).name or f"{kind}.txt", data)) for kind, (name, data) in files]
        answer = instance.call("POST", "/generation/generate", files=parts, data={"options": json.dumps(options)})
    else:
        answer = instance.call("POST", "/generation/generate", json=options)
    job: dict[str, Any] = answer["job"]
    return job


def form_of(out: Path | None, to: str) -> str:
    """The download format that --to and the name of --out mean together."""
    known = {"v2", "v3", "png", "charx", "json", "card"}
    if to and to not in known:
        raise typer.BadParameter(f"use one of {', '.join(sorted(known))}", param_hint="--to")
    by_name = FORMS.get(out.suffix.lower(), "") if out else ""
    if out and not to and not by_name:
        raise typer.BadParameter("end the name with .json, .png or .charx, or say --to", param_hint="--out")
    return to or by_name


def _plan(instance: Instance, options: dict[str, Any], files: list[tuple[str, bytes]], *, as_json: bool) -> None:
    """Nothing is stored: profiles, maker, and the characters of the source."""
    words = [options["source_text"], *(texts.read(data, name).text for name, data in files)]
    found = instance.call(
        "POST", "/generation/characters", json={"source_text": "\n\n".join(words), "files": options["files"]}
    )
    profile = instance.call("GET", f"/profiles/config/{options['config_profile']}")
    asked = instance.call("GET", f"/profiles/prompts/{options['prompt_profile']}")
    models = instance.call("GET", "/models")["items"]
    plan = {
        "config": profile,
        "prompt": {k: asked[k] for k in ("id", "name", "description", "version")},
        "makers": models,
        "characters": found["items"],
    }
    if as_json:
        show_json(plan)
        return
    note(f"Config {profile['name']} ({profile['maker']}), prompt {asked['name']}: {asked['description']}")
    note(f"Would ask: {_asked(options['maker'] or profile['maker'], models)}")
    rows = ([one["name"], one["mentions"], one["lines"]] for one in found["items"])
    show_table(["Character", "Mentions", "Lines"], rows, empty="The source speaks of nobody by name.")


def _asked(maker: str, models: list[dict[str, Any]]) -> str:
    """Who would be asked: the maker of the options or the profile, or the best one that is connected."""
    able = [one for one in models if maker == "best" or one["maker"] == maker]
    if maker == "offline" or (maker == "best" and not able):
        return "nobody; by rules, with the built-in model for a sentence at most"
    return str(able[0]["title"]) if able else f"{maker}, which is not connected"


def _tell_begun(job: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(job)
    else:
        about = str(job.get("estimated_completion", ""))[:16].replace("T", " ")
        typer.echo(f"{job['id']}  {job['title']}" + (f"; done about {about} UTC" if about else ""))


def watch(instance: Instance, job_id: str) -> dict[str, Any]:
    """A bar until the job ends. Ctrl-C cancels it: its steps are kept, and a retry goes on from there."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn()
    try:
        with Progress(*columns, console=moving(), transient=True) as progress:
            task = progress.add_task("Waiting", total=1.0)
            while (job := instance.call("GET", f"/jobs/{job_id}")["job"])["state"] in {"pending", "running"}:
                progress.update(task, completed=job["progress"], description=job["message"] or "Waiting for its turn")
                time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        with suppress(Conflict, NotFound):  # it has ended just now
            instance.call("POST", f"/jobs/{job_id}/cancel")
        note(f"Cancelled. What is done is kept. To go on: ainfluencer card forge --go-on {job_id}", mark="!")
        raise
    if job["state"] != "completed":
        error = job["error"] or {}
        on = f"To go on where it was: ainfluencer card forge --go-on {job_id}"
        raise ProductError(error.get("detail", f"The job was {job['state']}."), f"{error.get('next_step', '')} {on}".strip())  # fmt: skip
    result: dict[str, Any] = instance.call("GET", f"/jobs/{job_id}/result")["result"]
    return result


def show(result: dict[str, Any], job_id: str, out: Path | None, kept: dict[str, Any] | None, *, as_json: bool) -> None:
    """What a job made, for people, or all of it as JSON."""
    if as_json:
        show_json({"job_id": job_id, "out": str(out) if out else None, "kept": kept, "result": result})
        return
    about = result["metadata"]
    for line in about["notes"]:
        note(line, mark="!")
    if "verdicts" in result:
        show_table(
            ["Verdict", "Statement", "Source"],
            ([v["verdict"], v["text"], v["quote"]] for v in result["verdicts"]),
            empty="Nothing to check.",
        )
        return
    done = f"{about['claims']} statements" if "translation" not in result else f"in {about['translated_to']}"
    note(f"{result['name']}: {done}, score {about['score']}, {about['tokens']['permanent']} tokens always", mark="✓")
    if "translation" in result:
        rows = ([one["title"], one["state"], one["detail"]] for one in result["translation"])
        show_table(["Text", "What was done", ""], rows, empty="The card has no text that could be translated.")
    note(f"Tokens read {about['prompt_tokens']}, written {about['completion_tokens']}, cost {about['cost']}")
    if out:
        note(f"Written to {out}", mark="✓")
    elif kept:
        note(f"In the library as {kept['card_id']}", mark="✓")
    elif "translation" not in result:
        typer.echo(result["description"])


@profiles.command("list")
def list_profiles(as_json: Json = False) -> None:
    """Both kinds of profiles."""
    with connect() as instance:
        found = {kind: instance.call("GET", f"/profiles/{kind}")["items"] for kind in ("config", "prompts")}
    if as_json:
        show_json(found)
        return
    rows = ([kind, one["id"], one["name"], one["description"]] for kind, items in found.items() for one in items)
    show_table(["Kind", "Id", "Name", "What it is"], rows, empty="No profiles.")


@profiles.command("show")
def show_profile(profile: ProfileId, kind: Annotated[str, typer.Option(help="config or prompts")] = "config") -> None:
    """One profile, as the file that another workspace can import."""
    with connect() as instance:
        show_json(instance.call("GET", f"/profiles/{_kind(kind)}/{profile}/export"))


@profiles.command("copy")
def copy_profile(
    profile: ProfileId,
    kind: Annotated[str, typer.Option(help="config or prompts")] = "config",
    name: Annotated[str, typer.Option(help="Name of the copy.")] = "",
    as_json: Json = False,
) -> None:
    """A copy that can be changed."""
    with connect() as instance:
        made = instance.call("POST", f"/profiles/{_kind(kind)}/{profile}/copies", json={"name": name})
    show_json(made) if as_json else typer.echo(f"{made['id']}  {made['name']}")


ProfileFile = Annotated[Path, typer.Argument(help="An exported profile, or - for standard input.")]


@profiles.command("change")
def change_profile(profile: ProfileId, file: ProfileFile) -> None:
    """Put the values of a file into a profile of the workspace; changed prompts make a new version."""
    value = _profile_in(file)
    kind = {"forge_config_profile": "config", "forge_prompt_profile": "prompts"}.get(str(value.pop("kind", "")), "")
    if not kind:
        raise InvalidInput(f"{file} is no profile of the forge.", "Begin with: ainfluencer card profiles show PROFILE.")
    with connect() as instance:
        made = instance.call("PUT", f"/profiles/{kind}/{profile}", json=value)
    typer.echo(f"{made['id']}  {made['name']}")


def _profile_in(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(card_files.read(str(file))[1])
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidInput(f"{file} is not a JSON object.", "Choose a file that was exported before.")
    return value


@profiles.command("import")
def import_profile(file: ProfileFile) -> None:
    """A profile out of an exported file."""
    value = _profile_in(file)
    with connect() as instance:
        made = instance.call("POST", "/profiles/imports", json=value)
    typer.echo(f"{made['id']}  {made['name']}")


@profiles.command("delete")
def delete_profile(profile: ProfileId, kind: Annotated[str, typer.Option(help="config or prompts")] = "config") -> None:
    """Delete a profile of the workspace."""
    with connect() as instance:
        instance.call("DELETE", f"/profiles/{_kind(kind)}/{profile}")
    note("Deleted.", mark="✓")


def _kind(word: str) -> str:
    if word not in {"config", "prompts"}:
        raise typer.BadParameter("use config or prompts", param_hint="--kind")
    return word
