"""`card show`, `edit`, `mark`, `versions`, `duplicates`, `character`, `delete`, `restore`, `erase`: what a card's page does."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ainfluencer.cli.groups import card_files
from ainfluencer.cli.groups.options import Json
from ainfluencer.cli.instance import Instance, connect
from ainfluencer.cli.output import listing, note, show_json, show_table
from ainfluencer.core.errors import InvalidInput

CardId = Annotated[str, typer.Argument(metavar="ID", help="Id of a card, as `card list` shows it.")]
CardIds = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of cards, as `card list` shows them.")]
Rev = Annotated[int, typer.Option(help="The revision that you saw; left out, the newest one.")]

_MOST = 500  # cards of one request


def show(
    card_id: CardId,
    context: Annotated[int, typer.Option(min=256, help="Tokens that the model reads.")] = 8192,
    as_json: Json = False,
) -> None:
    """One card of the library: what it is, its score with the findings, its tokens."""
    with connect() as instance:
        card = instance.call("GET", f"/cards/{card_id}")
        report = instance.call("GET", f"/cards/{card_id}/lint", params={"context": context})
    if as_json:
        show_json({"card": card, "lint": report})
        return
    about = [card["spec"].upper(), card["container"], f"version {card['version']}", f"rated {card['rating']}"]
    card_files.tell(f"{card['name']} ({', '.join(about)})")
    card_files.tell(f"score {card['score']} of 100, {card['permanent_tokens']:,} tokens always sent")
    rows = [(one["severity"], one["code"], one["field"], one["message"]) for one in report["findings"]]
    show_table(("Severity", "Code", "Field", "Finding"), rows, empty="Nothing to complain about.")


def edit(
    card_id: CardId,
    changes: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FIELD=VALUE...", help="As `card set` takes them: name=Ada, tags[+]=sea, first_mes=@file."
        ),
    ] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Field to empty or take out. Repeatable.")] = None,
    rev: Rev = 0,
    as_json: Json = False,
) -> None:
    """Change fields of a card of the library; the state before stays a version."""
    if not changes and not remove:
        raise typer.BadParameter("name a field to set or to remove", param_hint="FIELD=VALUE")
    typed = {field: card_files.typed(value) for field, value in map(card_files.pair, changes or [])}
    with connect() as instance:
        body = {"rev": rev or _rev(instance, card_id), "typed": typed, "remove": remove or []}
        _say(instance.call("PATCH", f"/cards/{card_id}", json=body), as_json=as_json)


def mark(
    card_ids: CardIds,
    favourite: Annotated[bool | None, typer.Option("--favourite/--no-favourite", help="Among the favourites.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Tag of yours to add. Repeatable.")] = None,
    untag: Annotated[list[str] | None, typer.Option(help="Tag of yours to take away. Repeatable.")] = None,
    text: Annotated[
        str | None, typer.Option("--note", help="Note beside the card (@file reads it); empty removes it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Favourites, tags of yours and a note: kept beside the cards, their files stay as they are."""
    wanted: list[dict[str, Any]] = []
    if favourite is not None:
        wanted.append({"action": "favourite" if favourite else "unfavourite"})
    wanted += [{"action": name, "tags": tags} for name, tags in (("tag", tag), ("untag", untag)) if tags]
    if not wanted and text is None:
        raise InvalidInput("There is nothing to mark.", "Add --favourite, --tag, --untag or --note.")
    count = 0
    with connect() as instance:
        for one in wanted:
            count = _bulk(instance, card_ids, one)
        for card_id in card_ids if text is not None else []:
            instance.call("PUT", f"/cards/{card_id}/marks", json={"note": card_files.typed(text or "")})
            count = len(card_ids)
    _counted(count, "marked", as_json=as_json)


def versions(
    card_id: CardId,
    restore: Annotated[int, typer.Option(min=0, help="Take this version back as the newest one.")] = 0,
    as_json: Json = False,
) -> None:
    """List the versions of a card, or take an older one back; those between stay."""
    with connect() as instance:
        if restore:
            body = {"rev": _rev(instance, card_id)}
            _say(instance.call("POST", f"/cards/{card_id}/versions/{restore}/restoration", json=body), as_json=as_json)
            return
        answer = instance.call("GET", f"/cards/{card_id}/versions")
    columns = {"Number": "number", "Why": "reason", "By": "by", "When": "changed_at", "Score": "score"}
    listing(answer, columns, as_json=as_json, empty="No versions.")


