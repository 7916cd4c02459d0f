"""Lengths as each platform counts them, and what is found in a text."""

from __future__ import annotations

import pytest

from ainfluencer.integrations.manifest import Counting, Limits
from ainfluencer.integrations.text import fits, graphemes, hashtags, length, links, measure_text, mentions, shorten

FAMILY = "👩‍👩‍👧‍👦"  # one letter, seven code points
FLAG = "🇧🇷"


@pytest.mark.parametrize(
    ("text", "characters", "letters", "utf16", "size"),
    [
        ("abc", 3, 3, 3, 3), ("é", 1, 1, 1, 2), ("e\u0301", 2, 1, 2, 3), (FAMILY, 7, 1, 11, 25), (FLAG, 2, 1, 4, 8),
        ("한국", 2, 2, 2, 6), ("\u1100\u1161\u11a8", 3, 1, 3, 9), ("👍🏽", 2, 1, 4, 8), ("", 0, 0, 0, 0), ("a\r\nb", 4, 3, 4, 4),
    ],
)  # fmt: skip
def test_counting(text: str, characters: int, letters: int, utf16: int, size: int) -> None:
    assert length(text, Counting.CHARACTERS) == characters
    assert length(text, Counting.GRAPHEMES) == graphemes(text) == letters
    assert length(text, Counting.UTF16) == utf16
    assert length(text, Counting.BYTES) == size


def test_mastodon_counts_links_as_23_and_drops_the_host_of_a_mention() -> None:
    assert length("https://example.org/a/very/long/path/that/goes/on", Counting.MASTODON) == 23
    assert length("hi @ada@social.example now", Counting.MASTODON) == len("hi @ada now")
    assert length("see https://a.example/x.", Counting.MASTODON) == len("see ") + 23 + 1
    assert length(FAMILY, Counting.MASTODON) == 1


def test_limits_at_the_edge() -> None:
    limits = Limits(text=3, counting=Counting.GRAPHEMES, text_bytes=60, hashtags=1, links=0)
    assert measure_text(FAMILY * 3, limits) == 3
    assert not fits(FAMILY * 3, limits)  # 75 bytes
    assert fits(FLAG * 3, limits)
    assert not fits("abcd", limits)
    assert fits("#a", limits)
    assert not fits("#a#b #c", Limits(hashtags=1))
    assert not fits("https://a.example", Limits(links=0))
    assert fits("x" * 10_000, Limits())


@pytest.mark.parametrize("text", ["word " * 40, FAMILY * 40, "x" * 200, "é " * 100])
def test_shortened_text_fits_and_is_closed(text: str) -> None:
    limits = Limits(text=50, counting=Counting.GRAPHEMES, text_bytes=400)
    cut = shorten(text, limits)
    assert fits(cut, limits)
    assert cut.endswith("…")
    assert cut[:-1].rstrip() in text
    assert shorten("short", limits) == "short"


def test_what_is_found() -> None:
    text = "Look at https://a.example/x#y, (https://b.example). #Søndag #2 #a1 mail@x.example @ada @mira.test! &#39;"
    assert [f.text for f in links(text)] == ["https://a.example/x#y", "https://b.example"]
    assert [f.text for f in hashtags(text)] == ["#Søndag", "#a1"]
    assert [f.text for f in mentions(text)] == ["@ada", "@mira.test"]
    for found in (*links(text), *hashtags(text), *mentions(text)):
        assert text[found.start : found.end] == found.text
