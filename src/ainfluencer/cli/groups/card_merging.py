"""`card merge-in`: another edit brought into a card of the library, as its page of merging does it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ainfluencer.cli.groups import card_files
from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import note, show_json, show_table

_SIDES = {"ours", "theirs", "both"}
_WHO = {
    "conflict": "both changed it",
    "both": "both added to it",
    "theirs": "they changed it",
    "ours": "ours changed it",
}


def merge_in(
    card_id: Annotated[str, typer.Argument(metavar="ID", help="The card that gets a new version.")],
    theirs: Annotated[
        str, typer.Argument(metavar="THEIRS", help="A card file, the id of a card, or a version number.")
    ],
    base: Annotated[
        str, typer.Option(help="What both come from: a version number, an id, or none; left out, it is found.")
    ] = "",
    take: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=SIDE", help="ours, theirs or both. Repeatable.")
    ] = None,
    prefer: Annotated[str, typer.Option(help="ours or theirs: who wins the other conflicts.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what differs, and change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Bring another edit of a card in. What both changed is refused until --take or --prefer decides it."""
    if prefer not in {"", "ours", "theirs"}:
        raise typer.BadParameter("use ours or theirs", param_hint="--prefer")
    choices = dict(_choice(one) for one in take or [])
    with connect() as instance:
        side = _side(instance, card_id, theirs)
        plan = instance.call("GET", f"/cards/{card_id}/merge", params={"theirs": side, "base": base})
        if dry_run:
            _tell_plan(plan, as_json=as_json)
            return
        body: dict[str, Any] = {"rev": plan["rev"], "theirs": side, "base": plan["base"], "seen": plan["seen"]}
        card = instance.call("POST", f"/cards/{card_id}/merge", json=body | {"prefer": prefer, "choices": choices})
    if as_json:
        show_json(card)
    else:
        note(f"{card['name']} is at version {card['version']}.", mark="✓")


def _choice(typed: str) -> tuple[str, str]:
    field, _, side = typed.rpartition("=")
    if not field or side not in _SIDES:
        raise typer.BadParameter(f"“{typed[:60]}” is not FIELD=ours, theirs or both", param_hint="--take")
    return field, side


def _side(instance: Instance, card_id: str, theirs: str) -> str:
    """A file is put down for the instance; anything else is taken as it was typed."""
    if theirs != "-" and not Path(theirs).is_file():
        return theirs
    answer = instance.call("POST", f"/cards/{card_id}/merge/files", files={"file": card_files.read(theirs)})
    return str(answer["theirs"])


def _tell_plan(plan: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(plan)
        return
    base = "nothing that is known" if plan["base"] == "none" else f"version {plan['base']}"
    note(f"Both come from {base}.")
    rows = ((one["field"], _WHO[one["kind"]], one["side"] or "open") for one in plan["decisions"])
    show_table(("Field", "Who", "Taken"), rows, empty="Both say the same.")
