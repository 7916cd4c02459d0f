"""Chat completions of an OpenAI-compatible server."""

from __future__ import annotations

from ainfluencer.core.errors import NotConnected, Unsupported
from ainfluencer.integrations import openai_wire
from ainfluencer.integrations.protocols import Made, MakeRequest
from ainfluencer.integrations.values import Account, Link, ModelInfo, TextRequest
from ainfluencer.makers.adapters.openai_text import MANIFEST


class OpenAIText:
    """Keeps no state; the link brings address, key and model."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """The list of models must come, and hold the chosen one."""
        names = [m.name for m in await self.models(link)]
        chosen = link.settings.get("model", "")
        if not names and not chosen:
            raise NotConnected(link.slug, "The server answers but offers no model.", "Load a model there first.")
        notes = () if not chosen or chosen in names else (f"“{chosen}” is not in the server's list of models.",)
        model = chosen or names[0]
        return Account(remote_id=model, handle=model, title=f"{model} at {link.client.base_url}", notes=notes)

    async def make(self, link: Link, request: MakeRequest) -> Made:
        """Write it. Raises `Unsupported` for anything but text."""
        if not isinstance(request, TextRequest):
            raise Unsupported(link.slug, "This maker writes text only.")
        model = request.model or link.settings.get("model", "")
        if not model:
            offered = await self.models(link)
            model = offered[0].name if offered else ""
        return await openai_wire.chat(link.client, link.secrets.get("api_key", ""), request, model=model)

    async def models(self, link: Link) -> tuple[ModelInfo, ...]:
        """The server's own list."""
        return await openai_wire.list_models(link.client, link.secrets.get("api_key", ""))

    async def sees(self, link: Link, model: str) -> bool:
        """As the connection says: the chat API has no word for it. Another model than the connected one is not known."""
        chosen = link.settings.get("model", "")
        return link.settings.get("sees_pictures", "") == "yes" and (not model or not chosen or model == chosen)


ADAPTER = OpenAIText()
