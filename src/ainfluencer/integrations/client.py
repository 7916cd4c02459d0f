"""The one door to the outside: limits, address guard, redaction, rate budget, and an error for every ending."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin

import httpx

from ainfluencer.core.config import settings
from ainfluencer.core.errors import (
    NotConnected,
    OutcomeUnknown,
    OutsideError,
    RateLimited,
    UnexpectedReply,
    Unreachable,
)
from ainfluencer.db.session import WRITING
from ainfluencer.integrations import budget as budgets
from ainfluencer.integrations.addresses import clean_url, origin
from ainfluencer.integrations.budget import Budget
from ainfluencer.integrations.guard import AddressForbidden, AddressRefused, new_client, pool
from ainfluencer.integrations.redaction import redact, secrets_in
from ainfluencer.integrations.replies import Refusal, Reply, raise_for, wait_until

__all__ = ["OutsideClient", "Refusal", "Reply", "raise_for"]

LOG = logging.getLogger("ainfluencer.outside")
# Both write whole addresses and headers, tokens included, into their own logs.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 30.0
MAX_BYTES = 8_000_000
_REDIRECTS = 3
_ENCODINGS = frozenset({"", "identity", "gzip", "deflate"})  # those whose growth stays small per chunk


class CallWhileWritingError(RuntimeError):
    """A bug of ours: a call outside while a write transaction is open would hold the database for seconds."""


@dataclass(slots=True)
class _Call:
    """One request on its way."""

    method: str
    url: str
    options: dict[str, Any]
    effect: bool
    max_bytes: int
    sink: BinaryIO | None
    secrets: frozenset[str]
    sent: bool = False  # whether any byte of the request may have left
    status: int = 0
    started: float = field(default_factory=time.perf_counter)


class OutsideClient:
    """Calls to one service.

    Args:
        slug: the adapter in whose name the calls are made; errors carry it.
        base_url: where relative paths start. `NotConnected` when it is not an http(s) address.
        allow_private: whether private networks and plain http may be reached. The instance's own address may be
            reached without it, but then nothing else.
        budget: how often this connection may be used; shared by all clients with the same key.
        secrets: values that no error or log line may show.
        transport: replaces the network (tests of the client itself).

    """

    def __init__(
        self,
        slug: str,
        base_url: str = "",
        *,
        allow_private: bool = False,
        budget: Budget | None = None,
        secrets: Iterable[str] = (),
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.slug = slug
        try:
            self.base_url = clean_url(base_url) if base_url else ""
        except ValueError:
            raise NotConnected(
                slug, f"“{base_url[:100]}” is not the address of a service.", "Write it like https://example.org."
            ) from None
        own = [origin(u) for u in (settings().url, settings().public_url, settings().stage_url) if u]
        self._own = bool(self.base_url) and origin(self.base_url) in own
        self._allow_private = allow_private or settings().allow_private_urls
        self._budget = budget
        self._secrets = frozenset(secrets)
        self._client = new_client(transport) if transport else None

    def __repr__(self) -> str:
        return f"OutsideClient({self.slug!r}, {redact(self.base_url, self._secrets)!r})"

    async def request(  # noqa: PLR0913 - the parts of an HTTP request
        self,
        method: str,
        path_or_url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        effect: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109 - a limit that is reported as an outcome, not as a cancellation
        max_bytes: int | None = None,
        stream_to: Path | None = None,
    ) -> Reply:
        """One request, answered by a `Reply` of any status (`raise_for` judges it).

        Args:
            method: an HTTP method.
            path_or_url: a path below `base_url`, or a whole address.
            params: the query, as in httpx.
            json: a JSON body.
            data: a form body, or the plain fields of a multipart one.
            content: a raw body.
            files: the files of a multipart body, as in httpx.
            headers: extra headers.
            effect: whether this may change something there. It decides what a lost answer means: `OutcomeUnknown`
                with an effect, `Unreachable` without.
            timeout: seconds for the whole exchange (30 when left out); connecting has 10 of them.
            max_bytes: the longest answer that is accepted (8 MB; 4 GB with `stream_to`).
            stream_to: a file to write the answer into; `Reply.content` is then empty.

        Raises:
            RateLimited: the budget of this connection is used up.
            NotConnected: the address is not allowed.
            Unreachable, OutcomeUnknown, UnexpectedReply: as above; an answer that is too large is unexpected.

        """
        if WRITING.get():
            raise CallWhileWritingError(f"{self.slug}: a call outside was made inside a write transaction")
        self._take()
        call = _Call(
            method=method.upper(),
            url=self._url(path_or_url),
            options={
                "params": params, "json": json, "data": data, "content": content, "files": files,
                "headers": {"User-Agent": "AInfluencer", "Accept-Encoding": "gzip, deflate", **(headers or {})},
            },
            effect=effect,
            max_bytes=max_bytes or (4_000_000_000 if stream_to else MAX_BYTES),
            sink=None,
            secrets=self._secrets | secrets_in(headers, json if json is not None else data),
        )  # fmt: skip
        try:
            async with asyncio.timeout(timeout or TOTAL_SECONDS):
                reply = await self._run(call, stream_to)
        except TimeoutError:
            raise self._lost(call, "did not answer in time") from None
        finally:
            self._log(call)
        if reply.status == 429 and self._budget:
            budgets.block(self._budget, wait_until(reply.headers))
        return reply

    async def close(self) -> None:
        """Close what this client opened for itself; pooled connections stay for the others."""
        if self._client:
            await self._client.aclose()

    async def _run(self, call: _Call, stream_to: Path | None) -> Reply:
        if stream_to is None:
            return await self._exchange(call)
        with stream_to.open("wb") as call.sink:
            return await self._exchange(call)

    async def _exchange(self, call: _Call) -> Reply:
        for _ in range(_REDIRECTS + 1):
            try:
                reply = await self._once(call)
            except httpx.HTTPError as e:
                raise self._failure(call, e) from None
            except (httpx.InvalidURL, httpx.StreamError, UnicodeError):
                raise NotConnected(self.slug, "The address of the service cannot be used.") from None
            place = reply.headers.get("location", "")
            if call.effect or call.method not in {"GET", "HEAD"} or not (300 <= reply.status < 400 and place):
                return reply
            self._follow(call, place)
        raise UnexpectedReply(self.slug, "The service sends us round in circles.")

    async def _once(self, call: _Call) -> Reply:
        client = self._client or pool(allow_private=self._allow_private or self._own)
        limits = httpx.Timeout(None, connect=CONNECT_SECONDS)
        request = client.build_request(call.method, call.url, timeout=limits, **call.options)
        request.extensions["trace"] = self._tracer(call)
        response = await client.send(request, stream=True)
        try:
            call.status = response.status_code
            content = await self._read(call, response)
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        elapsed = time.perf_counter() - call.started
        return Reply(self.slug, response.status_code, headers, content, elapsed, call.effect, call.secrets)

    async def _read(self, call: _Call, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "").strip().lower() not in _ENCODINGS:
            raise self._odd(call, "came in an encoding that was not asked for")
        parts: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes(65_536):
            size += len(chunk)
            if size > call.max_bytes:
                raise self._odd(call, f"is larger than {call.max_bytes:,} bytes")
            if call.sink is not None and response.is_success:
                await asyncio.to_thread(call.sink.write, chunk)
            else:
                parts.append(chunk)
        return b"".join(parts)

    def _url(self, path_or_url: str) -> str:
        url = path_or_url if "://" in path_or_url else f"{self.base_url}/{path_or_url.lstrip('/')}"
        try:
            target = origin(url)
        except ValueError:
            raise NotConnected(self.slug, "There is no address for this service.", "Enter its address.") from None
        if self._own and not self._allow_private and target != origin(self.base_url):
            raise NotConnected(self.slug, "This connection may only reach this instance itself.")
        if target[0] == "http" and not (self._allow_private or self._own or self._client):
            raise NotConnected(
                self.slug, f"{target[1]} is spoken to without encryption, so the sign-in could be read on the way.",
                "Use an address that begins with https, or set allow_private_urls for a service in your own network.",
            )  # fmt: skip
        return url

    def _follow(self, call: _Call, place: str) -> None:
        before = origin(call.url)
        target = urljoin(call.url, place)
        if before[0] == "https" and target.startswith("http:"):
            raise UnexpectedReply(self.slug, "The service sends us to an address without encryption.")
        call.url = self._url(target)
        call.options["params"] = None
        if origin(call.url) != before:
            # A sign-in belongs to the host that it was made for.
            call.options["headers"] = {
                k: v
                for k, v in call.options["headers"].items()
                if k.lower() in {"user-agent", "accept", "accept-encoding"}
            }

    def _take(self) -> None:
        until = budgets.take(self._budget) if self._budget else None
        if until:
            raise RateLimited(self.slug, "This connection has used up its share of requests for now.", until=until)

    @staticmethod
    def _tracer(call: _Call) -> Any:
        async def trace(event: str, _info: Mapping[str, Any]) -> None:
            if event.endswith("send_request_headers.started"):
                call.sent = True

        return trace

    def _failure(self, call: _Call, error: httpx.HTTPError) -> OutsideError:
        host = origin(call.url)[1]
        if isinstance(error.__cause__, AddressForbidden):
            return NotConnected(
                self.slug, f"“{host}” is never reached: no service lies there, but clouds keep credentials at such addresses.",
                "Enter the address of the service itself.",
            )  # fmt: skip
        if isinstance(error.__cause__, AddressRefused):
            return NotConnected(
                self.slug, f"“{host}” is an address inside a private network, and those are not reached by default.",
                "If it is your own network, set allow_private_urls in the settings.",
            )  # fmt: skip
        if isinstance(error, (httpx.DecodingError, httpx.TooManyRedirects)):
            return self._odd(call, "cannot be decoded")
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
            reason = redact(str(error), call.secrets)[:160]
            return Unreachable(self.slug, f"No connection to {origin(call.url)[1]}: {reason or 'no answer'}.")
        return self._lost(call, "broke off the connection")

    def _lost(self, call: _Call, what: str) -> OutsideError:
        if call.effect and (call.sent or self._client):
            return OutcomeUnknown(self.slug, f"The service {what} after our request had been sent.")
        return Unreachable(self.slug, f"The service at {origin(call.url)[1]} {what}.")

    def _odd(self, call: _Call, what: str) -> OutsideError:
        kind = OutcomeUnknown if call.effect and 200 <= call.status < 300 else UnexpectedReply
        return kind(self.slug, f"The answer of the service {what}.")

    def _log(self, call: _Call) -> None:
        place = redact(call.url.partition("?")[0], call.secrets)
        taken = (time.perf_counter() - call.started) * 1000
        LOG.info("%s: %s %s -> %s in %.0f ms", self.slug, call.method, place, call.status or "no answer", taken)
