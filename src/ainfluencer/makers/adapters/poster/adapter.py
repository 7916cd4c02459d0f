"""The maker's methods: nothing to sign in to, pages drawn one by one in a thread so that cancelling takes hold between them."""

from __future__ import annotations

import asyncio

from ainfluencer.core.errors import NotConnected, Unsupported
from ainfluencer.integrations.protocols import MakeRequest
from ainfluencer.integrations.values import Account, Link, MediaMade, ModelInfo, PosterRequest
from ainfluencer.makers.adapters.poster import MANIFEST


class Poster:
    """Draws posters on this machine."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """Whether the drawing library and the fonts are there. Raises `NotConnected` when one is missing."""
        del link
        return await asyncio.to_thread(_state)

    async def make(self, link: Link, request: MakeRequest) -> tuple[MediaMade, ...]:
        """The finished pictures. Raises `InvalidInput` for what cannot be designed, `Unsupported` for other requests."""
        del link
        if not isinstance(request, PosterRequest):
            raise Unsupported(MANIFEST.slug, "This maker draws posters only.")
        from ainfluencer.makers.adapters.poster import render  # noqa: PLC0415 - numpy and fonts load only when drawing

        calls = await asyncio.to_thread(lambda: tuple(render.pages(request)))
        return tuple([await asyncio.to_thread(call) for call in calls])

    async def models(self, link: Link) -> tuple[ModelInfo, ...]:
        """The layouts by name; `notes` is the format that each belongs to."""
        del link
        from ainfluencer.makers.adapters.poster import layouts  # noqa: PLC0415 - as above

        return tuple(
            ModelInfo(name, name.partition("_")[2].replace("_", " ").capitalize(), notes=form)
            for form, names in layouts.VARIANTS.items()
            for name in names
        )


def _state() -> Account:
    try:
        from ainfluencer.makers.adapters.poster import emoji, fonts, renderer  # noqa: PLC0415 - as above

        engine = renderer.engine()
        families = tuple(fonts.installed())
    except ImportError as e:
        raise NotConnected(
            MANIFEST.slug, f"A part of the poster maker is not installed: {e.name}.", "Install the product again."
        ) from e
    notes = (
        f"{len(families)} font families",
        "emoji are drawn" if emoji.picture("\U0001f600") else "emoji are left out: the web assets are not built",
    )
    return Account(remote_id=MANIFEST.slug, handle=MANIFEST.slug, title=f"Poster ({engine.name})", notes=notes)


ADAPTER = Poster()
