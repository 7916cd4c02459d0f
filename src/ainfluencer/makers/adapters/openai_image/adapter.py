"""Image generations of an OpenAI-compatible server."""

from __future__ import annotations

import math
import re

from ainfluencer.core.errors import InvalidInput, Unsupported
from ainfluencer.integrations import openai_wire
from ainfluencer.integrations.protocols import Made, MakeRequest
from ainfluencer.integrations.values import Account, ImageRequest, Link, ModelInfo
from ainfluencer.makers.adapters.openai_image import MANIFEST

_SIZE = re.compile(r"^(\d{2,5})x(\d{2,5})$")


class OpenAIImage:
    """Keeps no state; the link brings address, key, model and sizes."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """The sign-in must be good and the sizes readable; no picture is made, because that may cost money."""
        sizes_of(link)
        model = link.settings.get("model", "")
        names = [m.name for m in await self.models(link)]
        notes = () if not names or model in names else (f"“{model}” is not in the server's list of models.",)
        return Account(remote_id=model, handle=model, title=f"{model} at {link.client.base_url}", notes=notes)

    async def make(self, link: Link, request: MakeRequest) -> Made:
        """Make the pictures in the nearest size that the model knows. Raises `Unsupported` for anything else."""
        if not isinstance(request, ImageRequest):
            raise Unsupported(link.slug, "This maker makes pictures only.")
        width, height = nearest(sizes_of(link), request.width, request.height)
        return await openai_wire.images(
            link.client,
            link.secrets.get("api_key", ""),
            request,
            model=request.model or link.settings.get("model", ""),
            size=f"{width}x{height}",
        )

    async def models(self, link: Link) -> tuple[ModelInfo, ...]:
        """The server's own list (of all its models; few servers say which make pictures)."""
        return await openai_wire.list_models(link.client, link.secrets.get("api_key", ""))


def sizes_of(link: Link) -> list[tuple[int, int]]:
    """The sizes of the settings in pixels; `InvalidInput` when one cannot be read."""
    found = []
    for word in link.settings.get("sizes", "").lower().replace(" ", "").split(","):
        matched = _SIZE.match(word)
        if word and not matched:
            raise InvalidInput(f"“{word[:40]}” is not a size.", "Write sizes like 1024x1024,1024x1536.", field="sizes")
        if matched:
            found.append((int(matched[1]), int(matched[2])))
    return found or [(1024, 1024)]


def nearest(sizes: list[tuple[int, int]], width: int, height: int) -> tuple[int, int]:
    """The size whose shape is nearest to width:height, then the nearest in area."""

    def distance(size: tuple[int, int]) -> tuple[float, float]:
        shape = abs(math.log(size[0] / size[1]) - math.log(width / height))
        return round(shape, 3), abs(math.log(size[0] * size[1] / (width * height)))

    return min(sizes, key=distance)


ADAPTER = OpenAIImage()
