"""From a payload to the typed card, with the spec judged and every mend noted."""

from __future__ import annotations

from typing import Any

from ainfluencer.cards.reading.card import Book, Card, CardAsset, Entry
from ainfluencer.cards.reading.coerce import Fields, clean, joined
from ainfluencer.cards.reading.shape import PYGMALION, TEXTGEN, V1_FIELDS
from ainfluencer.cards.reading.values import Notes

_MIRRORED = (*V1_FIELDS, "tags")


def view(document: dict[str, Any], notes: Notes) -> Card:
    """The card as every other module sees it. Never raises for odd types: it coerces and notes."""
    data = document.get("data")
    if isinstance(data, dict):
        spec, version = _spec(document, notes)
        _note_mirror(document, data, notes)
        return _card(Fields(data, notes, "data."), spec, version)
    return _card(Fields(_renamed(document, notes), notes), "v1", "1.0")


def _spec(document: dict[str, Any], notes: Notes) -> tuple[str, str]:
    spec, version = document.get("spec"), document.get("spec_version")
    if not isinstance(spec, str) or not spec.startswith("chara_card"):
        notes.add("spec_missing", "The card does not say its version; it was read as V2.")
        return "v2", "2.0"
    if version is not None and not isinstance(version, str):
        notes.add("type_coerced", "spec_version is a number where text belongs.")
    number = Fields({"v": str(version) if version is not None else ""}, Notes()).number("v")
    if spec == "chara_card_v2":
        return "v2", "2.0" if number is None else clean(str(version), notes)[:20]
    if spec != "chara_card_v3":
        notes.add("spec_unknown", f"The card calls itself {clean(spec, notes)[:40]}; it was read as V3.")
    elif number is not None and number > 3.0:
        notes.add("spec_newer", f"The card's version is {version}, newer than 3.0; unknown fields are kept.")
    elif number is None or number < 3.0:
        notes.add("spec_version_odd", "The card's version is not 3.0.")
    return "v3", "3.0" if version is None else clean(str(version), notes)[:20]


def _note_mirror(document: dict[str, Any], data: dict[str, Any], notes: Notes) -> None:
    differing = [k for k in _MIRRORED if k in document and k in data and document[k] != data[k]]
    if differing:
        notes.add("stale_mirror", f"The old-style copy differs in {', '.join(differing)}; the newer part counts.")


def _renamed(document: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """A flat card with other programs' names for the six fields put right; V1's own names win."""
    for names, code in ((PYGMALION, "pygmalion_fields"), (TEXTGEN, "textgen_fields")):
        used = {theirs: ours for theirs, ours in names.items() if theirs in document and not document.get(ours)}
        if used:
            notes.add(code, f"The card uses other names for {', '.join(sorted(used.values()))}.")
            document = {**document, **{ours: document[theirs] for theirs, ours in used.items()}}
    if "creator_notes" not in document and "creatorcomment" in document:
        document = {**document, "creator_notes": document["creatorcomment"]}
    return document


def _card(fields: Fields, spec: str, version: str) -> Card:
    name = fields.text("name").strip()
    if not name:
        fields.notes.add("empty_name", "The card has no name.")
    by_language = fields.table("creator_notes_multilingual") if "creator_notes_multilingual" in fields.values else {}
    return Card(
        spec=spec,
        spec_version=version,
        name=name,
        nickname=fields.text("nickname").strip(),
        description=fields.text("description"),
        personality=fields.text("personality"),
        scenario=fields.text("scenario"),
        first_mes=fields.text("first_mes"),
        mes_example=fields.text("mes_example"),
        alternate_greetings=fields.texts("alternate_greetings"),
        group_only_greetings=fields.texts("group_only_greetings"),
        creator_notes=fields.text("creator_notes"),
        creator_notes_multilingual={clean(k, fields.notes): joined(v, fields.notes) for k, v in by_language.items()},
        system_prompt=fields.text("system_prompt"),
        post_history_instructions=fields.text("post_history_instructions"),
        tags=fields.texts("tags"),
        creator=fields.text("creator"),
        character_version=fields.text("character_version"),
        source=fields.texts("source"),
        creation_date=fields.whole("creation_date"),
        modification_date=fields.whole("modification_date"),
        assets=tuple(_asset(Fields(a, fields.notes, "assets.")) for a in fields.objects("assets")),
        book=_book(fields),
        extensions=fields.table("extensions"),
    )


def _number_of(value: Any) -> str:
    return str(value)[:100] if isinstance(value, int) else ""


def _asset(fields: Fields) -> CardAsset:
    return CardAsset(fields.text("type"), fields.text("uri"), fields.text("name"), fields.text("ext"))


def _book(fields: Fields) -> Book | None:
    value = fields.values.get("character_book")
    if value is None:
        if "character_book" in fields.values:
            fields.notes.add("null_value", f"{fields.path}character_book is null.")
        return None
    if isinstance(value, list):
        fields.notes.add("type_coerced", "character_book is a list where an object belongs.")
        value = {"entries": value}
    if not isinstance(value, dict):
        fields.notes.add("type_coerced", "character_book is not an object; it was left out.")
        return None
    return book(value, fields.notes)


def book(value: dict[str, Any], notes: Notes) -> Book:
    """A lorebook of the V2 or V3 layout; SillyTavern's world info names are understood too."""
    fields = Fields(value, notes, "character_book.")
    return Book(
        name=fields.text("name"),
        description=fields.text("description"),
        scan_depth=fields.whole("scan_depth"),
        token_budget=fields.whole("token_budget"),
        is_recursive=fields.maybe_flag("recursive_scanning"),
        entries=tuple(_entry(Fields(e, notes, "character_book.entries.")) for e in fields.objects("entries")),
        extensions=fields.table("extensions") if "extensions" in value else {},
    )


def _entry(fields: Fields) -> Entry:
    values = fields.values
    keys, second = ("keys", "secondary_keys") if "keys" in values or "key" not in values else ("key", "keysecondary")
    is_enabled = fields.flag("enabled", default=not fields.flag("disable", default=False))
    return Entry(
        keys=fields.texts(keys),
        content=fields.text("content"),
        name=fields.text("name"),
        comment=fields.text("comment"),
        is_enabled=is_enabled,
        is_constant=fields.flag("constant", default=False),
        is_selective=fields.flag("selective", default=False),
        secondary_keys=fields.texts(second),
        uses_regex=fields.flag("use_regex", default=False),
        is_case_sensitive=fields.maybe_flag("case_sensitive"),
        order=fields.number("insertion_order" if "insertion_order" in values else "order") or 0,
        priority=fields.number("priority"),
        position=fields.text("position") if isinstance(values.get("position"), str) else "",
        id=fields.text("id")[:100] if isinstance(values.get("id"), str) else _number_of(values.get("id")),
        extensions=fields.table("extensions") if "extensions" in values else {},
    )
