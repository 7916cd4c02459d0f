"""Guards around every request, as plain ASGI (a stream must not be wrapped twice): headers, host, origin, CSRF, size."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ainfluencer.core.config import Settings, settings
from ainfluencer.core.errors import InvalidInput, LimitReached, NotAllowed, ProductError

SESSION_COOKIE = "ainfluencer_session"
SEED_COOKIE = "ainfluencer_seed"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # swaps without scripts go back to the page that sent them
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "x-frame-options": "DENY",
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "testserver"})
_PEEK_BYTES = 65_536
_FORM_ROOM = 1_000_000  # boundaries and other fields, on top of the largest file
_MULTIPART_TOKEN = re.compile(rb'name="csrf"(?:\r\n[^\r\n]+)*\r\n\r\n([0-9a-f]{64})\r\n')


class TooLarge(LimitReached):
    """The request body is over the limit of this instance."""

    code = "too_large"
    status = 413
    default_next_step = "Send a smaller file, or raise upload_max_bytes in the settings."


def csrf_token(request: Request) -> str:
    """The token of this browser: a keyed digest of its session cookie, or of a random seed before sign-in.

    Nobody can make it without knowing a cookie that scripts cannot read, and it ends with the session.
    """
    secret = (
        request.cookies.get(SESSION_COOKIE) or request.scope.get("csrf_seed") or request.cookies.get(SEED_COOKIE, "")
    )
    return _token(str(secret)) if secret else ""


def _token(secret: str) -> str:
    return hmac.new(secret.encode(), b"ainfluencer csrf v1", hashlib.sha256).hexdigest()


def allowed_hosts(config: Settings) -> frozenset[str]:
    """Host names under which pages are served: anything else may be a DNS rebinding attack."""
    names = {
        config.host,
        urlsplit(config.public_url).hostname or "",
        *(h.strip() for h in config.trusted_hosts.split(",")),
    }
    return _LOOPBACK | {n.lower() for n in names if n and n not in {"0.0.0.0", "::"}}  # noqa: S104 - compared, not bound


class Guard:
    """All guards in one pass, outermost in the app. `exempt`: path prefixes that authenticate by a signature of their own."""

    def __init__(
        self, app: ASGIApp, *, config: Settings | None = None, exempt: tuple[str, ...] = ("/hooks/", "/stage/api/")
    ) -> None:
        self.app = app
        self.config = config
        self.exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or hand on with a counted body and the headers of the house."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        config = self.config or settings()
        headers = Headers(scope=scope)
        seed = self._seed(scope, headers)
        guarded = _with_headers(send, config, seed)
        limit = config.upload_max_bytes + _FORM_ROOM
        counted = _Counted(receive, limit)
        try:
            _check_host(headers, config)
            _check_length(headers, limit)
            body: Receive = counted
            if scope["method"] not in SAFE_METHODS:
                _check_origin(headers, config)
                body = await self._check_csrf(scope, headers, counted)
            await self.app(scope, body, guarded)
        except HTTPException as stopped:
            if stopped.status_code != 413:
                raise
            await _refuse(scope, counted, guarded, _too_large(config))
        except ProductError as refusal:
            await _refuse(scope, counted, guarded, refusal)

    def _seed(self, scope: Scope, headers: Headers) -> str:
        """A new seed for a browser without any cookie of ours that opens a page; empty when none is due."""
        cookies = _cookies(headers)
        if SESSION_COOKIE in cookies or SEED_COOKIE in cookies or "text/html" not in headers.get("accept", ""):
            return ""
        scope["csrf_seed"] = secrets.token_urlsafe(24)
        return str(scope["csrf_seed"])

    async def _check_csrf(self, scope: Scope, headers: Headers, body: Receive) -> Receive:
        cookies = _cookies(headers)
        secret = cookies.get(SESSION_COOKIE) or cookies.get(SEED_COOKIE) or ""
        path = str(scope["path"])
        # A key in a header is never sent by a browser on its own, and an API call without cookies has nothing to abuse.
        if "authorization" in headers or path.startswith(self.exempt) or (not secret and path.startswith("/api/")):
            return body
        sent = headers.get(CSRF_HEADER, "")
        if not sent:
            sent, body = await _token_in_body(headers, body)
        if not secret or not hmac.compare_digest(sent.encode(), _token(secret).encode()):
            raise NotAllowed(
                "This form is older than your session, or did not come from our page.",
                "Reload the page and send it again.",
                code="csrf",
            )
        return body


class _Counted:
    """Passes the body on and stops it where it grows over the limit, without holding it."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            if self._seen > self._limit:
                # FastAPI lets this one kind of exception pass while it reads a body.
                raise HTTPException(413)
        return message


