"""Safety rating of a picture: a small classifier where its pack is installed, and the words that it was made from."""

from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ainfluencer.characters import adult_words
from ainfluencer.core.config import settings
from ainfluencer.operations import packs
from ainfluencer.operations.errors import PackDamaged
from ainfluencer.studio.models import Rating

if TYPE_CHECKING:
    import onnxruntime
    from PIL import Image

MODEL = ("opennsfw", "open-nsfw.onnx")  # operations/packs.py installs it
# Yahoo open_nsfw: BGR means, 256 px, centre crop 224, pictures pass through JPEG first (its own preparation).
_MEAN_BGR = (104, 117, 123)
_ADULT_WORDS = re.compile(rf"\b((?:nude|naked|topless|explicit|sex|nsfw)\w*|{adult_words.EXPLICIT})\b", re.IGNORECASE)
_SUGGESTIVE_WORDS = re.compile(r"\b(lingerie|sultry|seductive|bikini|underwear|sensual)\w*\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rated:
    """The rating, the classifier's number (None when it is not installed) and the reasons in words."""

    rating: Rating
    score: float | None
    reasons: tuple[str, ...]


@lru_cache(maxsize=1)
def _session(path: Path) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One picture takes 60 ms on one core. Threads that wait spinning, and an arena that is never given back, would cost
    # every other module more than they save here.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return packs.open_model(settings().data, MODEL[0], path, options)


_used: list[float] = []


def rest(idle_seconds: float = 60.0) -> bool:
    """Give the classifier's memory (about 50 MB) back when nobody has asked it for that long; whether it did."""
    if not _used or time.monotonic() - _used[0] < idle_seconds:
        return False
    _used.clear()
    _session.cache_clear()
    return True


def model_path() -> Path:
    """Where the classifier lies once its pack is installed."""
    return settings().data / "models" / MODEL[0] / MODEL[1]


def classify(picture: Image.Image) -> float:
    """How likely the picture is adult, 0..1."""
    import cv2
    import numpy as np
    from PIL import Image

    buffer = io.BytesIO()
    small = picture.convert("RGB").resize((256, 256), Image.Resampling.BILINEAR)
    small.save(buffer, "JPEG")
    bgr = cv2.imdecode(np.frombuffer(buffer.getvalue(), np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:  # our own JPEG always decodes
        return 0.0
    pixels = bgr[16:240, 16:240].astype(np.float32) - np.array(_MEAN_BGR, np.float32)
    _used[:] = [time.monotonic()]
    session = _session(model_path())
    answer: Any = session.run(None, {session.get_inputs()[0].name: pixels[np.newaxis]})[0]
    return float(answer[0][1])


def _score(picture: Image.Image) -> float | None:
    """What the classifier says; None where it is not there, or damaged (the list of packs then says so)."""
    if not packs.is_installed(settings().data, MODEL[0]):
        return None
    try:
        return classify(picture)
    except PackDamaged:
        return None


def rate(picture: Image.Image, words: str) -> Rated:
    """Rate one decoded picture by what it shows and by the words that it was made from."""
    reasons: list[str] = []
    score = _score(picture)
    if score is None:
        reasons.append("The picture classifier is not installed or damaged; rated by words only.")
    else:
        reasons.append(f"Picture classifier: {score:.2f} of 1.00.")
    if _ADULT_WORDS.search(words) or (score or 0) >= 0.8:
        return Rated(Rating.ADULT, score, (*reasons, "Reads as adult content."))
    if _SUGGESTIVE_WORDS.search(words) or (score or 0) >= 0.45:
        return Rated(Rating.SUGGESTIVE, score, (*reasons, "Reads as suggestive."))
    return Rated(Rating.SAFE, score, tuple(reasons))
