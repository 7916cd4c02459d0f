"""Instructions that need no model: shorten, add, remove, rename, replace. Anything else is for a model that writes freely."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ainfluencer.cards.forge.checking import cut
from ainfluencer.cards.forge.shapes import Support, Writing
from ainfluencer.core.errors import InvalidInput

_NAMES = {
    "description": "description", "personality": "personality", "scenario": "scenario", "first message": "first_mes", "greeting": "first_mes",
    "first_mes": "first_mes", "example": "mes_example", "examples": "mes_example", "example dialogue": "mes_example", "mes_example": "mes_example",
    "creator notes": "creator_notes", "creator_notes": "creator_notes", "system prompt": "system_prompt", "system_prompt": "system_prompt",
}  # fmt: skip
_FIELD = "|".join(sorted(_NAMES, key=len, reverse=True))
_QUOTED = r"(?:“(.{1,2000}?)”|\"(.{1,2000}?)\"|['‘](.{1,2000}?)['’])"
_NAME = r"(?:“(.{1,80}?)”|\"(.{1,80}?)\"|((?-i:[^\Wa-z_][\w.'’-]{0,39}(?: (?:[^\Wa-z_][\w.'’-]{0,39}|of|the|de|del|van|von|der|la|le|bin|al)){0,5})))"
"""A name in quotation marks, or words with capitals: “her sister” or “Vera and make her older” are no names."""
KNOWN = (
    "shorten FIELD to N words; add tag X; remove tag X; rename to X; replace “X” with “Y”; set FIELD to “X”; remove FIELD; remove alternate"
    " greetings"
)


def understood(instruction: str) -> bool:
    """Whether every part of an instruction can be followed by rules."""
    return bool(_parts(instruction)) and all(_rule_of(part) is not None for part in _parts(instruction))


def revise(instruction: str, card: Mapping[str, Any]) -> Writing:
    """The fields that the instruction changes. `InvalidInput` names the part that only a larger model could follow."""
    fields = dict(card)
    notes = []
    for part in _parts(instruction):
        found = _rule_of(part)
        if found is None:
            raise InvalidInput(
                f"“{part[:120]}” needs a model that writes freely; none is connected.",
                f"Connect Ollama or an OpenAI-compatible server, or use one of these: {KNOWN}.",
                field="instruction",
                code="needs_larger_model",
            )
        rule, match = found
        notes.append(rule(match, fields))
    changed = {name: value for name, value in fields.items() if value != card.get(name)}
    support = [Support(field=name, text=str(value)[:400], origin="card") for name, value in changed.items()]
    return Writing(fields=changed, support=support, notes=notes)


def _parts(instruction: str) -> list[str]:
    """What is asked for, one by one; what stands in quotation marks is not cut."""
    made = [""]
    for found in re.finditer(r"(“[^”]*”|\"[^\"]*\")|([;\n]+|\.\s+(?=[A-Z]))|.", instruction, re.DOTALL):
        if found[2]:
            made.append("")
        else:
            made[-1] += found[0]
    return [part.strip(" .") for part in made if part.strip(" .")]


def _said(match: re.Match[str], which: int = 0) -> str:
    """The words that one of the quotations (or names) of a rule holds; each has three groups, behind those of others."""
    found = [group for group in match.groups() if group is not None]
    return found[which]


def _rule_of(part: str) -> tuple[Any, re.Match[str]] | None:
    for pattern, rule in _RULES:
        match = re.fullmatch(pattern, part, re.IGNORECASE | re.DOTALL)
        if match:
            return rule, match
    return None


def _shorten(match: re.Match[str], fields: dict[str, Any]) -> str:
    name, most = _NAMES[match.group(1).lower()], int(match.group(2) or 120)
    fields[name] = _shortened(str(fields.get(name) or ""), most)
    return f"{name} was cut to {len(fields[name].split())} words, at the end of a sentence."


def _shortened(text: str, most: int) -> str:
    """The beginning of a text up to the end of a sentence, with its lines; one sentence always stays."""
    end = at = count = 0
    for sentence in cut(text):
        words = sentence.split()
        count += len(words)
        if end and count > most:
            break
        for word in words:
            at = text.index(word, at) + len(word)
        end = at
    kept = text[:end].rstrip()
    if kept.upper().endswith("<START>"):
        kept = kept[: -len("<START>")].rstrip()
    return f"{kept}*" if end < len(text) and kept.count("*") % 2 and not text.count("*") % 2 else kept


def _add_tag(match: re.Match[str], fields: dict[str, Any]) -> str:
    added = [tag.strip(" “”\"'") for tag in match.group(1).split(",")]
    fields["tags"] = list(dict.fromkeys([*fields.get("tags", []), *(tag for tag in added if tag)]))
    return f"Tags added: {', '.join(added)}."


def _remove_tag(match: re.Match[str], fields: dict[str, Any]) -> str:
    gone = {tag.strip(" “”\"'").lower() for tag in match.group(1).split(",")}
    fields["tags"] = [tag for tag in fields.get("tags", []) if tag.lower() not in gone]
    return f"Tags removed: {', '.join(sorted(gone))}."


def _rename(match: re.Match[str], fields: dict[str, Any]) -> str:
    old, new = str(fields.get("name", "")), _said(match).strip()
    if old:
        _replace_all(fields, old, new)
    fields["name"] = new
    return f"{old} is called {new} now, in every field."


def _replace(match: re.Match[str], fields: dict[str, Any]) -> str:
    old, new = _said(match), _said(match, 1)
    return f"“{old}” was replaced in {_replace_all(fields, old, new)} fields."


def _replace_all(fields: dict[str, Any], old: str, new: str) -> int:
    pattern = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")
    count = 0
    for name, value in fields.items():
        changed = _swapped(value, pattern, new)
        count += changed != value
        fields[name] = changed
    return count


def _swapped(value: Any, pattern: re.Pattern[str], new: str) -> Any:
    if isinstance(value, str):
        return pattern.sub(lambda _: new, value)
    if isinstance(value, list):
        return [_swapped(one, pattern, new) for one in value]
    if isinstance(value, dict):
        return {key: _swapped(one, pattern, new) for key, one in value.items()}
    return value


def _set(match: re.Match[str], fields: dict[str, Any]) -> str:
    fields[_NAMES[match.group(1).lower()]] = _said(match, 1)
    return f"{_NAMES[match.group(1).lower()]} was set."


def _remove(match: re.Match[str], fields: dict[str, Any]) -> str:
    fields[_NAMES[match.group(1).lower()]] = ""
    return f"{_NAMES[match.group(1).lower()]} was emptied."


def _no_greetings(_match: re.Match[str], fields: dict[str, Any]) -> str:
    fields["alternate_greetings"] = []
    return "The other greetings were removed."


_RULES = (
    (rf"(?:shorten|cut)(?: the)? ({_FIELD})(?: to (\d{{1,4}}) words)?", _shorten),
    (r"add(?: the)? tags?:? (.{1,200})", _add_tag),
    (r"remove(?: the)? tags?:? (.{1,200})", _remove_tag),
    (rf"(?:rename|call)(?: (?:her|him|them|it|the character))? to (?:{_NAME}|([\w'’-]{{1,80}}))", _rename),
    (rf"(?:rename|call) (?:her|him|them|it|the character) {_NAME}", _rename),
    (rf"replace {_QUOTED} (?:with|by) {_QUOTED}", _replace),
    (rf"set(?: the)? ({_FIELD}) to {_QUOTED}", _set),
    (r"(?:remove|delete)(?: all)?(?: the)? (?:alternate|other) greetings", _no_greetings),
    (rf"(?:remove|delete|empty)(?: the)? ({_FIELD})", _remove),
)
