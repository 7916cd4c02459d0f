"""The OpenAI-compatible wire: chat completions, models and images. Many servers speak it; each adapter adds its own rest."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ainfluencer.core.errors import NotConnected, Rejected
from ainfluencer.integrations.replies import Refusal, Reply, raise_for
from ainfluencer.integrations.values import ImageRequest, MediaMade, ModelInfo, Picture, TextMade, TextRequest

if TYPE_CHECKING:
    from ainfluencer.integrations.client import OutsideClient

TEXT_SECONDS = 600.0  # a slow CPU may write two words a second; a dead server is noticed by its connection
IMAGE_SECONDS = 600.0
_IMAGE_BYTES = 64_000_000
_UNKNOWN = frozenset({400, 422})  # what servers answer to a parameter that they do not know
_PARAMETER_WORDS = ("parameter", "unknown", "response_format", "seed", "extra", "unexpected")

_REFUSALS: dict[str | int, Refusal] = {
    404: Refusal(
        Rejected,
        "The server does not know this model or address. It says: {said}",
        "Check the address (most end in /v1) and choose a model from its list.",
    ),
    "model_not_found": Refusal(
        Rejected, "The server does not have this model. It says: {said}", "Choose one from its list."
    ),
    "insufficient_quota": Refusal(
        Rejected, "The account at the service has no credit left. It says: {said}", "Top it up or choose another maker."
    ),
}


def headers(key: str) -> dict[str, str]:
    """The sign-in header; none without a key (many local servers want none)."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def judge(reply: Reply) -> Reply:
    """The reply if it is 2xx, else the error that its body and status mean."""
    if not reply.ok:
        error: Any = {}
        if not reply.is_page:
            try:
                found = json.loads(reply.content)
                error = found.get("error", {}) if isinstance(found, dict) else {}
            except ValueError:
                error = {}
        message = error.get("message", "") if isinstance(error, dict) else str(error)
        code = error.get("code") if isinstance(error, dict) else ""
        raise_for(reply, _REFUSALS, code=str(code or ""), message=str(message or ""))
    return reply


async def list_models(client: OutsideClient, key: str) -> tuple[ModelInfo, ...]:
    """GET /models. Raises `UnexpectedReply` when it is no list."""
    reply = judge(await client.request("GET", "/models", headers=headers(key)))
    body = reply.json()
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise reply.odd("something that is not a list of models")
    names = [str(row["id"]) for row in rows if isinstance(row, dict) and row.get("id")]
    return tuple(ModelInfo(name) for name in dict.fromkeys(names))


async def chat(
    client: OutsideClient, key: str, request: TextRequest, *, model: str, extra: Mapping[str, Any] | None = None
) -> TextMade:
    """POST /chat/completions, as many times as the candidates need.

    A JSON schema is asked for in the strictest way that the server takes: `json_schema`, else `json_object` with the
    schema in words, else in words alone. `extra` is merged into the body (a grammar, for servers that know one).
    """
    texts: list[str] = []
    spent = [0, 0]
    used = model
    while len(texts) < request.candidates:
        missing = request.candidates - len(texts)
        body = _chat_body(request, model, missing, len(texts)) | dict(extra or {})
        answer, reply = await _ask(client, key, body, request.schema)
        found = _texts(answer, reply)
        texts += found[:missing]
        usage = answer.get("usage")
        spent[0] += _count(usage, "prompt_tokens")
        spent[1] += _count(usage, "completion_tokens")
        used = str(answer.get("model") or model)
    return TextMade(tuple(texts), used, spent[0], spent[1])


def _count(usage: Any, name: str) -> int:
    """Tokens that a server says it used; none where it says nothing that can be understood."""
    found = usage.get(name) if isinstance(usage, dict) else None
    return int(found) if isinstance(found, int | float) and 0 <= found < 10**12 else 0


def _chat_body(request: TextRequest, model: str, count: int, done: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messages": _messages(request),
        "max_tokens": request.max_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
    }
    if model:
        body["model"] = model
    if count > 1:
        body["n"] = count
    if request.seed is not None:
        body["seed"] = request.seed + done
    if request.stop:
        body["stop"] = list(request.stop)
    return body


def _messages(request: TextRequest) -> list[dict[str, Any]]:
    """The messages; pictures go into the first one of the user, as parts with data URIs behind its words."""
    messages: list[dict[str, Any]] = [dict(m) for m in request.messages]
    if not request.pictures:
        return messages
    first = next(m for m in messages if m.get("role") == "user")
    shown = [{"type": "image_url", "image_url": {"url": _data_uri(one)}} for one in request.pictures]
    first["content"] = [{"type": "text", "text": first.get("content", "")}, *shown]
    return messages


def _data_uri(picture: Picture) -> str:
    return f"data:{picture.mime};base64,{base64.b64encode(picture.data).decode()}"


