"""What became of each text of a translation, in words for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ainfluencer.cards.forge import tongues
from ainfluencer.cards.forge.options import Options
from ainfluencer.cards.forge.translating.pieces import TITLES, Piece

if TYPE_CHECKING:
    from ainfluencer.cards.forge.translating.running import Plan

_MOST_TOLD = 60
_FEW = 6  # lore texts of one kind from which on they are told together
Row = dict[str, Any]


def rows_of(plan: Plan, options: Options) -> list[Row]:
    """A row for each text: `state` is translated, partly, left, already or kept; lore texts that went well are counted."""
    rows = [_row(plan, piece) for piece in plan.parts]
    rows += [_told(one, "already", f"It is in {tongues.name_of(plan.target)} already.") for one in plan.already]
    return [*_together(rows), *_kept(plan, options)][:_MOST_TOLD]


def _row(plan: Plan, piece: Piece) -> Row:
    parts = [one for one in plan.parts[piece] if one.is_sent]
    wrong = [fault for one in parts for fault in plan.refused.get(one.number, [])]
    why = plan.shield.told(" ".join(dict.fromkeys(wrong)))
    left = sum(one.number not in plan.answers for one in parts)
    if not left:
        where = "Beside those that are there." if piece.field == "creator_notes_multilingual" else ""
        return _told(piece, "translated", f"In {len(parts)} parts." if len(parts) > 1 else where)
    if left < len(parts):
        return _told(piece, "partly", f"{left} of {len(parts)} parts stay in their language: {why}")
    return _told(piece, "left", f"It stays in its language: {why}")


def _told(piece: Piece, state: str, detail: str) -> Row:
    return {"field": piece.field, "title": piece.title, "state": state, "detail": detail}


def _together(rows: Sequence[Row]) -> list[Row]:
    """Many lore texts of which nothing else is to be said become one row."""
    made: list[Row] = []
    for state, detail in (("translated", "texts."), ("already", "texts are in the language already.")):
        count = sum(one["field"] == "character_book" and one["state"] == state for one in rows)
        if count >= _FEW:
            rows = [one for one in rows if one["field"] != "character_book" or one["state"] != state]
            made.append(
                {
                    "field": "character_book",
                    "title": TITLES["character_book"],
                    "state": state,
                    "detail": f"{count} {detail}",
                }
            )
    return [*rows, *made]


def _kept(plan: Plan, options: Options) -> list[Row]:
    """What stays on purpose, where the card has it."""
    card, editor = plan.opened.card, plan.opened.editor()
    found: list[tuple[str, str]] = []
    if card.creator_notes.strip() and editor.rank == 3 and _has_notes(plan):
        found.append(("creator_notes", f"There are notes in {tongues.name_of(plan.target)} already."))
    elif card.creator_notes.strip() and editor.rank < 3 and not options.translate_notes:
        found.append(("creator_notes", "Notes for people stay, for a card older than V3 has one language for them."))
    if card.tags:
        found.append(("tags", "Tags stay, so that the card is found by them."))
    if plan.opened.payload.module_lore:
        found.append(("character_book", "The lorebook of Risu's module stays as it is."))
    if card.extensions.keys() - {"depth_prompt"}:
        found.append(("extensions", "All but the character's note (depth_prompt) stay as they are."))
    return [{"field": name, "title": TITLES[name], "state": "kept", "detail": detail} for name, detail in found]


def _has_notes(plan: Plan) -> bool:
    return bool(plan.opened.card.creator_notes_multilingual.get(tongues.base_of(plan.target), "").strip())


def warnings_of(rows: Sequence[Row], plan: Plan, changed: int) -> list[str]:
    """What a person should look at."""
    found = [f"{one['title']}: {one['detail']}" for one in rows if one["state"] in {"partly", "left"}]
    skipped = [one["title"] for one in rows if one["state"] == "already"]
    if skipped and changed:
        found.append(f"In {tongues.name_of(plan.target)} already, and left alone: {', '.join(skipped[:12])}.")
    if not changed:
        found.append("Nothing was translated; the card is as it was.")
    return found
