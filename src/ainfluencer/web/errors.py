"""Refusals as pages: the same code, words and next step that the API and the command line give."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from ainfluencer.core.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn, ProductError
from ainfluencer.web.render import render

SIGN_IN_URL = "/sign-in"
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


class Problem(Protocol):
    """A refusal as the API words it."""

    status: int
    code: str
    detail: str
    next_step: str


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A refusal in place of the page that was asked for."""

    status: int
    code: str
    detail: str
    next_step: str
    home: str = "/"
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "web/error.html"


def is_page_request(request: Request) -> bool:
    """Whether a person's browser asks (a page or a part of it), not a program."""
    accepts = request.headers.get("accept", "")
    return not request.url.path.startswith(_API_PREFIXES) and (
        "text/html" in accepts or request.headers.get("hx-request") == "true"
    )


def answer(request: Request, error: ProductError) -> Response:
    """The refusal as a page, as a toast (htmx) or as problem+json, by who asks."""
    if not is_page_request(request):
        problem = {"code": error.reason, "detail": error.detail, "next_step": error.next_step, "status": error.status}
        if error.field:
            problem["field"] = error.field
        return JSONResponse(problem, error.status, media_type="application/problem+json")
    if request.headers.get("hx-request") == "true":
        return _toast(error)
    if isinstance(error, NotSignedIn) and request.method in {"GET", "HEAD"}:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN_URL}?{urlencode({'next': target})}", 303)
    return render(request, ErrorPage(error.status, error.reason, error.detail, error.next_step), error.status)


async def page(request: Request, problem: Problem) -> Response:
    """What `api` shows to a browser for its problem (`app.state.error_page`): a toast for htmx, else a page."""
    if request.headers.get("hx-request") == "true":
        item = {"text": f"{problem.detail} {problem.next_step}".strip(), "kind": "error", "undo_url": ""}
        headers = {"hx-trigger": json.dumps({"toasts": {"items": [item]}}), "hx-reswap": "none"}
        return Response(status_code=problem.status, headers=headers)
    return render(request, ErrorPage(problem.status, problem.code, problem.detail, problem.next_step), problem.status)


def _toast(error: ProductError) -> Response:
    item = {"text": f"{error.detail} {error.next_step}".strip(), "kind": "error", "undo_url": ""}
    headers = {"hx-trigger": json.dumps({"toasts": {"items": [item]}}), "hx-reswap": "none"}
    if isinstance(error, NotSignedIn):
        headers["hx-redirect"] = SIGN_IN_URL
    return Response(status_code=error.status, headers=headers)


def form_errors(error: ValidationError | RequestValidationError | ProductError) -> dict[str, str]:
    """One sentence per field, for the `errors` of a form; what belongs to no field stands under ""."""
    if isinstance(error, ProductError):
        return {error.field: f"{error.detail} {error.next_step}".strip()}
    found: dict[str, str] = {}
    for one in error.errors():
        place = [str(p) for p in one["loc"] if p not in {"body", "query", "path"}]
        found.setdefault(place[0] if place else "", _sentence(one))
    return found


def _sentence(one: Mapping[str, object]) -> str:
    kind, context = str(one["type"]), one.get("ctx")
    words = context if isinstance(context, dict) else {}
    if kind in _SENTENCES:
        return _SENTENCES[kind].format(**words)
    text = str(one["msg"]).removeprefix("Value error, ")
    return text if text.endswith((".", "!", "?")) else f"{text}."


def install(app: FastAPI) -> None:
    """Register the handlers on an app; programs get problem+json from the same place."""
    app.add_exception_handler(ProductError, _product)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(Exception, _crash)


async def _product(request: Request, error: Exception) -> Response:
    return answer(request, error) if isinstance(error, ProductError) else await _crash(request, error)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known: dict[int, ProductError] = {
        401: NotSignedIn("You are not signed in."),
        403: NotAllowed("You may not do this."),
        404: NotFound("There is nothing at this address."),
        405: NotFound("This address does not take that kind of request.", code="method_not_allowed"),
    }
    refusal = known.get(status) or ProductError(str(getattr(error, "detail", "The request could not be answered.")))
    response = answer(request, refusal)
    response.status_code = response.status_code if isinstance(response, RedirectResponse) else status
    return response


async def _validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        return await _crash(request, error)
    named = form_errors(error)
    field, sentence = next(iter(named.items()), ("", "The request cannot be read."))
    return answer(request, InvalidInput(f"{field}: {sentence}" if field else sentence, field=field))


async def _crash(request: Request, error: Exception) -> Response:
    del error  # Starlette raises it again after this answer, so the log has it whole
    return answer(
        request,
        ProductError(
            "Something broke on our side. Nothing that you saved before is lost.",
            "Try again. If it happens again, look at Operations, Logs, or at the newest folder in runs/.",
            code="internal",
        ),
    )
