"""`card`: look into character cards, edit, convert, check and compare them. Works on files, without an instance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Annotated, Any

import typer

from ainfluencer.cards import opening
from ainfluencer.cards.comparing import differ, merger
from ainfluencer.cards.converting import book_files, books, converter
from ainfluencer.cards.converting.losses import Loss
from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.linting import linter
from ainfluencer.cards.linting.budget import DEFAULT_CONTEXT
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cli.groups import (
    card_assets,
    card_batch,
    card_bundles,
    card_files,
    card_forge,
    card_library,
    card_merging,
    card_playing,
    card_shelf,
    card_translate,
)
from ainfluencer.cli.groups.card_files import AsJson, DryRun, Ins, Many, Out, Outs
from ainfluencer.cli.output import note, plain
from ainfluencer.core.errors import InvalidInput

app = typer.Typer(help="Character cards.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Read cards of any tool, and write back only what changed."""


@app.command()
def inspect(files: Many, as_json: AsJson = False) -> None:
    """Say what a file is, and what is odd about it. Exit code 1 when any file was refused."""

    def look(file: str) -> dict[str, Any]:
        name, data = card_files.read(file)
        return opening.inspect(data, name)

    card_files.each(files, look, _inspected, as_json=as_json)


def _inspected(row: dict[str, Any]) -> str:
    odd = f", {len(row['warnings'])} remarks" if row["warnings"] else ""
    what = f"{row['spec'] or row['container']}, {row['lorebook_entries']} lore entries{odd}"
    return plain(f"✓ {row['file']}: {row['name']} ({what})")


@app.command()
def copy(source: Ins, out: Outs, as_json: AsJson = False, dry_run: DryRun = False) -> None:
    """Read a card and write it without an edit: the same bytes. For another form, use convert."""
    outputs = card_files.Outputs(out, dry_run=dry_run)

    def work(file: str) -> dict[str, Any]:
        opened, name = card_files.opened(file), outputs.name_for(file)
        _check_suffix(opened, name)
        outputs.write(name, opened.saved(opened.editor(), Notes()))
        return {"out": name, "name": opened.card.name, "changed": [], "notes": []}

    card_files.through(source, outputs, work, _written, as_json=as_json)


def _written(row: dict[str, Any]) -> str:
    remarks = [*(loss["detail"] for loss in row.get("losses", [])), *(one["detail"] for one in row["notes"])]
    return plain("\n".join([f"✓ {row['file']} → {row['out']}", *(f"  ! {text}" for text in remarks)]))


@app.command("set")
def set_fields(
    source: Ins,
    out: Outs,
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FIELD=VALUE...",
            help="name=Ada, tags[+]=sea, book.entries[0].content=@file, first_mes=- (standard input).",
        ),
    ] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Field to empty or take out. Repeatable.")] = None,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Change fields of a card and write it; everything else stays as it is, to the last byte."""
    if not changes and not remove:
        raise typer.BadParameter("name a field to set or to remove", param_hint="FIELD=VALUE")
    pairs = [card_files.pair(change) for change in changes or []]
    card_files.once(source, *(value for _, value in pairs))
    outputs, values = card_files.Outputs(out, dry_run=dry_run), list[str]()

    def work(file: str) -> dict[str, Any]:
        opened, name, notes = card_files.opened(file), outputs.name_for(file), Notes()
        _check_suffix(opened, name)
        if not values:
            values.extend(card_files.typed(value) for _, value in pairs)
        editor = opened.editor()
        for field in remove or []:
            editor.remove(field)
        for (field, _), value in zip(pairs, values, strict=True):
            _set(editor, field, value)
        outputs.write(name, opened.saved(editor, notes))
        return _told(name, editor.data.get("name"), notes, as_json=as_json or outputs.is_folder) | {
            "changed": editor.touched
        }

    card_files.through(source, outputs, work, _written, as_json=as_json)


def _told(name: str, called: Any, notes: Notes, losses: Sequence[Loss] = (), *, as_json: bool) -> dict[str, Any]:
    """What was done, for JSON; people read the remarks at once."""
    if not as_json:
        for one in (*losses, *notes):
            note(one.detail, mark="!")
    return {"out": name, "name": called, "notes": opening.told(notes)}


