#!/usr/bin/env python3
# One command: "python launch.py" sets everything up and starts it, "python launch.py test" tests it.
# This file holds only what an old Python must be able to read (2.7 parses it); the work is in tools/launcher.
import os
import subprocess
import sys

OLDEST, TOO_NEW = (3, 11), (3, 15)
NAMES = ["python3.13", "python3.12", "python3.11", "python3.14", "python3", "python"]
PROBE = "import sys; sys.exit(not (%r <= sys.version_info[:2] < %r))" % (OLDEST, TOO_NEW)
ADVICE = """AInfluencer needs Python 3.11, 3.12, 3.13 or 3.14. This is Python %s, and no other one was found.
  Debian, Ubuntu:  sudo apt install python3 python3-venv
  macOS:           brew install python@3.13
  Windows:         winget install Python.Python.3.13
Then run the same command again.
"""


def programs():
    """Every Python on the PATH by its usual names, as a command."""
    suffix = ".exe" if os.name == "nt" else ""
    for name in NAMES:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, name + suffix)
            if folder and os.access(path, os.X_OK) and os.path.isfile(path):
                yield [path]
    if os.name == "nt":
        for minor in (13, 12, 11, 14):
            yield ["py", "-3.%d" % minor]


def fits(command):
    """Whether that Python runs and has a version that we support."""
    try:
        with open(os.devnull, "w") as nowhere:
            return subprocess.call(command + ["-c", PROBE], stdout=nowhere, stderr=nowhere) == 0
    except OSError:
        return False


def hand_over():
    """Run this file with a fitting Python; explain what to install when there is none."""
    for command in programs():
        if fits(command):
            whole = command + [os.path.abspath(__file__)] + sys.argv[1:]
            if os.name == "nt":
                return subprocess.call(whole)
            os.execv(whole[0], whole)
    sys.stderr.write(ADVICE % sys.version.split()[0])
    return 1


def launch():
    if not OLDEST <= sys.version_info[:2] < TOO_NEW:
        return hand_over()
    from tools.launcher.command import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    try:
        sys.exit(launch())
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The same command goes on from here.\n")
        sys.exit(130)
