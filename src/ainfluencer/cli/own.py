"""An instance for the length of one command, where none runs on the data folder."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ainfluencer.core import config, log
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import ProductError
from ainfluencer.main import Server, make_folder

START_SECONDS = 90


@contextmanager
def own_instance(settings: Settings) -> Iterator[Settings]:
    """A whole instance in a thread of this process, on a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # Addresses that outlive this command name the place where `up` will serve, not today's passing port.
    lasting = settings.public_url or settings.url
    mine = config.use(replace(settings, host="127.0.0.1", port=port, public_url=lasting))
    make_folder(mine)
    log.start_run(mine, "cli")
    ready, failure = threading.Event(), list[BaseException]()
    server = Server(mine, on_ready=ready.set)

    def run() -> None:
        try:
            server.run()
        except BaseException as error:  # noqa: BLE001 - handed to the main thread, which raises it
            failure.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="instance", daemon=True)
    thread.start()
    try:
        if not ready.wait(START_SECONDS) or server.failure or failure or not server.started:
            if server.failure:
                raise server.failure
            raise failure[0] if failure else ProductError("The instance did not start.", f"Look into {_latest(mine)}.")
        yield mine
    finally:
        server.should_exit = True
        thread.join(timeout=15)
        config.use(settings)


def _latest(settings: Settings) -> Path:
    return settings.data / "runs" / "latest.txt"