def _set(editor: CardEditor, field: str, typed: str) -> None:
    """Any field as typed; a whole lorebook may be a file of any known program."""
    if field in {"book", "character_book"}:
        editor.set(field, books.load(typed.encode("utf-8", "surrogateescape"))[1])
    else:
        editor.set_typed(field, typed)


def _check_suffix(opened: opening.OpenCard, out: str) -> None:
    """`InvalidInput` when the name of the output promises another kind of file than the card comes in."""
    wanted = converter.SUFFIXES.get(PurePath(out).suffix.lower(), "")
    has = next((name for name, kinds in converter.SAME.items() if opened.payload.container in kinds), "")
    if wanted and wanted != has:
        raise InvalidInput(
            f"The card is {opened.payload.container.value.upper()}, and {PurePath(out).name} says {wanted.upper()}.",
            f"Convert it: ainfluencer card convert IN {PurePath(out).name}.",
            code="other_container",
        )


@app.command()
def convert(
    source: Ins,
    out: Outs,
    to: Annotated[
        str,
        typer.Option(
            help="v1, v2, v3, json, png, charx, yaml; for lorebooks lorebook, sillytavern, agnai, risu, novelai."
            " By default what the name of OUT says."
        ),
    ] = "",
    picture: Annotated[Path | None, typer.Option(help="Picture for a PNG or CharX.")] = None,
    allow_loss: Annotated[bool, typer.Option("--allow-loss", help="Convert even if something is lost.")] = False,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Turn a card or lorebook into another version or kind of file. What would be lost is listed first, and refused without --allow-loss."""
    words = (*converter.VERSIONS, *converter.SAME, *books.LAYOUTS)
    if to and to not in words:
        raise typer.BadParameter(f"use one of {', '.join(words)}", param_hint="--to")
    card_files.once(source, str(picture or ""))
    outputs = card_files.Outputs(out, dry_run=dry_run)

    def work(file: str) -> dict[str, Any]:
        made = _converted(file, to, "" if outputs.is_folder else out, picture, allow_loss=allow_loss)
        name = outputs.name_for(file)
        if outputs.is_folder:
            name = str(Path(name).with_suffix(f".{made.target.container}"))
        outputs.write(name, made.data)
        told = _told(name, made.name, made.notes, made.losses, as_json=as_json or outputs.is_folder)
        losses = [loss.as_dict() for loss in made.losses]
        return told | {"spec": made.target.spec, "container": made.target.container, "losses": losses}

    card_files.through(source, outputs, work, _written, as_json=as_json)


def _converted(file: str, to: str, out: str, picture: Path | None, *, allow_loss: bool) -> converter.Converted:
    name, data = card_files.read(file)
    if to in books.LAYOUTS:
        return book_files.convert(data, name, to, allow_loss=allow_loss)
    try:
        opened = opening.open_card(data, name)
    except CardRefused as refusal:
        if refusal.reason != Reason.LOREBOOK:
            raise
        step = f"Say whose file it should become: --to {', '.join(books.LAYOUTS)}."
        raise CardRefused(Reason.LOREBOOK, refusal.detail, step) from None
    target = converter.target_of(to, out, opened.payload.container)
    shown = card_files.read(str(picture))[1] if picture else None
    return converter.convert(opened, target, picture=shown, allow_loss=allow_loss)


@app.command()
def lint(
    files: Many,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the safe fixes to the files.")] = False,
    context: Annotated[int, typer.Option(min=256, help="Tokens of the chat's context.")] = DEFAULT_CONTEXT,
    min_score: Annotated[int, typer.Option(min=0, max=100, help="Exit code 1 when a card scores less.")] = 0,
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Check cards by named rules: findings, a score out of 100 and the token budget. Exit code 1 when a file was refused."""
    low: list[str] = []

    def look(file: str) -> dict[str, Any]:
        name, data = card_files.read(file)
        opened, notes = opening.open_card(data, name), Notes()
        report = linter.lint(opened, context)
        fixed: list[str] = []
        if fix:
            made = linter.fix(opened, report, notes)
            if made != data:
                before = {one.code for one in report.findings}
                report = linter.lint(opening.open_card(made, name), context)
                fixed = sorted(before - {one.code for one in report.findings})
            if made != data or file == "-":  # who reads standard output wants the card, mended or not
                card_files.Outputs(file, dry_run=dry_run).write(file, made)
        if report.score < min_score:
            low.append(file)
        return {"name": opened.card.name, **report.as_dict(), "fixed": fixed, "notes": opening.told(notes)}

    card_files.each(files, look, _linted, as_json=as_json, to_errors=fix and "-" in files)
    if low:
        raise typer.Exit(1)


def _linted(row: dict[str, Any]) -> str:
    budget = row["budget"]
    tokens = f"{budget['permanent']:,} tokens always, {budget['worst']:,} at the worst, of {budget['context']:,}"
    lines = [f"{row['file']}: {row['name']}, {row['score']} of 100; {tokens}"]
    lines += [f"  fixed    {code}" for code in row["fixed"]]
    for one in row["findings"]:
        place = f" {one['field']}:" if one["field"] else ""
        lines.append(f"  {one['severity']:8} {one['code']}:{place} {one['message']} {one['next_step']}")
    return plain("\n".join(lines))


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="Card file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="Card file.")],
    as_json: AsJson = False,
) -> None:
    """Say what differs between two cards, field by field, whatever their versions and containers."""
    card_files.once(before, after)

    def work() -> dict[str, Any]:
        cards = [card_files.opened(file) for file in (before, after)]
        changes = differ.differences(cards[0].payload.data, cards[1].payload.data)
        if not as_json:
            for line in changes:
                card_files.tell(plain(_changed(line)))
        return {"other": after, "same": not changes, "changes": [line.as_dict() for line in changes]}

    card_files.one(before, work, as_json=as_json)


