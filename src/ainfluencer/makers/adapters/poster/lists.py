"""List cards: index, cards, receipt, photo, bands."""

from __future__ import annotations

from dataclasses import replace

from ainfluencer.makers.adapters.poster import textures
from ainfluencer.makers.adapters.poster.palettes import Scheme
from ainfluencer.makers.adapters.poster.scene import MARGIN, Scene
from ainfluencer.makers.adapters.poster.typography import Block, Type

MOST_ITEMS = 8


def lines_of(scene: Scene) -> tuple[str, ...]:
    """The lines to show; a text without list lines is cut at its line breaks or sentences."""
    words = scene.words
    if words.items:
        return words.items[:MOST_ITEMS]
    parts = words.body.replace("! ", "!\n").replace("? ", "?\n").replace(". ", ".\n").split("\n")
    return tuple(part for part in parts if part)[:MOST_ITEMS] or (words.title,)


def title_of(scene: Scene) -> str:
    """The headline; the text when the lines are given and there is no title."""
    words = scene.words
    return words.title or (words.body if words.items else "")


def intro(scene: Scene, x: float, y: float, width: float, scheme: Scheme, align: str = "left") -> float:
    """A sentence between headline and lines, where the request has one; gives the y after it."""
    words = scene.words
    if not (words.items and words.title and words.body):
        return y
    text = scene.set(
        words.body, replace(scene.brand.voices.text, weight=480), (width, scene.sheet.height * 0.09), (34, 22)
    )
    return scene.sheet.write(text, x, y + 44, scheme.text, box=width, align=align)


def same_size(
    scene: Scene, texts: tuple[str, ...], kind: Type, room: tuple[float, float], sizes: tuple[float, float]
) -> list[Block]:
    """Texts of one rank at one size: the largest at which each fits its room."""
    blocks = [scene.set(text, kind, room, sizes) for text in texts]
    size = min((block.size for block in blocks if block.lines), default=sizes[1])
    return [scene.set(text, kind, (room[0], room[1] + 1), (size, sizes[1])) for text in texts]


def index(scene: Scene) -> None:
    """A contents page: large numerals hang in the margin, hairlines between the rows."""
    sheet, voices = scene.sheet, scene.brand.voices
    scheme = scene.ground("paper", "soft", "ink", "deep", "tint")
    sheet.fill(scheme.ground.hex)
    textures.paper(sheet, 7)
    y = scene.kicker(MARGIN, scene.top, scheme)
    y = y + 60 if y > scene.top else y
    title = scene.set(title_of(scene), voices.display, (scene.inner, sheet.height * 0.2), (112, 36), most_lines=3)
    y = intro(
        scene, MARGIN, sheet.write(title, MARGIN, y, scheme.text, box=scene.inner, role="title"), scene.inner, scheme
    ) + (64 if title.lines else 0)
    foot = scene.signature(MARGIN, scene.bottom, scheme) - 46
    items = lines_of(scene)
    row = (foot - y) / len(items)
    gutter = min(170.0, row * 1.1 + 40)
    blocks = same_size(scene, items, voices.strong, (scene.inner - gutter, row * 0.66), (54, 24))
    numeral = replace(voices.display, leading=1.0)
    for n, block in enumerate(blocks):
        top = y + n * row
        sheet.line(MARGIN, top, scene.inner, scheme.line if n else scheme.text.hex, weight=2 if n else 4)
        size = min(96.0, row * 0.72)
        number = scene.set(str(n + 1), numeral, (gutter, row), (size, size))
        left = sheet.width - MARGIN - number.width if block.is_rtl else MARGIN
        sheet.ornament(number, left, top + (row - number.height) / 2, scheme.accent.hex)
        sheet.write(
            block,
            MARGIN if block.is_rtl else MARGIN + gutter,
            top + (row - block.height) / 2,
            scheme.text,
            box=scene.inner - gutter,
            role="item",
        )


