"""Pictures as a source: a model that sees says what they show, and its sentences are used as any source's are."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field

from ainfluencer.cards.forge import tongues
from ainfluencer.cards.forge.asking import Writer
from ainfluencer.cards.forge.profiles import filled
from ainfluencer.cards.forge.shapes import Claim, Kind
from ainfluencer.cards.forge.steps import Kept, Spent
from ainfluencer.core.errors import InvalidInput
from ainfluencer.integrations.values import Picture
from ainfluencer.media import probe, storage

LONGEST_SIDE = 1024  # pixels; models scale down to about this, and a larger picture only costs more
ANYBODY = "The character"
SYNTHETIC = "The looks were described from a picture. The character is invented and synthetic; whoever may be in the picture is not meant."
_WHO = re.compile(
    r"\b(?:celebrit|famous|actor|actress|singer|politician|president|influencer|named|called|known as|identified|recogni[sz]e"
    r"|resembl|looks? (?:like|similar to) [A-Z]|could be [A-Z]|real person)",
)
"""Words by which a model says who somebody is although it was asked not to."""


class Seen(BaseModel):
    """What a model saw: one plain sentence a statement."""

    statements: list[str] = Field(default_factory=list, max_length=40)


@dataclass(slots=True)
class Sight:
    """The description as a text, and its sentences as statements; `dropped` said who somebody is."""

    text: str = ""
    claims: list[Claim] = field(default_factory=list)
    dropped: int = 0


def shown(data: bytes) -> Picture:
    """The picture as a model is shown it: upright, at most 1024 pixels long, as JPEG, without any metadata."""
    from PIL import Image, ImageOps

    picture = ImageOps.exif_transpose(probe.open_image(data))
    if "A" in picture.getbands() or "transparency" in picture.info:
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture.convert("RGBA"))
    picture = picture.convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return Picture(out.getvalue(), "image/jpeg")


async def look(
    seer: Writer, prompt: str, pictures: Sequence[tuple[str, bytes]], name: str, language: str, kept: Kept
) -> Sight:
    """What the pictures show, each looked at once. `InvalidInput` when nothing can be said of them."""
    sight = Sight()
    filled_in = filled(prompt, {"name": name or ANYBODY, "language": tongues.name_of(language)})
    for title, data in pictures:
        picture = await asyncio.to_thread(shown, data)

        async def describe(spent: Spent, picture: Picture = picture) -> dict[str, Any]:
            return (await seer.ask(filled_in, Seen, spent, most=2_000, pictures=(picture,))).model_dump()

        matter = {"picture": storage.sha256(data), "prompt": filled_in, "maker": seer.slug, "model": seer.model}
        found = Seen.model_validate(await kept.step("look", matter, describe))
        _add(sight, found, name, title, seer.slug)
    if not sight.claims:
        raise InvalidInput("The model said nothing of the picture that can be used.", "Describe it in words, or choose another model.", field="files")  # fmt: skip
    return sight


def _add(sight: Sight, found: Seen, name: str, title: str, by: str) -> None:
    said = [re.sub(r"\s+", " ", one).strip().replace(ANYBODY, name or ANYBODY) for one in found.statements]
    kept = [one for one in dict.fromkeys(said) if len(one) > 3 and not _WHO.search(one)]
    sight.dropped += len([one for one in said if one]) - len(kept)
    sight.claims += [
        Claim(kind=Kind.APPEARANCE, text=one, quote=one, where=f"picture {title}", by=by, weight=2) for one in kept
    ]
    sight.text = "\n\n".join([*([sight.text] if sight.text else []), "\n\n".join(kept)])
