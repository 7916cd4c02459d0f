"""Decorators of V3: the lines that begin with @@ at the head of a lorebook entry (guide 1.1)."""

from __future__ import annotations

import re

NAMES = frozenset(
    [
        "activate",
        "dont_activate",
        "activate_only_after",
        "activate_only_every",
        "keep_activate_after_match",
        "dont_activate_after_match",
        "depth",
        "instruct_depth",
        "reverse_depth",
        "reverse_instruct_depth",
        "role",
        "scan_depth",
        "instruct_scan_depth",
        "is_greeting",
        "position",
        "ignore_on_max_context",
        "additional_keys",
        "exclude_keys",
        "is_user_icon",
        "disable_ui_prompt",
    ]
)
RISU_NAMES = frozenset(
    [
        "probability",
        "priority",
        "match_full_word",
        "match_partial_word",
        "exclude_keys_all",
        "recursive",
        "unrecursive",
        "no_recursive_search",
        "inject_at",
        "inject_lore",
        "inject_replace",
        "inject_prepend",
    ]
)
"""Beyond the specification; Risu's main branch of 2025-12 knows them."""
_LINE = re.compile(r"@@@?[A-Za-z_][\w-]*[^\n]*(?:\n|\Z)")
_BLANK = re.compile(r"[ \t]*\r?\n")


def split(content: str) -> tuple[list[str], str]:
    """The decorator lines at the head of an entry, and what is left of it."""
    lines: list[str] = []
    at = 0
    while found := _LINE.match(content, _after_blanks(content, at)):
        lines.append(found.group().rstrip("\r\n"))
        at = found.end()
    return lines, content[_after_blanks(content, at) :] if lines else content


def _after_blanks(content: str, at: int) -> int:
    while found := _BLANK.match(content, at):
        at = found.end()
    return at


def name_of(line: str) -> str:
    """The word behind the signs."""
    return line.lstrip("@").split(" ", 1)[0].strip()