def cards(scene: Scene) -> None:
    """Cards in two columns, each on its own colour, the numeral in a round."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    scheme = scene.ground("soft", "tint", "deep", "ink", "paper")
    sheet.fill(scheme.ground.hex)
    scene.grain(8)
    y = scene.kicker(MARGIN, scene.top, scheme)
    y = y + 58 if y > scene.top else y
    title = scene.set(title_of(scene), voices.display, (scene.inner, sheet.height * 0.17), (98, 34), most_lines=2)
    y = intro(
        scene, MARGIN, sheet.write(title, MARGIN, y, scheme.text, box=scene.inner, role="title"), scene.inner, scheme
    ) + (56 if title.lines else 0)
    foot = scene.signature(MARGIN, scene.bottom, scheme, mark=scene.tall > 1.15) - 44
    items = lines_of(scene)
    gap, left = 22.0, MARGIN
    wide = (sheet.width - 2 * left - gap) / 2
    rows = -(-len(items) // 2)
    high = (foot - y - gap * (rows - 1)) / rows
    names = [name for name in ("main", "paper", "accent", "ink", "tint", "deep") if name != scheme.name]
    round_size = min(58.0, high * 0.26)
    blocks = same_size(scene, items, voices.strong, (wide - 60, high - round_size - 84), (56, 22))
    for n, block in enumerate(blocks):
        last = n == len(items) - 1 and len(items) % 2 == 1
        inside = palette.scheme(names[(n + n // 2) % len(names)])
        x, top = left + (n % 2) * (wide + gap), y + (n // 2) * (high + gap)
        card = wide * 2 + gap if last else wide
        sheet.box(x, top, card, high, f"background:{inside.ground.hex};border-radius:34px")
        _round(scene, (x + 32, top + 30, round_size), n + 1, inside)
        sheet.write(block, x + 32, top + high - 36 - block.height, inside.text, box=wide - 64, role="item")
        if last:
            side = min(high, wide * 0.8)
            scene.drawing(x + card - side, top, side, high, inside, css="border-radius:0 34px 34px 0")


def _round(scene: Scene, place: tuple[float, float, float], number: int, inside: Scheme) -> None:
    x, y, size = place
    scene.sheet.disc(x + size / 2, y + size / 2, size / 2, f"background:{inside.text.hex}")
    digit = scene.set(
        str(number), replace(scene.brand.voices.strong, weight=700), (size, size), (size * 0.5, size * 0.5)
    )
    scene.sheet.ornament(digit, x + (size - digit.width) / 2, y + (size - digit.height) / 2, inside.ground.hex)


def receipt(scene: Scene) -> None:
    """A slip of paper with a torn edge lies on a field of colour; boxes to tick."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    field = scene.ground("main", "accent", "deep", "tint", "ink")
    sheet.fill(field.ground.hex)
    if scene.has_figure:
        scene.drawing(0, 0, sheet.width, sheet.height, field)
    else:
        scene.visual(0, 0, sheet.width, sheet.height, field, look="duotone")
    sheet.box(0, 0, sheet.width, sheet.height, f"background:{field.ground.css(0.78 if scene.picture else 0.55)}")
    scene.grain(9)
    paper = palette.on(palette.paper, "paper")
    left, wide = 118.0, sheet.width - 236
    top = scene.top - (0 if scene.is_story else 6)
    foot = scene.bottom - (0 if scene.is_story else -10)
    teeth = 26
    step = wide / teeth
    edge = "L".join(f"{wide - n * step / 2:.1f} {foot - top - (0 if n % 2 else 16):.1f}" for n in range(teeth * 2 + 1))
    slip = f'<path d="M0 0H{wide}L{edge}Z" fill="{palette.paper.hex}"/>'
    sheet.box(left + 10, top + 24, wide - 20, foot - top - 46, "box-shadow:0 22px 60px rgba(12,10,20,.42)")
    sheet.svg(left, top, wide, foot - top, slip)
    x, width = left + 62, wide - 124
    y = top + 76
    after = scene.kicker(x, y, paper, align="center", box=width)
    y = after + 44 if after > y else y
    title = scene.set(title_of(scene), voices.display, (width, sheet.height * 0.19), (100, 30), most_lines=3)
    y = sheet.write(title, x, y, paper.text, box=width, align="center", role="title")
    y = intro(scene, x, y, width, paper, "center") + (52 if title.lines else 0)
    low = scene.signature(x, foot - 64, paper, align="center", box=width, mark=False) - 40
    for line in (y, low):
        dashes = f'<path d="M0 2H{width}" stroke="{paper.text.hex}" stroke-width="3" stroke-dasharray="4 10" stroke-linecap="round"/>'
        sheet.svg(x, line, width, 4, dashes)
    items = lines_of(scene)
    row = (low - y - 24) / len(items)
    blocks = same_size(scene, items, replace(voices.strong, weight=520), (width - 76, row * 0.74), (54, 22))
    side = min(38.0, blocks[0].size * 0.95)
    for n, block in enumerate(blocks):
        middle = y + 14 + (n + 0.5) * row
        first = middle - block.height / 2 + block.cap / 2
        tick_x = x + width - side if block.is_rtl else x
        sheet.box(
            tick_x,
            first - side / 2,
            side,
            side,
            f"border:3.5px solid {paper.accent.hex};border-radius:9px;box-sizing:border-box",
        )
        tick = f'<path d="M{side * 0.24:.1f} {side * 0.5:.1f}L{side * 0.44:.1f} {side * 0.72:.1f}L{side * 0.98:.1f} {side * 0.02:.1f}" fill="none" stroke="{paper.text.hex}" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>'
        sheet.svg(tick_x, first - side / 2, side * 1.1, side, tick, css="overflow:visible")
        sheet.write(
            block, x if block.is_rtl else x + 76, middle - block.height / 2, paper.text, box=width - 76, role="item"
        )


