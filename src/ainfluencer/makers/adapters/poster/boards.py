"""Look boards: a grid of tiles, swatch cards, a magazine cover, a pinned sheet."""

from __future__ import annotations

from dataclasses import replace

from ainfluencer.core.colours import WORDS, Colour, distance, parse
from ainfluencer.makers.adapters.poster import pictures, textures
from ainfluencer.makers.adapters.poster.lists import same_size
from ainfluencer.makers.adapters.poster.palettes import Scheme
from ainfluencer.makers.adapters.poster.scene import MARGIN, Scene, first_sentence


def style_words(scene: Scene) -> tuple[str, ...]:
    """The words of the look: list lines where they are given, else the character's style words."""
    return tuple(word for word in (scene.words.items or scene.words.style_words) if word)[:6]


def headline(scene: Scene) -> str:
    """The title, or the text, or the first style words."""
    return scene.words.title or first_sentence(scene.words.body)[0] or " & ".join(style_words(scene)[:2])


def caption(scene: Scene) -> str:
    """What is said of the look below its title."""
    words = scene.words
    return words.body if words.title else first_sentence(words.body)[1]


def head(scene: Scene, x: float, y: float, width: float, scheme: Scheme, room: tuple[float, float]) -> float:
    """Kicker, title (at most `room` high and large) and caption; gives the last baseline."""
    after = scene.kicker(x, y, scheme, box=width)
    y = after + 54 if after > y else y
    title = scene.set(headline(scene), scene.brand.voices.display, (width, room[0]), (room[1], 34), most_lines=3)
    y = scene.sheet.write(title, x, y, scheme.text, box=width, role="title")
    text = scene.set(
        caption(scene), replace(scene.brand.voices.text, weight=480), (width, scene.sheet.height * 0.1), (34, 22)
    )
    return scene.sheet.write(text, x, y + 42, scheme.text, box=width) if text.lines else y


def chip_names(chips: tuple[Colour, ...]) -> list[str]:
    """A plain word for each chip: the nearest colour word, no word twice."""
    named = {word: colour for word in WORDS if (colour := parse(word)) is not None}
    found: list[str] = []
    for chip in chips:
        near = min((word for word in named if word not in found), key=lambda word: distance(named[word], chip))
        found.append(near)
    return found


def _crop(
    scene: Scene,
    frame: tuple[float, float, float, float],
    zoom: float,
    scheme: Scheme,
    look: str = "natural",
    css: str = "",
) -> None:
    """A close view: of the picture, or of the motif's companion."""
    x, y, width, height = frame
    if scene.picture is not None and not scene.has_figure:
        spot_x, spot_y = pictures.focus(scene.picture)
        at = (spot_x, spot_y) if zoom < 2 else (spot_x, min(0.9, spot_y + 0.3))
        scene.photo(x, y, width, height, look=look, zoom=zoom, css=css, at=at)
    else:
        scene.drawing(x, y, width, height, scheme, second=True, css=css)