def _changed(change: differ.Change) -> str:
    values = [str(value).replace("\n", "⏎")[:120] for value in (change.before, change.after) if value is not None]
    return f"{change.kind:8} {change.field}: {' → '.join(values)}"


@app.command()
def merge(
    base: Annotated[str, typer.Argument(metavar="BASE", help="The card that both come from.")],
    ours: Annotated[str, typer.Argument(metavar="OURS", help="Its container, picture and layout are kept.")],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", help="The other edit.")],
    out: Out,
    prefer: Annotated[str, typer.Option(help="ours or theirs: who wins where both changed a field.")] = "",
    as_json: AsJson = False,
    dry_run: DryRun = False,
) -> None:
    """Bring two edits of one card together. Conflicts are listed and refused, unless --prefer says who wins them."""
    if prefer not in {"", "ours", "theirs"}:
        raise typer.BadParameter("use ours or theirs", param_hint="--prefer")
    card_files.once(base, ours, theirs)

    def work() -> dict[str, Any]:
        cards = [card_files.opened(file) for file in (base, ours, theirs)]
        merging, notes = merger.Merge(prefer), Notes()
        made = merging.cards(*(one.payload.data for one in cards))
        if merging.clashes and not prefer:
            raise merger.MergeConflicts(merging.clashes)
        mine = cards[1]
        _check_suffix(mine, out)
        editor = mine.editor()
        editor.rewrite(made)
        card_files.Outputs(out, dry_run=dry_run).write(out, mine.saved(editor, notes))
        conflicts = [clash.as_dict() for clash in merging.clashes]
        return {"out": out, "changed": editor.touched, "conflicts": conflicts, "notes": opening.told(notes)}

    card_files.one(ours, work, as_json=as_json, out=out)


app.command("add")(card_library.add)
app.add_typer(card_assets.app, name="asset")
app.command("batch")(card_batch.batch)
app.add_typer(card_bundles.app, name="bundle")
app.command("export")(card_library.export)
app.command("forge")(card_forge.forge)
app.command("list")(card_library.index)
app.add_typer(card_forge.profiles, name="profiles")
app.command("merge-in")(card_merging.merge_in)
app.command("play")(card_playing.play)
app.command("preview")(card_playing.preview_card)
for verb in card_shelf.VERBS:
    app.command()(verb)
app.command("translate")(card_translate.translate)
