"""What came back from outside, and how each refusal becomes one error of the closed set."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from ainfluencer.core import clock
from ainfluencer.core.errors import (
    InvalidInput,
    LoginExpired,
    NotConnected,
    OutcomeUnknown,
    OutsideError,
    PermissionMissing,
    RateLimited,
    Rejected,
    UnexpectedReply,
    Unreachable,
)
from ainfluencer.integrations.redaction import redact

T = TypeVar("T")
_LONGEST_WAIT = timedelta(hours=24)
_DEFAULT_WAIT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, read to its end. `elapsed` in seconds; header names are lower case."""

    slug: str
    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)
    elapsed: float
    effect: bool = False  # whether the request may have changed something there
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The content as UTF-8 text; bytes that are none are replaced."""
        return self.content.decode("utf-8", "replace")

    @property
    def is_page(self) -> bool:
        """Whether a web page came instead of data: a proxy, a login wall or a wrong address."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind in {"text/html", "application/xhtml+xml"} or self.content[:100].lstrip()[:9].lower() in {
            b"<!doctype",
            b"<html",
            b"<html>",
        }

    def json(self) -> Any:
        """The content as JSON. Anything else is `UnexpectedReply`, or `OutcomeUnknown` after an accepted change."""
        if not self.is_page:
            try:
                return json.loads(self.content)
            except (ValueError, RecursionError):
                pass
        raise self.odd("a web page instead of data" if self.is_page else "something that is not JSON")

    def read(self, parse: Callable[[Any], T]) -> T:
        """`parse` applied to the JSON; what does not have the shape that `parse` reads is odd (see `json`)."""
        content = self.json()
        try:
            return parse(content)
        except (LookupError, TypeError, ValueError, AttributeError, OverflowError, OSError, InvalidInput):
            raise self.odd("data of an unknown shape") from None

    def told(self) -> dict[str, Any]:
        """The JSON object that a refusal carries; empty when it carries none."""
        try:
            content = self.json()
        except OutsideError:
            return {}
        return content if isinstance(content, dict) else {}

    def odd(self, what: str) -> OutsideError:
        """The error for an answer that the documentation does not promise; `what` completes “answered with …”."""
        kind = OutcomeUnknown if self.effect and self.ok else UnexpectedReply
        step = "Check that the address is that of the service itself." if self.is_page else ""
        return kind(self.slug, f"The service answered with {what} (status {self.status}).", step)

    def said(self, limit: int = 300) -> str:
        """The beginning of a textual answer for an error sentence, without secrets; empty for web pages."""
        return "" if self.is_page else redact(" ".join(self.text[: limit * 4].split())[:limit], self.secrets)


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one code of a platform reads to a person. `detail` may contain `{said}`, the platform's own words."""

    error: type[OutsideError]
    detail: str
    next_step: str = ""


def raise_for(
    reply: Reply,
    table: Mapping[str | int, Refusal] | None = None,
    *,
    code: str = "",
    message: str = "",
    until: datetime | None = None,
) -> Reply:
    """Hand back a 2xx answer, else raise the one error of the closed set that it means.

    Args:
        reply: what came back.
        table: the platform's own codes, or statuses, that deserve their own words; looked up first.
        code: the platform's machine word for this refusal, as the adapter read it from the body.
        message: the platform's sentence; the beginning of the body when left out.
        until: when to come back, where the body says it rather than a header.

    """
    if reply.ok:
        return reply
    said = redact(message, reply.secrets)[:300] if message else reply.said()
    refusal = (table or {}).get(code)
    if refusal is None and not reply.is_page:  # a page in front of the service speaks for itself, not for the service
        refusal = (table or {}).get(reply.status)
    if refusal and refusal.error is not RateLimited:
        raise refusal.error(reply.slug, refusal.detail.replace("{said}", said), refusal.next_step)
    if reply.status == 429 or refusal:
        detail = refusal.detail.replace("{said}", said) if refusal else "The service asks us to slow down."
        raise RateLimited(reply.slug, detail, until=until or wait_until(reply.headers))
    raise _by_status(reply, said)


def _by_status(reply: Reply, said: str) -> OutsideError:
    words = f" It says: {said}" if said else ""
    if reply.status >= 500 or reply.status in {408, 425}:
        if reply.effect:
            return OutcomeUnknown(reply.slug, f"The service failed (status {reply.status}) while handling this.{words}")
        return Unreachable(reply.slug, f"The service is out of order (status {reply.status}).{words}")
    if reply.status < 400:
        place = reply.headers.get("location", "")[:200]
        return UnexpectedReply(
            reply.slug,
            f"The service sent us elsewhere: {redact(place, reply.secrets) or 'nowhere'}.",
            "Use the address that it names, if it is the service's own.",
        )
    if reply.is_page and reply.status != 401:
        return UnexpectedReply(
            reply.slug,
            f"A web page came instead of an answer (status {reply.status}).",
            "Check that the address is that of the service itself and not of a page in front of it.",
        )
    kinds: dict[int, tuple[type[OutsideError], str]] = {
        401: (LoginExpired, "The service no longer accepts the sign-in."),
        402: (Rejected, "The service asks for payment."),
        403: (PermissionMissing, "The service does not permit this."),
        404: (Rejected, "The service does not know this."),
        405: (NotConnected, "This address does not offer what we need."),
        409: (Rejected, "The service says that this clashes with what is there."),
        410: (Rejected, "The service says that this is gone."),
        413: (Rejected, "The service says that this is too large."),
    }
    kind, detail = kinds.get(reply.status, (Rejected, "The service refused this."))
    return kind(reply.slug, f"{detail}{words}")


def wait_until(headers: Mapping[str, str]) -> datetime:
    """When a throttling service wants us back, from `Retry-After` or a reset header; a minute where it says nothing.

    Seen forms: seconds or an HTTP date in `Retry-After` (RFC 9110 §10.2.3); `RateLimit-Reset` or
    `X-RateLimit-Reset` as seconds to go, as a Unix time, or as an ISO instant. Never more than a day ahead.
    """
    now = clock.now()
    for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"):
        found = _instant(headers.get(name, "").strip(), now)
        if found:
            return min(max(found, now + timedelta(seconds=1)), now + _LONGEST_WAIT)
    return now + _DEFAULT_WAIT


def _instant(text: str, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if not 0 <= number < 10**11:
            return None
        # A number of seconds that is larger than a year can only be a Unix time.
        return datetime.fromtimestamp(number, UTC) if number > 31_536_000 else now + timedelta(seconds=number)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text)
        except (ValueError, TypeError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