def tiles(scene: Scene) -> None:
    """A modular grid: a large view, details, chips with their codes, a word on colour."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    scheme = scene.ground("paper", "ink", "soft", "deep")
    sheet.fill(scheme.ground.hex)
    scene.grain(7)
    gap, left = 18.0, 56.0
    wide = sheet.width - 2 * left
    top = head(scene, left, max(scene.top - 20, 64), wide, scheme, (sheet.height * 0.13, 88)) + 46
    foot = scene.signature(left, scene.bottom + (0 if scene.is_story else 26), scheme, box=wide) - 36
    high = foot - top
    unit = (wide - 3 * gap) / 4
    chips_high = min(150.0, high * 0.2)
    body_high = high - chips_high - gap
    big = 2.35 * unit + 1.35 * gap
    scene.visual(left, top, big, body_high, scheme, css="border-radius:22px")
    x, side = left + big + gap, wide - big - gap
    third = (body_high - 2 * gap) / 3
    _crop(scene, (x, top, side, third), 1.9, scheme, css="border-radius:22px")
    inside = palette.scheme("accent")
    sheet.box(x, top + third + gap, side, third, f"background:{inside.ground.hex};border-radius:22px")
    words = style_words(scene)[:4]
    blocks = same_size(scene, words, voices.strong, (side - 52, (third - 44) / max(1, len(words))), (40, 20))
    step = (third - 52) / max(1, len(words))
    for n, block in enumerate(blocks):
        sheet.write(
            block,
            x + 26,
            top + third + gap + 26 + n * step + (step - block.height) / 2,
            inside.text,
            box=side - 52,
            role="style",
        )
    scene.drawing(x, top + 2 * (third + gap), side, third, scheme, css="border-radius:22px")
    _chips(scene, (left, foot - chips_high, wide, chips_high), gap)


def _chips(scene: Scene, frame: tuple[float, float, float, float], gap: float) -> None:
    """The palette as chips with their codes on them."""
    x, y, width, height = frame
    chips = scene.palette.chips
    side = (width - gap * (len(chips) - 1)) / len(chips)
    code = replace(scene.brand.voices.text, weight=560, tracking=0.03)
    for n, chip in enumerate(chips):
        left = x + n * (side + gap)
        on = scene.palette.on(chip)
        scene.sheet.box(
            left,
            y,
            side,
            height,
            f"background:{chip.hex};border-radius:22px;border:2px solid {on.text.css(0.14)};box-sizing:border-box",
        )
        block = scene.set(chip.hex.upper(), code, (side - 30, 40), (24, 20), most_lines=1)
        scene.sheet.write(block, left + 20, y + height - 22 - block.height, on.text, role="chip")


def swatches(scene: Scene) -> None:
    """Paint cards in a row under the picture: colour above, name and code below."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    scheme = scene.ground("soft", "paper", "tint", "ink", "deep")
    sheet.fill(scheme.ground.hex)
    cards_high = 330.0 if scene.tall > 1.15 else 240.0
    foot = scene.signature(MARGIN, scene.bottom, scheme) - 44
    edge = sheet.height * (0.4 if scene.tall > 1.15 else 0.3)
    scene.visual(0, 0, sheet.width, edge + cards_high * 0.36, scheme)
    scene.grain(7)
    chips = palette.chips
    gap = 16.0
    side = (sheet.width - 2 * 56 - gap * (len(chips) - 1)) / len(chips)
    paper = palette.on(Colour(0.985, 0.004, palette.paper.hue), "paper")
    names = chip_names(chips)
    for n, chip in enumerate(chips):
        x = 56 + n * (side + gap)
        y = edge - (26 if n % 2 else 0)
        sheet.box(
            x,
            y,
            side,
            cards_high,
            f"background:{paper.ground.hex};border-radius:10px;box-shadow:0 14px 34px rgba(16,12,24,.26)",
        )
        sheet.box(x, y, side, cards_high - 108, f"background:{chip.hex};border-radius:10px 10px 0 0")
        name = scene.set(names[n], voices.strong, (side - 30, 40), (27, 20), most_lines=1)
        code = scene.set(chip.hex.upper(), voices.text, (side - 30, 40), (22, 18), most_lines=1)
        sheet.write(name, x + 17, y + cards_high - 80, paper.text, role="chip")
        sheet.write(code, x + 17, y + cards_high - 26 - code.height, paper.muted, role="chip")
    y = edge + cards_high + 60
    words = scene.set(
        "  ·  ".join(style_words(scene)), replace(voices.text, weight=500), (scene.inner, 110), (34, 22), most_lines=2
    )
    spare = foot - y - words.height - 120 - (sheet.height * 0.1 if caption(scene) else 0)
    y = head(scene, MARGIN, y, scene.inner, scheme, (max(60.0, spare), 108)) + 48
    sheet.write(words, MARGIN, y, scheme.muted, box=scene.inner, role="style")


