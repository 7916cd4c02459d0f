"""The four answers of a page route: `render` a page, `swap` regions, `go_to` an address, `flash` a sentence.

Pages and regions are frozen dataclasses; templates/README.md says how to write them.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from ainfluencer.core.config import settings
from ainfluencer.web.security import csrf_token
from ainfluencer.web.shell import shell_of
from ainfluencer.web.templates import Scene, to_text

FLASH_COOKIE = "ainfluencer_flash"
KINDS = ("info", "success", "warning", "error")
_FLASH_LIMIT = 3000  # a cookie holds about 4 kB


class Page(Protocol):
    """A whole page: a frozen dataclass whose fields are the context of its template.

    With `region: ClassVar[str]` it names the block that htmx gets at the same address; `bare: ClassVar[bool] = True`
    draws it without a shell.
    """

    template: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


class Region(Protocol):
    """A part of a page that is redrawn on its own. `block: ClassVar[str]`: it is that block of its template."""

    template: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str:
        """The id of the element that the template draws."""


@dataclass(frozen=True, slots=True)
class Flash:
    """One sentence after an action, with a way back where there is one (a POST to `undo_url`)."""

    text: str
    kind: str = "info"
    undo_url: str = ""


def is_htmx(request: Request) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-request-type") != "full"


def render(request: Request, page: Page, status: int = 200) -> Response:
    """The whole page, or its region for htmx. A form with mistakes is rendered again with status 422."""
    region = getattr(type(page), "region", "")  # of the class: a page may have a field of that name
    if is_htmx(request) and isinstance(region, str) and region:
        # The script swaps a form with its mistakes in at 422 only; a page without scripts keeps its own status (429, 409).
        answer: Response = HTMLResponse(_text(request, page, region), 422 if status >= 400 else status)
        _announce(request, answer)
    else:
        answer = _WholePage(request, page, status)
    answer.headers["vary"] = "hx-request, hx-request-type"
    return answer


def swap(request: Request, *regions: Region, back: str = "", status: int = 200) -> Response:
    """Redraw these regions where they stand. Without scripts: back to the page that was left (or to `back`)."""
    if not is_htmx(request):
        return go_to(request, back or came_from(request))
    parts = [
        f'<hx-partial hx-target="#{region.id}" hx-swap="outerMorph">{_text(request, region, getattr(region, "block", ""))}</hx-partial>'
        for region in regions
    ]
    answer = HTMLResponse("\n".join(parts), status)
    _announce(request, answer)
    return answer


def go_to(request: Request, url: str) -> Response:
    """Send the browser to an address of this site."""
    target = local_path(url)
    waiting = _waiting(request)
    answer: Response
    if request.headers.get("hx-request") == "true":
        answer = Response(status_code=204, headers={"hx-redirect": target})
    else:
        answer = RedirectResponse(target, 303)
    if waiting:
        packed = _pack(waiting)
        answer.set_cookie(
            FLASH_COOKIE, packed, max_age=60, httponly=True, samesite="lax", secure=settings().secure_cookies
        )
    return answer


def flash(request: Request, text: str, kind: str = "info", undo_url: str = "") -> None:
    """Say a sentence with the answer to this request: a toast now, or on the next page after `go_to`."""
    _waiting(request).append(Flash(text, kind if kind in KINDS else "info", local_path(undo_url) if undo_url else ""))


def came_from(request: Request) -> str:
    """The path of our page that sent this request, or "/"."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", ""):
        return "/"
    return local_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def local_path(url: str) -> str:
    """The address if it stays on this site, else "/": nobody is sent elsewhere by a link they followed."""
    parts = urlsplit(url.replace("\\", "/"))
    is_ours = url.startswith("/") and not url.startswith("//") and not parts.scheme and not parts.netloc
    return url if is_ours and url.isprintable() and "\\" not in url else "/"


class _WholePage(HTMLResponse):
    """Rendered when it is sent: by then the route's transaction is over and the shell may read the result."""

    def __init__(self, request: Request, page: Page, status: int) -> None:
        super().__init__("", status)
        self._request = request
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = self._request
        bare = getattr(self._page, "bare", False)
        stored = _unpack(request.cookies.get(FLASH_COOKIE, ""))
        context: dict[str, Any] = {"flashes": [*stored, *_waiting(request)]}
        if not bare:
            context["shell"] = await shell_of(request)
        if stored:
            self.delete_cookie(FLASH_COOKIE, httponly=True, samesite="lax")
        self.body = _text(request, self._page, "", context).encode()
        self.headers["content-length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def _text(request: Request, shown: Page | Region, block: str, more: Mapping[str, Any] | None = None) -> str:
    own = {field.name: getattr(shown, field.name) for field in fields(shown)}
    now = Scene(csrf_token(request), request.url.path)
    return to_text(shown.template, block, {**own, "page": shown, "path": now.path, **(more or {})}, now)


def _waiting(request: Request) -> list[Flash]:
    if not hasattr(request.state, "flashes"):
        request.state.flashes = []
    flashes: list[Flash] = request.state.flashes
    return flashes


def _announce(request: Request, answer: Response) -> None:
    waiting = _waiting(request)
    if waiting:
        # json.dumps answers ASCII, which is all that a header may hold.
        answer.headers["hx-trigger"] = json.dumps({"toasts": {"items": [asdict(f) for f in waiting]}})


def _pack(flashes: list[Flash]) -> str:
    kept = [asdict(f) | {"text": f.text[:500]} for f in flashes]
    packed = base64.urlsafe_b64encode(json.dumps(kept, ensure_ascii=False).encode()).decode()
    return packed if len(packed) <= _FLASH_LIMIT else _pack(flashes[1:])


def _unpack(packed: str) -> list[Flash]:
    """What a cookie says; nothing at all when it is not one of ours."""
    try:
        raw = json.loads(base64.urlsafe_b64decode(packed.encode())) if packed else []
        found = [
            Flash(str(f["text"])[:500], str(f["kind"]), local_path(str(f["undo_url"])) if f["undo_url"] else "")
            for f in raw
        ]
    except (ValueError, KeyError, TypeError, binascii.Error):
        return []
    return [f for f in found if f.kind in KINDS]
