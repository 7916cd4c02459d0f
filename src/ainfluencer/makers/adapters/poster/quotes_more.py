"""Quote cards, second half: strips, sun, grid, polaroid."""

from __future__ import annotations

import math
from dataclasses import replace

from ainfluencer.core.colours import mix
from ainfluencer.makers.adapters.poster import textures
from ainfluencer.makers.adapters.poster.palettes import Scheme
from ainfluencer.makers.adapters.poster.quotes import mark_type
from ainfluencer.makers.adapters.poster.scene import MARGIN, Scene


def strips(scene: Scene) -> None:
    """Each line on its own strip of paper, over the picture in two tones."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    sheet.fill(palette.ink.hex)
    look = scene.rng.choice(("duotone", "duotone-accent"))
    scheme = palette.scheme(scene.rng.choice(("paper", "tint", "accent")))
    night = palette.scheme("ink")
    foot = scene.signature(MARGIN, scene.bottom, night, mark=False)
    kind = replace(voices.display, leading=1.5)
    text = scene.set(scene.quote, kind, (scene.inner - 68, (foot - scene.top) * 0.66), (98, 30))
    y = foot - 76 - text.height
    pad = (text.leading - text.cap) / 2 - 5
    if scene.has_figure:
        scene.photo(0, 0, sheet.width, y - pad + 2)
    else:  # the picture ends so low that what matters in it stays above the words
        seen = min(sheet.height * 0.85, max((y - pad) * 1.6, sheet.height * 0.4))
        scene.visual(0, 0, sheet.width, seen, palette.scheme("deep"), look=look)
        dusk = f"background:linear-gradient(to bottom,{palette.ink.css(0)},{palette.ink.css(1)})"
        sheet.box(0, seen * 0.55, sheet.width, seen * 0.45 + 1, dusk)
    scene.grain(8)
    for n, width in enumerate(text.widths):
        left = sheet.width - MARGIN - width - 34 if text.is_rtl else MARGIN
        sheet.box(left, y + n * text.leading - pad, width + 68, text.cap + 2 * pad, f"background:{scheme.ground.hex}")
    sheet.write(text, MARGIN + 34, y, scheme.text, box=scene.inner - 68)
    if scene.words.kicker:
        label = scene.set(scene.words.kicker, voices.label, (scene.inner - 60, 40), (26, 22), most_lines=1)
        left = sheet.width - MARGIN - label.width - 48 if label.is_rtl else MARGIN
        dark = palette.scheme("ink")
        sheet.box(
            left, y - pad - 30 - label.cap - 32, label.width + 48, label.cap + 32, f"background:{dark.ground.hex}"
        )
        sheet.write(label, left + 24, y - pad - 30 - label.cap - 16, dark.text, box=label.width, role="kicker")


def sun(scene: Scene) -> None:
    """One enormous disc that the words stand in."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    field = scene.ground("soft", "deep", "main", "tint", "ink")
    inside = palette.scheme("accent" if field.name in {"main", "deep", "ink"} else "main")
    disc = inside.ground
    sheet.fill(field.ground.hex)
    radius = 474.0
    middle = scene.top + radius + (10 if scene.tall < 1.15 else 46)
    if scene.tall < 1.15:
        middle, radius = 68 + 408.0, 408.0
    for n in range(4, 0, -1):
        sheet.disc(
            sheet.width / 2, middle, radius + 70 * n, f"background:{mix(field.ground, disc, 0.2 - 0.045 * n).hex}"
        )
    foot = scene.palette.on(mix(field.ground, disc, 0.11))
    sheet.disc(
        sheet.width / 2,
        middle,
        radius,
        f"background:linear-gradient(165deg,{disc.at(light=disc.light + 0.035).hex},{disc.at(light=disc.light - 0.03).hex})",
    )
    scene.grain(10)
    wide = radius * 1.46
    left = (sheet.width - wide) / 2
    high = radius * 1.18
    text = scene.set(scene.quote, voices.display, (wide, high), (112, 30))
    mark = scene.set("“", mark_type(scene), (600, 600), (210, 210))
    shift = 34 if text.height < high * 0.86 else 0
    y = middle - text.height / 2 + shift
    if shift:
        sheet.ornament(mark, sheet.width / 2 - mark.width / 2, y - 128, inside.accent.hex)
    sheet.write(text, left, y, inside.text, box=wide, align="center")
    scene.signature(MARGIN, scene.bottom, foot, align="center", mark=scene.tall > 1.15)
    if scene.words.kicker and scene.tall > 1.15:
        below = middle + radius + 74
        scene.kicker(MARGIN, min(below, scene.bottom - 150), foot, align="center")


