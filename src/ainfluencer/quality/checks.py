"""Measures of one picture. Pure: pixels and text boxes in, findings out; only `fail` holds a picture back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from ainfluencer.media.probe import distance

Verdict = Literal["pass", "warn", "fail"]
Pixels = NDArray[np.uint8]  # height × width × 3, RGB

# Limits come from one portrait and six damaged copies: Laplacian variance at 1024 px 861 sharp against 5 blurred, noise
# 2.4 against 12.7, 8×8 blockiness 1.02 against 2.03, flat-run share 0.26 against 0.77. They are starting points.
MIN_SIDE = 600
PREFERRED_SIDE = 1080
NEAR_DUPLICATE_BITS = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured property. `weight` is its share of the total score."""

    check: str
    verdict: Verdict
    value: float
    limit: float
    message: str
    weight: float = 1.0


def _judge(check: str, value: float, warn: float, fail: float, text: str, *, weight: float = 1.0) -> Finding:
    """A finding for a value that should be high; `fail` < `warn`."""
    verdict: Verdict = "fail" if value < fail else "warn" if value < warn else "pass"
    return Finding(check, verdict, round(value, 4), warn if verdict == "pass" else fail, text, weight)


def size(width: int, height: int) -> Finding:
    """The shorter side in pixels."""
    side = min(width, height)
    return _judge("size", side, PREFERRED_SIDE, MIN_SIDE, f"{width}×{height} pixels", weight=1.5)


def sharpness(grey: Pixels) -> Finding:
    """Variance of the Laplacian with the longer side at 1024 px (QLT-003)."""
    scale = 1024 / max(grey.shape)
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    value = float(cv2.Laplacian(small, cv2.CV_64F).var())
    return _judge(
        "sharpness", value, 40, 12, "Edges are clear" if value >= 40 else "The picture looks soft", weight=1.5
    )


def contrast(grey: Pixels) -> Finding:
    """Spread between dark and light: the 2nd to the 98th percentile of luminance, 0..255 (QLT-005)."""
    low, high = np.percentile(grey, (2, 98))
    value = float(high - low)
    return _judge("contrast", value, 60, 18, "Good range" if value >= 60 else "Flat: little between dark and light")


def brightness(grey: Pixels) -> Finding:
    """Share of pixels that are neither crushed black nor burnt white (QLT-005)."""
    value = float(1 - np.mean((grey <= 3) | (grey >= 252)))
    return _judge("exposure", value, 0.12, 0.02, "Exposure is fine" if value >= 0.12 else "Almost all black or white")


def saturation(rgb: Pixels) -> Finding:
    """Mean colour saturation 0..1; a warning only when colours are screaming (QLT-005)."""
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    value = float(hsv[..., 1].mean() / 255)
    verdict: Verdict = "warn" if value > 0.92 else "pass"
    return Finding(
        "saturation", verdict, round(value, 4), 0.92, "Colours are in range" if verdict == "pass" else "Very saturated"
    )


