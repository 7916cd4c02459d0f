"""What a finished job hands out: its card as a file of each kind, with the picture that came; a translation in its very file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import service as library
from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import SAME, Target
from ainfluencer.cards.editing.fields import KINDS
from ainfluencer.cards.forge import finishing, sources
from ainfluencer.cards.forge.translating import pieces
from ainfluencer.cards.opening import open_card
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.saving import saver
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict, NotFound


async def file_of(session: AsyncSession, actor: Actor, result: Mapping[str, Any], container: str, version: int) -> bytes:  # fmt: skip
    """The card in that container and version (0: its own), with the picture and assets of the card that came."""
    own = await kept_file(session, actor, result)
    if own is None or ("changes" not in result and container == "json"):
        return await asyncio.to_thread(finishing.file_of, result, container, version)
    return await asyncio.to_thread(_converted, *own, Target(container, version))


async def kept_file(session: AsyncSession, actor: Actor, result: Mapping[str, Any]) -> tuple[bytes, str] | None:
    """The card in the file that it came in, also one that was revised or completed; None where that is not kept."""
    given = result.get("metadata", {}).get("input")
    try:
        if "changes" in result or not isinstance(given, dict):
            return await own_file(session, actor, result)
        data, name = await _input(session, actor, given)
    except Conflict:
        return None
    return await asyncio.to_thread(_revised, data, name, finishing.card_in(result)["data"])


def _revised(data: bytes, name: str, fields: Mapping[str, Any]) -> tuple[bytes, str]:
    """The file as V3 with these fields; its pictures, assets and what else it holds stay."""
    opened = pieces.writable(open_card(data, name))
    container = next(
        (name for name, kinds in SAME.items() if opened.payload.container in kinds and name != "yaml"), "json"
    )
    made = open_card(_converted(opened.data, name, Target(container, 3)))
    editor = made.editor()
    for field, value in fields.items():
        if field in KINDS and field not in {"assets", "source", "creation_date"} and editor.data.get(field) != value:
            editor.set(field, value)
    return saver.save(made.data, made.payload, editor, Notes()), ""


def _converted(data: bytes, name: str, target: Target) -> bytes:
    return converter.convert(open_card(data, name), target, allow_loss=True).data


async def own_file(session: AsyncSession, actor: Actor, result: Mapping[str, Any]) -> tuple[bytes, str] | None:
    """A translation in its own file and a name for it; None for any other job.

    `Conflict` (code input_gone) when the file that came is not kept any more.
    """
    given = result.get("metadata", {}).get("input")
    if not isinstance(given, dict) or "changes" not in result:
        return None
    data, name = await _input(session, actor, given)
    changes = [(tuple(one["place"]), one["value"]) for one in result.get("changes", [])]
    return await asyncio.to_thread(_changed, data, name, changes)


def _changed(data: bytes, name: str, changes: list[pieces.Change]) -> tuple[bytes, str]:
    opened = pieces.writable(open_card(data, name))
    return pieces.saved(opened, changes), "card.yaml" if opened.payload.container.value == "yaml" else ""


async def _input(session: AsyncSession, actor: Actor, given: Mapping[str, Any]) -> tuple[bytes, str]:
    """The file that was translated, as it came."""
    try:
        if given.get("library_card_id"):
            found = await library.version_file(session, actor, given["library_card_id"], int(given["version"]))
            return found.data, found.filename
        if given.get("source_id"):
            ((data, name),) = await sources.load(session, actor, [given["source_id"]])
            return data, name
    except NotFound:
        pass
    raise Conflict(
        "The file that this card came in is not kept any more.",
        "Download the card as V3, V2, PNG or CharX; its words are all there.",
        code="input_gone",
    )
