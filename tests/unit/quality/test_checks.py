"""Each check sees its damage and lets a good picture pass."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from ainfluencer.core.config import Settings
from ainfluencer.core.errors import InvalidInput
from ainfluencer.quality import checks, rating, service
from ainfluencer.studio.models import Rating


def good() -> checks.Pixels:
    """A designed picture: a smooth gradient with crisp shapes and lines of text-like strokes."""
    base = np.linspace(40, 210, 1350)[:, None, None].repeat(1080, 1).repeat(3, 2)
    noise = np.random.default_rng(3).normal(0, 2.5, base.shape)
    picture = Image.fromarray(np.clip(base + noise, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for row in range(12):
        pen.rectangle((120, 200 + row * 70, 860 - row * 20, 228 + row * 70), fill=(250, 240, 220))
    pen.ellipse((600, 900, 980, 1280), fill=(20, 40, 90))
    return np.asarray(picture, dtype=np.uint8)


def grey(picture: checks.Pixels) -> checks.Pixels:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def test_a_good_picture_passes_everything() -> None:
    found = checks.examine(good(), text_boxes=[], phash="0" * 16, others={})
    assert [f.check for f in found if f.verdict != "pass"] == []
    assert checks.total(found) == 1.0


def test_blur_fails_sharpness() -> None:
    soft = np.asarray(cv2.GaussianBlur(grey(good()), (0, 0), 25), dtype=np.uint8)
    assert checks.sharpness(soft).verdict == "fail"


def test_a_flat_picture_fails_contrast() -> None:
    assert checks.contrast(np.full((600, 600), 128, np.uint8)).verdict == "fail"


@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_fail_exposure(value: int) -> None:
    assert checks.brightness(np.full((600, 600), value, np.uint8)).verdict == "fail"


def test_screaming_colours_warn() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[..., 0] = 255
    assert checks.saturation(picture).verdict == "warn"
    assert checks.saturation(good()).verdict == "pass"


def test_strong_compression_is_seen() -> None:
    rough = np.random.default_rng(1).integers(0, 255, (48, 48, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(rough).resize((1024, 1024), Image.Resampling.BICUBIC).save(out, "JPEG", quality=4)
    with Image.open(out) as damaged:
        pixels = np.asarray(damaged)
    assert checks.blockiness(grey(pixels)).verdict != "pass"
    assert checks.blockiness(grey(good())).verdict == "pass"


@pytest.mark.parametrize(("side", "verdict"), [(599, "fail"), (600, "warn"), (1079, "warn"), (1080, "pass")])
def test_size_has_two_limits(side: int, verdict: str) -> None:
    assert checks.size(side, 2000).verdict == verdict


@pytest.mark.parametrize(
    "box",
    [
        {"text": "too wide", "x": 900, "y": 10, "width": 300, "height": 50},
        {"text": "above", "x": 10, "y": -20, "width": 30, "height": 50},
        {"text": "cut", "x": 0, "y": 0, "width": 10, "height": 10, "overflow": True},
        {"text": "tofu", "x": 0, "y": 0, "width": 10, "height": 10, "missing_glyphs": 2},
    ],
)
def test_text_that_does_not_fit_fails(box: dict[str, object]) -> None:
    assert checks.text_fit([box], 1080, 1350).verdict == "fail"


def test_text_contrast_follows_size() -> None:
    small = {"text": "small", "contrast": 3.2, "font_size": 20}
    large = {"text": "large", "contrast": 3.2, "font_size": 60}
    assert checks.text_contrast([small]).verdict == "fail"
    assert checks.text_contrast([large]).verdict == "pass"


def test_near_duplicates_are_found() -> None:
    assert checks.uniqueness("0" * 16, {"a": "0" * 15 + "1"}).verdict == "fail"
    assert checks.uniqueness("0" * 16, {"a": "0" * 15 + "f"}).verdict == "warn"
    assert checks.uniqueness("0" * 16, {"a": "f" * 16}).verdict == "pass"
    assert checks.uniqueness("0" * 16, {}).verdict == "pass"


def test_banding_warns_on_stairs() -> None:
    ramp = (np.linspace(40, 120, 1080) // 8 * 8).astype(np.uint8)[None, :].repeat(600, 0)
    smooth = np.random.default_rng(5).normal(np.linspace(40, 120, 1080)[None, :].repeat(600, 0), 1.5)
    assert checks.banding(np.clip(smooth, 0, 255).astype(np.uint8)).verdict == "pass"
    assert checks.banding(ramp).value > checks.banding(np.clip(smooth, 0, 255).astype(np.uint8)).value


def encode(picture: checks.Pixels) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def test_a_file_outside_the_library_is_examined(settings: Settings) -> None:
    score, findings, rated = service.examine_bytes(encode(good()))
    assert score == 1.0
    assert {f.check for f in findings} >= {"size", "sharpness", "contrast"}
    assert rated.rating == Rating.SAFE
    with pytest.raises(InvalidInput):
        service.examine_bytes(b"")


@pytest.mark.parametrize(
    ("words", "expected"),
    [("a quiet harbour", Rating.SAFE), ("lingerie by the window", Rating.SUGGESTIVE), ("a nude study", Rating.ADULT)],
)
def test_words_decide_without_a_classifier(settings: Settings, words: str, expected: Rating) -> None:
    assert rating.rate(Image.fromarray(good()), words).rating == expected
