"""What happens around every request: an id, one log line, the general limit, and an answer to what nobody expected.

Other origins, foreign hosts and bodies that are too large are refused further out, by `web.security`.
"""

from __future__ import annotations

import re
import traceback
from time import perf_counter

import structlog
from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ainfluencer.api import limits
from ainfluencer.api.errors import answer, on_unexpected, problem_of
from ainfluencer.core.crypto import redact
from ainfluencer.core.errors import LimitReached, NotSignedIn
from ainfluencer.core.ids import new_id

log = structlog.get_logger("api")

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


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
            except HTTPException:
                raise  # a body that grew over the limit while it was read: `web.security` stands outside and answers
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


class GeneralLimit:
    """Refuses callers under /api/ that ask far too often; routes have their own, smaller limits."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            request = Request(scope, receive)
            try:
                limits.hit(request, "general")
            except LimitReached as error:
                await (await answer(request, problem_of(request, error)))(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Uploads:
    """Refuses files from callers who show no key and no session before their bytes are taken in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["path"].startswith("/api/"):
            given = Headers(scope=scope)
            is_upload = given.get("content-type", "").startswith("multipart/")
            if is_upload and not (given.get("authorization") or given.get("cookie")):
                request = Request(scope, receive)
                problem = problem_of(request, NotSignedIn("Nobody is signed in."))
                await (await answer(request, problem, {"WWW-Authenticate": "Bearer"}))(scope, receive, send)
                return
        await self.app(scope, receive, send)


class Heads:
    """Answers HEAD as GET would be answered; the server sends no body then. Monitors and link checkers ask so.

    Streams have no end that could be waited for: there, HEAD stays refused.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http" and scope["method"] == "HEAD" and not _STREAM.search(_target(scope)):
            scope = {**scope, "method": "GET"}  # a copy: the server's own scope tells it to leave the body out
        await self.app(scope, receive, send)


_STREAM = re.compile(r"/events(?:\?|\Z)|[?&]follow=")


def _target(scope: Scope) -> str:
    return f"{scope['path']}?{scope['query_string'].decode('latin-1')}"


def install(app: FastAPI) -> None:
    """Add them; the last one added is the outermost."""
    app.add_middleware(Heads)
    app.add_middleware(Uploads)
    app.add_middleware(GeneralLimit)
    app.add_middleware(RequestContext)
