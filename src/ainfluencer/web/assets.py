"""What web/build.mjs made: hashed names, the icon sprite, and the app that serves them with their .br/.gz siblings."""

from __future__ import annotations

import json
import mimetypes
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup
from starlette.datastructures import Headers
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from ainfluencer.core.config import settings
from ainfluencer.core.errors import NotFound

DIST = Path(__file__).with_name("static") / "dist"
PREFIX = "/static"
_ENCODINGS = ((".br", "br"), (".gz", "gzip"))

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")


def manifest(dist: Path = DIST) -> dict[str, str]:
    """Plain name to hashed name; `NotFound` with the command that builds when nothing was built yet."""
    try:
        return _read(dist, (dist / "manifest.json").stat().st_mtime_ns if settings().debug else 0)
    except FileNotFoundError:
        raise NotFound(
            "The styles and scripts of the pages are not built.", "Run: python tools/build_assets.py"
        ) from None


def are_built(dist: Path = DIST) -> bool:
    """Whether the styles and scripts of the pages have been built."""
    return (dist / "manifest.json").is_file()


@lru_cache(maxsize=4)
def _read(dist: Path, _changed_at: int) -> dict[str, str]:
    # With `debug` a build beside a running server is seen, because its time of change is part of the key.
    names: dict[str, str] = json.loads((dist / "manifest.json").read_text("utf-8"))
    return names


def asset(name: str) -> str:
    """The address of a built file, such as `asset("app.js")`; `NotFound` for a name that the build does not make."""
    try:
        return f"{PREFIX}/{manifest()[name]}"
    except KeyError:
        raise NotFound(f"The build makes no file called “{name}”.", "Add an entry in web/build.mjs.") from None


def icon(name: str, cls: str = "size-4") -> Markup:
    """A Lucide icon by name, decorative: the words beside it (or an aria-label) carry the meaning."""
    return _drawn(asset("icons.svg"), name, cls)


@lru_cache(maxsize=1000)
def _drawn(sprite: str, name: str, cls: str) -> Markup:
    return Markup('<svg class="icon {}" viewBox="0 0 24 24" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        cls, sprite, name
    )


class StaticApp:
    """ASGI app for the built files: immutable for a year, compressed once at build time."""

    def __init__(self, dist: Path = DIST) -> None:
        self.dist = dist
        self.files: dict[str, Path] = {}
        self._read_at = -1

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one file of the folder, nothing below or beside it."""
        self._look()
        await self._answer(scope)(scope, receive, send)

    def _look(self) -> None:
        changed = self.dist.stat().st_mtime_ns if self.dist.exists() else 0
        if changed != self._read_at:
            self.files = {p.name: p for p in self.dist.iterdir() if p.is_file()} if changed else {}
            self._read_at = changed

    def _answer(self, scope: Scope) -> Response:
        name = str(scope["path"]).rsplit("/", 1)[-1]
        path = self.files.get(name)
        if path is None or path.suffix in {".br", ".gz"} or scope["method"] not in {"GET", "HEAD"}:
            return PlainTextResponse("Not found", 404)
        hashed = name not in {"manifest.json", "twemoji.zip"}
        headers = {
            "cache-control": "public, max-age=31536000, immutable" if hashed else "no-cache",
            "vary": "accept-encoding",
        }
        accepted = Headers(scope=scope).get("accept-encoding", "")
        for suffix, encoding in _ENCODINGS:
            if encoding in accepted and name + suffix in self.files:
                headers["content-encoding"] = encoding
                path = self.files[name + suffix]
                break
        return FileResponse(
            path, headers=headers, media_type=mimetypes.guess_type(name)[0] or "application/octet-stream"
        )


def static_app() -> StaticApp:
    """The app that `main` mounts at `PREFIX`."""
    return StaticApp()
