"""Safety rating of a picture: a small classifier where its pack is installed, and the words that it was made from."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from PIL import Image

from ainfluencer.core.config import settings
from ainfluencer.media.probe import open_image
from ainfluencer.studio.models import Rating

MODEL = ("opennsfw", "open-nsfw.onnx")  # operations/packs.py installs it
# Yahoo open_nsfw: BGR means, 256 px, centre crop 224, pictures pass through JPEG first (its own preparation).
_MEAN_BGR = np.array([104, 117, 123], dtype=np.float32)
_ADULT_WORDS = re.compile(r"\b(nude|naked|topless|explicit|porn|sex|erotic|nsfw)\w*\b", re.IGNORECASE)
_SUGGESTIVE_WORDS = re.compile(r"\b(lingerie|sultry|seductive|bikini|underwear|sensual)\w*\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rated:
    """The rating, the classifier's number (None when it is not installed) and the reasons in words."""

    rating: Rating
    score: float | None
    reasons: tuple[str, ...]


@lru_cache(maxsize=1)
def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def model_path() -> Path:
    """Where the classifier lies once its pack is installed."""
    return settings().data / "models" / MODEL[0] / MODEL[1]


def classify(data: bytes) -> float:
    """How likely the picture is adult, 0..1."""
    buffer = io.BytesIO()
    small = open_image(data).convert("RGB").resize((256, 256), Image.Resampling.BILINEAR)
    small.save(buffer, "JPEG")
    bgr = cv2.imdecode(np.frombuffer(buffer.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:  # our own JPEG always decodes
        return 0.0
    pixels = bgr[16:240, 16:240].astype(np.float32) - _MEAN_BGR
    session = _session(model_path())
    answer: Any = session.run(None, {session.get_inputs()[0].name: pixels[np.newaxis]})[0]
    return float(answer[0][1])


def rate(data: bytes, words: str) -> Rated:
    """Rate one picture by what it shows and by the words that it was made from."""
    reasons: list[str] = []
    score = classify(data) if model_path().exists() else None
    if score is None:
        reasons.append("The picture classifier is not installed; rated by words only.")
    else:
        reasons.append(f"Picture classifier: {score:.2f} of 1.00.")
    if _ADULT_WORDS.search(words) or (score or 0) >= 0.8:
        return Rated(Rating.ADULT, score, (*reasons, "Reads as adult content."))
    if _SUGGESTIVE_WORDS.search(words) or (score or 0) >= 0.45:
        return Rated(Rating.SUGGESTIVE, score, (*reasons, "Reads as suggestive."))
    return Rated(Rating.SAFE, score, tuple(reasons))
