"""What happens around every request: an id and a log line, the same-origin rule, size and rate limits."""

from __future__ import annotations

import re
import traceback
from time import perf_counter
from urllib.parse import urlsplit

import structlog
from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ainfluencer.api import limits
from ainfluencer.api.errors import answer, make_problem, on_unexpected, problem_of
from ainfluencer.api.schemas import Problem
from ainfluencer.core.config import settings
from ainfluencer.core.crypto import redact
from ainfluencer.core.errors import LimitReached, NotAllowed
from ainfluencer.core.ids import new_id

log = structlog.get_logger("api")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_FORM_ROOM = 1_000_000  # an upload's boundaries and other fields, on top of the largest file


class RequestContext:
    """Outermost: gives the request its id, logs it once, and turns what nobody expected into an answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _GOOD_ID.fullmatch(given) else new_id()
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0
        started = perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                standing: limits.Standing | None = scope["state"].get("rate_limit")
                for name, value in (standing.headers() if standing else {}).items():
                    headers[name] = value
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, sending)
            except Exception as error:
                request = Request(scope, receive)
                # As text, because pretty tracebacks print local variables, and with them what people typed.
                told = redact("".join(traceback.format_exception(error)))
                log.error("request failed", method=scope["method"], path=scope["path"], traceback=told)  # noqa: TRY400 - see above
                if status:
                    raise  # the answer has begun: all that is left is to break the connection
                response = await answer(request, on_unexpected(request, error))
                await response(scope, receive, sending)
            finally:
                spent = round((perf_counter() - started) * 1000, 1)
                log.info("request", method=scope["method"], path=scope["path"], status=status, milliseconds=spent)


def refuse_other_origin(request: Request) -> None:
    """`NotAllowed` when a browser says that another site makes this changing request (CSRF).

    Browsers send Sec-Fetch-Site with every request since 2023 and Origin with every POST before that; programs send
    neither and hold no cookies of ours. `same-site` is refused too: another port of localhost is the same site.
    """
    if request.method in SAFE_METHODS:
        return
    said = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if said in {"same-origin", "none"}:
        return
    if said is None and (origin is None or urlsplit(origin).netloc == request.headers.get("host")):
        return
    public = settings().public_url
    if origin is not None and public and origin.rstrip("/") == "{0.scheme}://{0.netloc}".format(urlsplit(public)):
        return
    raise NotAllowed(
        "Another site tried to change something here.", "Do it on the pages of this product.", code="other_origin"
    )


class Gate:
    """Refuses, before anything is read: other origins, bodies beyond the limit, and callers that ask too often."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        most = settings().upload_max_bytes + _FORM_ROOM
        length = request.headers.get("content-length", "")
        try:
            refuse_other_origin(request)
            if scope["path"].startswith("/api/"):
                limits.hit(request, "general")
        except (NotAllowed, LimitReached) as error:
            await (await answer(request, problem_of(request, error)))(scope, receive, send)
            return
        if length.isdecimal() and int(length) > most:
            await (await answer(request, _too_large(request, most)))(scope, receive, send)
            return
        await self.app(scope, _counted(receive, most), send)


def _too_large(request: Request, most: int) -> Problem:
    return make_problem(
        request,
        413,
        "too_large",
        f"What was sent is larger than {most // 1_000_000} MB.",
        "Send a smaller file, or raise upload_max_bytes.",
    )


def _counted(receive: Receive, most: int) -> Receive:
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413)
        return message

    return receiving


def install(app: FastAPI) -> None:
    """Add them; the last one added is the outermost."""
    app.add_middleware(Gate)
    app.add_middleware(RequestContext)
