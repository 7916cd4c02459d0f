"""Cards and characters beside each other: one made of the other, and kept in step when a person says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards import sources
from ainfluencer.cards.converting import assets
from ainfluencer.cards.editing.fields import RANK
from ainfluencer.cards.library import character_words, examining, files, keeping, revising
from ainfluencer.cards.library.examining import Examined
from ainfluencer.cards.library.keeping import Reason
from ainfluencer.cards.library.revising import Change
from ainfluencer.cards.models import CardRow
from ainfluencer.cards.queries import current, get
from ainfluencer.cards.saving import png
from ainfluencer.characters import queries as characters
from ainfluencer.characters import service
from ainfluencer.characters.changes import CharacterChanges
from ainfluencer.characters.models import Character
from ainfluencer.characters.schemas import Material, MaterialKind
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, NotFound
from ainfluencer.media import queries as media
from ainfluencer.media import storage

MOST_MATERIAL = 500


@dataclass(frozen=True, slots=True)
class Step:
    """Whether a card and its character still say the same; which of the two was changed since they did."""

    character_id: str
    name: str
    card_changed: bool
    character_changed: bool

    @property
    def in_step(self) -> bool:
        """Whether nothing was changed on either side."""
        return not self.card_changed and not self.character_changed


def words_now(character: Character) -> dict[str, Any]:
    """What a card carries of a character, as it is now."""
    out = characters.describe(character)
    return character_words.words_of(out, description=character.description, scenario=character.scenario)


async def step_of(session: AsyncSession, actor: Actor, row: CardRow) -> Step | None:
    """How a card and its character stand; None when there is no living character."""
    character = await characters.find(session, actor, row.character_id) if row.character_id else None
    return compared(row, character) if character else None


def compared(row: CardRow, character: Character) -> Step:
    """How a card and its character stand."""
    changed = bool(row.synced_words) and row.synced_words != words_now(character)
    return Step(character.id, character.name, row.synced_version not in {0, row.version}, changed)


async def bind(session: AsyncSession, actor: Actor, row: CardRow, character: Character) -> None:
    """Note that card and character say the same now; the version is sealed, so that it stays what was compared."""
    row.character_id = character.id
    row.synced_version, row.synced_words = row.version, words_now(character)
    (await current(session, actor, row)).is_sealed = True


async def examine_character(session: AsyncSession, actor: Actor, character_id: str) -> Examined:
    """A character as a card file that may come into the library: a PNG with their picture where they have one."""
    actor.require(Right.CREATE)
    character = await characters.get(session, actor, character_id)
    rows = await characters.list_material(session, actor, character_id, limit=MOST_MATERIAL)
    material = [Material(kind=MaterialKind(r.kind), text=r.text, source=r.source, keys=tuple(r.keys)) for r in rows]
    text = character_words.card_text(words_now(character), material, actor.name)
    picture = None
    if character.picture_file_id:
        file = await media.get(session, actor, character.picture_file_id)
        picture = await asyncio.to_thread(storage.path_of(file.sha256, file.mime).read_bytes)
    return await asyncio.to_thread(_as_file, text, picture, files.stem(character.name))


def _as_file(text: bytes, picture: bytes | None, stem: str) -> Examined:
    if picture is None:
        return examining.examine(text, f"{stem}.json")
    return examining.examine(png.embedded(assets.as_png(picture), {"ccv3": text}), f"{stem}.png")


async def keep_character(session: AsyncSession, actor: Actor, character_id: str, examined: Examined) -> CardRow:
    """Store the card that was made of a character, and bind the two."""
    character = await characters.get(session, actor, character_id)
    row = (await keeping.keep(session, actor, examined, reason=Reason.CHARACTER)).row
    await bind(session, actor, row, character)
    return row


@dataclass(frozen=True, slots=True)
class ForCard:
    """A card with the words of its character. `is_all`: the card has no change left that the character does not know."""

    change: Change
    words: dict[str, Any]
    is_all: bool


async def propose_take_over(session: AsyncSession, actor: Actor, card_id: str, *, rev: int) -> ForCard:
    """The card with what was changed of its character since they said the same. `NotFound` when it has none."""
    row = await get(session, actor, card_id)
    words = words_now(await _character(session, actor, row))
    found = await revising.read(session, actor, card_id)
    rank = {"v1": 1, "v2": 2, "v3": 3}[found.opened.card.spec]
    edits = character_words.edits_of(row.synced_words, words, found.opened.card.extensions)
    if rank < RANK["extensions"]:
        edits = {name: value for name, value in edits.items() if rank >= RANK[name]}
    change = await revising.propose(session, actor, card_id, rev=rev, set=edits)
    is_all = True
    if row.synced_version not in {0, row.version}:
        then = files.kept(await current(session, actor, row, row.synced_version))
        made = change.examined.opened if change.examined else found.opened
        is_all = not await asyncio.to_thread(_left, then, made.data, found.version.filename, words)
    return ForCard(replace(change, reason=Reason.CHARACTER), words, is_all)


def _left(then: files.Kept, now: bytes, filename: str, words: dict[str, Any]) -> dict[str, Any]:
    """What a card says since `then` that its character does not say."""
    old, new = sources.read_source(files.opened(then).data, then.filename), sources.read_source(now, filename)
    return character_words.changes_of(old.draft, new.draft, words)


async def _character(session: AsyncSession, actor: Actor, row: CardRow) -> Character:
    character = await characters.find(session, actor, row.character_id) if row.character_id else None
    if character is None:
        raise NotFound("No character belongs to this card.", "Make one of it first.", code="no_character")
    return character


async def take_to_card(session: AsyncSession, actor: Actor, made: ForCard) -> None:
    """Store the words that the card took over; what the card has beyond them stays to be given."""
    row = await revising.record(session, actor, made.change)
    character = await _character(session, actor, row)
    if made.is_all:
        await bind(session, actor, row, character)
    row.synced_words = made.words


async def changes_for_character(session: AsyncSession, actor: Actor, card_id: str, *, rev: int) -> CharacterChanges:
    """What changed in a card's words since the two said the same, as a change of the character."""
    row = await get(session, actor, card_id)
    revising.check_rev(row, rev)
    if not row.synced_version:
        raise Conflict("It is not known when the two said the same.", "Take the character's words over first.")
    old = files.kept(await current(session, actor, row, row.synced_version))
    found = await revising.read(session, actor, card_id)
    left = await asyncio.to_thread(_left, old, found.opened.data, found.version.filename, row.synced_words)
    return CharacterChanges.model_validate(left)


async def take_to_character(
    session: AsyncSession, actor: Actor, card_id: str, changes: CharacterChanges, *, rev: int
) -> None:
    """Change the character as the card says; what was changed of the character beyond that stays to be taken over."""
    row = await get(session, actor, card_id, lock=True)
    revising.check_rev(row, rev)
    before = row.synced_words
    character = await _character(session, actor, row)
    await service.update(session, actor, character.id, changes)
    await bind(session, actor, row, character)
    if before:
        row.synced_words = character_words.given(before, row.synced_words, changes.model_dump(exclude_unset=True))