def photo(scene: Scene) -> None:
    """The picture in the head, its title on a plate that cuts into it, the lines below."""
    sheet, voices = scene.sheet, scene.brand.voices
    scheme = scene.ground("paper", "soft", "deep", "ink", "tint")
    sheet.fill(scheme.ground.hex)
    head = sheet.height * (0.34 if scene.tall < 1.15 else 0.4)
    scene.visual(0, 0, sheet.width, head, scheme)
    title = scene.set(title_of(scene), voices.display, (scene.inner - 60, sheet.height * 0.18), (92, 34), most_lines=3)
    label = (
        scene.set(scene.words.kicker, voices.label, (scene.inner - 60, 40), (26, 22), most_lines=1)
        if scene.words.kicker
        else None
    )
    plate = title.height + 54 + (label.height + 34 if label else 0)
    wide = max(title.width, label.width if label else 0.0) + MARGIN + 56
    top = head - plate * 0.62
    rtl = title.is_rtl
    sheet.box(sheet.width - wide if rtl else 0, top, wide, plate + 60, f"background:{scheme.ground.hex}")
    scene.grain(7)
    y = top + 52
    if label:
        y = sheet.write(label, MARGIN, y, scheme.muted, box=scene.inner, role="kicker") + 34
    y = (
        intro(
            scene,
            MARGIN,
            sheet.write(title, MARGIN, y, scheme.text, box=scene.inner, role="title"),
            scene.inner,
            scheme,
        )
        + 56
    )
    foot = scene.signature(MARGIN, scene.bottom, scheme, mark=scene.picture is None) - 40
    items = lines_of(scene)
    row = (foot - y) / len(items)
    blocks = same_size(scene, items, replace(voices.strong, weight=540), (scene.inner - 74, row * 0.8), (50, 22))
    for n, block in enumerate(blocks):
        place = y + (n + 0.5) * row - block.height / 2
        dot = sheet.width - MARGIN - 13 if block.is_rtl else MARGIN + 13
        sheet.disc(dot, place + block.cap / 2, 13, f"background:{(scheme.accent if n % 2 == 0 else scheme.second).hex}")
        sheet.write(
            block, MARGIN if block.is_rtl else MARGIN + 62, place, scheme.text, box=scene.inner - 62, role="item"
        )


def bands(scene: Scene) -> None:
    """Every line is a band of colour from edge to edge, with its numeral cut off by the band."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    order = ["ink", "main", "accent", "paper", "deep", "tint", "main", "accent", "soft"]
    if scene.rng.random() < 0.5 and not palette.prefers_dark:
        order = ["paper", "accent", "main", "tint", "ink", "soft", "accent", "main", "deep"]
    head = palette.scheme(order[0])
    items = lines_of(scene)
    sheet.fill(head.ground.hex)
    y = scene.kicker(MARGIN, scene.top, head)
    y = y + 58 if y > scene.top else y
    title = scene.set(title_of(scene), voices.display, (scene.inner, sheet.height * 0.19), (116, 36), most_lines=2)
    y = (
        intro(scene, MARGIN, sheet.write(title, MARGIN, y, head.text, box=scene.inner, role="title"), scene.inner, head)
        + 62
    )
    strip = 150.0 if not scene.is_story else 340.0
    row = (sheet.height - strip - y) / len(items)
    blocks = same_size(scene, items, voices.strong, (scene.inner - 190, row * 0.7), (50, 22))
    for n, block in enumerate(blocks):
        inside = palette.scheme(order[1 + n % (len(order) - 1)])
        top = y + n * row
        size = row * 1.32
        digit = scene.set(str(n + 1), replace(voices.display, leading=1.0), (400, 600), (size, size))
        place = 30.0 if block.is_rtl else sheet.width - MARGIN - digit.width + 24
        sheet.box(0, top, sheet.width, row + 1, f"background:{inside.ground.hex}")
        tone = inside.text.css(0.16)
        sheet.box(0, top, sheet.width, row, "overflow:hidden", _cut_digit(digit, place, row, tone))
        sheet.write(
            block,
            MARGIN + (190 if block.is_rtl else 0),
            top + (row - block.height) / 2,
            inside.text,
            box=scene.inner - 190,
            role="item",
        )
    sheet.box(0, sheet.height - strip, sheet.width, strip, f"background:{head.ground.hex}")
    scene.grain(7)
    scene.signature(MARGIN, sheet.height - strip + 112, head)


def _cut_digit(digit: Block, x: float, row: float, colour: str) -> str:
    """A numeral as a shape inside a band that cuts it."""
    y = (row - digit.cap) / 2 + row * 0.1 + digit.cap - digit.baseline
    style = f"position:absolute;left:{x:.1f}px;top:{y:.1f}px;white-space:pre;line-height:1.6;font-size:{digit.size:.1f}px;{digit.type.css()};color:{colour}"
    return f'<div style="{style}">{digit.markup(0)}</div>'
