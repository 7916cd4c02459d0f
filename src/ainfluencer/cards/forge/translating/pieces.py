"""What of a card is put into another language: its texts with their places, and the card with new texts at these places."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ainfluencer.cards.converting import converter, decorators
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.editing.editor import CardEditor
from ainfluencer.cards.editing.paths import PathMissing
from ainfluencer.cards.forge import tongues
from ainfluencer.cards.forge.options import Keys, Options
from ainfluencer.cards.opening import OpenCard, open_card
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.saving import saver
from ainfluencer.core import clock

TEXTS = ("description", "personality", "scenario", "first_mes", "mes_example", "system_prompt", "post_history_instructions")  # fmt: skip
TITLES = {
    "description": "Description", "personality": "Personality", "scenario": "Scenario", "first_mes": "First message", "mes_example": "Example dialogue",
    "system_prompt": "System prompt", "post_history_instructions": "Instructions after the chat", "alternate_greetings": "Other greeting",
    "group_only_greetings": "Group greeting", "creator_notes": "Notes for people", "tags": "Tags", "character_book": "Lorebook",
    "extensions": "Extensions",
}  # fmt: skip
LISTS = ("alternate_greetings", "group_only_greetings")
_BOOK, _NOTES, _BY_LANGUAGE = "character_book", "creator_notes", "creator_notes_multilingual"
DEPTH: tuple[str, ...] = (
    "extensions",
    "depth_prompt",
    "prompt",
)  # SillyTavern's note on the character, which goes into every prompt
_SIGNS = re.compile(r"[\\^$.|?*+()\[\]{}]")
_DELIMITED = re.compile(r"/.*/[a-z]*", re.DOTALL)
_ALL_NEEDED = {1, 3}  # SillyTavern's selectiveLogic “not all” and “and all”: another key would change when it fires
Place = tuple[str | int, ...]
Change = tuple[Place, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of the card. `place` is where the translation goes; `head` are decorators, which stay in front of it.

    `keys`: the text is a list of lore keys, one a line, and the translated ones go behind those that are there.
    """

    place: Place
    text: str
    title: str
    head: str = ""
    keys: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """The field of the card that it lies in."""
        return str(self.place[0])

    @property
    def is_dialogue(self) -> bool:
        """Whether its lines begin with who speaks."""
        return self.field == "mes_example"

    def value(self, text: str) -> Any:
        """What stands at its place when its text is this one."""
        if not self.keys:
            return self.head + text
        known = {key.casefold().strip() for key in self.keys}
        new = [key.strip() for key in text.split("\n") if key.strip() and not _SIGNS.search(key)]
        return [*self.keys, *(key for key in dict.fromkeys(new) if key.casefold() not in known)]


def writable(opened: OpenCard) -> OpenCard:
    """The card in a file that can be written: what is only read elsewhere goes on as a PNG."""
    if opened.payload.container not in saver.READ_ONLY:
        return opened
    return open_card(converter.convert(opened, Target("png"), allow_loss=True).data, "card.png")


def names_of(opened: OpenCard) -> list[str]:
    """What the card's character is called."""
    return [name for name in (opened.card.name, opened.card.nickname) if name]


def pieces_of(opened: OpenCard, options: Options) -> list[Piece]:
    """Every text that may be translated, in the order in which people read a card."""
    card, wanted = opened.card, set(options.fields)
    found = [Piece((name,), getattr(card, name), TITLES[name]) for name in TEXTS]
    for name in LISTS:
        found += [Piece((name, n), text, f"{TITLES[name]} {n + 1}") for n, text in enumerate(getattr(card, name))]
    editor = opened.editor()
    found += _depth(editor)
    found += _notes(editor, opened, options)
    found += list(_lore(editor, options))
    return [one for one in found if one.text.strip() and (not wanted or one.field in wanted)]


def _depth(editor: CardEditor) -> list[Piece]:
    """The character's note; no other extension holds words of which it is known what they are for."""
    try:
        text = editor.get(".".join(DEPTH))
    except PathMissing:
        return []
    return [Piece(DEPTH, text, "Character's note")] if isinstance(text, str) else []


def _notes(editor: CardEditor, opened: OpenCard, options: Options) -> list[Piece]:
    """Notes for people: beside the others in a V3 card; in an older one in their place, where that is asked for."""
    code = tongues.base_of(options.translate_to)
    if editor.rank == 3:
        known = opened.card.creator_notes_multilingual.get(code, "").strip()
        return [] if known else [Piece((_BY_LANGUAGE, code), opened.card.creator_notes, TITLES[_NOTES])]
    return [Piece((_NOTES,), opened.card.creator_notes, TITLES[_NOTES])] if options.translate_notes else []


