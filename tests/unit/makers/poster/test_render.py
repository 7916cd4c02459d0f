"""Every layout on every shape: right size, nothing cut off, text that can be read, the same bytes twice."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ainfluencer.core.errors import InvalidInput
from ainfluencer.integrations.values import MediaMade, PosterRequest
from ainfluencer.makers.adapters.poster import pictures
from ainfluencer.makers.adapters.poster.render import VARIANTS, render_poster
from tests.unit.makers.poster.conftest import BAKER, CAST, GARDENER, LIBRARIAN, MECHANIC, SURFER, Ask

ALL = [(kind, name) for kind, names in VARIANTS.items() for name in names]
SHAPES = [(540, 540), (540, 675), (540, 960)]


def opened(made: MediaMade) -> Image.Image:
    return Image.open(io.BytesIO(made.data))


def faults(made: tuple[MediaMade, ...]) -> list[tuple[str, str, float, float]]:
    """Texts that are cut off, lost letters or cannot be read."""
    return [
        (box["role"], box["text"][:30], box["contrast"], box["font_size"])
        for page in made
        for box in page.text_boxes
        if box["overflow"] or box["missing"] or box["contrast"] < box["needed"]
    ]


def test_there_are_enough_layouts() -> None:
    least = {"quote": 5, "list": 4, "story": 4, "look_board": 3, "carousel": 3}
    assert set(VARIANTS) == set(least)
    assert all(len(VARIANTS[kind]) >= count for kind, count in least.items())


@pytest.mark.parametrize("shape", SHAPES, ids=["square", "portrait", "story"])
@pytest.mark.parametrize(("kind", "name"), ALL)
def test_every_layout_fits_every_shape(ask: Ask, photo: Path, kind: str, name: str, shape: tuple[int, int]) -> None:
    made = render_poster(ask(kind, variant=name, width=shape[0], height=shape[1], picture=photo, seed=3))
    for page in made:
        image = opened(page)
        assert (image.format, image.size) == ("PNG", shape)
        assert (page.width, page.height, page.mime) == (*shape, "image/png")
    assert faults(made) == []


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_characters_are_readable_without_a_picture(ask: Ask, kind: str, name: str) -> None:
    start = hashlib.sha256(name.encode()).digest()[0]
    for number in range(2):
        who = list(CAST.values())[(start + number * 2) % len(CAST)]
        assert faults(render_poster(ask(kind, who, variant=name, seed=start + number))) == []


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_a_cut_out_figure_is_readable(ask: Ask, figure: Path, kind: str, name: str) -> None:
    assert faults(render_poster(ask(kind, BAKER, variant=name, picture=figure, seed=8))) == []


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_texts_do_not_lie_on_each_other(ask: Ask, photo: Path, kind: str, name: str) -> None:
    for page in render_poster(ask(kind, GARDENER, variant=name, picture=photo, seed=2)):
        boxes = [box for box in page.text_boxes if box["role"] != "caption"]
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                wide = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
                high = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
                least = min(one["font_size"], other["font_size"]) * 0.2  # room below the baseline may touch
                assert wide <= 1 or high <= least, (one["text"], other["text"])


def test_the_same_request_gives_the_same_bytes(ask: Ask, photo: Path) -> None:
    for kind in VARIANTS:
        request = ask(kind, picture=photo, seed=11)
        first, second = render_poster(request), render_poster(request)
        assert [page.data for page in first] == [page.data for page in second]
        assert [page.recipe for page in first] == [page.recipe for page in second]


def test_the_recipe_tells_how_it_was_made(ask: Ask, photo: Path) -> None:
    request = ask("quote", picture=photo, seed=5)
    recipe = render_poster(request)[0].recipe
    assert recipe["variant"] in VARIANTS["quote"]
    assert recipe["request"]["seed"] == 5
    assert recipe["uses_picture"] is True
    assert render_poster(replace(request, variant=recipe["variant"]))[0].data == render_poster(request)[0].data
    assert render_poster(ask("quote"))[0].recipe["uses_picture"] is False


def fingerprint(made: MediaMade) -> np.ndarray:
    """A small colour view of a picture, which near-copies share."""
    return np.asarray(opened(made).convert("RGB").resize((12, 15), Image.Resampling.BOX), np.float64)


@pytest.mark.parametrize("who", CAST)
def test_a_week_looks_different_every_day(ask: Ask, photo: Path, who: str) -> None:
    used: list[str] = []
    prints: list[np.ndarray] = []
    for day, kind in enumerate(["quote", "list", "carousel", "story", "look_board", "quote", "list"]):
        picture = photo if who == "surfer" else None
        made = render_poster(ask(kind, CAST[who], seed=40 + day, picture=picture, avoid_variants=tuple(used)))[0]
        used.append(made.recipe["variant"])
        prints.append(fingerprint(made))
    assert len(set(used)) == 7
    apart = [float(np.abs(a - b).mean()) for n, a in enumerate(prints) for b in prints[n + 1 :]]
    assert min(apart) > 8


def test_one_character_keeps_its_hand(ask: Ask) -> None:
    recipes = [render_poster(ask(kind, LIBRARIAN, seed=seed))[0].recipe for seed, kind in enumerate(VARIANTS)]
    for key in ("voices", "motif", "palette"):
        assert len({str(recipe[key]) for recipe in recipes}) == 1
    others = {str(render_poster(ask("quote", who))[0].recipe["palette"]) for who in CAST.values()}
    assert len(others) == len(CAST)


def test_used_layouts_are_avoided_while_others_are_left(ask: Ask) -> None:
    for left in VARIANTS["list"]:
        others = tuple(name for name in VARIANTS["list"] if name != left)
        assert render_poster(ask("list", seed=1, avoid_variants=others))[0].recipe["variant"] == left
    assert render_poster(ask("list", avoid_variants=VARIANTS["list"]))[0].recipe["variant"] in VARIANTS["list"]


def test_the_seed_changes_the_design(ask: Ask) -> None:
    assert len({render_poster(ask("quote", seed=seed))[0].recipe["variant"] for seed in range(12)}) >= 4


def test_a_carousel_has_a_cover_pages_and_a_closing(ask: Ask) -> None:
    made = render_poster(ask("carousel", MECHANIC))
    assert [page.recipe["page"] for page in made] == [1, 2, 3, 4, 5]
    texts = [[box["text"] for box in page.text_boxes] for page in made]
    assert "How to read a wave" in texts[0]
    assert {"Sit down first", "ten minutes on the sand"} <= set(texts[1])
    assert "Save this for the day you need it." in texts[4]
    assert "2/5" in texts[1]


def test_a_text_alone_becomes_a_carousel(ask: Ask) -> None:
    body = "First the wind drops. Then the birds come back. Then somebody puts the kettle on. That is when you go out."
    made = render_poster(ask("carousel", items=(), body=body))
    assert 3 <= len(made) <= 5
    with pytest.raises(InvalidInput, match="too many"):
        render_poster(ask("carousel", items=("A line",) * 12))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "banner"},
        {"variant": "quote_nothing"},
        {"width": 200, "height": 200},
        {"width": 1200, "height": 630},
        {"mood": "furious"},
        {"body": ""},
        {"body": "word " * 400},
        {"picture": Path("/nowhere/picture.png")},
    ],
    ids=str,
)
def test_what_cannot_be_designed_is_refused(ask: Ask, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        render_poster(replace(ask("quote", SURFER), **changes))  # type: ignore[arg-type]  # wrong values are the point
    assert refused.value.next_step


def test_a_file_that_is_no_picture_is_refused(ask: Ask, tmp_path: Path) -> None:
    place = tmp_path / "picture.png"
    for data in (b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\n" + b"\0" * 40):
        place.write_bytes(data)
        with pytest.raises(InvalidInput, match="cannot be read"):
            render_poster(ask("quote", picture=place))


@pytest.mark.parametrize("size", [(40, 900), (900, 40), (33, 33), (16, 16)])
def test_odd_pictures_are_used(ask: Ask, tmp_path: Path, size: tuple[int, int]) -> None:
    place = tmp_path / "odd.png"
    Image.new("RGB", size, "#336699").save(place)
    for name in ("quote_portrait", "quote_polaroid"):
        assert faults(render_poster(ask("quote", variant=name, picture=place))) == []


def test_a_picture_of_exactly_the_shape_is_cropped_without_a_rounding_error() -> None:
    for width, height in ((400, 600), (401, 599), (683, 1024), (333, 1000)):
        picture = Image.new("RGB", (width, height), "grey")
        for wide, high in ((530.0, 530.0), (912.0, 455.5), (1080.0, 1350.0), (333.3, 77.7)):
            assert pictures.crop(picture, wide, high).size == (round(wide), round(high))


def test_an_upright_picture_keeps_its_upper_third() -> None:
    upright = Image.effect_noise((400, 700), 60).convert("RGB")
    level = Image.effect_noise((700, 700), 60).convert("RGB")
    assert pictures.focus(upright)[1] < 0.33
    assert pictures.focus(upright)[1] < pictures.focus(level)[1]


@pytest.mark.parametrize("variant", VARIANTS["carousel"])
@pytest.mark.parametrize("height", [1080, 1350])
def test_a_short_title_fills_its_cover(variant: str, height: int) -> None:
    made = render_poster(
        PosterRequest(
            format="carousel", width=1080, height=height, title="On power", items=("One page.", "Another page."),
            kicker="in 2 parts", attribution="Ada", handle="ada", variant=variant, seed=4,
        )
    )  # fmt: skip
    (title,) = [box for box in made[0].text_boxes if box["role"] == "title"]
    assert title["height"] >= height * 0.12
    picture = np.asarray(opened(made[0]).convert("L"), dtype=float)
    assert all(band.std() > 4 for band in np.array_split(picture, 6)), "no sixth of the page is blank"
