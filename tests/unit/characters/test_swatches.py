"""The colours of a look as a page shows them are the colours that a poster is drawn in."""

from __future__ import annotations

import pytest

from ainfluencer.characters.swatches import palette, swatch
from ainfluencer.core.colours import parse


@pytest.mark.parametrize("words", ["teal", "dusty rose", "Sea green", "#1C2C54", "pale apricot", "#abc"])
def test_a_swatch_is_what_the_poster_draws(words: str) -> None:
    drawn = parse(words)
    assert drawn
    assert swatch(words) == drawn.hex
    assert swatch(words).startswith("#")


def test_words_that_name_no_colour_have_none() -> None:
    assert swatch("wool") == swatch("") == swatch("#12") == ""


def test_each_colour_is_shown_once_under_its_first_words() -> None:
    assert palette(("navy", "wool", "Navy", "coral")) == (("navy", swatch("navy")), ("coral", swatch("coral")))
