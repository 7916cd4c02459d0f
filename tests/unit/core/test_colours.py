"""Colour words, contrast and palettes."""

from __future__ import annotations

import random

import pytest

from ainfluencer.core.colours import Colour, contrast, from_rgb, parse, ratio, readable
from ainfluencer.makers.adapters.poster import art
from ainfluencer.makers.adapters.poster.palettes import GROUNDS, MOODS, build

NAMES = ("paper", "soft", "tint", "main", "accent", "second", "deep", "ink")


@pytest.mark.parametrize("digits", ["000000", "ffffff", "ff0000", "1d7c93", "c6ef2b", "5e2750"])
def test_colours_survive_the_way_there_and_back(digits: str) -> None:
    rgb = (int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16))
    assert from_rgb(rgb).hex == "#" + digits


def test_contrast_is_the_one_of_wcag() -> None:
    assert contrast(0.0, 1.0) == pytest.approx(21)
    assert ratio(from_rgb((118, 118, 118)), from_rgb((255, 255, 255))) == pytest.approx(4.54, abs=0.01)


def test_colours_outside_the_screen_are_brought_in() -> None:
    assert all(0 <= part <= 255 for part in Colour(0.7, 0.4, 150).rgb)


@pytest.mark.parametrize(
    ("words", "lightness", "hues"),
    [
        ("dusty rose", (0.6, 0.85), (340, 30)),
        ("sea green", (0.4, 0.65), (150, 230)),
        ("deep navy", (0.05, 0.3), (240, 300)),
        ("#27b5ae", (0.6, 0.75), (180, 200)),
    ],
)
def test_words_become_colours(words: str, lightness: tuple[float, float], hues: tuple[float, float]) -> None:
    colour = parse(words)
    assert colour is not None
    assert lightness[0] <= colour.light <= lightness[1]
    low, high = hues
    assert low <= colour.hue <= high if low < high else colour.hue >= low or colour.hue <= high


@pytest.mark.parametrize("words", ["", "delightful", "#12", "rgb(1,2,3)", "x" * 5000])
def test_what_names_no_colour_is_none(words: str) -> None:
    assert parse(words) is None


def test_light_pastel_is_lighter_than_the_word_alone() -> None:
    plain, pastel = parse("blue"), parse("pastel blue")
    assert plain is not None
    assert pastel is not None
    assert pastel.light > plain.light + 0.1


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize(
    "words",
    [
        ("plum", "black", "gold"),
        ("neon pink", "cyan"),
        ("cream",),
        (),
        ("yellow", "lime"),
        ("grey",),
        ("#808080", "#7f7f7f"),
    ],
)
def test_text_is_readable_on_every_ground(words: tuple[str, ...], mood: str) -> None:
    palette = build(words, mood, random.Random(4))
    for name in NAMES:
        scheme = palette.scheme(name)
        assert ratio(scheme.text, scheme.ground) >= 4.5, name
        assert ratio(scheme.muted, scheme.ground) >= 4.5, name
        assert ratio(scheme.accent, scheme.ground) >= 3.0, name


def test_the_named_colours_are_in_the_palette() -> None:
    palette = build(("plum", "black", "gold"), "calm", random.Random(1))
    plum, gold = parse("plum"), parse("gold")
    assert plum is not None
    assert gold is not None
    assert abs(palette.main.hue - plum.hue) < 5
    assert abs(palette.accent.hue - gold.hue) < 5
    assert palette.prefers_dark


def test_moods_differ() -> None:
    made = {mood: build(("teal", "coral"), mood, random.Random(1)).main.hex for mood in MOODS}
    assert len(set(made.values())) == len(MOODS)
    assert set(GROUNDS) == set(MOODS)


def test_readable_moves_only_as_far_as_needed() -> None:
    white = Colour(1, 0, 0)
    fine = Colour(0.3, 0.05, 20)
    assert readable(fine, white, 4.5) is fine
    moved = readable(Colour(0.8, 0.1, 20), white, 4.5)
    assert 4.5 <= ratio(moved, white) < 5.2


@pytest.mark.parametrize(
    ("words", "motif"),
    [
        ("surf salt", "waves"),
        ("gothic velvet", "moon"),
        ("garden", "leaves"),
        ("cyberpunk", "horizon"),
        ("baker", "scallops"),
    ],
)
def test_style_words_choose_the_motif(words: str, motif: str) -> None:
    assert art.choose(words, random.Random(1))[0] == motif


def test_without_style_words_the_character_decides() -> None:
    assert len({art.choose("", random.Random(n))[0] for n in range(30)}) > 5
    assert set(art.COMPANIONS) == set(art.COMPANIONS.values()) | set(art.MOTIFS)
