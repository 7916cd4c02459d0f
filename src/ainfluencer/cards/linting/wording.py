"""Rules about texts: empty and over-long fields, greetings, examples, placeholders, broken letters, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ainfluencer.cards.linting.findings import Finding, Severity
from ainfluencer.cards.linting.subject import Subject

_MARKER = re.compile(r"\b(?:T[O]DO|FIXM[E]|TBD|X{3,4})\b")
_PLACEHOLDER = re.compile(  # searched in lower case, which is four times as fast as ignoring case
    r"\blorem\s+ipsum\b|\[(?:insert|your|add|describe|name|age|todo)\b[^\]]{0,60}\]"
    r"|<(?:insert|your)\b[^>]{0,60}>|\b(?:insert|write|put) (?:text|description|name|something) here\b|\bplaceholder text\b"
)
# Runs that UTF-8 bytes become when they are read as Windows-1252: Ã©, â€™, ðŸ˜€.
_MOJIBAKE = re.compile("(?:[\u00c2-\u00df][\u0080-\u00bf\u20ac\u2018-\u201e\u2020-\u2026\u02c6\u2030\u0152-\u017e\u2039\u203a\u2122]"
                       "|\u00e2\u20ac[\u0080-\u00bf\u0152\u0153\u2018-\u201e\u2020-\u2026\u2122\u02dc\u017d\u017e\u203a\u00a2-\u00a6]"
                       "|\u00f0\u0178[\u0080-\u00ff\u0152-\u2122]{2})")  # fmt: skip
_SPEAKS = re.compile(r"^[^\S\n]*+(?:\{\{user\}\}|<user>|you)\s*:", re.IGNORECASE | re.MULTILINE)
_ACTS = re.compile(
    r"(?:\{\{user\}\}|\byou) (?:say|says|said|reply|replies|replied|answer|answers|answered|decide|decides|decided|think|thinks"
    r"|thought|feel|feels|felt|agree|agrees|agreed|nod|nods|nodded)\b",
    re.IGNORECASE,
)
_START = re.compile(r"<START>", re.IGNORECASE)
_LABEL = re.compile(r"^[^\S\n]*+(?:\{\{(?:char|user)\}\}|<(?:bot|char|user)>)\s*:", re.IGNORECASE | re.MULTILINE)
_REMOTE = re.compile(
    r"!\[[^\]\[]*+\]\(https?://|<img\b(?:(?!\bsrc\b)[^<>])*+\bsrc\s*+=\s*+[\"']?https?://", re.IGNORECASE
)
_LIMITS = {"description": 2000, "personality": 500, "scenario": 700, "first_mes": 1000, "mes_example": 1500, "name": 30}
"""Tokens above which a field takes more of a chat than it gives; a rule of thumb, so only a warning."""


def emptiness(subject: Subject) -> Iterator[Finding]:
    """Fields without which a chat has nothing to go by."""
    card = subject.card
    if not card.description.strip():
        yield _w("empty_description", "The card has no description.", "description", "Say who the character is.")
    if not card.first_mes.strip():
        yield _w("empty_first_message", "The card has no first message.", "first_mes", "Write how the chat begins.")
    if not card.mes_example.strip():
        yield _i(
            "empty_example", "There is no example dialogue.", "mes_example", "Two short exchanges show the voice best."
        )
    if not card.tags:
        yield _i("no_tags", "The card has no tags.", "tags", "Add a few, so that it is found.")


def lengths(subject: Subject) -> Iterator[Finding]:
    """Fields that are longer than a chat can well carry, and the whole against the context."""
    budget = subject.budget
    for name, most in _LIMITS.items():
        if budget.fields[name] > most:
            message = f"{name} has {budget.fields[name]:,} tokens; more than {most:,} crowd out the chat."
            yield _w("field_long", message, name, "Shorten it, or move parts into the lorebook.")
    if budget.permanent > budget.context:
        message = f"What is always sent has {budget.permanent:,} tokens, more than the context of {budget.context:,}."
        yield Finding("budget_exceeded", Severity.ERROR, message, "", "Shorten the card, or use a larger context.")
    elif budget.permanent > budget.context // 2:
        message = f"What is always sent takes {budget.share:.0%} of a context of {budget.context:,} tokens."
        yield _w("budget_half", message, "", "Move parts into the lorebook.")


def greetings(subject: Subject) -> Iterator[Finding]:
    """Greetings that stand twice, that are empty, or that speak for the user."""
    seen: dict[str, str] = {}
    for field, text in subject.greetings():
        if text.strip() and seen.setdefault(text.strip(), field) != field:
            yield _w(
                "greeting_duplicate",
                f"It is the same as {seen[text.strip()]}.",
                field,
                "Let lint --fix take it out.",
                can_fix=field.startswith("alternate"),
            )
        if _SPEAKS.search(text):
            yield _w("speaks_for_user", "It speaks lines of {{user}}.", field, "Leave the user's words to the user.")
        elif found := _ACTS.search(text):
            yield _i(
                "acts_for_user",
                f"It acts for the user (“{found.group()[:40]}”).",
                field,
                "Leave the user's reactions open.",
            )
    stored = subject.data.get("alternate_greetings")
    if isinstance(stored, list) and any(isinstance(one, str) and not one.strip() for one in stored):
        yield _w(
            "greeting_empty",
            "There is an empty greeting.",
            "alternate_greetings",
            "Let lint --fix take it out.",
            can_fix=True,
        )


def examples(subject: Subject) -> Iterator[Finding]:
    """The example dialogue: blocks begin with <START>, lines with {{char}}: or {{user}}:."""
    text = subject.card.mes_example.strip()
    if not text:
        return
    if not _START.match(text):
        yield _w(
            "example_without_start",
            "The example dialogue does not begin with <START>.",
            "mes_example",
            "Let lint --fix put it there.",
            can_fix=True,
        )
    if not _LABEL.search(text):
        yield _i(
            "example_without_names",
            "No line begins with {{char}}: or {{user}}:.",
            "mes_example",
            "Say who speaks at the head of a line.",
        )


def leftovers(subject: Subject) -> Iterator[Finding]:
    """Placeholders, broken letters, pictures from afar."""
    for field, text in subject.texts:
        if found := _MARKER.search(text) or _PLACEHOLDER.search(text.lower()):
            yield _w(
                "placeholder_left", f"A placeholder is left: “{found.group()[:50]}”.", field, "Replace or remove it."
            )
        if not text.isascii() and (found := _MOJIBAKE.search(text)):
            message = f"Letters were broken on the way (“{found.group()}”)."
            yield _w("mojibake", message, field, "Let lint --fix restore them.", can_fix=mended(text) != text)
        if _REMOTE.search(text):
            yield _i(
                "remote_picture",
                "It loads a picture from another server, which sees who reads it.",
                field,
                "Attach the picture as an asset.",
            )


def tags(subject: Subject) -> Iterator[Finding]:
    """Tags that stand twice, are empty or have blanks around them."""
    stored = subject.data.get("tags")
    if not isinstance(stored, list):
        return
    texts = [one for one in stored if isinstance(one, str)]
    if len({one.strip().lower() for one in texts}) < len(texts):
        yield _i("tag_duplicate", "A tag stands twice.", "tags", "Let lint --fix take it out.", can_fix=True)
    if any(one != one.strip() or not one for one in texts):
        yield _i(
            "tag_untidy", "A tag is empty or has blanks around it.", "tags", "Let lint --fix tidy it.", can_fix=True
        )
    if any(len(one) > 60 or "\n" in one for one in texts):
        yield _i("tag_long", "A tag is a sentence.", "tags", "Use one or two words.")


def mended(text: str) -> str:
    """The text with every broken run read again as UTF-8, where that gives letters."""
    return _MOJIBAKE.sub(lambda found: _reread(found.group()), text)


def _reread(run: str) -> str:
    try:
        raw = b"".join(
            one.encode("cp1252") if ord(one) > 0xFF or ord(one) not in range(0x80, 0xA0) else bytes([ord(one)])
            for one in run
        )
        return raw.decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return run


def _w(code: str, message: str, field: str, step: str, *, can_fix: bool = False) -> Finding:
    return Finding(code, Severity.WARNING, message, field, step, can_fix)


def _i(code: str, message: str, field: str, step: str, *, can_fix: bool = False) -> Finding:
    return Finding(code, Severity.INFO, message, field, step, can_fix)
