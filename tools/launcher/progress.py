"""What a person sees while something is set up: numbered steps with their time, on standard error."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

QUIET_SECONDS = 15  # without a terminal, a sign of life this often


class CommandFailed(Exception):
    """A command of the set-up ended with an error; `output` is the end of what it printed."""

    def __init__(self, output: str) -> None:
        super().__init__(output)
        self.output = output


def say(text: str, end: str = "\n") -> None:
    """To standard error, because standard output belongs to the command that was asked for."""
    with suppress(OSError, ValueError):  # nobody reads us any more
        sys.stderr.write(text + end)
        sys.stderr.flush()


class Step:
    """One numbered step: shows its title at once, then the time that passes and the last thing that was printed."""

    def __init__(self, number: int, total: int, title: str) -> None:
        self.label = f"[{number}/{total}] {title}"
        self.began = time.monotonic()
        self.is_terminal = sys.stderr.isatty()
        self._spoke = self.began
        say(self.label + " ...", end="" if self.is_terminal else "\n")

    def tick(self, last_line: str) -> None:
        """Show that it still works."""
        seconds = time.monotonic() - self.began
        if self.is_terminal:
            width = shutil.get_terminal_size().columns - 1
            say("\r" + f"{self.label} ... {seconds:.0f} s  {last_line}"[:width].ljust(width), end="")
        elif time.monotonic() - self._spoke > QUIET_SECONDS:
            self._spoke = time.monotonic()
            say(f"      {seconds:.0f} s  {last_line}".rstrip())

    def done(self, note: str = "done") -> None:
        """Close the line."""
        text = f"{self.label}: {note}, {time.monotonic() - self.began:.1f} s"
        if self.is_terminal:
            say("\r" + text.ljust(shutil.get_terminal_size().columns - 1))
        else:
            say(text)


def run(command: list[str], step: Step, *, cwd: Path, env: Mapping[str, str], verbose: bool = False) -> None:
    """Run a command quietly under a step; `CommandFailed` with the end of its output when it fails."""
    lines: deque[str] = deque(maxlen=300)
    process = subprocess.Popen(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    reader = threading.Thread(target=_collect, args=(process, lines, verbose), daemon=True)
    reader.start()
    try:
        while process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.25)
            step.tick(lines[-1] if lines else "")
    except BaseException:
        _end(process)
        raise
    reader.join(5)
    if process.returncode:
        raise CommandFailed("\n".join(lines))


def _collect(process: subprocess.Popen[bytes], lines: deque[str], verbose: bool) -> None:
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe just above
    for raw in process.stdout:
        line = raw.decode("utf-8", "replace").strip()
        if line:
            lines.append(line)
            if verbose:
                say("\n  | " + line, end="")


def _end(process: subprocess.Popen[bytes]) -> None:
    # Ctrl-C reached the command too; it gets a moment, so that it removes what it was writing.
    for ask in (process.terminate, process.kill):
        with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
            process.wait(2)
            return
        ask()
    process.wait()
