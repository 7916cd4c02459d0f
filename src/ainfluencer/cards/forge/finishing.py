"""From written fields to a V3 card: what the options ask for put in, mended by the safe fixes, checked, and ready as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ainfluencer import __version__
from ainfluencer.cards import opening
from ainfluencer.cards.converting import converter
from ainfluencer.cards.forge.options import FIELDS, Options
from ainfluencer.cards.forge.shapes import JobResult
from ainfluencer.cards.linting import linter
from ainfluencer.cards.linting.findings import Severity
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Notes
from ainfluencer.core import clock
from ainfluencer.core.errors import InvalidInput

STANDARD = (
    "name", "description", "personality", "scenario", "first_mes", "mes_example", "alternate_greetings", "system_prompt",
    "post_history_instructions", "creator_notes", "tags", "character_book",
)  # fmt: skip
REQUIRED = ("description", "first_mes")
_EXTENSION = "ainfluencer"


def fields_of(card: Card) -> dict[str, Any]:
    """The standard fields of a card that was read, as the forge works on them."""
    fields: dict[str, Any] = {name: getattr(card, name) for name in STANDARD if name != "character_book"}
    for name in ("tags", "alternate_greetings"):
        fields[name] = list(fields[name])
    return fields


def missing_in(fields: Mapping[str, Any], options: Options) -> list[str]:
    """The fields that a card lacks, in the order in which they are written."""
    optional = {"system_prompt": options.system_prompt, "character_book": options.book}
    return [name for name in FIELDS if not fields.get(name) and optional.get(name, True)]


def card_of(fields: Mapping[str, Any], options: Options, base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A V3 card's object. `base`: the stored object of the input card, whose other fields stay as they are."""
    now = int(clock.now().timestamp())
    inner = base.get("data") if base else None
    data: dict[str, Any] = dict(inner) if isinstance(inner, Mapping) else {}
    data |= {
        "name": fields.get("name", ""),
        "description": fields.get("description", ""),
        "personality": fields.get("personality", ""),
        "scenario": fields.get("scenario", ""),
        "first_mes": fields.get("first_mes", ""),
        "mes_example": fields.get("mes_example", ""),
        "creator_notes": fields.get("creator_notes", ""),
        "system_prompt": fields.get("system_prompt", ""),
        "post_history_instructions": fields.get("post_history_instructions", ""),
        "alternate_greetings": [text for text in fields.get("alternate_greetings") or [] if text],
        "tags": list(dict.fromkeys([*(fields.get("tags") or []), *options.tags])),
    }
    data["creator"] = options.creator or data.get("creator", "")
    data["character_version"] = options.character_version or data.get("character_version") or "1.0"
    data.setdefault("group_only_greetings", [])
    data.setdefault("creation_date", now)
    data["modification_date"] = now
    extensions = dict(data.get("extensions") or {})
    own = extensions.get(_EXTENSION)
    data["extensions"] = extensions | {
        _EXTENSION: {**(own if isinstance(own, dict) else {}), "forged_with": __version__}
    }
    if options.nickname:
        data["nickname"] = options.nickname
    if fields.get("character_book"):
        data["character_book"] = fields["character_book"]
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}


def opened(card: Mapping[str, Any]) -> opening.OpenCard:
    """The card as every other part of the product reads it."""
    return opening.open_card(json.dumps(card, ensure_ascii=False, indent=2).encode("utf-8", "replace"), "card.json")


def mended(card: dict[str, Any]) -> dict[str, Any]:
    """The card with every safe fix of the linter applied."""
    found = opened(card)
    data = linter.fix(found, linter.lint(found), Notes())
    made: dict[str, Any] = json.loads(data)
    return made


def faults(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the linter finds, the worst first; a required field that is empty is an error."""
    report = linter.lint(opened(card))
    found = [one.as_dict() for one in report.findings]
    data = card["data"]
    empty = [
        {
            "code": "forge_field_empty",
            "severity": "error",
            "field": name,
            "message": f"{name} is empty.",
            "next_step": "",
            "can_fix": False,
        }
        for name in REQUIRED
        if not str(data.get(name, "")).strip()
    ]
    return [*empty, *found]


def serious(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The errors among findings."""
    return [one for one in found if one["severity"] == Severity.ERROR]


def judge(card: Mapping[str, Any]) -> str:
    """The rating of the finished card; `PolicyRefused` for a sexual card of somebody who reads as a minor."""
    from ainfluencer.cards.understanding import drafting, identity, markup, prose

    data = card["data"]
    texts = [str(data.get(name, "")) for name in ("description", "personality", "scenario", "first_mes", "mes_example")]
    texts += [str(text) for text in data.get("alternate_greetings", [])]
    texts += [str(entry.get("content", "")) for entry in (data.get("character_book") or {}).get("entries", [])]
    age, _ = identity.age_of(markup.Attributes({}), prose.plain(texts[0]))
    return drafting.judged(texts, tuple(data.get("tags", [])), age, "card").rating.value


def result_of(card: Mapping[str, Any], metadata: dict[str, Any], **more: Any) -> JobResult:
    """The result of the job: standard fields, book, metadata, and the card itself."""
    data = card["data"]
    fields = {name: data.get(name) for name in STANDARD if data.get(name) is not None}
    return JobResult(**fields, metadata=metadata, card=dict(card), **more)


def card_in(result: Mapping[str, Any]) -> dict[str, Any]:
    """The card in a job's result; `InvalidInput` for a job that wrote none."""
    card = result.get("card")
    if not isinstance(card, dict) or "data" not in card:
        raise InvalidInput(
            "This job held a card against its source; it wrote none.", "Download the report as json.", code="no_card"
        )
    return card


def file_of(result: Mapping[str, Any], container: str, version: int) -> bytes:
    """The result's card as a file, made in memory."""
    target = converter.Target(container, version)
    return converter.convert(opened(card_in(result)), target, allow_loss=True).data
