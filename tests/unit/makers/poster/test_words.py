"""Hostile, long and foreign words: a decent picture or a plain refusal, never markup, never a text that runs out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ainfluencer.core import resources
from ainfluencer.core.colours import Colour
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.makers.adapters.poster import emoji, fonts, lines
from ainfluencer.makers.adapters.poster.brand import VOICES
from ainfluencer.makers.adapters.poster.page import Sheet
from ainfluencer.makers.adapters.poster.render import VARIANTS, render_poster
from ainfluencer.makers.adapters.poster.renderer import engine
from ainfluencer.makers.adapters.poster.scene import bare, first_sentence
from ainfluencer.makers.adapters.poster.typography import Room, Type, clean, fit
from tests.unit.makers.poster.conftest import Ask

INTER = Type("Inter", 400, leading=1.2)
LONG = ("The tide takes the week with it, one grain at a time, and I stand there with cold feet. " * 7)[:600]


def words(found: tuple[tuple[lines.Atom, ...], ...]) -> list[str]:
    return [lines.joined(line) for line in found]


@pytest.fixture
def drawings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A packed zip with one emoji, as the web build makes it."""

    def forget() -> None:
        resources.path.cache_clear()
        emoji._drawings.cache_clear()
        emoji.picture.cache_clear()

    shape = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><circle cx="18" cy="18" r="18" fill="#fc0"/></svg>'
    )
    with zipfile.ZipFile(tmp_path / "twemoji-1a2b.zip", "w") as packed:
        packed.writestr("svg/1f30a.svg", shape)
        packed.writestr("svg/2615.svg", shape)
    monkeypatch.setattr(resources, "PLACES", (str(tmp_path),))
    forget()
    yield
    forget()


@pytest.mark.parametrize("kind", ["quote", "story", "carousel", "look_board"])
def test_six_hundred_letters_are_shown_whole(ask: Ask, kind: str) -> None:
    made = render_poster(ask(kind, title="", items=(), body=LONG))
    shown = " ".join(box["text"] for page in made for box in page.text_boxes)
    if kind != "look_board":
        assert not any(box["overflow"] for page in made for box in page.text_boxes)
        assert all(word in shown for word in LONG.split()[-4:])


@pytest.mark.parametrize("name", VARIANTS["quote"])
def test_a_long_text_fits_every_quote(ask: Ask, name: str) -> None:
    (made,) = render_poster(ask("quote", variant=name, body=LONG[:420]))
    body = next(box for box in made.text_boxes if box["role"] == "body")
    assert not body["overflow"]
    assert body["font_size"] * 1080 / 540 >= 26


def test_a_name_of_three_hundred_emoji_stays_on_the_sheet(ask: Ask, drawings: None) -> None:
    del drawings
    (made,) = render_poster(ask("quote", attribution="🌊" * 300, handle="@" + "x" * 200, variant="quote_monument"))
    for box in made.text_boxes:
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 540
    assert any(box["overflow"] for box in made.text_boxes if box["role"] == "signature")


def test_one_word_of_eighty_letters_is_parted(ask: Ask) -> None:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    (made,) = render_poster(ask("quote", body=word, variant="quote_monument"))
    body = next(box for box in made.text_boxes if box["role"] == "body")
    assert body["lines"] > 1
    assert not body["overflow"]
    assert body["width"] <= 540 - 2 * 40


def test_markup_is_only_ever_text(ask: Ask) -> None:
    evil = '<script>alert(1)</script><img src="http://example.org/x.png"> </div></style> & <b>bold</b> {{7*7}}'
    for kind in VARIANTS:
        for page in render_poster(
            ask(kind, title=evil, body=evil, items=(evil, evil), attribution=evil, handle=evil, kicker=evil)
        ):
            assert page.mime == "image/png"
    sheet = Sheet(540, 540, engine())
    sheet.write(fit(evil, INTER, Room(900, 900, 60, 20)), 0, 0, Colour(0.2, 0, 0))
    inner = sheet.markup()
    assert "<script" not in inner
    assert "<b>" not in inner
    assert "&lt;script&gt;" in inner
    assert "<img" not in inner


def test_style_words_and_colours_cannot_reach_the_css(ask: Ask) -> None:
    evil = "red;background:url(http://example.org/x)"
    made = render_poster(ask("look_board", colours=(evil, "};*{"), style_words=("<svg onload=1>", "'\"></style>")))
    assert made[0].text_boxes


def test_writing_without_a_font_is_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "SYSTEM", ())
    with pytest.raises(InvalidInput, match="font") as refused:
        render_poster(ask("quote", body="ᚠᛇᚻ ᛒᛦᚦ ᚠᚱᚩᚠᚢᚱ ᚠᛁᚱᚪ ᚷᛖᚻᚹᛦᛚᚳᚢᛗ 𓂀𓂁𓂂"))
    assert refused.value.reason == "no_font"