def _check_host(headers: Headers, config: Settings) -> None:
    host = headers.get("host", "")
    try:
        name = (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        name = ""
    if name not in allowed_hosts(config):
        raise NotAllowed(
            f"This instance does not answer under the name “{host[:80]}”.",
            "Add the name to trusted_hosts, or set public_url.",
            code="unknown_host",
        )


def _check_origin(headers: Headers, config: Settings) -> None:
    """A page of any site can post to localhost: only our own pages may change anything."""
    site = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "")
    ours = {headers.get("host", ""), urlsplit(config.public_url).netloc} - {""}
    foreign = site in {"cross-site", "same-site"} if site else bool(origin) and urlsplit(origin).netloc not in ours
    if foreign:
        raise NotAllowed(
            "This request was sent by another site.", "Open the page here and try again.", code="cross_site"
        )


def _check_length(headers: Headers, limit: int) -> None:
    length = headers.get("content-length", "0")
    if not length.isdigit():
        raise InvalidInput("The length of the request is not a number.")
    if int(length) > limit:
        raise HTTPException(413)


def _too_large(config: Settings) -> TooLarge:
    return TooLarge(f"What was sent is larger than {config.upload_max_bytes // 1_000_000} MB.")


async def _token_in_body(headers: Headers, receive: Receive) -> tuple[str, Receive]:
    """The token of a form, read from the head of its body, and a receive that gives the whole body again."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        return "", receive
    seen: list[Message] = []
    head = b""
    while len(head) < _PEEK_BYTES or kind != "multipart/form-data":
        message = await receive()
        seen.append(message)
        head += message.get("body", b"")
        if message["type"] != "http.request" or not message.get("more_body", False) or len(head) > 4 * 1024 * 1024:
            break
        if kind == "multipart/form-data" and _MULTIPART_TOKEN.search(head):
            break
    return _find_token(kind, head), _replay(seen, receive)


def _find_token(kind: str, head: bytes) -> str:
    if kind == "multipart/form-data":
        found = _MULTIPART_TOKEN.search(head)
        return found.group(1).decode() if found else ""
    try:
        return parse_qs(head.decode("utf-8"), max_num_fields=5000).get(CSRF_FIELD, [""])[0]
    except ValueError:
        return ""


def _replay(seen: list[Message], receive: Receive) -> Receive:
    waiting = iter(seen)

    async def again() -> Message:
        return next(waiting, None) or await receive()

    return again


def _cookies(headers: Headers) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _with_headers(send: Send, config: Settings, seed: str) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if headers.get("content-type", "").startswith("text/html"):
                headers.setdefault("cache-control", "no-store, private")
                if seed:
                    secure = "; Secure" if config.secure_cookies else ""
                    headers.append("set-cookie", f"{SEED_COOKIE}={seed}; Path=/; HttpOnly; SameSite=Lax{secure}")
        await send(message)

    return guarded


async def _refuse(scope: Scope, receive: Receive, send: Send, refusal: ProductError) -> None:
    from ainfluencer.web.errors import answer  # noqa: PLC0415 - errors draws pages, which need the token from here

    await answer(Request(scope, receive), refusal)(scope, receive, send)
