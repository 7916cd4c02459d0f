"""Secrets: encryption at rest, signed and one-way tokens, and what logs must not show."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import MutableMapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from filelock import FileLock

from ainfluencer.core import clock
from ainfluencer.core.config import settings
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.core.ids import new_id

_SCHEME = "a1"  # AES-256-GCM, 96-bit random nonce; a later scheme gets another prefix and old rows stay readable
_KEYRINGS: dict[Path, dict[str, bytes]] = {}

TOKEN_PATTERN = r"ain[ksl]_[A-Za-z0-9_-]{20,}"  # noqa: S105 - the shape of our tokens, not one of them


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read (mode 0600 where the system has modes), all at once or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.name != "nt":
        path.parent.chmod(0o700)
    partial = path.with_name(f".{path.name}.{new_id()}")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def key_file(data: Path | None = None) -> Path:
    """Where the keys of a data folder lie. Losing this file loses every stored secret: backups include it."""
    return (data or settings().data) / "keys" / "secret.key"


def _read_ring(path: Path) -> dict[str, bytes]:
    ring: dict[str, bytes] = {}
    for line in path.read_text("utf-8").split():
        name, _, key = line.partition(":")
        try:
            raw = _unb64(key)
        except binascii.Error:
            raw = b""
        if not name or len(raw) != 32:
            raise Conflict(
                "The key file keys/secret.key of the data folder is damaged.",
                "Put the file back from a backup; secrets that were stored with it cannot be read without it.",
                code="key_file_damaged",
            )
        ring[name] = raw
    return ring


def _ring() -> dict[str, bytes]:
    """Every key by name, the present one first. Made on first use; two processes starting together make one file."""
    path = key_file()
    if path not in _KEYRINGS:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path.with_suffix(".lock"), timeout=10):
                if not path.exists():
                    write_private(path, _fresh_line())
        ring = _read_ring(path)
        if not ring:
            raise Conflict("The key file keys/secret.key is empty.", "Put the file back from a backup.")
        _KEYRINGS[path] = ring
    return _KEYRINGS[path]


def _fresh_line() -> str:
    return f"{secrets.token_hex(3)}:{_b64(secrets.token_bytes(32))}\n"


def rotate() -> str:
    """Add a new key that is used from now on, and return its name. Old keys stay, so old secrets stay readable."""
    _ring()
    path = key_file()
    with FileLock(path.with_suffix(".lock"), timeout=10):
        write_private(path, _fresh_line() + path.read_text("utf-8"))
    _KEYRINGS.pop(path, None)
    return next(iter(_ring()))


def encrypt(plain: str, purpose: str = "") -> str:
    """Text for a database column: `a1:<key name>:<nonce and ciphertext>`. `purpose` must be named again to read it."""
    name, key = next(iter(_ring().items()))
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), purpose.encode())
    return f"{_SCHEME}:{name}:{_b64(nonce + sealed)}"


def decrypt(stored: str, purpose: str = "") -> str:
    """What `encrypt` was given. `Conflict` when the key is missing or the text was changed or moved."""
    try:
        scheme, name, body = stored.split(":")
        if scheme == _SCHEME:
            raw = _unb64(body)
            return AESGCM(_ring()[name]).decrypt(raw[:12], raw[12:], purpose.encode()).decode()
    except (ValueError, KeyError, InvalidTag):
        pass
    raise Conflict(
        "A stored secret cannot be read with this data folder's key.",
        "Put keys/secret.key back from the backup that belongs to this database, or enter the secret again.",
        code="secret_unreadable",
    )


def needs_rotation(stored: str) -> bool:
    """Whether the text was sealed with a key that is no longer the present one."""
    return not stored.startswith(f"{_SCHEME}:{next(iter(_ring()))}:")


def new_token(kind: str) -> str:
    """A random token of 256 bits. Kinds: `k` API key, `s` session, `l` one-time link; the prefix lets logs hide it."""
    return f"ain{kind}_{_b64(secrets.token_bytes(32))}"


def digest(token: str) -> str:
    """What is stored of a token (SHA-256, hex). Fast on purpose: 256 random bits cannot be guessed, unlike a password."""
    return hashlib.sha256(token.encode()).hexdigest()


def _signature(key: bytes, purpose: str, body: str) -> str:
    derived = hmac.digest(key, b"sign:" + purpose.encode(), "sha256")
    return _b64(hmac.digest(derived, body.encode(), "sha256"))


def sign(value: str, purpose: str, *, until: datetime | None = None) -> str:
    """A token that carries `value` openly and cannot be altered (HMAC-SHA-256): cookies, states of a sign-in round trip."""
    name, key = next(iter(_ring().items()))
    expires = str(int(until.timestamp())) if until else ""
    body = f"{name}.{expires}.{_b64(value.encode())}"
    return f"{body}.{_signature(key, purpose, body)}"


def unsign(token: str, purpose: str) -> str:
    """The value of a signed token; `InvalidInput` when it was altered, is for another purpose, or has expired."""
    try:
        body, _, signature = token.rpartition(".")
        name, expires, value = body.split(".")
        good = hmac.compare_digest(_signature(_ring()[name], purpose, body).encode(), signature.encode())
        if good and (not expires or int(expires) > clock.now().timestamp()):
            return _unb64(value).decode()
    except (ValueError, KeyError):
        pass
    raise InvalidInput("This link or form is no longer valid.", "Load the page again.", code="bad_signature")


_HIDDEN = "[hidden]"
_TELLING = r"(?:[\w-]{0,40}(?:password|passwd|secret|token|api[_-]?key|apikey|authorization|credential|private[_-]?key|cookie))"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(TOKEN_PATTERN), _HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+(?=\S*\d)[A-Za-z0-9._~+/=-]{16,}"), rf"\1 {_HIDDEN}"),
    (re.compile(r"(?i)(://[^/\s:@]*):[^/\s@]+@"), rf"\1:{_HIDDEN}@"),
    (
        re.compile(rf"(?i)([\"']?{_TELLING}[\"']?\s*[:=]\s*)(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,;&\"'}}\]]+)"),
        rf"\1{_HIDDEN}",
    ),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), _HIDDEN),
    (re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"), _HIDDEN),
)
_SECRET_NAME = re.compile(rf"(?i)^{_TELLING}s?$")


def redact(text: str) -> str:
    """The text with what looks like a secret replaced by `[hidden]`. For logs, error answers and support files."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def _redacted(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return _HIDDEN if value and _SECRET_NAME.match(name) else redact(value)
    if isinstance(value, dict):
        return {k: _redacted(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(name, v) for v in value]
    return value


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: no secret leaves in a log line, whether in its text or under a telling name."""
    for name, value in list(event.items()):
        event[name] = _redacted(name, value)
    return event
