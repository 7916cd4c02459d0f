"""What happened in the studio, for the modules above it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunFinished:
    """A run that works as a job of its own has made its assets (a week's runs are looked at by the week itself)."""

    run_id: str
    asset_ids: list[str]
