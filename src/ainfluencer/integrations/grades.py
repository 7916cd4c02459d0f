"""How far an adapter is proven. Computed from recorded evidence that names the exact code it was gathered with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from ainfluencer.core import clock

CONFORMANCE = "conformance.json"  # written by the conformance suite when every check of the folder passed
LIVE = "live.json"  # written by the live suite after a real server was used
LIVE_LASTS = timedelta(days=60)


class Grade(StrEnum):
    """How far one may rely on an adapter."""

    DRAFT = "draft"  # it can be imported, nothing more is known
    REHEARSED = "rehearsed"  # the conformance suite passed with exactly this code
    PROVEN = "proven"  # and a real server was used with exactly this code within the last 60 days


@dataclass(frozen=True, slots=True)
class GradeReport:
    """The grade, why it is no higher, and what the evidence was gathered with."""

    grade: Grade
    reason: str
    rehearsed_on: date | None = None
    proven_on: date | None = None
    proven_with: str = ""


def fingerprint(folder: Path) -> str:
    """SHA-256 over the code and samples of an adapter folder; line ends do not matter, evidence is left out."""
    total = hashlib.sha256()
    for path in sorted(
        [*folder.glob("*.py"), *folder.glob("samples/*.json")], key=lambda p: p.relative_to(folder).as_posix()
    ):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return total.hexdigest()


def record(folder: Path, name: str, **evidence: Any) -> None:
    """Write evidence (`CONFORMANCE` or `LIVE`) beside the code that it was gathered with."""
    content = {"date": clock.now().date().isoformat(), "fingerprint": fingerprint(folder), **evidence}
    (folder / name).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def evidence(folder: Path, name: str) -> dict[str, Any] | None:
    """The recorded evidence, if it was gathered with exactly the code that is there now."""
    try:
        content: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
        date.fromisoformat(content["date"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return content if content.get("fingerprint") == fingerprint(folder) else None


def grade(folder: Path) -> GradeReport:
    """The grade of the adapter in that folder."""
    rehearsed = evidence(folder, CONFORMANCE)
    if rehearsed is None:
        return GradeReport(Grade.DRAFT, "The conformance suite has not passed with exactly this code.")
    rehearsed_on = date.fromisoformat(rehearsed["date"])
    live = evidence(folder, LIVE)
    if live is None:
        return GradeReport(
            Grade.REHEARSED, "It has not been used with a real server yet with exactly this code.", rehearsed_on
        )
    proven_on = date.fromisoformat(live["date"])
    if clock.now().date() - proven_on > LIVE_LASTS:
        return GradeReport(
            Grade.REHEARSED, f"The last use with a real server was on {proven_on}, more than {LIVE_LASTS.days} days ago.",
            rehearsed_on, proven_on, live.get("server", ""),
        )  # fmt: skip
    return GradeReport(Grade.PROVEN, "It was used with a real server.", rehearsed_on, proven_on, live.get("server", ""))