def duplicates(
    card_id: Annotated[str, typer.Argument(metavar="[ID]", help="Only what is like this card.")] = "",
    how: Annotated[str, typer.Option(help="file, text, near_text or near_picture; left out, all of them.")] = "",
    as_json: Json = False,
) -> None:
    """Cards that are the same file or text, or nearly the same text or picture. Nothing is deleted."""
    with connect() as instance:
        path = f"/cards/{card_id}/duplicates" if card_id else "/cards/duplicates"
        answer = instance.call("GET", path, params={} if card_id else {"how": how})
    if as_json:
        show_json(answer)
        return
    groups = [(one["how"], [one["card"]] if card_id else one["cards"]) for one in answer["items"]]
    rows = [
        (how.replace("_", " "), card["id"], card["name"], card["creator"]) for how, cards in groups for card in cards
    ]
    show_table(("Alike by", "Id", "Name", "Creator"), rows, empty="Nothing is there twice.")


def character(
    card_id: CardId,
    make: Annotated[bool, typer.Option("--make", help="Make a character of the card.")] = False,
    likeness: Annotated[
        str, typer.Option(help="Whose face the card's picture shows: synthetic, own, or none to leave it out.")
    ] = "synthetic",
    take: Annotated[str, typer.Option(help="card or character: bring that one up to what the other says.")] = "",
    as_json: Json = False,
) -> None:
    """The character of a card: whether the two say the same; make it, or take changed words over."""
    with connect() as instance:
        if make:
            instance.call("POST", f"/cards/{card_id}/character", json={"likeness": likeness})
        if take:
            body = {"rev": _rev(instance, card_id), "to": take}
            instance.call("PUT", f"/cards/{card_id}/character", json=body)
        step = instance.call("GET", f"/cards/{card_id}/character")
    if as_json:
        show_json(step)
        return
    changed = [what for what in ("card", "character") if step[f"{what}_changed"]]
    state = "in step" if step["in_step"] else f"the {' and the '.join(changed)} changed since"
    note(f"{step['name']} ({step['character_id']}): {state}", mark="✓" if step["in_step"] else "!")


def delete(card_ids: CardIds, as_json: Json = False) -> None:
    """Put cards into the bin, with all their versions."""
    with connect() as instance:
        count = _bulk(instance, card_ids, {"action": "delete"})
    _counted(count, "in the bin", as_json=as_json)


def restore(card_ids: CardIds, as_json: Json = False) -> None:
    """Take cards out of the bin."""
    with connect() as instance:
        count = _bulk(instance, card_ids, {"action": "restore"})
    _counted(count, "restored", as_json=as_json)


def erase(
    card_ids: CardIds,
    yes: Annotated[bool, typer.Option("--yes", help="Do it: nothing brings them back.")] = False,
    as_json: Json = False,
) -> None:
    """Erase cards of the bin with all their versions. Their characters stay."""
    if not yes:
        raise InvalidInput(
            f"{len(card_ids)} cards would be erased for good.", "Add --yes to do it.", code="unconfirmed"
        )
    with connect() as instance:
        count = _bulk(instance, card_ids, {"action": "erase"})
    _counted(count, "erased", as_json=as_json)


def _rev(instance: Instance, card_id: str) -> int:
    return int(instance.call("GET", f"/cards/{card_id}")["rev"])


def _bulk(instance: Instance, card_ids: list[str], wanted: dict[str, Any]) -> int:
    parts = [card_ids[at : at + _MOST] for at in range(0, len(card_ids), _MOST)]
    return sum(int(instance.call("POST", "/cards/bulk", json=wanted | {"ids": part})["count"]) for part in parts)


def _counted(count: int, done: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"count": count})
    else:
        note(f"{count} {done}", mark="✓" if count else "!")


def _say(card: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(card)
    else:
        note(f"{card['name']}: version {card['version']}, score {card['score']}", mark="✓")


VERBS = (show, edit, mark, versions, duplicates, character, delete, restore, erase)
