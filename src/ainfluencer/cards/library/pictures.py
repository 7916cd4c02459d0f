"""Gives a card another picture, or another part of the one it has. Only the picture is written anew: all texts stay."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.library import files, revising
from ainfluencer.cards.library.files import Kept
from ainfluencer.cards.library.keeping import Reason
from ainfluencer.cards.library.revising import Change
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.queries import current, get
from ainfluencer.cards.reading import archives as zips
from ainfluencer.cards.reading.png import SIGNATURE, chunks
from ainfluencer.cards.reading.values import Container, Notes
from ainfluencer.cards.saving import archives
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.media.probe import open_image

if TYPE_CHECKING:
    from PIL import Image

LONGEST_SIDE = 2048
"""Pixels; a larger picture is made smaller, for every program loads a card whole."""

_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_FORMATS = {".png": "PNG", ".webp": "WEBP", ".jpg": "JPEG", ".jpeg": "JPEG"}


@dataclass(frozen=True, slots=True)
class Crop:
    """The part of a picture to keep, in its pixels; a width of 0 keeps all of it."""

    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0


async def propose_picture(
    session: AsyncSession, actor: Actor, card_id: str, *, rev: int, picture: bytes | None, crop: Crop
) -> Change:
    """Another picture for the card, or without one another part of its own. A card in JSON or YAML becomes a PNG.

    Raises `InvalidInput` for a broken picture, a part outside it, and archives that have no icon of their own.
    """
    actor.require(Right.CREATE)
    row = await get(session, actor, card_id)
    revising.check_rev(row, rev)
    kept = files.kept(await current(session, actor, row))
    return await asyncio.to_thread(_pictured, card_id, rev, kept, picture, crop)


def _pictured(card_id: str, rev: int, kept: Kept, picture: bytes | None, crop: Crop) -> Change:
    opened = files.opened(kept)
    source = picture or opened.payload.picture
    if source is None:
        raise InvalidInput("This card has no picture to cut.", "Send a picture.", field="file")
    image = cut(source, crop)
    name = kept.filename
    if opened.payload.container in {Container.PNG, Container.APNG}:
        data = with_pixels(opened.data, _saved(image, "PNG"))
    elif opened.payload.container in {Container.CHARX, Container.JPEG_CHARX}:
        data = _in_archive(opened, image)
    else:
        target = Target("png")
        data = converter.convert(opened, target, picture=_saved(image, "PNG"), allow_loss=True).data
        name = f"{kept.filename.rpartition('.')[0] or 'card'}.png"
    change = revising.settled(card_id, rev, kept, data, name, Reason.EDITED)
    return Change(card_id, rev, change.examined, None, ("picture", *change.fields), Reason.EDITED)


def cut(picture: bytes, crop: Crop) -> Image.Image:
    """The wanted part of a picture, upright. `InvalidInput` for a part that is not inside it."""
    from PIL import ImageOps

    image = ImageOps.exif_transpose(open_image(picture))
    if crop.width or crop.height or crop.x or crop.y:
        inside = crop.x >= 0 and crop.y >= 0 and crop.width >= 16 and crop.height >= 16
        if not inside or crop.x + crop.width > image.width or crop.y + crop.height > image.height:
            raise InvalidInput(
                f"The part {crop.width}×{crop.height} at {crop.x}, {crop.y} does not lie inside the picture of "
                f"{image.width}×{image.height} pixels.",
                "Choose a part of at least 16×16 pixels inside the picture.",
                code="crop_outside",
                field="crop",
            )
        image = image.crop((crop.x, crop.y, crop.x + crop.width, crop.y + crop.height))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def _saved(image: Image.Image, form: str) -> bytes:
    out = BytesIO()
    plain = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    if form == "JPEG":
        plain = plain.convert("RGB")
    plain.save(out, form, quality=92) if form != "PNG" else plain.save(out, form)
    return out.getvalue()


def with_pixels(card: bytes, picture: bytes) -> bytes:
    """A PNG picture with all texts of a PNG card, to the last byte; texts of the picture itself go."""
    texts = [card[one.offset : one.end] for one in chunks(card) if one.kind in _TEXTS]
    out = [SIGNATURE]
    for one in chunks(picture):
        if one.kind in {b"IDAT", b"IEND"}:
            out += texts
            texts = []
        if one.kind not in _TEXTS:
            out.append(picture[one.offset : one.end])
    return b"".join(out)


def _in_archive(opened: OpenCard, image: Image.Image) -> bytes:
    """The archive with another main icon in the place and format of the one that it has."""
    archive = zips.Archive(opened.data, Notes())
    picture = opened.payload.picture
    member = next((n for n in archive.infos if picture and archive.read(n) == picture), "")
    form = _FORMATS.get(f".{member.rpartition('.')[2].lower()}", "")
    if not member or not form:
        raise InvalidInput(
            "This archive has no icon of its own that could be exchanged.",
            "Convert the card to PNG first; its picture can be changed there.",
            code="picture_has_no_place",
        )
    return archives.with_card(opened.data, _saved(image, form), name=member)
