"""Findings as people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ainfluencer.quality.models import Score


@dataclass(frozen=True, slots=True)
class Row:
    """One finding: what was looked at, the verdict (pass, warn, fail), the sentence, the measured value and its limit."""

    check: str
    label: str
    verdict: str
    message: str
    measured: str

    @property
    def tone(self) -> str:
        """The tone of the verdict."""
        return {"pass": "success", "warn": "warning", "fail": "error"}.get(self.verdict, "neutral")


def _percent(value: float) -> str:
    return f"{value * 100:.0f} %"


def _plain(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _contrast(value: float) -> str:
    # Measured as a multiple of what the letter size needs.
    return f"{value:.1f}× of what is needed"


# check: (label, how a number is said, the words before the limit, or none where a limit says nothing)
_READ: dict[str, tuple[str, Callable[[float], str], str]] = {
    "size": ("Size", lambda v: f"{v:.0f} px", "at least"),
    "sharpness": ("Sharpness", _plain, "at least"),
    "contrast": ("Contrast", lambda v: f"{v:.0f} of 255", "at least"),
    "exposure": ("Exposure", _percent, "at least"),
    "saturation": ("Colours", _percent, "at most"),
    "banding": ("Gradients", _percent, "at most"),
    "compression": ("Compression", lambda v: f"{v:.2f}", "at most"),
    "text_fit": ("Text fits", lambda v: f"{v:.0f} misfits", ""),
    "text_contrast": ("Text is readable", _contrast, ""),
    "uniqueness": ("Not seen before", lambda v: f"{v:.0f} of 64 bits differ", "more than"),
    "safety": ("Safety", lambda v: f"{v:.2f} of 1.00", "below"),
}


def rows_of(scores: Iterable[Score]) -> list[Row]:
    """Findings with labels and values in words, in the order given."""
    return [_row(s) for s in scores]


def _row(score: Score) -> Row:
    label, say, before = _READ.get(score.check, (score.check.replace("_", " ").capitalize(), _plain, ""))
    measured = say(score.value)
    if before:
        measured += f" ({before} {say(score.limit)})"
    return Row(score.check, label, score.verdict, score.message, measured)
