"""The model packs as a step of the set-up: installed once, asked for again later when they could not be had."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from tools.launcher.environment import Environment, clean_env, inventory
from tools.launcher.failures import NETWORK, NO_WHEEL, explain
from tools.launcher.progress import CommandFailed, Step, run, say

PAUSE_SECONDS = 3600  # after a failure: a machine without a network shall not wait at every start
STAMP = ".launcher.json"


class Models:
    """The packs in the data folder `data`, for the checkout of `environment`."""

    def __init__(self, environment: Environment, data: Path) -> None:
        self.environment = environment
        self.data = data
        self.stamp = data / "models" / STAMP

    def are_settled(self) -> bool:
        """Whether nothing has to be done now: all there, or tried in vain a short while ago."""
        stamp = self._read()
        if stamp.get("table") != self._table():
            return False
        failed_at = float(stamp.get("failed_at", 0))
        if failed_at:
            return abs(time.time() - failed_at) < PAUSE_SECONDS
        return bool(stamp.get("inventory") == self._inventory())

    def install(self, step: Step) -> bool:
        """Install what is missing. A failure is explained and is no reason to stop: what needs a model says so itself."""
        command = [str(self.environment.python), "-m", "ainfluencer", "models", "install"]
        env = clean_env(AINFLUENCER_DATA=str(self.data))
        try:
            run(command, step, cwd=self.environment.root, env=env, verbose=self.environment.verbose)
        except CommandFailed as e:
            step.done("not possible now")
            self._explain(e.output)
            if explain(e.output) in {NETWORK, NO_WHEEL}:  # waiting helps; other faults are quick to meet again
                self._write({"failed_at": time.time()})
            return False
        self._write({"inventory": self._inventory()})
        return True

    def _explain(self, output: str) -> None:
        for line in output.splitlines()[-6:]:
            say("  | " + line[:200])
        say(
            f"{explain(output)[0]}\nGoing on without the built-in models: texts, voices or checks that need them say so."
        )
        say("They are tried again at a later start, or at once with:  python launch.py models install")

    def _table(self) -> str:
        table = self.environment.root / "src" / "ainfluencer" / "operations" / "packs.py"
        return hashlib.sha256(table.read_bytes().replace(b"\r\n", b"\n")).hexdigest() if table.is_file() else ""

    def _inventory(self) -> dict[str, int]:
        found = inventory(self.data / "models")
        return {name: size for name, size in found.items() if not name.startswith(".")}

    def _read(self) -> dict[str, Any]:
        try:
            stamp = json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def _write(self, stamp: dict[str, Any]) -> None:
        try:
            self.stamp.parent.mkdir(parents=True, exist_ok=True)
            self.stamp.write_text(json.dumps({"table": self._table(), **stamp}), "utf-8")
        except OSError as e:
            say(f"  ({self.stamp} cannot be written: {e.strerror}; the models are looked at again at the next start)")
