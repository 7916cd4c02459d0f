"""What a request to the forge may carry, as JSON or as a form with files; both become the same thing."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from pydantic import Field, ValidationError
from starlette.datastructures import FormData, UploadFile

from ainfluencer.cards.forge import service, sources, texts
from ainfluencer.cards.forge.options import Options
from ainfluencer.core.errors import InvalidInput

MOST_FILES = 50


class GenerateIn(Options):
    """A job of the forge: source material, an input card, both profiles, and every option of the command line."""

    source_text: str = Field("", max_length=texts.MAX_CHARACTERS, description="source material as text")
    source_name: str = Field("source.txt", max_length=255)
    files: list[str] = Field(default_factory=list, max_length=MOST_FILES, description="ids of uploaded source files")
    card: dict[str, Any] | None = Field(None, description="an input card as an object")
    card_file_id: str = Field("", max_length=26, description="id of an uploaded file that holds the input card")
    library_card_id: str = Field("", max_length=26, description="id of an input card of the library")
    config_profile: str = Field("basic", max_length=80, description="id or name")
    prompt_profile: str = Field("default", max_length=80, description="id or name")


def _flat(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without references, as it must be inside a description of two kinds of body."""
    parts = schema.pop("$defs", {})

    def resolved(value: Any) -> Any:
        if isinstance(value, dict):
            if "$ref" in value:
                return parts[value["$ref"].rsplit("/", 1)[1]]
            return {key: resolved(one) for key, one in value.items()}
        return [resolved(one) for one in value] if isinstance(value, list) else value

    made: dict[str, Any] = resolved(schema)
    made["properties"]["source_text"] |= {"example": "A grumpy lighthouse keeper who talks to gulls."}
    return made


def described() -> dict[str, Any]:
    """Both kinds of body for the description of the API."""
    files = {
        "type": "object",
        "properties": {
            "options": {"type": "string", "description": "the fields of the JSON body as one JSON object"},
            "source": {"type": "array", "items": {"type": "string", "format": "binary"}},
            "card": {"type": "string", "format": "binary"},
        },
    }
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _flat(GenerateIn.model_json_schema())},
                "multipart/form-data": {"schema": files},
            },
        }
    }


async def request_of(request: Request) -> service.Request:
    """The request of a body in either form. Raises `InvalidInput` with the field at fault."""
    if "multipart/form-data" in request.headers.get("content-type", ""):
        async with request.form(max_files=MOST_FILES + 1, max_fields=200) as form:
            return await of_form(form)
    try:
        values = json.loads(await request.body() or b"null")
    except (ValueError, RecursionError):
        raise InvalidInput("The body is not valid JSON.", "Send a JSON object.", code="json_invalid") from None
    return await _of(_body(values), [], None)


async def of_form(form: FormData) -> service.Request:
    """The request of a form: `options` as JSON, or its fields by their own names; files in `source`, a card in `card`."""
    told = form.get("options")
    try:
        values = json.loads(told) if isinstance(told, str) and told.strip() else {}
    except (ValueError, RecursionError):
        raise InvalidInput("options is not valid JSON.", "Send a JSON object.", field="options") from None
    if isinstance(values, dict):
        lists = {"files", "fields", "tags", "keep_words"}
        for name in GenerateIn.model_fields.keys() & form.keys() - {"card"}:
            given = form.getlist(name) if name in lists else form.get(name)
            if name == "keep_words":  # one field holds them all, with commas between
                given = [word.strip() for one in form.getlist(name) for word in str(one).split(",") if word.strip()]
            # An empty field of a form says nothing; numbers and lists would not take it.
            if given not in ("", [""], None):
                values.setdefault(name, given)
    uploads = [one for name in ("source", "sources") for one in form.getlist(name) if isinstance(one, UploadFile)]
    card = form.get("card")
    return await _of(_body(values), uploads, card if isinstance(card, UploadFile) else None)


def _body(values: Any) -> GenerateIn:
    try:
        return GenerateIn.model_validate(values)
    except ValidationError as e:
        first = e.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{place or 'The body'}: {first['msg']}.", field=place) from None


async def read_upload(upload: UploadFile) -> sources.Read:
    """An uploaded source, read; `InvalidInput` when it is too large or no source."""
    data = await upload.read(texts.MAX_BYTES + 1)
    return await sources.read(data, upload.filename or "")


async def _of(body: GenerateIn, uploads: list[UploadFile], card: UploadFile | None) -> service.Request:
    read = [await read_upload(one) for one in uploads if one.filename or one.size]
    if body.source_text.strip():
        read.append(await sources.read(body.source_text.encode("utf-8", "replace"), body.source_name))
    own = await read_upload(card) if card and card.filename else None
    if body.card is not None:
        own = await sources.read(json.dumps(body.card, ensure_ascii=False).encode("utf-8", "replace"), "card.json")
    options = service.options_from(body.model_dump(include=set(Options.model_fields)))
    return service.Request(
        options=options,
        config=body.config_profile,
        prompt=body.prompt_profile,
        texts=tuple(read),
        source_ids=tuple(body.files),
        card=own,
        card_id=body.card_file_id,
        library_card_id=body.library_card_id,
    )