def grid(scene: Scene) -> None:
    """A Swiss sheet: hairlines in four columns, bold words at the head, a band of drawing at the foot."""
    sheet, voices = scene.sheet, scene.brand.voices
    scheme = scene.ground("paper", "soft", "ink", "tint")
    sheet.fill(scheme.ground.hex)
    band = sheet.height * (0.3 if scene.tall < 1.15 else 0.36)
    start = sheet.height - band
    column = scene.inner / 4
    for n in range(5):
        sheet.line(MARGIN + n * column, 0, start, scheme.text.css(0.1), weight=1.5, upright=True)
    scene.visual(0, start, sheet.width, band, scheme, look="duotone")
    scene.grain(8)
    top = scene.top if scene.is_story else 70.0
    y = scene.kicker(MARGIN, top, scheme, bar=False)
    sheet.line(MARGIN, y + 30 if y > top else top, scene.inner, scheme.text.hex, weight=3)
    y = y + 30 + 62 if y > top else top + 62
    foot = scene.signature(MARGIN, start - 40, scheme, mark=False) - 60
    text = scene.set(scene.quote, voices.display, (scene.inner, foot - y), (scene.large(134), 32))
    sheet.write(text, MARGIN, y, scheme.text)


def polaroid(scene: Scene) -> None:
    """An instant picture taped to the sheet, its caption in handwriting, the quote below."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    scheme = scene.ground("soft", "tint", "main", "accent", "deep")
    sheet.fill(scheme.ground.hex)
    textures.paper(sheet, 10)
    textures.dots(sheet, (0, 0, sheet.width, sheet.height), 54, 2.6, scheme.text.css(0.16))
    square = scene.tall < 1.15
    side = 500.0 if square else 530.0
    turn = scene.rng.choice((-5.0, -4.0, 4.0, 5.0))
    card_wide, card_high = side + 56, side + (108 if square else 140)
    x = -24.0 if square else (sheet.width - card_wide) / 2
    y = (sheet.height - card_high) / 2 if square else scene.top - (0 if scene.is_story else 14)
    spin = f"transform:rotate({turn}deg);transform-origin:{card_wide / 2:.0f}px {card_high / 2:.0f}px"
    sheet.box(
        x,
        y,
        card_wide,
        card_high,
        f"background:#fdfcf8;box-shadow:0 26px 50px rgba(20,16,30,.26),0 3px 8px rgba(20,16,30,.18);{spin}",
    )
    inset = f"transform:rotate({turn}deg);transform-origin:{card_wide / 2 - 28:.0f}px {card_high / 2 - 28:.0f}px"
    scene.visual(x + 28, y + 28, side, side, scheme, css=inset)
    tape = f"background:{palette.accent.css(0.62)};transform:rotate({turn - 2}deg)"
    sheet.box(x + card_wide / 2 - 88, y - 26, 176, 50, tape)
    if scene.words.attribution:
        caption = scene.set(scene.words.attribution, voices.hand, (side - 20, 90), (62, 26), most_lines=1)
        paper = palette.on(palette.paper)
        shift = card_high / 2 - 28 - side / 2
        spot_x, spot_y = _turn(
            x + card_wide / 2,
            y + card_high / 2,
            (-caption.width / 2, side / 2 - shift + (card_high - side - 28) / 2 - caption.cap / 2),
            turn,
        )
        sheet.write(replace(caption, is_rtl=False), spot_x, spot_y, paper.text, rotate=turn, role="caption")
    handle = replace(
        scene, words=replace(scene.words, attribution="" if scene.words.handle else scene.words.attribution)
    )
    if square:
        left = x + card_wide + 64
        _words_beside(scene, scheme, left)
        return
    foot = handle.signature(MARGIN, scene.bottom, scheme, align="center", mark=False) - 44
    head = y + card_high + 74
    after = scene.kicker(MARGIN, head, scheme, align="center")
    head = after + 46 if after > head else head
    text = scene.set(
        scene.quote, voices.quiet, (scene.inner, foot - head), (scene.large(74 if scene.tall < 1.3 else 94), 30)
    )
    sheet.write(text, MARGIN, head + (foot - head - text.height) / 2, scheme.text, box=scene.inner, align="center")


def _words_beside(scene: Scene, scheme: Scheme, left: float) -> None:
    """On a square the words stand beside the picture."""
    width = scene.sheet.width - left - MARGIN
    foot = scene.signature(left, scene.bottom, scheme, box=width, mark=False) - 44
    head = scene.kicker(left, MARGIN, scheme, box=width, bar=False)
    head = head + 46 if head > MARGIN else head
    text = scene.set(scene.quote, scene.brand.voices.quiet, (width, foot - head), (scene.large(66), 26))
    scene.sheet.write(text, left, head + (foot - head - text.height) / 2, scheme.text)


def _turn(x: float, y: float, offset: tuple[float, float], degrees: float) -> tuple[float, float]:
    """A point beside a centre, after the turn around it."""
    angle = math.radians(degrees)
    dx, dy = offset
    return x + dx * math.cos(angle) - dy * math.sin(angle), y + dx * math.sin(angle) + dy * math.cos(angle)
