"""`up`, `web`, `worker`: the long-running verbs."""

from __future__ import annotations

import threading
import webbrowser
from typing import Annotated

import typer

from ainfluencer.cli import instance
from ainfluencer.cli.output import note
from ainfluencer.core import collector, config
from ainfluencer.core.config import Settings

Port = Annotated[int | None, typer.Option(help="Port (default 8000).")]
Host = Annotated[str | None, typer.Option(help="Address to listen on (default 127.0.0.1).")]
Browser = Annotated[bool, typer.Option("--browser/--no-browser", help="Open the browser when it is ready.")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the root."""
    app.command()(up)
    app.command()(web)
    app.command()(worker)


def up(port: Port = None, host: Host = None, browser: Browser = False) -> None:
    """Run everything in one process: pages, API and the durable work."""
    settings = _settings(port, host)
    running = instance.find(settings)
    if running:
        note(f"AInfluencer already runs on this data folder: {running}")
        if browser:
            webbrowser.open(running + instance.way_in(settings, running))
        return
    collector.rest()
    from ainfluencer.main import serve

    serve(settings, on_ready=lambda: _greet(settings, browser=browser))


def web(port: Port = None, host: Host = None) -> None:
    """Run the pages and the API only; workers do the rest (PostgreSQL)."""
    settings = _settings(port, host)
    collector.rest()
    from ainfluencer.main import serve

    serve(settings, mode="web", on_ready=lambda: _greet(settings, browser=False))


def worker() -> None:
    """Run durable work only (PostgreSQL); start as many as you like, each with its own AINFLUENCER_WORKER_ID."""
    collector.rest()
    from ainfluencer.worker import work

    work(config.settings())


def _settings(port: int | None, host: str | None) -> Settings:
    return config.use(config.load(data=config.settings().data, port=port, host=host))


def _greet(settings: Settings, *, browser: bool) -> None:
    """Say where it is. The way in (a one-time link at the first start) is asked from the instance itself."""

    def say() -> None:
        path = instance.way_in(settings, settings.url)
        note(f"AInfluencer is running: {settings.public_url.rstrip('/') or settings.url}{path}    (Ctrl-C stops it)")
        if browser:
            webbrowser.open(settings.url + path)

    # The server's own loop must go on while it is asked.
    threading.Thread(target=say, daemon=True).start()
