"""The project's verbs: `python -m tools.tasks check`. Needs no shell, so Windows counts; run it with the environment's Python."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PATHS = ["src", "tests", "tools", "bench", "launch.py", "hatch_build.py"]
LOCK = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate"]  # fmt: skip
Words = list[str]


def main(words: Words) -> int:
    """Run one verb; the exit code is the worst of its commands."""
    if not words or words[0] not in VERBS:
        print(__doc__)
        for name, verb in VERBS.items():
            print(f"  {name:8} {verb.__doc__}")
        return 0 if words in ([], ["--help"]) else 2
    return VERBS[words[0]](words[1:])


def program(name: str, *words: str) -> Words:
    """A program of the environment that runs us."""
    found = shutil.which(name, path=str(BIN)) or str(BIN / name)
    return [found, *words]


def python(*words: str) -> Words:
    """The Python that runs us."""
    return [sys.executable, *words]


def run_all(*commands: Words) -> int:
    """Every command, also after a failure, so that one run shows everything that is wrong."""
    failed = []
    for command in commands:
        label = " ".join([Path(command[0]).name, *command[1:]])
        print(f"\n== {label}", flush=True)
        began = time.monotonic()
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(label)
        print(f"   {time.monotonic() - began:.1f} s", flush=True)
    for label in failed:
        print(f"FAILED: {label}")
    return 1 if failed else 0


def existing() -> Words:
    """The folders and files that hold Python."""
    return [path for path in PATHS if (ROOT / path).exists()]


def check(_words: Words) -> int:
    """Everything that needs no test: lint, format, types, layers, reference pages."""
    return run_all(
        program("ruff", "check", *existing()),
        program("ruff", "format", "--check", *existing()),
        program("mypy"),
        program("lint-imports", "--no-cache"),
        python("-m", "tools.docs", "--check"),
    )


def fmt(_words: Words) -> int:
    """Format, and mend what ruff can mend."""
    return run_all(program("ruff", "check", "--fix", *existing()), program("ruff", "format", *existing()))


def test(words: Words) -> int:
    """The test suite; further words go to pytest."""
    return run_all(python("-m", "pytest", *words))


def docs(_words: Words) -> int:
    """Write the reference pages anew."""
    return run_all(python("-m", "tools.docs"))


def assets(words: Words) -> int:
    """Build the web interface, when something changed."""
    return run_all(python("-m", "tools.build_assets", *words))


def lock(words: Words) -> int:
    """Write the lock files anew; `lock --upgrade` takes newer versions."""
    folder = "requirements"
    compile_ = program("uv", "pip", "compile", *LOCK, "--quiet", *words)
    return run_all(
        [*compile_, "-o", f"{folder}/run.txt", "pyproject.toml", f"{folder}/build.in"],
        [*compile_, "-o", f"{folder}/test.txt", "-c", f"{folder}/run.txt", f"{folder}/test.in"],
        [*compile_, "-o", f"{folder}/uv.txt", "-c", f"{folder}/run.txt", f"{folder}/uv.in"],
    )


def wheel(_words: Words) -> int:
    """Build a wheel with freshly built assets into dist/."""
    return run_all(program("hatchling", "build", "-t", "wheel"))


def bench(words: Words) -> int:
    """Measure: every file of bench/ that is named, or all."""
    files = [f"bench/{word}.py" for word in words] or [
        str(p.relative_to(ROOT)) for p in sorted((ROOT / "bench").glob("[a-z]*.py"))
    ]
    return run_all(*(python(file) for file in files))


VERBS: dict[str, Callable[[Words], int]] = {
    "check": check,
    "fmt": fmt,
    "test": test,
    "docs": docs,
    "assets": assets,
    "lock": lock,
    "wheel": wheel,
    "bench": bench,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
