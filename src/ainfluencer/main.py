"""Builds the web application and runs it. Wiring only: every part is found by folder or handed over here."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import os
import pkgutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette_compress import CompressMiddleware

import ainfluencer
from ainfluencer import __version__
from ainfluencer.accounts import service as accounts
from ainfluencer.accounts.access import resolve_actor
from ainfluencer.api import wiring as api
from ainfluencer.core import clock, collector, config, log
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.db import revisions
from ainfluencer.db.models import load_all
from ainfluencer.db.session import Database, use_database
from ainfluencer.engine import events
from ainfluencer.engine.runtime import Engine, Mode
from ainfluencer.home import health, news, shell
from ainfluencer.web import errors as web_errors
from ainfluencer.web import live, security
from ainfluencer.web.assets import PREFIX, static_app

logger = structlog.get_logger("main")


def create_app(settings: Settings | None = None, *, mode: Mode = "embedded") -> FastAPI:
    """The whole application. `mode` says whether this process also does the durable work (see `Engine`)."""
    settings = config.use(settings or config.load())
    load_all()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with running(settings, mode) as engine:
                app.state.engine = engine
                yield
        except Exception as error:
            app.state.failure = error  # uvicorn only logs it; `serve` tells the person
            raise

    app = FastAPI(
        title="AInfluencer",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,  # FastAPI's page loads its scripts from another server, which the content policy rightly refuses
        redoc_url=None,
        openapi_url="/api/v2/openapi.json",
    )
    app.state.resolve_actor = resolve_actor
    app.state.shell = shell.of
    app.state.error_page = web_errors.page
    app.state.health_checks = health.checks(app)
    api.install(app)
    for router in routers():
        app.router.routes.extend(router.routes)
    app.mount(PREFIX, static_app(), name="static")
    app.add_middleware(CompressMiddleware, minimum_size=800)
    app.add_middleware(security.Guard, config=settings)
    return app


def routers() -> list[APIRouter]:
    """`router` of every module's `api` and `pages`, in the order of names."""
    found: list[APIRouter] = []
    for info in pkgutil.iter_modules(ainfluencer.__path__):
        for room in ("api", "pages"):
            name = f"ainfluencer.{info.name}.{room}"
            spec = importlib.util.find_spec(name) if info.ispkg else None
            if spec and spec.origin:  # an empty folder, as an older version leaves it behind, has none
                found.append(importlib.import_module(name).router)
    return found


@asynccontextmanager
async def running(settings: Settings, mode: Mode) -> AsyncIterator[Engine]:
    """Database brought up to date, first workspace made, engine started; everything given back at the end."""
    await asyncio.to_thread(revisions.ensure_newest, settings)
    database = Database(settings)
    use_database(database)
    async with database.writing() as session:
        await accounts.ensure_first_workspace(session)
        await accounts.ensure_cli_key(session, settings.data)
    engine = Engine(settings)
    await engine.start(mode)
    live.HUB.open()
    forwarding = asyncio.create_task(news.forward())
    try:
        yield engine
    finally:
        forwarding.cancel()
        await asyncio.gather(forwarding, return_exceptions=True)
        await engine.stop()
        await _hang_up()
        await database.close()
        use_database(None)


async def _hang_up() -> None:
    from ainfluencer.integrations import guard

    await guard.close_pools()


class Server(uvicorn.Server):
    """uvicorn waits for open connections before it ends the lifespan: end the endless streams first."""

    def __init__(
        self, settings: Settings, *, mode: Mode = "embedded", on_ready: Callable[[], None] | None = None
    ) -> None:
        self.app = create_app(settings, mode=mode)
        self.settings = settings
        self.on_ready = on_ready
        super().__init__(
            uvicorn.Config(
                self.app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=3,
                server_header=False,
                # Given here, or uvicorn would read a variable of its own.
                forwarded_allow_ips=settings.trusted_proxies,
            )
        )

    @property
    def failure(self) -> Exception | None:
        """What kept the application from starting, if anything did."""
        found: Exception | None = getattr(self.app.state, "failure", None)
        return found

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Bind, then tell whoever waits."""
        await super().startup(sockets)
        collector.wake()
        if self.started:
            write_instance(self.settings)
            if self.on_ready:
                self.on_ready()

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """Close the streams, so that the rest can end in good order."""
        with suppress(OSError):
            instance_file(self.settings).unlink(missing_ok=True)
        live.HUB.close()
        events.close()
        await super().shutdown(sockets)


def instance_file(settings: Settings) -> Path:
    """Says that an instance runs on this data folder, and where."""
    return settings.data / "instance.json"


def write_instance(settings: Settings) -> None:
    """Leave a note for the launcher and the command line."""
    note = {"pid": os.getpid(), "url": settings.url, "started_at": clock.now().isoformat()}
    part = instance_file(settings).with_suffix(".part")
    part.write_text(json.dumps(note), "utf-8")
    part.replace(instance_file(settings))


def serve(settings: Settings, *, mode: Mode = "embedded", on_ready: Callable[[], None] | None = None) -> None:
    """Run until a signal ends it. A start that fails raises what stood in the way."""
    make_folder(settings)
    refuse_taken_port(settings)
    folder = log.start_run(settings, mode, console=settings.debug)
    server = Server(settings, mode=mode, on_ready=on_ready)
    # uvicorn raises the signal again after a clean stop, and exits by itself when the start fails.
    with suppress(KeyboardInterrupt, SystemExit):
        server.run()
    if server.failure is not None:
        log.summary(folder, f"did not start: {server.failure}")
        raise server.failure
    log.summary(folder, "stopped")


def make_folder(settings: Settings) -> None:
    """The data folder exists and can be written, or `InvalidInput` says why not."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise InvalidInput(
            f"The data folder {settings.data} cannot be made: {e.strerror}.", "Choose another one with --data."
        ) from None


def refuse_taken_port(settings: Settings) -> None:
    """`Conflict` with another port when a program listens there; `InvalidInput` for an address that is none."""
    if not 0 < settings.port < 65536:
        raise InvalidInput(
            f"{settings.port} is not a port.", "Choose a number from 1024 to 65535 with --port.", field="port"
        )
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as probe:
        if os.name != "nt":  # there it would allow two listeners
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except socket.gaierror:
            raise InvalidInput(
                f"“{settings.host}” is not an address of this computer.",
                "Use --host 127.0.0.1 for this computer only, or --host 0.0.0.0 for every address that it has.",
                field="host",
            ) from None
        except OSError as e:
            raise Conflict(
                f"{settings.host}:{settings.port} cannot be listened on: {e.strerror}.",
                f"Choose another port, for instance --port {settings.port + 1}.",
                code="port_taken",
            ) from None