def banding(grey: Pixels) -> Finding:
    """Share of smooth areas that fall into stairs instead of a slope (QLT-004)."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 3).astype(np.int16)
    slope = np.abs(np.diff(smooth, axis=1))
    wide = np.abs(smooth[:, 24:] - smooth[:, :-24])
    gradient = (wide >= 2) & (wide <= 16)
    share = float(np.mean(slope[:, : wide.shape[1]][gradient] == 0)) if gradient.mean() > 0.02 else 0.0
    raw = np.abs(np.diff(grey.astype(np.int16), axis=1))[:, : wide.shape[1]]
    steps = float(np.mean(raw[gradient] == 0)) if gradient.mean() > 0.02 else 0.0
    value = min(share, steps)
    verdict: Verdict = "warn" if value > 0.97 else "pass"
    return Finding(
        "banding",
        verdict,
        round(value, 4),
        0.97,
        "Gradients are smooth" if verdict == "pass" else "Gradients show stairs",
    )


def blockiness(grey: Pixels) -> Finding:
    """Steps at 8-pixel borders against steps elsewhere: strong JPEG compression (QLT-004)."""
    jumps = np.abs(np.diff(grey.astype(np.float32), axis=1)).mean(axis=0)
    border = jumps[7::8].mean() if jumps.size > 16 else 0.0
    rest = np.delete(jumps, np.arange(7, jumps.size, 8)).mean() if jumps.size > 16 else 1.0
    value = float(border / max(rest, 0.05))
    verdict: Verdict = "fail" if value > 2.6 else "warn" if value > 1.6 else "pass"
    return Finding(
        "compression", verdict, round(value, 4), 1.6, "No blocks" if verdict == "pass" else "Compression blocks show"
    )


def text_fit(boxes: Iterable[Mapping[str, Any]], width: int, height: int) -> Finding:
    """Whether every drawn text lies inside the picture and its own box, with a glyph for each letter."""
    bad = [str(b.get("text", ""))[:40] for b in boxes if _overflows(b, width, height)]
    missing = sum(int(b.get("missing_glyphs", 0)) for b in boxes)
    if bad or missing:
        what = f"“{bad[0]}” does not fit" if bad else f"{missing} letters have no glyph in the font"
        return Finding("text_fit", "fail", float(len(bad) + missing), 0, what, 2.0)
    return Finding("text_fit", "pass", 0, 0, "All text fits", 2.0)


def _overflows(box: Mapping[str, Any], width: int, height: int) -> bool:
    x, y = float(box.get("x", 0)), float(box.get("y", 0))
    right, bottom = x + float(box.get("width", 0)), y + float(box.get("height", 0))
    return bool(box.get("overflow")) or x < -1 or y < -1 or right > width + 1 or bottom > height + 1


def text_contrast(boxes: Iterable[Mapping[str, Any]]) -> Finding:
    """The lowest contrast ratio of any drawn text against what is behind it (WCAG: 4.5, large text 3.0)."""
    worst, words = 21.0, ""
    for box in boxes:
        ratio = float(box.get("contrast", 21))
        needed = 3.0 if float(box.get("font_size", 40)) >= 32 else 4.5
        if ratio / needed < worst:
            worst, words = ratio / needed, str(box.get("text", ""))[:40]
    message = "Text is easy to read" if worst >= 1 else f"“{words}” is hard to read"
    return _judge("text_contrast", worst, 1.0, 0.75, message, weight=2.0)


def uniqueness(phash: str, others: Mapping[str, str]) -> Finding:
    """How far the nearest earlier picture of the same character is, in bits of 64."""
    nearest = min((distance(phash, other) for other in others.values()), default=64)
    verdict: Verdict = "fail" if nearest <= 2 else "warn" if nearest <= NEAR_DUPLICATE_BITS else "pass"
    message = (
        "Nothing alike in the library"
        if verdict == "pass"
        else f"Looks like an earlier picture ({nearest} of 64 bits differ)"
    )
    return Finding("uniqueness", verdict, float(nearest), NEAR_DUPLICATE_BITS, message, 1.5)


def examine(
    rgb: Pixels, *, text_boxes: list[Mapping[str, Any]], phash: str, others: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Every check on one picture."""
    height, width = rgb.shape[:2]
    grey: Pixels = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    return (
        size(width, height),
        sharpness(grey),
        contrast(grey),
        brightness(grey),
        saturation(rgb),
        banding(grey),
        blockiness(grey),
        text_fit(text_boxes, width, height),
        text_contrast(text_boxes),
        uniqueness(phash, others),
    )


def total(findings: Iterable[Finding]) -> float:
    """One number 0..1: weighted share of passed checks; a warning counts half, a failure nothing."""
    points = {"pass": 1.0, "warn": 0.5, "fail": 0.0}
    rows = list(findings)
    return round(sum(points[f.verdict] * f.weight for f in rows) / sum(f.weight for f in rows), 4)