def test_single_missing_signs_are_reported(ask: Ask) -> None:
    (made,) = render_poster(ask("quote", body="The rune 𓂀 on the door kept the draught out for a whole winter."))
    body = next(box for box in made.text_boxes if box["role"] == "body")
    assert body["missing"] == "𓂀"
    assert "𓂀" in made.recipe["notes"][0]


@pytest.mark.parametrize(
    "body", ["Море не спрашивает, как прошла неделя.", "समुद्र को परवाह नहीं कि हफ़्ता कैसा रहा।", "Η θάλασσα δεν ρωτά."]
)
def test_other_scripts_are_drawn(ask: Ask, body: str) -> None:
    for voice in VOICES:
        block = fit(body, VOICES[voice][0].display, Room(900, 900, 90, 30))
        assert not block.missing
        assert not block.overflow
    (made,) = render_poster(ask("quote", body=body))
    assert not any(box["missing"] for box in made.text_boxes)


def test_right_to_left_text_is_aligned_right() -> None:
    block = fit("Ada אב", INTER, Room(900, 100, 60, 30))
    assert not block.is_rtl
    assert fit("\u200fאב Ada", INTER, Room(900, 100, 60, 30)).is_rtl


def test_emoji_are_drawn_or_dropped_and_told(ask: Ask, drawings: None) -> None:
    del drawings
    (made,) = render_poster(ask("quote", body="Paddle out 🌊 before work, coffee ☕️ after, then home 🦄 to sleep."))
    body = next(box for box in made.text_boxes if box["role"] == "body")
    assert body["missing"] == "🦄"
    assert emoji.picture("🌊").startswith("data:image/svg+xml;base64,")
    assert emoji.picture("☕️")
    assert "<img" in fit("Sea 🌊", INTER, Room(900, 100, 60, 30)).markup(0)


def test_without_packed_emoji_the_words_remain(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "PLACES", (str(tmp_path),))
    resources.path.cache_clear()
    emoji._drawings.cache_clear()
    emoji.picture.cache_clear()
    (made,) = render_poster(ask("quote", body="Paddle out before work 🌊 and nothing else will matter."))
    assert "🌊" in made.recipe["notes"][0]
    with pytest.raises(NotFound):
        resources.path("twemoji.zip")
    emoji._drawings.cache_clear()
    emoji.picture.cache_clear()


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a🏄🏽‍♀️b", ["a", "🏄🏽‍♀️", "b"]),
        ("🇵🇹🇯🇵", ["🇵🇹", "🇯🇵"]),
        ("1️⃣ 2", ["1️⃣", " 2"]),
        ("👨‍👩‍👧‍👦!", ["👨‍👩‍👧‍👦", "!"]),
        ("© 2026 → ok", ["© 2026 → ok"]),
        ("❤️", ["❤️"]),
    ],
)
def test_emoji_are_told_from_text(text: str, pieces: list[str]) -> None:
    assert emoji.split(text) == pieces


@pytest.mark.parametrize(
    ("raw", "set_as"),
    [
        ('It\'s "fine" -- really...', "It’s “fine” — really…"),
        ("a\u202eb\u0000c", "abc"),
        ("two  spaces\r\n\r\n and lines ", "two spaces\nand lines"),
        ("Z" + "\u0301" * 9, "Ź\u0301\u0301"),
    ],
)
def test_text_is_cleaned(raw: str, set_as: str) -> None:
    assert clean(raw) == set_as


def test_lines_are_even_and_have_no_widow() -> None:
    block = fit(
        "Plant a tree at seventy. Somebody will sit under it, and they will think you were wise.",
        INTER,
        Room(620, 900, 70, 30),
    )
    assert min(block.widths) > 0.5 * max(block.widths)
    assert len(words(block.lines)[-1].split()) > 1


def test_measured_width_is_the_drawn_width() -> None:
    block = fit("Every machine wants to run", INTER, Room(1000, 100, 60, 60))
    drawn = engine().widths(words(block.lines), INTER.css())[0] * block.size
    assert abs(drawn - block.width) < 2


def test_a_line_break_in_the_text_stays() -> None:
    assert words(fit("one\ntwo three", INTER, Room(900, 900, 60, 30)).lines) == ["one", "two three"]


def test_chinese_breaks_between_signs_but_not_before_a_stop() -> None:
    assert [atom.text for atom in lines.atoms("海は。「青い」")] == ["海", "は。", "「青", "い」"]


def test_quotation_marks_around_a_quote_are_taken_off() -> None:
    assert bare("“Be kind.”") == "Be kind."
    assert bare("“One,” she said, “two.”") == "“One,” she said, “two.”"


def test_a_long_text_alone_gets_a_headline() -> None:
    assert first_sentence("Short.") == ("Short.", "")
    assert first_sentence("The sea is cold. " + "And then more is said of it " * 5)[0] == "The sea is cold."
