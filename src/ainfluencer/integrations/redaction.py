"""Takes the secrets of one connection out of whatever may be read by a person or a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ainfluencer.core import crypto

HIDDEN = "[hidden]"
_SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "x-api-key", "api-key", "x-goog-api-key"}
)
_SECRET_WORDS = re.compile(r"pass(word|phrase)?|secret|token|jwt|api_?key|credential", re.IGNORECASE)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets (four letters or longer) and without anything that looks like one."""
    for secret in sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return crypto.redact(text)


def secrets_in(headers: Mapping[str, str] | None, body: object) -> set[str]:
    """The secrets of one request: its credential headers, and body fields that are named like a secret."""
    found: set[str] = set()
    for name, value in (headers or {}).items():
        if name.lower() in _SECRET_HEADERS:
            found.add(value)
            found.update(part for part in value.split() if len(part) >= 8)
    if isinstance(body, Mapping):
        found.update(v for k, v in body.items() if isinstance(v, str) and _SECRET_WORDS.search(str(k)))
    return found
