"""What a start and a short command load: nothing that only later work needs. The list is ruff's, in pyproject.toml."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.architecture.source import ROOT

APPLICATION = {"ainfluencer.cli.own", "ainfluencer.main", "ainfluencer.worker"}
OF_STRUCTLOG = {"rich"}  # it loads it wherever it is installed
BEYOND_A_COMMAND = {"fastapi", "sqlalchemy", "starlette", "structlog", "uvicorn"}

BUILD = """
import json, sys
from ainfluencer.main import create_app
from fastapi.routing import APIRoute
from ainfluencer.web.routing import LateRoute
routes = [one for one in create_app().routes if isinstance(one, APIRoute)]
early = [one.path for one in routes if not isinstance(one, LateRoute) or "app" in vars(one)]
print(json.dumps({"modules": list(sys.modules), "routes": len(routes), "early": early}))
"""

COMMANDS = """
import contextlib, io, json, sys, typer
from ainfluencer.cli import app
root = typer.main.get_command(app)
for words in (["--version"], ["--help"], *([name, "--help"] for name in root.commands)):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        app(words)
print(json.dumps({"modules": list(sys.modules), "verbs": list(root.commands)}))
"""


def heavy() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return set(project["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"])


def run(code: str, data: Path) -> dict[str, list[str]]:
    env = os.environ | {"AINFLUENCER_DATA": str(data)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    said: dict[str, list[str]] = json.loads(done.stdout)
    return said


def among(modules: list[str], names: set[str]) -> list[str]:
    return sorted(name for name in names if any(m == name or m.startswith(name + ".") for m in modules))


def test_the_application_is_built_without_what_later_work_needs(tmp_path: Path) -> None:
    said = run(BUILD, tmp_path)
    assert among(said["modules"], heavy() - APPLICATION - OF_STRUCTLOG) == []
    assert said["routes"]
    assert said["early"] == [], "worked out before anybody asked for them"


def test_help_of_every_verb_loads_next_to_nothing(tmp_path: Path) -> None:
    said = run(COMMANDS, tmp_path)
    assert "up" in said["verbs"]
    assert among(said["modules"], heavy() | BEYOND_A_COMMAND) == []
