"""Texts cut into sentences: every mark stays with the sentence to which it belongs."""

from __future__ import annotations

import re

_END = re.compile(
    r"(?<=[.!?…])(?P<kept>[\"'”’»)\]*]*)\s+(?=[\"'“‘«„(¿¡*\[]*[A-ZÀ-ÞĀ-Ž\u0370-\u03ff\u0400-\u042f\d])|(?<=[。！？])(?P<mark>[」』”]*)\s*|\n+"
)
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|e\.g|i\.e|approx|No|[A-Z])\.)$")


def sentences(text: str) -> list[str]:
    """Sentences and line items in order. Abbreviations such as “Dr.” do not end one."""
    out: list[str] = []
    at = 0
    is_joined = False
    for end in (*_END.finditer(text), None):
        stop = end.start() + len(end["kept"] or end["mark"] or "") if end else len(text)
        piece = text[at:stop].strip()
        at = end.end() if end else at
        if not piece:
            continue
        if is_joined:
            out[-1] = f"{out[-1]} {piece}"
        else:
            out.append(piece)
        is_joined = bool(end) and "\n" not in end.group() and bool(_ABBREVIATION.search(piece)) if end else False
    return out
