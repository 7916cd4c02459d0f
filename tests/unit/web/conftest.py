"""An app with the design system and a made-up shell: no module, no database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from ainfluencer.api import wiring
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.web import assets, errors, pages
from ainfluencer.web.security import Guard
from ainfluencer.web.shell import NavItem, NavSection, Notice, Person, Place, Shell

SHELL = Shell(
    sections=(
        NavSection(
            "Create",
            (
                NavItem("Library", "/library", "images", badge=3, urgent=True),
                NavItem("Patterns", "/_patterns", "swatch-book"),
            ),
        ),
    ),
    user=Person("Ada", "owner", "ada@example.org"),
    workspace=Place("1", "Harbour", "Europe/Lisbon"),
    workspaces=(Place("2", "Night shift"),),
    notices=(Notice("Sign in again", "/channels", tone="warning"),),
    create=(NavItem("A post", "/posts/new", "pencil-line"),),
    live_topics="jobs",
)
NAMES = (
    "app.js",
    "boot.js",
    "style.css",
    "calendar.js",
    "calendar.css",
    "charts.js",
    "icons.svg",
    "inter.woff2",
    "bricolage-grotesque.woff2",
)


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as the asset build leaves it, with small files in place of the real ones."""
    folder = tmp_path / "dist"
    folder.mkdir()
    names = {name: name.replace(".", "-0a1b2c3d.", 1) for name in NAMES}
    for hashed in names.values():
        (folder / hashed).write_text(f"plain {hashed}", "utf-8")
    (folder / f"{names['app.js']}.br").write_bytes(b"brotli bytes")
    (folder / f"{names['app.js']}.gz").write_bytes(b"gzip bytes")
    (folder / "manifest.json").write_text(json.dumps(names), "utf-8")
    monkeypatch.setattr(assets, "manifest", lambda: names)
    return folder


@pytest.fixture
def app(settings: Settings, dist: Path) -> FastAPI:
    """The app: pattern pages, an echo for forms, a program's endpoint."""
    made = FastAPI()

    async def who(_request: Request) -> Actor:
        return Actor(workspace_id="1", role=Role.OWNER, name="Ada")

    async def shell(_request: Request) -> Shell:
        return SHELL

    made.state.resolve_actor = who
    made.state.shell = shell
    made.state.error_page = errors.page
    wiring.install(made)
    made.include_router(pages.router)
    made.mount(assets.PREFIX, assets.StaticApp(dist))

    @made.post("/echo")
    @made.post("/api/echo")
    @made.post("/hooks/echo")
    async def echo(request: Request) -> Response:
        async with request.form() as form:
            parts = [f"{k}={v if isinstance(v, str) else len(await v.read())}" for k, v in form.multi_items()]
        return PlainTextResponse(";".join(parts))

    made.add_middleware(Guard, config=settings)
    return made


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A browser that asks for pages and follows nothing by itself."""
    with TestClient(app, headers={"accept": "text/html"}, follow_redirects=False) as made:
        yield made


def token_of(client: TestClient) -> str:
    """Open a page and read its token, as a form does."""
    text = client.get("/_patterns").text
    return text.split('<meta name="csrf" content="', 1)[1].split('"', 1)[0]