async def _ask(
    client: OutsideClient, key: str, body: dict[str, Any], schema: Mapping[str, Any] | None
) -> tuple[dict[str, Any], Reply]:
    ways = _ways(body, schema)
    for number, way in enumerate(ways):
        reply = await client.request("POST", "/chat/completions", json=way, headers=headers(key), timeout=TEXT_SECONDS)
        # Some servers refuse a parameter that they do not know instead of ignoring it: ask in a simpler way.
        if reply.status in _UNKNOWN and number + 1 < len(ways):
            continue
        answer = judge(reply).json()
        if not isinstance(answer, dict):
            raise reply.odd("something that is not a chat completion")
        return answer, reply
    raise NotImplementedError  # the last way always returns or raises


def _ways(body: dict[str, Any], schema: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    plain = {k: v for k, v in body.items() if k not in {"n", "seed", "top_p", "max_tokens"}}
    plain["max_completion_tokens"] = body["max_tokens"]  # newer hosted models refuse the older name
    if schema is None:
        return [body, plain]
    named = {"name": "answer", "schema": dict(schema), "strict": True}
    words = {**body, "messages": in_words(body["messages"], schema)}
    return [
        {**body, "response_format": {"type": "json_schema", "json_schema": named}},
        {**words, "response_format": {"type": "json_object"}},
        {**plain, "messages": words["messages"]},
    ]


def in_words(messages: list[dict[str, Any]], schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The messages with the schema spelled out at the end, for servers that cannot be bound to it."""
    rule = "Answer with one JSON object and nothing else. It must match this JSON schema:\n" + json.dumps(schema)
    content = messages[-1].get("content", "")
    told = [*content, {"type": "text", "text": rule}] if isinstance(content, list) else f"{content}\n\n{rule}"
    return [*messages[:-1], {**messages[-1], "content": told}]


def _texts(answer: Mapping[str, Any], reply: Reply) -> list[str]:
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise reply.odd("no choices")
    found = []
    for choice in choices:
        message = choice.get("message") if isinstance(choice, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, list):  # some servers answer in parts
            content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
        if not isinstance(content, str):
            raise reply.odd("a choice without text")
        found.append(content)
    return found


async def images(
    client: OutsideClient, key: str, request: ImageRequest, *, model: str, size: str
) -> tuple[MediaMade, ...]:
    """POST /images/generations, pictures as base64. `size` is one that the server takes, such as 1024x1024."""
    if not model:
        raise NotConnected(client.slug, "No picture model is chosen.", "Name one on the maker's page.")
    prompt = request.prompt + (f"\nAvoid: {request.negative_prompt}" if request.negative_prompt else "")
    body: dict[str, Any] = {"model": model, "prompt": prompt, "n": request.count, "size": size}
    if request.seed is not None:
        body["seed"] = request.seed
    allowed = {k: v for k, v in request.settings.items() if k in {"quality", "style", "background", "steps"}}
    reply = await _ask_images(client, key, body | allowed)
    answer = reply.json()
    rows = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not rows:
        raise reply.odd("no pictures")
    recipe = {"model": model, "prompt": prompt, "size": size, "seed": request.seed, **allowed}
    return tuple(_picture(row, reply, {**recipe, "index": i}) for i, row in enumerate(rows))


async def _ask_images(client: OutsideClient, key: str, body: dict[str, Any]) -> Reply:
    plain = {k: v for k, v in body.items() if k in {"model", "prompt", "n", "size"}}
    # Older models answer with links unless told otherwise; newer ones refuse to be told. Seeds are not known everywhere.
    ways = ({**body, "response_format": "b64_json"}, {**plain, "response_format": "b64_json"}, plain)
    for number, way in enumerate(ways):
        reply = await client.request(
            "POST",
            "/images/generations",
            json=way,
            headers=headers(key),
            timeout=IMAGE_SECONDS,
            max_bytes=_IMAGE_BYTES,
        )
        objects = reply.status in _UNKNOWN and any(w in reply.said(600).lower() for w in _PARAMETER_WORDS)
        if not objects or number + 1 == len(ways):
            return judge(reply)
    raise NotImplementedError  # the last way always returns or raises


def _picture(row: Any, reply: Reply, recipe: dict[str, Any]) -> MediaMade:
    from PIL import Image, UnidentifiedImageError

    coded = row.get("b64_json") if isinstance(row, dict) else None
    if not isinstance(coded, str):
        raise reply.odd("a picture without its data (b64_json)")
    try:
        data = base64.b64decode(coded, validate=True)
        with Image.open(io.BytesIO(data)) as picture:
            mime, (width, height) = picture.get_format_mimetype() or "", picture.size
    except (binascii.Error, UnidentifiedImageError, OSError):
        raise reply.odd("data that is no picture") from None
    revised = row.get("revised_prompt")
    if revised:
        recipe = {**recipe, "revised_prompt": str(revised)[:2000]}
    return MediaMade(data, mime, width, height, recipe, "trainedAlgorithmicMedia")
