"""Characters, pictures and requests for the poster maker's tests."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from ainfluencer.integrations.values import PosterRequest

SURFER: dict[str, Any] = {
    "attribution": "Inês Duarte",
    "handle": "@ines.salt",
    "colours": ("sea blue", "sand", "coral"),
    "style_words": ("surf", "relaxed", "salt-washed denim"),
    "mood": "bright",
}
LIBRARIAN: dict[str, Any] = {
    "attribution": "Morwenna Vale",
    "handle": "@the.ninth.stack",
    "colours": ("plum", "black", "gold"),
    "style_words": ("gothic", "velvet", "library lamps"),
    "mood": "night",
}
BAKER: dict[str, Any] = {
    "attribution": "Poppy Lindqvist",
    "handle": "@poppy.proves",
    "colours": ("pastel pink", "butter", "mint"),
    "style_words": ("baker", "cheerful", "gingham"),
    "mood": "playful",
}
MECHANIC: dict[str, Any] = {
    "attribution": "K-7 Rook",
    "handle": "@rook.rewires",
    "colours": ("neon pink", "cyan", "black"),
    "style_words": ("cyberpunk", "mechanic", "chrome"),
    "mood": "bold",
}
GARDENER: dict[str, Any] = {
    "attribution": "Arthur Pemberton",
    "handle": "@arthurs.allotment",
    "colours": ("sage", "terracotta", "cream"),
    "style_words": ("garden", "linen", "patient"),
    "mood": "calm",
}
CAST = {"surfer": SURFER, "librarian": LIBRARIAN, "baker": BAKER, "mechanic": MECHANIC, "gardener": GARDENER}
WORDS: dict[str, dict[str, Any]] = {
    "quote": {
        "body": "The sea doesn't care how your week went. That's exactly why I paddle out.",
        "kicker": "Before work",
    },
    "list": {
        "title": "Five things in my van, always",
        "items": (
            "Two towels, one dry",
            "Wax that smells of coconut",
            "Oranges from the market",
            "A tide table",
            "Socks. Trust me.",
        ),
        "kicker": "Before work",
    },
    "carousel": {
        "title": "How to read a wave",
        "items": ("Sit down first: ten minutes on the sand", "Count the sets", "Look at who falls, and where"),
        "body": "Save this for the day you need it.",
        "kicker": "Lesson one",
    },
    "story": {
        "title": "Low tide at six. Who is coming?",
        "body": "By the second flag. Bring a towel.",
        "kicker": "Today",
    },
    "look_board": {"title": "Off-duty salt", "kicker": "Today’s look"},
}
Ask = Callable[..., PosterRequest]


@pytest.fixture
def ask() -> Ask:
    """A request of a format for a character, with the usual words of that format."""

    def made(kind: str, who: dict[str, Any] = SURFER, **changes: Any) -> PosterRequest:
        values: dict[str, Any] = {"format": kind, "width": 540, "height": 675, **who, **WORDS[kind], **changes}
        return PosterRequest(**values)

    return made


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture with a head against a bright, busy ground: hard for text on it."""
    dice = random.Random(3)
    image = Image.new("RGB", (900, 700), "#f3d9a8")
    draw = ImageDraw.Draw(image)
    for _ in range(120):
        x, y, size = dice.randrange(900), dice.randrange(700), dice.randrange(8, 60)
        draw.ellipse((x, y, x + size, y + size), fill=(dice.randrange(256), dice.randrange(256), dice.randrange(256)))
    draw.ellipse((350, 150, 550, 420), fill="#d8a27c")
    draw.rectangle((280, 410, 620, 700), fill="#ffffff")
    place = tmp_path_factory.mktemp("pictures") / "photo.jpg"
    image.filter(ImageFilter.GaussianBlur(1)).save(place, quality=88)
    return place


@pytest.fixture(scope="session")
def figure(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cut-out figure on a transparent ground, as drawn avatars are."""
    image = Image.new("RGBA", (600, 600), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((180, 80, 420, 380), fill="#f7f2ea", outline="#101010", width=10)
    draw.pieslice((120, 340, 480, 780), 180, 360, fill="#101010")
    place = tmp_path_factory.mktemp("pictures") / "figure.png"
    image.save(place)
    return place
