"""Short briefs that people type: YAML, Markdown with or without front matter, or one plain paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.naming import stated_name
from ainfluencer.cards.reading import yamls
from ainfluencer.core.errors import InvalidInput

EXAMPLE = "name: Mira Vale\nabout: A surfer and oceanographer from Ericeira who reads the tide before the news.\ninterests: [surfing, maps, strong coffee]"

# Every word that people use for a field, folded. The first of each row is the field's own name.
_WORDS = (
    ("name", "called", "character", "character name", "full name", "title"),
    ("about", "bio", "description", "summary", "who", "background", "story", "brief", "profile", "concept"),
    ("age",),
    ("location", "place", "city", "lives in", "home", "based in", "country", "where"),
    ("timezone", "time zone", "tz", "zone"),
    ("interests", "likes", "hobbies", "loves", "passions"),
    ("topics", "themes", "subjects", "talks about", "content", "posts about", "pillars"),
    ("tone", "content tone", "mood"),
    ("style", "communication style", "voice", "speaks", "speech", "writing style", "language style"),
    ("language", "lang", "languages"),
    ("personality", "persona", "traits", "character traits", "temperament"),
    ("look", "appearance", "looks", "visual", "physical description"),
    ("boundaries", "never", "limits", "dislikes talking about", "taboo", "taboos", "do not", "avoid", "rules"),
    ("tags", "keywords"),
    ("greeting", "hello", "first message", "intro", "introduction"),
    ("quotes", "sayings", "says", "catchphrases", "in their words", "lines"),
    ("facts", "details", "notes", "trivia", "backstory"),
    ("scenario", "setting", "world", "situation"),
    ("gender", "sex", "pronouns"),
    ("occupation", "job", "profession", "work"),
    ("prompt", "persona prompt", "system prompt"),
)
_FIELD = {word: row[0] for row in _WORDS for word in row}
LISTS = frozenset({"interests", "topics", "boundaries", "tags", "quotes", "facts"})
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_BOLD_LABEL = re.compile(r"^\s*(?:[-*+]\s+)?\*\*([^*:]{2,30}):?\*\*:?\s*(.*)$")
_LABEL = re.compile(r"^\s*(?:[-*+]\s+)?([A-Za-z][A-Za-z _-]{1,30}):\s*(.*)$")
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+(.+)$")


def parse(text: str) -> dict[str, Any]:
    """The fields of a brief by our own names; lists for list fields, nested looks and traits as they were written.

    Raises `InvalidInput` with an example when it is empty or has no name; `CardRefused` for broken YAML.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\ufeff \n\t\0")
    if not re.search(r"\w", text):
        raise _empty()
    fields = _front_matter(text)
    if fields is None:
        fields = _yaml(text)
    if fields is None:
        fields = _markdown(text)
    if not any(v for v in fields.values()):
        raise _empty()
    if not fields.get("name"):
        fields["name"] = stated_name(str(fields.get("about", "")) or text)
    if not fields["name"]:
        raise InvalidInput(
            "The brief does not say what the character is called.",
            f"Add a name, like this:\n{EXAMPLE}",
            code="brief_nameless",
            field="name",
        )
    return fields


def _empty() -> CardRefused:
    return CardRefused(Reason.BRIEF_EMPTY, "The brief is empty.", f"Write a few lines, like this:\n{EXAMPLE}")


def _front_matter(text: str) -> dict[str, Any] | None:
    lines = text.split("\n")
    if lines[0].strip() != "---":
        return None
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() in {"---", "..."}), 0)
    if not end:
        return None
    head = yamls.load("\n".join(lines[1:end]))
    body = "\n".join(lines[end + 1 :]).strip()
    fields = _markdown(body) if body else {}
    return fields | _known(head) if isinstance(head, dict) else fields


def _yaml(text: str) -> dict[str, Any] | None:
    """The fields when the text is a YAML mapping with at least one known word; None when it is prose or Markdown."""
    label = _LABEL.match(text.lstrip("-").lstrip().split("\n")[0])
    if not label or _FIELD.get(_fold(label.group(1))) is None or re.search(r"^#{1,6} \S", text, re.MULTILINE):
        return None
    try:
        root = yamls.load(text)
    except CardRefused as refusal:
        # Forgiving: “about: a baker: loud, warm” is no YAML, but everybody sees what it says.
        if refusal.reason == Reason.YAML_ALIASES or re.search(r"^\s+\S", text, re.MULTILINE):
            raise
        return None
    return _known(root) if isinstance(root, dict) else None


def _known(values: dict[Any, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    extra: list[str] = []
    for key, value in values.items():
        field = _FIELD.get(_fold(str(key)))
        if field:
            _put(fields, field, value)
        elif value not in (None, "", [], {}):
            extra.append(f"{str(key).replace('_', ' ')}: {_flat(value)}")
    if extra:
        fields["facts"] = [*fields.get("facts", []), *extra]
    return fields


def _put(fields: dict[str, Any], field: str, value: Any) -> None:
    if field in LISTS:
        fields[field] = [*fields.get(field, []), *_items(value)]
    elif field == "about" and fields.get(field):
        fields[field] = f"{fields[field]}\n{_flat(value)}"
    elif isinstance(value, dict) and field in {"look", "personality"}:
        fields[field] = value
    elif value is not None:
        fields[field] = value if field == "age" else _flat(value)


def _items(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{k}: {_flat(v)}" for k, v in value.items()]
    if isinstance(value, list):
        return [_flat(v) for v in value if _flat(v)]
    text = _flat(value).strip("[]")
    parts: Iterable[str] = text.split("\n") if "\n" in text else re.split(r"[,;]\s*", text)
    return [p.strip(" -•*\t") for p in parts if p.strip(" -•*\t")]


def _flat(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_flat(v) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k}: {_flat(v)}" for k, v in value.items())
    return str(value).strip()


def _fold(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word).strip().casefold()


def _markdown(text: str) -> dict[str, Any]:
    """Headings and labels name fields; what stands before the first of them is the description."""
    fields: dict[str, Any] = {}
    field, lines = "about", list[str]()
    for line in text.split("\n"):
        opened = _opening(line)
        if opened is None:
            lines.append(line)
            continue
        _close(fields, field, lines)
        field, rest = opened
        lines = [rest] if rest else []
        if field == "title":
            fields.setdefault("name", rest)
            field, lines = "about", []
    _close(fields, field, lines)
    return fields


def _opening(line: str) -> tuple[str, str] | None:
    """The field that this line begins and what stands behind it; None for an ordinary line."""
    heading = _HEADING.match(line)
    if heading:
        words = heading.group(2).strip("*_ :")
        known = _FIELD.get(_fold(words))
        if known and known != "name":
            return known, ""
        if len(heading.group(1)) == 1:
            return "title", words
        return "facts", f"{words}:"
    label = _BOLD_LABEL.match(line) or _LABEL.match(line)
    known = _FIELD.get(_fold(label.group(1))) if label else None
    return (known, label.group(2).strip()) if label and known else None


def _close(fields: dict[str, Any], field: str, lines: list[str]) -> None:
    bullets = [m.group(1).strip() for line in lines if (m := _BULLET.match(line))]
    text = "\n".join(lines).strip()
    if not text:
        return
    if field in LISTS:
        _put(fields, field, bullets or text)
    elif bullets and len(bullets) == sum(1 for line in lines if line.strip()):
        _put(fields, field, bullets)
    else:
        _put(fields, field, text)
