"""Smaller copies of a picture, made when first asked for and kept."""

from __future__ import annotations

from pathlib import Path

from ainfluencer.core.errors import InvalidInput
from ainfluencer.core.ids import new_id
from ainfluencer.media import probe, storage
from ainfluencer.media.models import MediaFile

WIDTHS = (96, 160, 320, 480, 640, 1280)


def thumbnail(file: MediaFile, width: int) -> Path:
    """A WebP of that width (one of WIDTHS); never larger than the original."""
    if width not in WIDTHS:
        raise InvalidInput(f"There is no thumbnail of width {width}.", f"Use one of {', '.join(map(str, WIDTHS))}.")
    if file.kind != "image":
        raise InvalidInput("Only pictures have thumbnails.", "Ask for the file itself.")
    target = storage.variant_path(file.sha256, f"{width}.webp")
    if target.exists():
        return target
    from PIL import Image, ImageOps

    picture = probe.open_image(storage.path_of(file.sha256, file.mime).read_bytes())
    picture = ImageOps.exif_transpose(picture).convert("RGBA" if "A" in picture.getbands() else "RGB")
    if picture.width > width:
        picture = picture.resize(
            (width, max(1, round(picture.height * width / picture.width))), Image.Resampling.LANCZOS
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{new_id()}.part")
    picture.save(part, "WEBP", quality=82, method=4)
    part.replace(target)
    return target
