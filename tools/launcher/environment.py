"""The private Python environment: made, filled from hashed lock files, checked at every start, rebuilt when broken."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tools.launcher.failures import NO_WHEEL, explain
from tools.launcher.progress import CommandFailed, Step, run

STAMP = ".ainfluencer.json"  # written last: what is installed
UNFINISHED = ".unfinished"  # written first: an interrupted installation leaves it behind
NEEDED_BYTES = 1_800_000_000
LOADABLE = ("fastapi", "sqlalchemy", "pydantic", "uvicorn", "typer", "cryptography", "numpy", "PIL")
"""Packages whose import shows that the environment as a whole works."""
FOREIGN = (
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "UV_PROJECT_ENVIRONMENT",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PYTHONDONTWRITEBYTECODE",
)
"""Variables that would send an installation somewhere else, or make every start translate every file anew."""
WARM = """
import ainfluencer.cli, ainfluencer.main
ainfluencer.main.load_all()
ainfluencer.main.routers()
import ainfluencer.engine.executing
"""
"""Loads what a start loads, so that its bytecode is there: the first start is then as quick as any other."""


class Environment:
    """The environment in `folder` for the checkout in `root`."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root = root
        self.folder = folder
        self.python = folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"
        self.verbose = False

    # -- questions --

    def fault(self) -> str:
        """Why this environment has to be thrown away and made again; empty when it need not."""
        if not self.folder.exists() or not any(self.folder.iterdir()):
            return ""
        if not self.python.exists():
            return "its Python is gone"
        if (self.folder / UNFINISHED).exists():
            return "an earlier installation was interrupted"
        recorded = self._stamp().get("inventory", {})
        there = inventory(self._packages())
        for name, size in recorded.items():
            if there.get(name) != size:
                return f"{name} is missing or damaged"
        return ""

    def lacks(self, groups: list[str]) -> bool:
        """Whether the packages of a lock file are not installed as they are locked now."""
        installed = self._stamp().get("groups", {})
        return not self.python.exists() or any(installed.get(group) != self.fingerprint(group) for group in groups)

    def fingerprint(self, group: str) -> str:
        """One word for everything that decides what is installed for a group."""
        project = tomllib.loads((self.root / "pyproject.toml").read_text("utf-8"))
        deciding = [project.get("build-system"), project.get("project"), project.get("tool", {}).get("hatch")]
        digest = hashlib.sha256(json.dumps([str(self.root), deciding], sort_keys=True).encode())
        digest.update(self._lock(group).read_bytes().replace(b"\r\n", b"\n"))
        return digest.hexdigest()

    def import_error(self) -> str:
        """What goes wrong when the main packages are loaded, or nothing. Takes a second: for use after a failure."""
        try:
            done = subprocess.run(
                [str(self.python), "-c", "import " + ", ".join(LOADABLE)],
                env=clean_env(),
                capture_output=True,
                check=False,
            )
        except OSError as e:
            return str(e)
        return done.stderr.decode("utf-8", "replace").strip() if done.returncode else ""

    # -- changes --

    def discard(self) -> None:
        """Remove it. Refuses a folder that is not a virtual environment, so that a mistyped path costs nothing."""
        is_ours = any((self.folder / name).exists() for name in ("pyvenv.cfg", STAMP, UNFINISHED))
        if not is_ours:
            raise CommandFailed(
                f"{self.folder} is not a Python environment, and it is not empty. Permission denied to remove it."
            )
        shutil.rmtree(self.folder)

    def create(self, step: Step) -> None:
        """Make it empty. This Python's own pip can install into it, which saves putting a pip there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / UNFINISHED).touch()
        plain = [sys.executable, "-m", "venv", str(self.folder)]
        self._run([*plain, "--without-pip"] if host_has_pip() else plain, step)

    def install(self, groups: list[str], step: Step) -> None:
        """Everything that the lock files of the groups name, then this checkout itself, in place."""
        (self.folder / UNFINISHED).touch()
        self._put_installer(step)
        files = [word for group in groups for word in ("-r", str(self._lock(group)))]
        self._run([*self._installer(), "install", "--require-hashes", "--only-binary", ":all:", *files], step)
        self._run(
            [*self._installer(), "install", "--no-deps", "--no-build-isolation", "--no-index", "-e", str(self.root)],
            step,
        )
        # Not checked: what is wrong with our own files is told by the start itself, and is no fault of the environment.
        subprocess.run([str(self.python), "-c", WARM], env=clean_env(), capture_output=True, check=False)
        self.record(groups)
        (self.folder / UNFINISHED).unlink()

    def record(self, groups: list[str]) -> None:
        """Write down what is installed now, so that the next start can see that it is all there."""
        stamp = {
            "groups": {group: self.fingerprint(group) for group in groups},
            "inventory": inventory(self._packages()),
        }
        (self.folder / STAMP).write_text(json.dumps(stamp), "utf-8")

    # -- inside --

    def _put_installer(self, step: Step) -> None:
        if self._has("uv"):
            return
        pip = (
            [str(self.python), "-m", "pip"]
            if self._has("pip")
            else [sys.executable, "-m", "pip", "--python", str(self.python)]
        )
        try:
            self._run(
                [*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", str(self._lock("uv"))], step
            )
        except CommandFailed as e:
            if explain(e.output) is not NO_WHEEL:
                raise
            # uv is not made for this system: pip does the same, only slower
            if not self._has("pip"):
                self._run([str(self.python), "-m", "ensurepip"], step)

    def _installer(self) -> list[str]:
        python = str(self.python)
        return [python, "-m", "uv", "pip"] if self._has("uv") else [python, "-m", "pip"]

    def _has(self, module: str) -> bool:
        return (self._packages() / module).is_dir()

    def _packages(self) -> Path:
        if os.name == "nt":
            return self.folder / "Lib" / "site-packages"
        return next(iter(sorted((self.folder / "lib").glob("python3*/site-packages"))), self.folder / "none")

    def _lock(self, group: str) -> Path:
        return self.root / "requirements" / f"{group}.txt"

    def _stamp(self) -> dict[str, dict[str, str | int]]:
        try:
            stamp = json.loads((self.folder / STAMP).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _run(self, command: list[str], step: Step) -> None:
        run(command, step, cwd=self.root, env=clean_env(VIRTUAL_ENV=str(self.folder)), verbose=self.verbose)


def inventory(packages: Path) -> dict[str, int]:
    """Name and size of the files in a package folder, two levels deep: enough to see what was lost, and quick (20 ms)."""
    found: dict[str, int] = {}
    if not packages.is_dir():
        return found
    for entry in os.scandir(packages):
        if entry.is_file():
            found[entry.name] = entry.stat().st_size
        elif entry.name != "__pycache__":
            found.update(
                {f"{entry.name}/{inner.name}": inner.stat().st_size for inner in os.scandir(entry) if inner.is_file()}
            )
    return found


def host_has_pip() -> bool:
    """Whether the pip of the running Python can install into another environment (pip 22.3 and newer)."""
    command = [sys.executable, "-m", "pip", "--python", sys.executable, "--version"]
    return subprocess.run(command, env=clean_env(), capture_output=True, check=False).returncode == 0


def clean_env(**more: str) -> dict[str, str]:
    """The environment of a child: mirrors and proxies stay, what would redirect an installation goes."""
    kept: Mapping[str, str] = {k: v for k, v in os.environ.items() if k not in FOREIGN}
    return {"PIP_RETRIES": "2", "npm_config_fetch_retries": "1"} | dict(kept) | {
        "PYTHONUTF8": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "UV_NO_PROGRESS": "1",
    } | more  # fmt: skip
