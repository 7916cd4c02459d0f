"""`python launch.py [options] [words]`: sets up what is missing, then starts the product, the tests or one command."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tools import build_assets
from tools.launcher import progress, running
from tools.launcher.environment import NEEDED_BYTES, Environment, clean_env
from tools.launcher.failures import report
from tools.launcher.models import Models
from tools.launcher.progress import CommandFailed, Step, say

ROOT = Path(__file__).resolve().parents[2]
USAGE = """python launch.py [options]                     set up, start, open the browser
       python launch.py test [--live] [pytest words]  set up, run the whole test suite
       python launch.py [options] WORDS               set up, run one command, e.g.  make week card.png --json"""


@dataclass
class Wish:
    """What the command line asked for."""

    words: list[str]
    data: Path
    host: str
    port: int
    is_port_given: bool
    is_data_given: bool
    browser: bool
    verbose: bool

    @property
    def starts_product(self) -> bool:
        """Nothing but `up`, so that the launcher looks for a port and opens the browser."""
        return self.words == ["up"]


def parse(words: list[str]) -> Wish:
    """Options before the first word are ours; everything after it belongs to the command, except for `up`."""
    parser = argparse.ArgumentParser(prog="launch.py", usage=USAGE)
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")
    parser.add_argument("--port", type=int, help="port to listen on (8000, or the next free one)")
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder for everything that is yours (~/.ainfluencer)")
    parser.add_argument("--verbose", action="store_true", help="show everything that the set-up prints")
    if words[:1] == ["up"]:
        words = [*words[1:], "up"]
    cut = _first_word(words)
    given = parser.parse_args(words[:cut])
    data = Path(given.data or os.environ.get("AINFLUENCER_DATA") or "~/.ainfluencer").expanduser().absolute()
    stored = _stored_settings(data)
    port = given.port or os.environ.get("AINFLUENCER_PORT") or stored.get("port", 8000)
    host = given.host or os.environ.get("AINFLUENCER_HOST") or stored.get("host", "127.0.0.1")
    if not str(port).isdecimal() or not 0 < int(port) < 65536:
        parser.error(f"“{port}” is not a port; use a number from 1 to 65535")
    return Wish(
        words=words[cut:] or ["up"], data=data, host=str(host), port=int(port), browser=not given.no_browser,
        is_port_given=given.port is not None, is_data_given=given.data is not None, verbose=given.verbose,
    )  # fmt: skip


def _first_word(words: list[str]) -> int:
    position = 0
    while position < len(words) and words[position].startswith("-"):
        position += 2 if words[position] in {"--port", "--host", "--data"} else 1
    return min(position, len(words))


def _stored_settings(data: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((data / "config.toml").read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # the product itself explains a broken file


class Launcher:
    """One run of launch.py."""

    def __init__(self, wish: Wish, root: Path = ROOT) -> None:
        self.wish = wish
        self.root = root
        folder = Path(os.environ.get("AINFLUENCER_VENV") or root / ".venv").expanduser().absolute()
        self.environment = Environment(root, folder)
        self.environment.verbose = wish.verbose
        self.models = Models(self.environment, wish.data)
        self.groups = ["run", "test"] if wish.words[0] == "test" else ["run"]

    def run(self) -> int:
        """Everything; the exit code."""
        if self.wish.starts_product and self._is_running_already():
            return 0
        with only_one(self.environment.folder):
            self.set_up()
        if self.wish.starts_product:
            return self._start()
        in_root = self.wish.words[0] == "test"  # a command's relative paths are the caller's
        return running.perform(self._command(), self._env(), self.root if in_root else None)

    # -- set-up --

    def set_up(self) -> None:
        """Do what is missing, step by step; nothing to do costs a tenth of a second."""
        if fault := self.environment.fault():
            self._rebuild(fault)
        steps = self._missing_steps()
        if not steps:
            return
        if not self.environment.python.exists():
            self._check_space()
        say(
            "Setting up AInfluencer. This happens once; later starts take a second or two."
            if len(steps) > 2
            else "Setting up what has changed."
        )
        began = time.monotonic()
        for number, (title, act) in enumerate(steps, 1):
            step = Step(number, len(steps), title)
            try:
                is_done = act(step)
            except CommandFailed as e:
                step.done("failed")
                raise running.CannotStart(report(title, e.output)) from e
            if is_done is not False:
                step.done()
        say(f"Ready after {time.monotonic() - began:.0f} s.")

    def _missing_steps(self) -> list[tuple[str, Callable[[Step], object]]]:
        steps: list[tuple[str, Callable[[Step], object]]] = []
        if not self.environment.python.exists():
            steps.append((f"Making a Python environment in {_near(self.environment.folder)}", self.environment.create))
        if self.environment.lacks(self.groups):
            steps.append(("Installing packages", lambda step: self.environment.install(self.groups, step)))
        if not build_assets.is_current(self.root):
            steps.append(("Building the web interface", self._build_assets))
        if self.wish.words[:2] != ["models", "install"] and not self.models.are_settled():
            steps.append((f"Installing model packs in {_near(self.wish.data / 'models')}", self.models.install))
        return steps

    def _build_assets(self, step: Step) -> None:
        command = [str(self.environment.python), "-m", "tools.build_assets"]
        progress.run(command, step, cwd=self.root, env=clean_env(), verbose=self.wish.verbose)

    def _check_space(self) -> None:
        folder = self.environment.folder
        while not folder.exists():
            folder = folder.parent
        free = shutil.disk_usage(folder).free
        if free < NEEDED_BYTES:
            raise running.CannotStart(
                f"The disk of {folder} has {free // 1_000_000} MB left; the first start needs about {NEEDED_BYTES // 1_000_000} MB.\n"
                "Make room, or put the environment elsewhere with the variable AINFLUENCER_VENV, and run the same command again."
            )

    def _rebuild(self, fault: str) -> None:
        say(
            f"The Python environment in {_near(self.environment.folder)} cannot be used: {fault}. It is made again; your data is not touched."
        )
        try:
            self.environment.discard()
        except (CommandFailed, OSError) as e:
            raise running.CannotStart(report("Removing it", str(e))) from e

    # -- start --

    def _is_running_already(self) -> bool:
        url = str(running.instance(self.wish.data).get("url", ""))
        here = running.address(self.wish.host, self.wish.port)
        if not url and not self.wish.is_data_given and running.answers(here):
            url = here
        if url:
            say(f"AInfluencer is already running at {url}")
            if self.wish.browser:
                running.show(url)
        return bool(url)

    def _start(self, *, may_repair: bool = True) -> int:
        self.wish.port = running.choose_port(self.wish.host, self.wish.port, is_fixed=self.wish.is_port_given)
        url = running.address(self.wish.host, self.wish.port)
        code, was_ready = running.serve(self._command(), self._env(), url)
        if was_ready or code == 0:
            return 128 - code if code < 0 else code
        error = self.environment.import_error() if may_repair else ""
        if not error:
            say(
                f"AInfluencer ended while it was starting (exit code {code}).\nWhat happened is written in {_near(self.wish.data / 'runs' / 'latest')}."
            )
            return 128 - code if code < 0 else code
        self._rebuild(error.splitlines()[-1])
        with only_one(self.environment.folder):
            self.set_up()
        return self._start(may_repair=False)

    def _command(self) -> list[str]:
        python = str(self.environment.python)
        if self.wish.words[0] == "test":
            return [python, "-m", "pytest", *pytest_words(self.wish.words[1:])]
        browser = ["--browser"] if self.wish.starts_product and self.wish.browser and running.has_screen() else []
        return [python, "-m", "ainfluencer", *self.wish.words, *browser]

    def _env(self) -> dict[str, str]:
        env = clean_env()
        if self.wish.is_data_given:
            env["AINFLUENCER_DATA"] = str(self.wish.data)
        if self.wish.starts_product:
            env |= {"AINFLUENCER_HOST": self.wish.host, "AINFLUENCER_PORT": str(self.wish.port)}
        return env


def pytest_words(words: list[str]) -> list[str]:
    """What pytest is told: the whole suite runs in two processes, a part of it or a debugger in one."""
    is_whole = all(word.startswith("-") for word in words)
    in_one = any(word.startswith(("-n", "--numprocesses", "--pdb", "-s", "--trace")) for word in words)
    return ["-n", "2", "--dist", "loadfile", *words] if is_whole and not in_one else words


def _near(path: Path) -> str:
    """A path as a person would write it."""
    for base, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
        if path.is_relative_to(base):
            return prefix + path.relative_to(base).as_posix()
    return str(path)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two set-ups of one environment wait for each other. The lock ends with the process, however it ends."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        file = folder.with_name(folder.name + ".lock").open("ab")
    except OSError as e:
        raise running.CannotStart(report("Setting up", f"{folder.parent}: {e}")) from e
    with file:
        if not _lock(file):
            say("Another set-up is running in this folder; waiting for it to end.")
            while not _lock(file):
                time.sleep(0.3)
        yield


def _lock(file: BinaryIO) -> bool:
    try:
        if os.name == "nt":
            import msvcrt  # noqa: PLC0415 - exists on Windows only

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl  # noqa: PLC0415 - exists everywhere else

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def main(words: list[str]) -> int:
    """The whole of launch.py, behind the check of the Python version."""
    wish = parse(words)
    try:
        return Launcher(wish).run()
    except running.CannotStart as e:
        say(f"\n{e}")
        return 1
    except KeyboardInterrupt:
        say("\nStopped. The same command goes on from here.")
        return 130
    except OSError as e:
        say("\n" + report("Setting up", f"{json.dumps(str(e.filename or ''))}: {e}"))
        return 1
