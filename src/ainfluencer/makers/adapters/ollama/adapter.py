"""Ollama's own API: /api/chat with a JSON schema as `format`, /api/tags for the models, /api/show for what one can do."""

from __future__ import annotations

import base64
from typing import Any

from ainfluencer.core.errors import NotConnected, Rejected, Unsupported
from ainfluencer.integrations.protocols import Made, MakeRequest
from ainfluencer.integrations.replies import Refusal, raise_for
from ainfluencer.integrations.values import Account, Link, ModelInfo, TextMade, TextRequest
from ainfluencer.makers.adapters.ollama import MANIFEST

_SECONDS = 600.0  # the first request loads the model, which takes minutes on a slow disk
_REFUSALS: dict[str | int, Refusal] = {
    404: Refusal(
        Rejected,
        "Ollama does not have this model. It says: {said}",
        "Get it with `ollama pull NAME`, or choose another.",
    )
}


class Ollama:
    """Keeps no state; the link brings address and model."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """The list of models must come and hold the chosen one."""
        names = [m.name for m in await self.models(link)]
        chosen = link.settings.get("model", "")
        if not names:
            raise NotConnected(link.slug, "Ollama runs but has no model yet.", "Get one with `ollama pull llama3:8b`.")
        if chosen and chosen not in names and f"{chosen}:latest" not in names:
            raise NotConnected(
                link.slug, f"Ollama does not have the model “{chosen}”.", f"Get it with `ollama pull {chosen}`."
            )
        model = chosen or names[0]
        return Account(remote_id=model, handle=model, title=f"{model} in Ollama")

    async def make(self, link: Link, request: MakeRequest) -> Made:
        """Write it, one request a candidate. Raises `Unsupported` for anything but text."""
        if not isinstance(request, TextRequest):
            raise Unsupported(link.slug, "Ollama writes text only.")
        model = await self._model(link, request.model)
        texts: list[str] = []
        spent = [0, 0]
        for number in range(request.candidates):
            answer = await self._ask(link, _body(request, model, number))
            texts.append(str(answer["message"]["content"]))
            spent[0] += int(answer.get("prompt_eval_count") or 0)
            spent[1] += int(answer.get("eval_count") or 0)
        return TextMade(tuple(texts), model, spent[0], spent[1])

    async def models(self, link: Link) -> tuple[ModelInfo, ...]:
        """What is installed, largest first."""
        reply = await link.client.request("GET", "/api/tags")
        raise_for(reply, {404: Refusal(NotConnected, "This address is not Ollama's.", "Check the address and port.")})
        body = reply.json()
        rows = body.get("models") if isinstance(body, dict) else None
        if not isinstance(rows, list):
            raise reply.odd("something that is not a list of models")
        found = [
            ModelInfo(
                str(row["name"]),
                size_bytes=int(row.get("size") or 0),
                notes=str((row.get("details") or {}).get("parameter_size") or ""),
            )
            for row in rows
            if isinstance(row, dict) and row.get("name") and "embed" not in str(row["name"])
        ]
        return tuple(sorted(found, key=lambda m: (-m.size_bytes, m.name)))

    async def sees(self, link: Link, model: str) -> bool:
        """Whether /api/show names “vision” among the model's capabilities (docs.ollama.com/api, 2026-11-21)."""
        reply = await link.client.request("POST", "/api/show", json={"model": await self._model(link, model)})
        raise_for(reply, _REFUSALS)
        answer = reply.json()
        known = answer.get("capabilities") if isinstance(answer, dict) else None
        return isinstance(known, list) and "vision" in known

    async def _model(self, link: Link, asked: str) -> str:
        """The model of the request, else of the settings, else the largest that is installed."""
        model = asked or link.settings.get("model", "")
        if model:
            return model
        offered = await self.models(link)
        if not offered:
            raise NotConnected(link.slug, "Ollama has no model yet.", "Get one with `ollama pull llama3:8b`.")
        return offered[0].name

    @staticmethod
    async def _ask(link: Link, body: dict[str, Any]) -> dict[str, Any]:
        reply = await link.client.request("POST", "/api/chat", json=body, timeout=_SECONDS)
        raise_for(reply, _REFUSALS)
        answer: dict[str, Any] = reply.json()
        message = answer.get("message") if isinstance(answer, dict) else None
        if not isinstance(message, dict) or not isinstance(message.get("content"), str):
            raise reply.odd("something that is not a chat message")
        return answer


def _body(request: TextRequest, model: str, number: int) -> dict[str, Any]:
    options: dict[str, Any] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "num_predict": request.max_tokens,
    }
    if request.seed is not None:
        options["seed"] = request.seed + number
    if request.stop:
        options["stop"] = list(request.stop)
    messages: list[dict[str, Any]] = [dict(m) for m in request.messages]
    if request.pictures:
        first = next(m for m in messages if m.get("role") == "user")
        first["images"] = [base64.b64encode(one.data).decode() for one in request.pictures]
    body: dict[str, Any] = {
        "model": model,
        "messages": messages,
        "stream": False,
        "options": options,
    }
    if request.schema is not None:
        body["format"] = dict(request.schema)
    return body


ADAPTER = Ollama()
