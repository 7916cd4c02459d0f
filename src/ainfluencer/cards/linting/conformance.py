"""Rules about the specifications: fields that must be there, fields that have no place, dates, versions, assets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ainfluencer.cards.editing import fields
from ainfluencer.cards.linting.findings import Finding, Severity
from ainfluencer.cards.linting.subject import Subject

_ASSET_TYPES = ("icon", "background", "emotion", "user_icon")
_URI = re.compile(r"(?:embeded://|https?://|data:|__asset:).+|ccdefault:\Z", re.DOTALL)
_EXT = re.compile(r"[a-z0-9]+\Z")
_LANGUAGE = re.compile(r"[a-z]{2}\Z")
_ENTRY_REQUIRED = ("keys", "content", "extensions", "enabled", "insertion_order")
_MILLISECONDS = 10_000_000_000  # seconds of the year 2286


def required(subject: Subject) -> Iterator[Finding]:
    """Fields that the card's version requires."""
    names = fields.V1 if subject.rank == 1 else (*fields.V1, *fields.V2)
    if subject.rank == 1 and not all(name in subject.data for name in ("name", "description")):
        return  # another program's spelling: the reader has said so
    missing = [name for name in names if name not in subject.data and name != "character_book"]
    if subject.rank == 3 and "group_only_greetings" not in subject.data:
        missing.append("group_only_greetings")
    if missing:
        yield _required(f"V{subject.rank} requires {', '.join(missing)}.", missing[0])
    must = (*_ENTRY_REQUIRED, "use_regex") if subject.rank == 3 else _ENTRY_REQUIRED
    for field, _, stored in subject.entries:
        lacking = [name for name in must if name not in stored]
        if lacking:
            yield _required(f"A lorebook entry requires {', '.join(lacking)}.", field)


def _required(message: str, field: str) -> Finding:
    return Finding(
        "required_missing", Severity.WARNING, message, field, "Let lint --fix add the empty values.", can_fix=True
    )


def version(subject: Subject) -> Iterator[Finding]:
    """A card that names its specification names its version too."""
    card = subject.opened.payload.data
    if subject.rank > 1 and isinstance(card.get("spec"), str) and "spec_version" not in card:
        yield Finding(
            "spec_version_odd",
            Severity.WARNING,
            "spec_version is missing.",
            "",
            "Let lint --fix write it.",
            can_fix=True,
        )


def misplaced(subject: Subject) -> Iterator[Finding]:
    """Fields that the version does not know."""
    if subject.rank == 1:
        return
    later = [name for name in fields.V3 if subject.rank == 2 and name in subject.data]
    if later:
        yield Finding(
            "v3_field_in_v2",
            Severity.WARNING,
            f"The card says V2 and holds fields of V3: {', '.join(later)}.",
            later[0],
            "Convert it to V3.",
        )
    unknown = [name for name in subject.data if name not in fields.RANK]
    if unknown:
        yield Finding(
            "unknown_field",
            Severity.INFO,
            f"No specification knows {', '.join(str(name)[:40] for name in unknown[:8])}; other programs may drop it.",
            "",
            "Own data belongs into extensions.",
        )


def version_and_chunk(subject: Subject) -> Iterator[Finding]:
    """A V3 card where only readers of ccv3 look for V3, and the other way round."""
    used = next((place for place in subject.opened.payload.places if place.is_used), None)
    keyword = used.keyword.lower() if used else ""
    if (keyword == "chara" and subject.rank == 3) or (keyword == "ccv3" and subject.rank < 3):
        yield Finding(
            "chunk_for_other_version",
            Severity.WARNING,
            f"A V{subject.rank} card lies in the chunk {keyword}, where programs expect another version.",
            "",
            f"Convert it: ainfluencer card convert IN OUT --to v{subject.rank}.",
        )


def dates(subject: Subject) -> Iterator[Finding]:
    """Dates in seconds, not before 1970, not in milliseconds."""
    for name in ("creation_date", "modification_date"):
        value = subject.data.get(name)
        if isinstance(value, int | float) and (value < 0 or value > _MILLISECONDS):
            yield Finding(
                "date_unlikely",
                Severity.WARNING,
                f"{name} is {value}; it counts seconds since 1970.",
                name,
                "Let lint --fix turn milliseconds into seconds.",
                can_fix=is_in_milliseconds(value),
            )


def is_in_milliseconds(value: Any) -> bool:
    """Whether a date counts milliseconds: it is too large for seconds, and gives a date of this age when it is divided."""
    return isinstance(value, int | float) and _MILLISECONDS < value < _MILLISECONDS * 1000


def languages(subject: Subject) -> Iterator[Finding]:
    """creator_notes_multilingual is keyed by two-letter codes."""
    for code in subject.card.creator_notes_multilingual:
        if not _LANGUAGE.match(code):
            yield Finding(
                "language_code",
                Severity.INFO,
                f"“{code[:20]}” is not a language code of two small letters (ISO 639-1).",
                "creator_notes_multilingual",
                "Use codes such as en or ja.",
            )


def assets(subject: Subject) -> Iterator[Finding]:
    """V3's rules about assets: one main icon, at most one main background, known kinds, plain endings."""
    found = subject.card.assets
    icons = [one for one in found if one.type == "icon"]
    mains = [one for one in icons if one.name == "main"]
    if len(icons) > 1 and not mains:
        yield _asset("assets_no_main_icon", Severity.ERROR, f"None of {len(icons)} icons is called main.", "assets")
    if len(mains) > 1:
        yield _asset("assets_several_main", Severity.ERROR, f"{len(mains)} icons are called main.", "assets")
    if sum(one.type == "background" and one.name == "main" for one in found) > 1:
        yield _asset("assets_several_main", Severity.ERROR, "Several backgrounds are called main.", "assets")
    for number, one in enumerate(found):
        yield from _one_asset(one, f"assets[{number}]")


def _one_asset(one: Any, field: str) -> Iterator[Finding]:
    if one.type not in _ASSET_TYPES and not one.type.startswith("x_"):
        yield _asset(
            "asset_type", Severity.INFO, f"“{one.type[:30]}” is no kind of asset; own ones begin with x_.", field
        )
    if not _URI.match(one.uri):
        yield _asset("asset_uri", Severity.WARNING, f"“{one.uri[:60]}” is no address of an asset.", field)
    if not _EXT.match(one.ext):
        ending = "Let lint --fix write it in small letters without a dot."
        yield Finding(
            "asset_ending",
            Severity.INFO,
            f"“{one.ext[:20]}” is no ending such as png, or unknown.",
            f"{field}.ext",
            ending,
            can_fix=bool(_EXT.match(one.ext.lower().lstrip("."))),
        )


def _asset(code: str, severity: Severity, message: str, field: str) -> Finding:
    return Finding(code, severity, message, field, "Set it with: ainfluencer card set IN OUT 'assets[0].name=main'.")
