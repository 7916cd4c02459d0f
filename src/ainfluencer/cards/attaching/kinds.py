"""What may be attached to a card, and under which kind and name: checked before anything is written."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ainfluencer.cards.reading import limits
from ainfluencer.core.errors import InvalidInput
from ainfluencer.media import probe

PICTURED = ("icon", "background", "emotion", "user_icon")
"""The kinds that the specification knows; each is a picture, a background may be a video too."""

MOST_IN_FILE = limits.MAX_ZIP_MEMBER
"""Bytes of one file in a PNG or an archive."""

MOST_IN_TEXT = 2_000_000
"""Bytes of one file inside the text of a JSON or YAML card, where every program loads it with the words."""

MOST_ASSETS = 1_000
LONGEST_NAME = 120
LONGEST_URI = 2_000

_OWN = re.compile(r"x_[a-z0-9_]{1,60}")
_ODD = re.compile(r"[\x00-\x1f\x7f/\\\u202a-\u202e\u2066-\u2069]")
_EXT = re.compile(r"[a-z0-9]{1,12}")
_PICTURES = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpg"),
    (0, b"GIF8", "gif"),
    (8, b"WEBP", "webp"),
    (4, b"ftypavif", "avif"),
)
_ENDINGS = frozenset({"png", "apng", "jpg", "jpeg", "gif", "webp", "avif"})
_VIDEOS = frozenset({"mp4", "webm", "mov", "mkv"})
MIMES = {
    "png": "image/png", "apng": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
    "webp": "image/webp", "avif": "image/avif", "mp3": "audio/mpeg", "ogg": "audio/ogg", "wav": "audio/wav",
    "flac": "audio/flac", "m4a": "audio/mp4", "opus": "audio/ogg", "mp4": "video/mp4", "webm": "video/webm",
}  # fmt: skip


def checked_type(given: str) -> str:
    """The kind of an asset; own ones begin with x_ (x- is taken as that)."""
    plain = re.sub(r"[- ]", "_", given.strip().lower())
    if plain in PICTURED or _OWN.fullmatch(plain):
        return plain
    raise InvalidInput(
        f"“{given[:60]}” is no kind of asset.",
        f"Use {', '.join(PICTURED)}, or a kind of your own that begins with x_.",
        code="asset_type",
        field="type",
    )


def checked_name(given: str) -> str:
    """A name that no program can mistake for a path."""
    plain = given.strip()
    if not plain or len(plain) > LONGEST_NAME or _ODD.search(plain) or set(plain) <= {"."}:
        raise InvalidInput(
            f"An asset's name is one line of up to {LONGEST_NAME} characters without slashes.",
            "Use a plain word such as main, happy or harbour.",
            code="asset_name",
            field="name",
        )
    return plain


def name_of(filename: str) -> str:
    """A name from the name of a file, whatever path somebody put before it."""
    stem = PurePosixPath(filename.replace("\\", "/")).stem
    return _ODD.sub("", stem).strip(" .")[:LONGEST_NAME] or "file"


def checked_uri(given: str) -> str:
    """The address of a file elsewhere: https or http."""
    plain = given.strip()
    if not re.fullmatch(r"https?://[^\s\x00-\x1f<>\"]+", plain) or len(plain) > LONGEST_URI:
        raise InvalidInput(
            "An asset elsewhere needs an address that begins with https://.",
            "Copy the address of the file itself, or upload the file.",
            code="asset_uri",
            field="uri",
        )
    return plain


def picture_kind(data: bytes) -> str:
    """png, jpg, gif, webp or avif by the first bytes; empty for everything else."""
    return next((ext for at, magic, ext in _PICTURES if data.startswith(magic, at)), "")


def ending(data: bytes, filename: str) -> str:
    """The ending as the format wants it: what the bytes say for pictures, else what the name says, else unknown."""
    if found := picture_kind(data):
        return found
    named = PurePosixPath(filename.replace("\\", "/")).suffix.lower().lstrip(".")
    return named if _EXT.fullmatch(named) else "unknown"


def check_content(kind: str, data: bytes, filename: str) -> str:
    """The ending of a file that fits its kind. `InvalidInput` for an empty, broken or wrong one."""
    ext = ending(data, filename)
    title = f"“{PurePosixPath(filename).name[:60]}”" if filename else "The file"
    if not data:
        raise InvalidInput(f"{title} is empty.", "Choose another file.", code="asset_empty", field="file")
    is_picture = bool(picture_kind(data))
    if ext in _ENDINGS and not is_picture:
        raise InvalidInput(
            f"{title} is called a picture, and is none.", "Export it again.", code="asset_content", field="file"
        )
    if kind in PICTURED and not is_picture and not (kind == "background" and ext in _VIDEOS):
        raise InvalidInput(
            f"{title} is no picture; an asset of the kind {kind} is one.",
            "Choose a picture (PNG, JPEG, WebP, GIF or AVIF), or a kind of your own such as x_sound.",
            code="asset_content",
            field="file",
        )
    if is_picture and ext != "avif":  # whose decoder is not everywhere
        probe.open_image(data)
    return ext


def file_name(kind: str, name: str, ext: str) -> str:
    """A name under which a file of a card may lie in any folder of any system, whatever the card says."""
    plain = re.sub(r"[^\w-]+", "-", f"{kind}-{name}").strip("-_")[:80] or "file"
    return f"{plain}.{ext if _EXT.fullmatch(ext) else 'bin'}"


def mime_of(ext: str) -> str:
    """The media type of an ending."""
    return MIMES.get(ext.lower(), "application/octet-stream")
