"""The character's own picture: read safely, cropped to what matters, and treated (duotone, halftone, mono)."""

from __future__ import annotations

import io
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from ainfluencer.core.colours import Colour
from ainfluencer.core.errors import InvalidInput

LONGEST = 2200  # pixels kept of the longer side; no page is larger
MOST_PIXELS = 120_000_000


@lru_cache(maxsize=4)
def _load(path: Path, changed: int, size: int) -> Image.Image:
    del changed, size  # only part of the key: a replaced file is read anew
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                if opened.width * opened.height > MOST_PIXELS or min(opened.size) < 16:
                    raise InvalidInput("The picture is too large or too small to draw with.", field="picture")
                opened.draft("RGB", (LONGEST, LONGEST))
                turned = ImageOps.exif_transpose(opened)
                turned.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
                return turned.convert("RGBA" if "A" in turned.getbands() or "transparency" in turned.info else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as e:
        raise InvalidInput(
            f"The picture cannot be read: {e.__class__.__name__}.", "Choose another picture.", field="picture"
        ) from e


def load(path: Path) -> Image.Image:
    """The picture, upright, RGB or RGBA. Raises `InvalidInput` for anything that is not a readable picture."""
    try:
        state = path.stat()
    except OSError:
        raise InvalidInput("The picture is not there any more.", "Choose another picture.", field="picture") from None
    return _load(path, state.st_mtime_ns, state.st_size)


def is_cut_out(image: Image.Image) -> bool:
    """Whether it has a transparent ground, as drawn avatars have."""
    return image.mode == "RGBA" and float((np.asarray(image.getchannel("A").resize((64, 64))) < 16).mean()) > 0.08


def flat(image: Image.Image, ground: Colour) -> Image.Image:
    """The picture without transparency, on a ground."""
    if image.mode == "RGB":
        return image
    base = Image.new("RGBA", image.size, (*ground.rgb, 255))
    return Image.alpha_composite(base, image).convert("RGB")


@lru_cache(maxsize=8)
def _focus(data: bytes, width: int, height: int, tall: float) -> tuple[float, float]:
    pixels = np.frombuffer(data, np.uint8).reshape(height, width).astype(np.float64)
    edges = np.abs(np.gradient(pixels, axis=0)) + np.abs(np.gradient(pixels, axis=1))
    rows = np.linspace(0, 1, height)[:, None]
    columns = np.linspace(0, 1, width)[None, :]
    # In an upright picture the person stands, and the face is in its upper third.
    upright = min(1.0, max(0.0, (tall - 1.0) * 2))
    prior = np.exp(-(((rows - 0.4 + 0.14 * upright) / (0.28 - 0.13 * upright)) ** 2) - ((columns - 0.5) / 0.3) ** 2)
    weight = edges * prior + 1e-6
    return float((weight * columns).sum() / weight.sum()), float((weight * rows).sum() / weight.sum())


def focus(image: Image.Image) -> tuple[float, float]:
    """Where the eye goes, as parts of width and height: detail, weighted towards the upper centre, where faces are."""
    small = image.convert("L").resize((64, 64)).filter(ImageFilter.GaussianBlur(1))
    return _focus(small.tobytes(), 64, 64, round(image.height / image.width, 2))


def standing(image: Image.Image, width: float, height: float, ground: Colour, share: float = 0.9) -> Image.Image:
    """A cut-out figure on a plain ground, whole, with its feet (or the cut of the bust) on the lower edge."""
    wide, high = max(1, round(width)), max(1, round(height))
    figure = image.crop(image.getchannel("A").getbbox())
    scale = min(wide * share / figure.width, high * share / figure.height)
    figure = figure.resize(
        (max(1, round(figure.width * scale)), max(1, round(figure.height * scale))), Image.Resampling.LANCZOS
    )
    base = Image.new("RGBA", (wide, high), (*ground.rgb, 255))
    base.alpha_composite(figure, ((wide - figure.width) // 2, high - figure.height))
    return base.convert("RGB")


def crop(
    image: Image.Image, width: float, height: float, *, zoom: float = 1.0, at: tuple[float, float] | None = None
) -> Image.Image:
    """The picture cut to a shape and size, around its focus; `zoom` above 1 comes closer."""
    wide, high = max(1, round(width)), max(1, round(height))
    spot_x, spot_y = at or focus(image)
    part = min(image.width / wide, image.height / high) / zoom
    # A part that is the whole width may come out wider than the picture by the last bit of a float.
    cut_wide, cut_high = min(wide * part, float(image.width)), min(high * part, float(image.height))
    left = min(image.width - cut_wide, max(0.0, spot_x * image.width - cut_wide / 2))
    top = min(image.height - cut_high, max(0.0, spot_y * image.height - cut_high * 0.46))
    return image.resize((wide, high), Image.Resampling.LANCZOS, box=(left, top, left + cut_wide, top + cut_high))


def _grey(image: Image.Image) -> NDArray[np.float64]:
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    return np.asarray(grey, np.float64) / 255


def duotone(image: Image.Image, dark: Colour, light: Colour, middle: Colour | None = None) -> Image.Image:
    """Greys mapped onto two or three colours."""
    stops = [dark, middle, light] if middle else [dark, light]
    places = np.linspace(0, 1, len(stops))
    ramp = np.linspace(0, 1, 256)
    table = np.stack([np.interp(ramp, places, [stop.rgb[c] for stop in stops]) for c in range(3)], axis=1)
    levels = (_grey(image) * 255).astype(np.uint8)
    return Image.fromarray(table.round().astype(np.uint8)[levels])


def halftone(image: Image.Image, ink: Colour, paper: Colour, cell: float = 11.0) -> Image.Image:
    """The picture as printed dots at 45 degrees; also rescues pictures that are too small to enlarge."""
    grey = (
        np.asarray(
            ImageOps.autocontrast(image.convert("L"), cutoff=2).filter(ImageFilter.GaussianBlur(cell / 4)), np.float64
        )
        / 255
    )
    rows, columns = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]]
    turn = np.pi / cell
    screen = (
        np.cos((columns + rows) * turn / np.sqrt(2) * 1.4142) + np.cos((columns - rows) * turn / np.sqrt(2) * 1.4142)
    ) / 4 + 0.5
    cover = np.clip((screen - grey * 0.96) * cell * 0.9 + 0.5, 0, 1)[..., None]
    mixed = np.array(paper.rgb) * (1 - cover) + np.array(ink.rgb) * cover
    return Image.fromarray(mixed.round().astype(np.uint8))


def graded(image: Image.Image, tint: Colour, amount: float = 0.12) -> Image.Image:
    """The picture in its own colours, leaning a little towards the palette so that a series belongs together."""
    toned = Image.blend(image, ImageOps.autocontrast(image, cutoff=0.5, preserve_tone=True), 0.3)
    return Image.blend(toned, Image.new("RGB", image.size, tint.rgb), amount)


def encoded(image: Image.Image) -> bytes:
    """The picture as bytes for the renderer: fast, and the same every time."""
    held = io.BytesIO()
    if image.mode == "RGBA":
        image.save(held, "PNG", compress_level=1)
    else:
        image.save(held, "JPEG", quality=94, subsampling=0)
    return held.getvalue()
