"""The same POST sent twice with one Idempotency-Key has its effect once, and both callers read the same answer.

A row is written before the route runs and completed after its transaction. A process that dies between the two leaves
a row without an answer: a repeat is then refused rather than risked, and the caller is told to look.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO

from fastapi import FastAPI, Request
from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ainfluencer.api.errors import answer, problem_of
from ainfluencer.api.models import IdempotentRequest
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.crypto import decrypt, encrypt
from ainfluencer.core.errors import Conflict, InvalidInput, NotSignedIn, ProductError
from ainfluencer.db.session import database

KEPT = timedelta(hours=24)
RUNNING_AT_MOST = timedelta(minutes=10)
LARGEST_ANSWER = 1_000_000
_IN_MEMORY = 1_000_000
_GOOD_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(slots=True)
class _Kept:
    """What the route answered, collected as it goes out."""

    status: int = 0
    headers: Headers = field(default_factory=Headers)
    body: bytearray = field(default_factory=bytearray)
    is_complete: bool = False

    def see(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = Headers(raw=message["headers"])
        elif message["type"] == "http.response.body":
            if len(self.body) <= LARGEST_ANSWER:
                self.body += message.get("body", b"")
            self.is_complete = not message.get("more_body", False)


class Idempotency:
    """Wraps POST requests under /api/ that carry the header and a login."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        key = request.headers.get("idempotency-key")
        try:
            actor = None if key is None else await request.app.state.resolve_actor(request)
        except NotSignedIn:
            actor = None  # the route decides whether it needs one
        if key is None or actor is None:
            await self.app(scope, receive, send)
            return
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
            hashed = await _spool(receive, body)
            try:
                row_id, stored = await _claim(actor, key, _signature(request), hashed)
            except ProductError as error:
                await (await answer(request, problem_of(request, error), _retry(error)))(scope, receive, send)
                return
            if stored:
                await stored(scope, receive, send)
                return
            kept = _Kept()

            async def sending(message: Message) -> None:
                kept.see(message)
                # The record is complete before the caller reads the end of the answer, so a repeat finds it.
                if kept.is_complete and not scope["state"].get("idempotency_done"):
                    scope["state"]["idempotency_done"] = True
                    await _finish(row_id, kept, unknown=bool(scope["state"].get("outcome_unknown")))
                await send(message)

            try:
                await self.app(scope, _replay(body, receive), sending)
            except Exception:
                if not kept.is_complete:  # nothing was committed, so a repeat may try again
                    await _release(row_id)
                raise


def _signature(request: Request) -> str:
    text = f"{request.method} {request.url.path}?{request.url.query}"
    return text if len(text) <= 600 else hashlib.sha256(text.encode()).hexdigest()


def _retry(error: ProductError) -> dict[str, str]:
    return {"Retry-After": "1"} if error.reason == "idempotency_in_progress" else {}


async def _spool(receive: Receive, body: IO[bytes]) -> str:
    """Take the whole body aside and return its hash. `web.security` counts it on its way in."""
    hashed = hashlib.sha256()
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        chunk = message.get("body", b"")
        hashed.update(chunk)
        body.write(chunk)
        more = message.get("more_body", False)
    body.seek(0)
    return hashed.hexdigest()


def _replay(body: IO[bytes], receive: Receive) -> Receive:
    is_done = False

    async def receiving() -> Message:
        nonlocal is_done
        if is_done:
            return await receive()
        chunk = body.read(65536)
        is_done = len(chunk) < 65536
        return {"type": "http.request", "body": chunk, "more_body": not is_done}

    return receiving


async def _claim(actor: Actor, key: str, request: str, body_hash: str) -> tuple[str, Response | None]:
    """The row to complete and None, or the row and the answer that was given before; `Conflict` in between."""
    if not _GOOD_KEY.fullmatch(key):
        raise InvalidInput("An Idempotency-Key is 1 to 200 visible ASCII characters.", field="Idempotency-Key")
    row = IdempotentRequest(
        workspace_id=actor.workspace_id, caller=actor.user_id or "", key=key, request=request, body_hash=body_hash
    )
    try:
        async with database().writing() as session:
            await purge(session)
            session.add(row)
    except IntegrityError:
        pass
    else:
        return row.id, None
    async with database().reading() as session:
        found = await session.scalar(
            select(IdempotentRequest).where(
                IdempotentRequest.workspace_id == row.workspace_id,
                IdempotentRequest.caller == row.caller,
                IdempotentRequest.key == key,
            )
        )
    return row.id, _earlier(found, request, body_hash)


def _earlier(found: IdempotentRequest | None, request: str, body_hash: str) -> Response:
    if found and (found.request != request or found.body_hash != body_hash):
        raise Conflict(
            "This Idempotency-Key was used for another request.",
            "Use a new key for each request, and the same one only to repeat it.",
            code="idempotency_key_reused",
        )
    if found and found.status and not found.answer:
        raise Conflict(
            "The first request with this key is done; its answer was too large to keep.",
            "Look at what it made, or send it with a new key.",
            code="answer_not_kept",
        )
    if found and found.status:
        headers = {"Idempotency-Replayed": "true"} | ({"Location": found.location} if found.location else {})
        body = decrypt(found.answer, "idempotency").encode("latin-1")
        return Response(body, found.status, headers, found.content_type or None)
    if found and clock.now() - found.created_at > RUNNING_AT_MOST:
        raise Conflict(
            "The first request with this key was cut off, so it is not known whether it had its effect.",
            "Look whether it did; if not, send it with a new key.",
            code="outcome_unknown",
        )
    raise Conflict(
        "The first request with this key is still running.",
        "Send it again in a moment.",
        code="idempotency_in_progress",
    )


async def _finish(row_id: str, kept: _Kept, *, unknown: bool) -> None:
    """Keep what had an effect. A refusal changed nothing (its transaction was rolled back), so the key is free again."""
    if kept.status >= 400 and not unknown:
        await _release(row_id)
        return
    async with database().writing() as session:
        values = {
            "status": kept.status,
            "content_type": kept.headers.get("content-type", "")[:100],
            "location": kept.headers.get("location", ""),
            # Latin-1 carries any bytes through the text column. Empty and not encrypted: larger than what is kept.
            "answer": encrypt(kept.body.decode("latin-1"), "idempotency") if len(kept.body) <= LARGEST_ANSWER else "",
        }
        await session.execute(update(IdempotentRequest).where(IdempotentRequest.id == row_id).values(values))


async def _release(row_id: str) -> None:
    async with database().writing() as session:
        await session.execute(delete(IdempotentRequest).where(IdempotentRequest.id == row_id))


async def purge(session: AsyncSession) -> int:
    """Forget records older than a day; returns how many."""
    done = await session.execute(delete(IdempotentRequest).where(IdempotentRequest.created_at < clock.now() - KEPT))
    return done.rowcount if isinstance(done, CursorResult) else 0


def install(app: FastAPI) -> None:
    """Add it. Call before `middleware.install`, so that request ids and logs stand outside."""
    app.add_middleware(Idempotency)
