"""Looks into bytes before anything trusts them: what they are, how big the picture is, its fingerprint."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ainfluencer.core.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

MAX_PIXELS = 80_000_000  # a decoded RGB picture of this size takes 240 MB
_IMAGE_MIMES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file is. Width and height in pixels, 0 where it has none."""

    mime: str
    kind: str
    width: int = 0
    height: int = 0
    duration_seconds: float = 0.0
    phash: str = ""
    colour: str = ""


# (offset, magic bytes, media type), first match wins
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (8, b"WEBP", "image/webp"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (4, b"ftyp", "video/mp4"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
)


def _sniff(data: bytes) -> str:
    for offset, magic, mime in _MAGIC:
        if data.startswith(magic, offset):
            return mime
    return "application/octet-stream"


def open_image(data: bytes) -> Image.Image:
    """The decoded first frame, upright. `InvalidInput` for anything broken or too large to decode safely."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data))
            if picture.format not in _IMAGE_MIMES:
                raise InvalidInput(
                    f"Pictures of the kind {picture.format} are not supported.", "Use PNG, JPEG, WebP or GIF."
                )
            if picture.width * picture.height > MAX_PIXELS:
                raise InvalidInput(
                    f"The picture has {picture.width}×{picture.height} pixels, which is too large to open safely.",
                    "Make it smaller than 80 megapixels.",
                )
            picture.load()
    except UnidentifiedImageError:  # its text names an object in memory
        raise InvalidInput("The file is not a picture that can be read.", "Use PNG, JPEG, WebP or GIF.") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning) as e:
        raise InvalidInput(
            f"The picture is broken or cut off ({str(e)[:80]}).", "Export it again and upload it."
        ) from None
    except Image.DecompressionBombError:
        raise InvalidInput(
            "The picture claims to be too large to open safely.", "Make it smaller than 80 megapixels."
        ) from None
    return picture


def _check_boxes(data: bytes) -> None:
    """`InvalidInput` unless the boxes of an MP4 fill the file and one of them says what is in it (ISO 14496-12, 4.2)."""
    kinds, at = set[bytes](), 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        header = 16 if size == 1 else 8
        size = int.from_bytes(data[at + 8 : at + 16]) if size == 1 else size or len(data) - at
        kinds.add(kind)
        if size < header:
            break
        at += size
    if at != len(data) or not kinds & {b"moov", b"moof"}:
        raise InvalidInput("The video is broken or cut off.", "Export it again and upload it.")


def perceptual_hash(grey: np.ndarray) -> str:
    """64 bits as 16 hex letters: the signs of the low frequencies of a 32×32 cosine transform (pHash)."""
    import cv2
    import numpy as np

    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].flatten()
    bits = low > np.median(low[1:])
    return f"{int(''.join('1' if b else '0' for b in bits), 2):016x}"


def distance(one: str, other: str) -> int:
    """How many of the 64 bits of two fingerprints differ; below about 6 two pictures look the same."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def probe(data: bytes) -> Probe:
    """Look at the whole file. Pictures are decoded (and refused when broken); other kinds are only recognised."""
    if not data:
        raise InvalidInput("The file is empty.", "Choose another file.")
    mime = _sniff(data)
    if mime == "video/mp4":
        _check_boxes(data)
    if not mime.startswith("image/"):
        return Probe(mime=mime, kind=mime.split("/", 1)[0] if mime.startswith(("video/", "audio/")) else "other")
    import numpy as np

    picture = open_image(data)
    rgb = np.asarray(picture.convert("RGB").resize((64, 64)))
    r, g, b = (int(v) for v in rgb.reshape(-1, 3).mean(axis=0))
    grey = np.asarray(picture.convert("L"))
    return Probe(
        mime=_IMAGE_MIMES[picture.format or "PNG"],
        kind="image",
        width=picture.width,
        height=picture.height,
        phash=perceptual_hash(grey),
        colour=f"#{r:02x}{g:02x}{b:02x}",
    )
