"""The key with which this studio signs its bundles (Ed25519), and how people compare keys."""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ainfluencer.core import crypto
from ainfluencer.core.config import settings
from ainfluencer.core.errors import InvalidInput

NAME = "bundles.key"


def own(data: Path | None = None) -> Ed25519PrivateKey:
    """The studio's own key, made at its first use. It lies in the data folder's keys/ and is part of every backup."""
    path = (data or settings().data) / "keys" / NAME
    if not path.exists():
        crypto.write_private(path, base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode() + "\n")
    return read(path)


def read(path: Path) -> Ed25519PrivateKey:
    """The key in a file; `InvalidInput` when there is none."""
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(path.read_text("ascii").strip(), validate=True))
    except (OSError, ValueError, binascii.Error):
        raise InvalidInput(
            f"“{path}” holds no signing key.",
            "Restore it from a backup, or move it away: the next bundle is then signed by a new key.",
            code="signing_key_damaged",
        ) from None


def public_of(key: Ed25519PrivateKey) -> str:
    """The public half, in base64."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def fingerprint(public: str) -> str:
    """A public key as people compare it: six groups of four digits and letters."""
    short = hashlib.sha256(base64.b64decode(public)).hexdigest()[:24]
    return "-".join(short[start : start + 4] for start in range(0, 24, 4))


def holds(public: str, signature: bytes, signed: bytes) -> bool:
    """Whether that key made that signature over these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True)).verify(signature, signed)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
