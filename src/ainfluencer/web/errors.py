"""Refusals as pages: the same code, words and next step that the API and the command line give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar, Protocol, TypeVar

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.responses import JSONResponse, Response

from ainfluencer.core.errors import InvalidInput, ProductError
from ainfluencer.core.ids import new_id
from ainfluencer.web.render import came_from, render

log = structlog.get_logger("web")

_API_PREFIXES = ("/api/", "/stage/api/", "/hooks/")
_SENTENCES = {
    "missing": "Please fill this in.",
    "string_too_short": "Please write at least {min_length} characters.",
    "string_too_long": "Please keep it under {max_length} characters.",
    "too_short": "Please give at least {min_length}.",
    "too_long": "Please give at most {max_length}.",
    "greater_than_equal": "Must be {ge} or more.",
    "greater_than": "Must be more than {gt}.",
    "less_than_equal": "Must be {le} or less.",
    "less_than": "Must be less than {lt}.",
    "int_parsing": "Please write a whole number.",
    "float_parsing": "Please write a number.",
    "enum": "Please choose one of: {expected}.",
    "literal_error": "Please choose one of: {expected}.",
    "timezone_aware": "Please add a time zone.",
}


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A refusal in place of the page that was asked for."""

    status: int
    code: str
    detail: str
    next_step: str
    home: str = "/"
    back: str = ""  # the page with the form that was refused
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "web/error.html"


class Refusal(Protocol):
    """What a problem of `api` says; only these four words are shown."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def code(self) -> str:
        """The stable machine word."""

    @property
    def detail(self) -> str:
        """What happened."""

    @property
    def next_step(self) -> str:
        """What to do now."""


def is_page_request(request: Request) -> bool:
    """Whether a person's browser asks (a page or a part of it), not a program."""
    accepts = request.headers.get("accept", "")
    return not request.url.path.startswith(_API_PREFIXES) and (
        "text/html" in accepts or request.headers.get("hx-request") == "true"
    )


async def page(request: Request, problem: Refusal) -> Response:
    """The page (or, for htmx, the toast) of a refusal that `api` has made ready: wire it as `app.state.error_page`."""
    if request.headers.get("hx-request") == "true":
        return _toast(problem.status, problem.detail, problem.next_step)
    request.state.flashes = []  # what the request was about to announce did not happen
    back = came_from(request) if request.method == "POST" else ""
    shown = ErrorPage(problem.status, problem.code, problem.detail, problem.next_step, back=back if back != "/" else "")
    return render(request, shown, problem.status)


def answer(request: Request, error: ProductError) -> Response:
    """The same for what stands outside of the app's handlers: page, toast (htmx) or problem+json, by who asks."""
    if not is_page_request(request):
        return _problem(request, error)
    if request.headers.get("hx-request") == "true":
        return _toast(error.status, error.detail, error.next_step)
    return render(request, ErrorPage(error.status, error.reason, error.detail, error.next_step), error.status)


def _problem(request: Request, error: ProductError) -> Response:
    """As `api` writes it (web stands below api and cannot ask it), with an id that the log has too."""
    request_id = new_id()
    log.info(
        "refused at the door", request_id=request_id, path=request.url.path, status=error.status, code=error.reason
    )
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.reason,
        "detail": error.detail,
        "next_step": error.next_step,
        "errors": [{"field": error.field, "message": error.detail, "code": error.reason}] if error.field else [],
        "request_id": request_id,
    }
    headers = {"x-request-id": request_id}
    return JSONResponse(problem, error.status, headers=headers, media_type="application/problem+json")


def _toast(status: int, detail: str, next_step: str) -> Response:
    item = {"text": f"{detail} {next_step}".strip(), "kind": "error", "undo_url": ""}
    headers = {"hx-trigger": json.dumps({"toasts": {"items": [item]}}), "hx-reswap": "none"}
    return Response(status_code=status, headers=headers)


def form_errors(error: ValidationError | RequestValidationError | ProductError) -> dict[str, str]:
    """One sentence per field, for the `errors` of a form; what belongs to no field stands under ""."""
    if isinstance(error, ProductError):
        return {error.field: f"{error.detail} {error.next_step}".strip()}
    found: dict[str, str] = {}
    for one in error.errors():
        place = [str(p) for p in one["loc"] if p not in {"body", "query", "path"}]
        found.setdefault(place[0] if place else "", _sentence(one))
    return found


M = TypeVar("M", bound=BaseModel)


def understood(model: type[M], **values: object) -> M:
    """What a form sent, as a model. `InvalidInput` names the first field that does not fit: a page's own mistake is a 500."""
    try:
        return model.model_validate(values)
    except ValidationError as mistake:
        field, told = next(iter(form_errors(mistake).items()))
        name = field.replace("_", " ")
        raise InvalidInput(f"{name[:1].upper()}{name[1:]}: {told}", field=field) from None


def _sentence(one: Mapping[str, object]) -> str:
    kind, context = str(one["type"]), one.get("ctx")
    words = context if isinstance(context, dict) else {}
    if kind in _SENTENCES:
        return _SENTENCES[kind].format(**words)
    text = str(one["msg"]).removeprefix("Value error, ")
    return text if text.endswith((".", "!", "?")) else f"{text}."
