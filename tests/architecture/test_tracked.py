"""What must not stand in any file of the project: a path of someone's machine, a registry's host, a left-over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, tracked

# Written in pieces, so that this file does not object to itself.
REGISTRIES = "|".join(
    re.escape(host) for host in ("py" + "pi.org", "python" + "hosted.org", "registry." + "npmjs", "npm" + "mirror.com")
)
MACHINE = r"(?<![\w.])/(?:root|home/(?!ada|mira)\w+|Users/(?!ada|mira)\w+|work/\w+|opt/py" + r"pi)/"
LEFT_OVER = "(?:TO" + "DO|FIX" + "ME|X" + r"XX)\b|coming " + "soon|lorem " + "ipsum"
RULES = {"registry": REGISTRIES, "machine": MACHINE, "left-over": LEFT_OVER}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".html",
    ".js",
    ".mjs",
    ".ts",
    ".css",
    ".json",
    ".sh",
    ".bat",
    ".command",
    ".yaml",
    ".yml",
    "",
}


def objections(path: Path, text: str) -> list[str]:
    """Each forbidden thing with its line."""
    return [
        f"{path}:{number} {name}: {found.group(0)}"
        for number, line in enumerate(text.splitlines(), 1)
        for name, pattern in RULES.items()
        if (found := re.search(pattern, line))
    ]


def test_no_file_names_a_machine_a_registry_or_a_left_over() -> None:
    broken = [
        line
        for path in tracked()
        if path.suffix in TEXT and "samples" not in path.parts and "support" not in path.parts
        for line in objections(path.relative_to(ROOT), path.read_text("utf-8", "replace"))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    "text", ["# TO" + "DO later", "index = https://py" + "pi.org/simple", "see /ro" + "ot/notes", "coming " + "soon"]
)
def test_the_search_can_fail(text: str) -> None:
    assert objections(Path("x"), text)


def test_locks_name_hashes_and_no_address() -> None:
    for name in ("run", "test", "uv"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        assert "://" not in text
        pinned = re.findall(r"^[a-z0-9._\[\]-]+==", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[a-z]", text, re.MULTILINE)), "every line is pinned"
        assert text.count("--hash=sha256:") >= len(pinned)


def test_large_files_stay_out() -> None:
    large = [path for path in tracked() if path.stat().st_size > 1_500_000]
    assert not large
