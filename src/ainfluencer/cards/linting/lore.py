"""Rules about the lorebook: ids, keys, patterns, decorators, entries that never fire or always do."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator

from ainfluencer.cards.converting import decorators
from ainfluencer.cards.linting.findings import Finding, Severity
from ainfluencer.cards.linting.subject import Subject
from ainfluencer.cards.reading.card import Entry

JS_PATTERN = re.compile(r"/(?P<body>.+)/(?P<flags>[a-z]*)\Z", re.DOTALL)
_JS_ONLY = (("(?<", "(?P<"), ("\\/", "/"))
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "be",
        "but",
        "for",
        "he",
        "her",
        "him",
        "his",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
        "no",
        "not",
        "of",
        "on",
        "or",
        "she",
        "so",
        "that",
        "the",
        "they",
        "to",
        "we",
        "you",
        "your",
    ]
)
NUMBERS = frozenset(
    [
        "depth",
        "instruct_depth",
        "reverse_depth",
        "reverse_instruct_depth",
        "scan_depth",
        "instruct_scan_depth",
        "is_greeting",
        "activate_only_after",
        "activate_only_every",
        "probability",
        "priority",
    ]
)
CHOICES = {
    "role": {"assistant", "system", "user"},
    "position": {"after_desc", "before_desc", "personality", "scenario"},
    "disable_ui_prompt": {"post_history_instructions", "system_prompt"},
}
LONGEST_PATTERN = 2_000


def ids(subject: Subject) -> Iterator[Finding]:
    """Two entries with one id overwrite each other in SillyTavern."""
    numbers = Counter(str(stored["id"]) for _, _, stored in subject.entries if stored.get("id") is not None)
    for name, number in numbers.items():
        if number > 1:
            yield Finding(
                "entry_id_duplicate",
                Severity.ERROR,
                f"{number} entries have the id {name[:40]}; SillyTavern keeps one of them.",
                "book.entries",
                "Let lint --fix number them anew.",
                can_fix=True,
            )


def entries(subject: Subject) -> Iterator[Finding]:
    """Each entry by itself."""
    for field, entry, _ in subject.entries:
        yield from _keys(field, entry)
        yield from _decorators(field, entry, subject.rank)
        if not entry.content.strip():
            yield Finding(
                "entry_empty",
                Severity.INFO,
                "The entry has no content and is never inserted.",
                f"{field}.content",
                "Write its content, or remove it.",
            )
        if entry.is_selective and not any(key.strip() for key in entry.secondary_keys) and entry.is_enabled:
            yield Finding(
                "entry_selective_without_keys",
                Severity.WARNING,
                "It asks for a second key and has none.",
                f"{field}.secondary_keys",
                "Give it second keys, or set selective=false.",
            )


def _keys(field: str, entry: Entry) -> Iterator[Finding]:
    keys = [key for key in entry.keys if key.strip()]
    if not keys and not entry.is_constant and entry.is_enabled and "@@activate" not in entry.content:
        yield Finding(
            "entry_never_fires",
            Severity.WARNING,
            "It has no keys and is not constant, so it never fires.",
            f"{field}.keys",
            "Give it keys, or set constant=true.",
        )
    for key in keys:
        yield from _key(f"{field}.keys", key, entry)


def _key(field: str, key: str, entry: Entry) -> Iterator[Finding]:
    found = JS_PATTERN.match(key)
    if entry.uses_regex or found:
        problem = pattern_problem(found["body"] if found else key) if entry.uses_regex or found else ""
        if problem:
            severity = Severity.ERROR if entry.uses_regex else Severity.WARNING
            yield Finding(
                "key_pattern_invalid",
                severity,
                f"The pattern “{key[:60]}” is invalid ({problem}) and matches nothing.",
                field,
                "Correct the pattern, or set use_regex=false.",
            )
        if found:
            return
    word = key.strip().lower()
    if not entry.is_constant and ((len(word) < 2 and word.isascii()) or word in _COMMON):
        yield Finding(
            "key_too_common",
            Severity.WARNING,
            f"The key “{key[:20]}” fires in almost every message.",
            field,
            "Use a rarer word.",
        )
    if "," in key and not entry.uses_regex and len(entry.keys) == 1:
        yield Finding(
            "key_with_commas",
            Severity.WARNING,
            f"“{key[:60]}” is one key; it fires only when it stands there whole.",
            field,
            "Let lint --fix split it at its commas." if parted(key) else "Write each word as a key of its own.",
            can_fix=bool(parted(key)),
        )


def parted(key: str) -> list[str]:
    """The keys that one with commas was meant to be; none where a part of a pattern could be torn."""
    return [] if key.startswith("/") else [part.strip() for part in key.split(",") if part.strip()]


def pattern_problem(pattern: str) -> str:
    """Why a pattern is invalid, or an empty string. JavaScript's spelling of named groups is understood."""
    if len(pattern) > LONGEST_PATTERN:
        return "it is too long"
    import regex  # noqa: PLC0415 - look-behinds of any length, as JavaScript has them; 30 ms that only patterns need

    try:
        regex.compile(respelled(pattern))
    except (regex.error, OverflowError, RecursionError, ValueError) as error:
        return str(error)[:80]
    return ""