def _lore(editor: CardEditor, options: Options) -> Iterator[Piece]:
    """The entries as they are stored; their names, comments and keys stay, and regular expressions are never touched."""
    for number, (key, entry) in enumerate(_entries(_book(editor))):
        title = f"Lorebook, {entry.get('name') or entry.get('comment') or f'entry {number + 1}'}"[:80]
        content = entry.get("content")
        if isinstance(content, str):
            _, body = decorators.split(content)
            yield Piece((_BOOK, key, "content"), body, title, content[: len(content) - len(body)])
        for name in ("keys", "secondary_keys") if options.keys is Keys.ADD else ():
            stored = _spelled(entry, name)
            keys = entry.get(stored)
            if isinstance(keys, list) and all(isinstance(one, str) for one in keys) and _may_grow(entry, name):
                plain = [one for one in keys if _is_plain(one, is_pattern=entry.get("use_regex") is True)]
                yield Piece(
                    (_BOOK, key, stored),
                    "\n".join(plain),
                    f"{title} ({'keys' if name == 'keys' else 'second keys'})",
                    keys=tuple(keys),
                )


def _book(editor: CardEditor) -> Any:
    try:
        return editor.get(_BOOK)
    except PathMissing:
        return None


def _entries(book: Any) -> list[tuple[str | int, dict[str, Any]]]:
    """Places and entries of a stored lorebook, whether they are a list or an object."""
    entries = book.get("entries") if isinstance(book, dict) else book
    pairs: Iterable[tuple[Any, Any]] = entries.items() if isinstance(entries, dict) else enumerate(entries or [])
    return [(key, entry) for key, entry in pairs if isinstance(entry, dict)] if isinstance(entries, dict | list) else []


def _spelled(entry: Mapping[str, Any], name: str) -> str:
    theirs = {"keys": "key", "secondary_keys": "keysecondary"}[name]
    return theirs if theirs in entry and name not in entry else name


def _may_grow(entry: Mapping[str, Any], name: str) -> bool:
    extensions = entry.get("extensions")
    logic = extensions.get("selectiveLogic") if isinstance(extensions, dict) else entry.get("selectiveLogic")
    return name == "keys" or logic not in _ALL_NEEDED


def _is_plain(key: str, *, is_pattern: bool) -> bool:
    """Whether a key is words: in an entry of patterns one without any sign of a pattern means itself."""
    return bool(key.strip()) and not _DELIMITED.fullmatch(key.strip()) and not (is_pattern and _SIGNS.search(key))


def changed(opened: OpenCard, changes: Iterable[Change]) -> CardEditor:
    """The card with these values at these places; everything else keeps its text."""
    editor = opened.editor()
    by_field: dict[str, list[Change]] = {}
    for place, value in changes:
        by_field.setdefault(str(place[0]), []).append((tuple(place), value))
    for name, listed in by_field.items():
        if name == _BOOK:
            _put_lore(editor, listed)
        elif name in LISTS:
            texts = list(getattr(opened.card, name))
            for place, value in listed:
                texts[int(place[1])] = value
            editor.set(name, texts)
        elif name == _BY_LANGUAGE:
            added = {str(place[1]): value for place, value in listed}
            editor.set(name, {**opened.card.creator_notes_multilingual, **added})
        elif name == DEPTH[0]:
            editor.set(".".join(DEPTH), listed[0][1])
        else:
            editor.set(name, listed[0][1])
    return editor


def _put_lore(editor: CardEditor, changes: Iterable[Change]) -> None:
    book = copy.deepcopy(_book(editor))
    entries = dict(_entries(book))
    for place, value in changes:
        entries[place[1]][str(place[2])] = value
    card, data = editor.card, editor.data
    made = {**card, "data": {**data, _BOOK: book}} if editor.is_nested else {**card, _BOOK: book}
    if editor.is_nested and _BOOK in card:
        made[_BOOK] = book
    editor.rewrite(made)


def dated(opened: OpenCard) -> list[Change]:
    """The date of modification that a changed V3 card gets; a date of 0 is withheld on purpose and stays."""
    editor = opened.editor()
    if editor.rank < 3 or editor.data.get("modification_date") == 0:
        return []
    return [(("modification_date",), int(clock.now().timestamp()))]


def saved(opened: OpenCard, changes: Iterable[Change]) -> bytes:
    """The file with these values at these places: the same container, the same picture, the same version."""
    notes = Notes()
    return saver.save(opened.data, opened.payload, changed(opened, changes), notes)
