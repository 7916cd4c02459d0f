"""Every refusal leaves as problem+json under /api, and as a page elsewhere, with the same code and next step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from ainfluencer.api.schemas import FieldProblem, Problem
from ainfluencer.core import clock
from ainfluencer.core.config import settings
from ainfluencer.core.crypto import redact
from ainfluencer.core.errors import LimitReached, NotSignedIn, OutcomeUnknown, OutsideError, ProductError, RateLimited
from ainfluencer.core.faults import fault_of

PROBLEM_JSON = "application/problem+json"
ErrorPage = Callable[[Request, Problem], Awaitable[Response]]

# What the framework itself refuses: code, detail, next step.
_FRAMEWORK: dict[int, tuple[str, str, str]] = {
    400: ("bad_request", "The request cannot be read.", "Check its form and send it again."),
    404: ("not_found", "There is nothing at this address.", "Check the address; GET /api/v2 lists where to begin."),
    405: (
        "method_not_allowed",
        "This address does not answer to that method.",
        "Use one of the methods in the Allow header.",
    ),
    413: ("too_large", "What was sent is too large.", "Send a smaller file, or raise upload_max_bytes."),
    415: ("wrong_content_type", "The body has a content type that is not read here.", "Send application/json."),
}


def wants_json(request: Request) -> bool:
    """Whether this request is answered with JSON: anything below an /api folder, or a client that asks for no HTML."""
    path = request.url.path
    if path == "/api" or path.startswith("/api/") or "/api/" in path:
        return True
    accept = request.headers.get("accept", "*/*")
    return "text/html" not in accept and "json" in accept


def request_id(request: Request) -> str:
    """The id of this request, as in the log and the X-Request-Id header."""
    return str(getattr(request.state, "request_id", ""))


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def make_problem(
    request: Request,
    status: int,
    code: str,
    detail: str,
    next_step: str,
    errors: list[FieldProblem] | None = None,
    **extra: Any,
) -> Problem:
    """A problem for this request."""
    return Problem(
        title=_title(status), status=status, code=code, detail=redact(detail), next_step=next_step,
        errors=errors or [], request_id=request_id(request), **extra,
    )  # fmt: skip


def problem_of(request: Request, error: ProductError) -> Problem:
    """The problem that says what a refusal says."""
    errors = [FieldProblem(field=error.field, message=redact(error.detail), code=error.reason)] if error.field else []
    extra = {"service": error.slug} if isinstance(error, OutsideError) else {}
    return make_problem(request, error.status, error.reason, error.detail, error.next_step, errors, **extra)


def _sign_in(request: Request) -> Response:
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = f"/sign-in?next={quote(target if request.method == 'GET' else '/', safe='')}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": address})
    return RedirectResponse(address, status_code=303)


async def answer(request: Request, problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """The problem as JSON or as a page (`app.state.error_page(request, problem)` where wired, else a plain one)."""
    if wants_json(request):
        body = problem.model_dump(mode="json")
        return JSONResponse(body, problem.status, headers=headers, media_type=PROBLEM_JSON)
    page: ErrorPage | None = getattr(request.app.state, "error_page", None)
    made = await page(request, problem) if page else HTMLResponse(_plain(problem), problem.status)
    made.headers.update(headers or {})
    return made


def _plain(problem: Problem) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(problem.title)}</title>'
        f"<h1>{escape(problem.title)}</h1><p>{escape(problem.detail)}</p><p>{escape(problem.next_step)}</p>"
        f'<p><a href="/">Home</a></p><p><small>{escape(problem.request_id)}</small></p></html>'
    )


def _wait_headers(error: ProductError) -> dict[str, str]:
    until = error.until if isinstance(error, LimitReached | RateLimited) else None
    if until is None:
        return {}
    return {"Retry-After": str(max(1, round((until - clock.now()).total_seconds())))}


async def on_product_error(request: Request, error: Exception) -> Response:
    """Handler of the closed set."""
    if not isinstance(error, ProductError):
        raise error
    if isinstance(error, OutcomeUnknown):
        request.state.outcome_unknown = True  # the idempotency record then forbids a blind repeat
    if isinstance(error, NotSignedIn):
        if not wants_json(request):
            return _sign_in(request)
        return await answer(request, problem_of(request, error), {"WWW-Authenticate": "Bearer"})
    return await answer(request, problem_of(request, error), _wait_headers(error))


async def on_validation_error(request: Request, error: Exception) -> Response:
    """Handler of what does not fit a route's declared shape: 422 with one entry per field."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    errors = [
        FieldProblem(
            field=".".join(str(p) for p in e["loc"][1:]) or str(e["loc"][0]),
            message=redact(str(e["msg"])),
            code=str(e["type"]),
        )
        for e in found
    ]
    named = ", ".join(dict.fromkeys(e.field for e in errors[:5]))
    detail = f"Some values cannot be used: {named}." if named else "The body cannot be read."
    return await answer(
        request,
        make_problem(request, 422, "invalid_input", detail, "Correct the values in errors and send it again.", errors),
    )


async def on_http_error(request: Request, error: Exception) -> Response:
    """Handler of what the framework refuses: no such route, wrong method, too large."""
    status, said, headers = 500, "", None
    if isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
        said = error.detail if isinstance(error.detail, str) and error.detail != _title(status) else ""
    code, detail, next_step = _FRAMEWORK.get(
        status, (_title(status).lower().replace(" ", "_"), f"{_title(status)}.", "Check the request and try again.")
    )
    return await answer(request, make_problem(request, status, code, said or detail, next_step), headers)


def on_unexpected(request: Request, error: BaseException) -> Problem:
    """The problem for an exception that nobody expected. What the machine lacks is said; our own faults stay general.

    Time-outs and lost connections are 504 and 503. A stray ValueError or KeyError is our fault, so it stays a 500:
    calling it a bad request would send people to look for a mistake that they did not make.
    """
    if (fault := fault_of(error)) is not None:
        return make_problem(request, fault.status, fault.code, fault.detail, fault.next_step)
    original = error.orig if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(original, TimeoutError):
        return make_problem(
            request,
            504,
            "timed_out",
            "This took too long and was given up.",
            "Try again; if it happens again, look at the log of this run.",
        )
    detail = "Something went wrong on our side; nothing of this request was saved."
    if settings().debug:
        detail = f"{type(error).__name__}: {error}"
    return make_problem(
        request, 500, "internal_error", detail, "Try again; if it happens again, report it with the request id."
    )


def install(app: FastAPI) -> None:
    """Register the handlers. The last one, for what nobody expected, is in `middleware.RequestContext`."""
    app.add_exception_handler(ProductError, on_product_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_error)