def magazine(scene: Scene) -> None:
    """A fashion cover: masthead over the picture, cover lines at the side, the palette as a spine."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    spine = 64.0
    x = spine + 60
    width = sheet.width - x - 64
    scheme = palette.scheme("ink")
    if scene.has_figure:
        stage = scene.ground("main", "accent", "tint")
        scheme = palette.on(palette.main if stage.name == "tint" else palette.tint)
    foot = scene.signature(x, scene.bottom, scheme, box=width, mark=False) - 46
    words = style_words(scene)[:4]
    blocks = same_size(scene, words, voices.quiet, (width * (0.34 if scene.has_figure else 0.6), 64), (48, 24))
    start = foot - sum(block.height + 52 for block in blocks)
    _cover_picture(scene, scheme, spine, start)
    scene.grain(8)
    head(scene, x, scene.top if scene.is_story else 70, width, scheme, (sheet.height * 0.22, 150))
    y = foot
    for block in reversed(blocks):
        y -= block.height + 52
        sheet.write(block, x, y + 28, scheme.text, role="style")
        sheet.line(x, y, 60, scheme.accent.hex, weight=3)


def _cover_picture(scene: Scene, scheme: Scheme, spine: float, words_start: float) -> None:
    """The picture of a cover with dusk where words stand, and the spine of colours."""
    sheet, palette = scene.sheet, scene.palette
    if scene.has_figure:
        sheet.fill(scheme.ground.hex)
        tall = sheet.height * 0.6
        scene.photo(spine + 300, sheet.height - tall, sheet.width - spine - 300, tall)
    else:
        scene.visual(0, 0, sheet.width, sheet.height, palette.scheme("deep"))
        scene.scrim(0, sheet.height * 0.46, palette.ink, 0.72, up=False)
        scene.scrim(words_start - 260, sheet.height, palette.ink, 0.9)
    part = sheet.height / len(palette.chips)
    for n, chip in enumerate(palette.chips):
        sheet.box(0, n * part, spine, part + 1, f"background:{chip.hex}")


def pinned(scene: Scene) -> None:
    """Snapshots, a strip of chips and a note, pinned to paper at easy angles."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    scheme = scene.ground("soft", "tint", "main", "deep", "paper")
    sheet.fill(scheme.ground.hex)
    textures.paper(sheet, 9)
    textures.ruled(sheet, (0, 0, sheet.width, sheet.height), 54, scheme.text.css(0.07), squares=True)
    top = scene.top - (10 if scene.is_story else 20)
    y = head(scene, MARGIN, top, scene.inner, scheme, (sheet.height * 0.15, 96)) + 64
    foot = scene.signature(MARGIN, scene.bottom, scheme) - 30
    high = foot - y
    frames = ((84.0, y + 6, 560.0, high * 0.86, -2.5, 1.0), (616.0, y + high * 0.02, 380.0, high * 0.4, 4.0, 2.1))
    for n, (x, place, wide, tall, turn, zoom) in enumerate(frames):
        spin = f"transform:rotate({turn}deg)"
        sheet.box(x, place, wide, tall, f"background:#fdfcf8;box-shadow:0 20px 44px rgba(18,14,26,.28);{spin}")
        inner = (x + 20, place + 20, wide - 40, tall - (40 if n else 84))
        lift = f"{spin};transform-origin:{inner[2] / 2:.1f}px {tall / 2 - 20:.1f}px"
        scene.visual(*inner, scheme, css=lift) if zoom == 1 else _crop(scene, inner, zoom, scheme, "duotone", lift)
        sheet.box(
            x + wide / 2 - 70,
            place - 22,
            140,
            44,
            f"background:{palette.accent.css(0.6)};transform:rotate({turn - 4}deg)",
        )
    words = style_words(scene)[:4]
    slip = palette.on(palette.paper, "paper") if scheme.name != "paper" else palette.scheme("tint")
    x, place, wide, tall = 636.0, y + high * 0.47, 350.0, high * 0.36
    sheet.box(x, place, wide, tall, f"background:{slip.ground.hex};box-shadow:0 14px 30px rgba(18,14,26,.22)")
    blocks = same_size(
        scene, words, replace(voices.hand, weight=600), (wide - 70, (tall - 60) / max(1, len(words))), (54, 26)
    )
    step = (tall - 60) / max(1, len(words))
    for n, block in enumerate(blocks):
        sheet.write(
            block, x + 36, place + 30 + n * step + (step - block.height) / 2, slip.text, box=wide - 70, role="style"
        )
    radius = 46.0
    for n, chip in enumerate(palette.chips):
        sheet.disc(
            662 + n * 72,
            foot - 44,
            radius,
            f"background:{chip.hex};border:5px solid #fdfcf8;box-sizing:border-box;box-shadow:0 8px 18px rgba(18,14,26,.25)",
        )
    scene.grain(6)