def respelled(pattern: str) -> str:
    """A pattern of JavaScript as the package regex spells it."""
    for theirs, ours in _JS_ONLY:
        pattern = pattern.replace(theirs, ours)
    return pattern.replace("(?P<=", "(?<=").replace("(?P<!", "(?<!")


def _decorators(field: str, entry: Entry, rank: int) -> Iterator[Finding]:
    if not entry.content.lstrip().startswith("@@"):
        return
    lines, _ = decorators.split(entry.content)
    if lines and rank < 3:
        yield Finding(
            "decorator_in_v2",
            Severity.WARNING,
            "V2 knows no decorators; their lines are sent as text.",
            f"{field}.content",
            "Convert the card to V3.",
        )
    for line in lines:
        yield from _decorator(f"{field}.content", line)


def _decorator(field: str, line: str) -> Iterator[Finding]:
    name, value = decorators.name_of(line), line.partition(" ")[2].strip()
    known = decorators.NAMES | decorators.RISU_NAMES
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f" Did you mean @@{near[0]}?" if near else ""
        yield Finding(
            "decorator_unknown",
            Severity.WARNING,
            f"No program knows the decorator @@{name[:40]}.{hint}",
            field,
            "Correct the name; unknown ones are ignored.",
        )
    elif (name in NUMBERS and not re.fullmatch(r"-?\d+", value)) or (name in CHOICES and value not in CHOICES[name]):
        wanted = "a whole number" if name in NUMBERS else " or ".join(sorted(CHOICES[name]))
        yield Finding(
            "decorator_value",
            Severity.WARNING,
            f"@@{name} takes {wanted}, not “{value[:40]}”.",
            field,
            "Correct the value; bad ones are ignored.",
        )


def whole(subject: Subject) -> Iterator[Finding]:
    """The book as a whole: keys that several entries share, and its budget."""
    users: dict[str, list[str]] = {}
    for field, entry, _ in subject.entries:
        for key in {one.strip().lower() for one in entry.keys if one.strip()}:
            users.setdefault(key, []).append(field)
    shared = {key: fields for key, fields in users.items() if len(fields) > 4}
    for key, fields in list(shared.items())[:20]:
        yield Finding(
            "key_shared",
            Severity.INFO,
            f"{len(fields)} entries fire together at “{key[:40]}”.",
            "book.entries",
            "That is well if it is meant; it takes their tokens at once.",
        )
    worst, book = subject.budget.lorebook_worst, subject.card.book
    if book and worst > subject.budget.context // 2:
        yield Finding(
            "book_large",
            Severity.WARNING,
            f"If all of the lore fires, it takes {worst:,} of {subject.budget.context:,} tokens.",
            "book.token_budget",
            "Set book.token_budget.",
        )
    if book and book.scan_depth == 0:
        yield Finding(
            "book_scans_nothing",
            Severity.WARNING,
            "scan_depth is 0, so that no message is searched for keys.",
            "book.scan_depth",
            "Set it to 2 or more.",
        )
