"""The files of deploy/ speak of what is there: settings, commands, pinned versions, files of the checkout."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ainfluencer.core.config import PREFIX, Settings
from tests.architecture.source import ROOT
from tests.architecture.test_documents import known_commands

DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.name != ".env")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PINNED = re.compile(r"^[\w./-]+:(?=[\w.-]*\d+\.\d+)[\w.-]+$")


def compose() -> dict[str, Any]:
    """The compose file as data."""
    read: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    return read


def filled(text: str) -> str:
    """A value of the compose file as it is without an .env file."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def unpinned(images: list[str]) -> list[str]:
    """Images that may be another thing tomorrow."""
    return [image for image in images if not PINNED.match(filled(image))]


def built_from(text: str) -> list[str]:
    """The foreign images that a Dockerfile begins with."""
    values = dict(re.findall(r"^ARG (\w+)=(\S+)$", text, re.MULTILINE))
    found = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    return [re.sub(r"\$\{(\w+)\}", lambda name: values[name.group(1)], image) for image in found]


def commands() -> list[str]:
    """Every command line of ours in the compose file, the Dockerfile and the units, without the program."""
    entry = [c for c in (one.get("command") for one in compose()["services"].values()) if c and c[0] != "postgres"]
    shell = " ".join(compose()["services"]["setup"]["entrypoint"])
    said = [" ".join(c) for c in entry] + re.findall(r"\bainfluencer ((?:[a-z]+ ?)+)", shell)
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    said += [" ".join(re.findall(r'"([^"]+)"', line)) for line in re.findall(r"^CMD (.+)$", dockerfile, re.MULTILINE)]
    said += [
        line.partition("/bin/ainfluencer ")[2]
        for unit in UNITS
        for line in unit.read_text("utf-8").splitlines()
        if line.startswith("ExecStart=")
    ]
    return [one.strip() for one in said]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(DEPLOY).as_posix())
def test_every_setting_exists(path: Path) -> None:
    said = set(re.findall(r"\bAINFLUENCER_[A-Z_]+\b", path.read_text("utf-8")))
    assert said <= {PREFIX + name.upper() for name in Settings.__dataclass_fields__}


def test_every_command_exists() -> None:
    said = commands()
    assert {"up", "web", "worker", "db upgrade", "models install"} <= set(said)
    assert set(said) <= set(known_commands())


def test_images_are_pinned() -> None:
    images = [one["image"] for one in compose()["services"].values()]
    bases = [base for path in DEPLOY.glob("*Dockerfile") for base in built_from(path.read_text("utf-8"))]
    assert not unpinned([*images, *bases])


def test_the_pin_can_fail() -> None:
    assert unpinned(["caddy", "caddy:latest", "caddy:2", "caddy:2.10.2-alpine", "x:${V:-latest}"]) == [
        "caddy", "caddy:latest", "caddy:2", "x:${V:-latest}"
    ]  # fmt: skip


def test_the_image_carries_the_version_of_the_package() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert version
    assert {filled(compose()["services"][name]["image"]) for name in ("web", "worker", "setup")} == {
        f"ainfluencer:{version.group(1)}"
    }


def test_every_variable_of_the_compose_file_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text("utf-8")))
    offered = set(re.findall(r"^#?([A-Z_]+)=", (DEPLOY / "env.example").read_text("utf-8"), re.MULTILINE))
    assert used == offered


def test_what_the_files_take_from_the_checkout_is_there() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    kept = re.findall(r"^!(\S+)$", (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8"), re.MULTILINE)
    named = {*re.findall(r"requirements/[\w.]+", dockerfile), *kept}
    assert len(named) > 5
    assert not [name for name in named if not (ROOT / name).exists()]
    for service in compose()["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose()["volumes"] or (DEPLOY / source).exists()
        if build := service.get("build"):
            assert (DEPLOY / build["context"] / build["dockerfile"]).exists()


def test_the_wheel_is_made_of_what_the_builder_gets() -> None:
    """Files that pyproject.toml and the build hook name must not be kept from the builder."""
    kept = set(re.findall(r"^!(\S+)$", (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8"), re.MULTILINE))
    assert kept >= {"pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "NOTICE", "src", "tools", "web"}


def test_only_the_proxy_listens_to_the_world() -> None:
    open_ports = {
        name
        for name, service in compose()["services"].items()
        for port in service.get("ports", [])
        if not filled(port).startswith("127.0.0.1:")
    }
    assert open_ports == {"caddy"}
    assert compose()["networks"]["database"]["internal"] is True
    assert compose()["services"]["postgres"]["networks"] == ["database"]


def test_the_proxy_has_the_address_that_is_believed() -> None:
    believed = filled(compose()["x-app"]["environment"]["AINFLUENCER_TRUSTED_PROXIES"])
    assert compose()["services"]["caddy"]["networks"]["edge"]["ipv4_address"] == believed


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_run_without_rights_in_their_own_folder(unit: Path) -> None:
    lines = dict(line.split("=", 1) for line in unit.read_text("utf-8").splitlines() if re.match(r"\w+=", line))
    assert (lines["User"], lines["NoNewPrivileges"], lines["ProtectSystem"]) == ("ainfluencer", "yes", "strict")
    assert shlex.split(lines["ExecStart"])[0] == "/opt/ainfluencer/bin/ainfluencer"
    example = (DEPLOY / "systemd" / "env.example").read_text("utf-8")
    assert f"AINFLUENCER_DATA=/var/lib/{lines['StateDirectory']}" in example
