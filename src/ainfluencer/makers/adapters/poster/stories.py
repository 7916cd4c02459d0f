"""Story frames, tall first but at home on every shape: cover, stack, arch, note, pillar."""

from __future__ import annotations

import math
from dataclasses import replace

from ainfluencer.core.colours import mix
from ainfluencer.makers.adapters.poster import textures
from ainfluencer.makers.adapters.poster.lines import joined
from ainfluencer.makers.adapters.poster.palettes import Scheme
from ainfluencer.makers.adapters.poster.scene import MARGIN, Scene, first_sentence
from ainfluencer.makers.adapters.poster.typography import Type

TEETH = 46  # points along a torn edge


def words_of(scene: Scene) -> tuple[str, str]:
    """Headline and text; whichever is alone becomes the headline."""
    words = scene.words
    if words.title:
        return words.title, words.body or " · ".join(words.items[:4])
    return first_sentence(words.body or " · ".join(words.items[:4]))


def lead(scene: Scene) -> Type:
    """The text voice, a little stronger, for a few sentences in large."""
    return replace(scene.brand.voices.text, weight=480, leading=1.36)


def cover(scene: Scene) -> None:
    """The picture over the whole frame, headline and text on its lower third."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    scheme = palette.scheme("ink")
    title_text, body_text = words_of(scene)
    sheet.fill(palette.ink.hex)
    foot = scene.signature(MARGIN, scene.bottom, scheme, mark=False)
    body = scene.set(body_text, lead(scene), (scene.inner, sheet.height * 0.16), (42, 26))
    title = scene.set(title_text, voices.display, (scene.inner, sheet.height * 0.26), (124, 38))
    y_body = foot - 54 - body.height
    y = (y_body - 50 if body.lines else foot - 60) - title.height
    seen = min(sheet.height, y + title.height * 0.7)
    if scene.has_figure:
        sheet.fill(palette.main.hex)
        scheme = palette.scheme("ink")
        scene.photo(0, 0, sheet.width, y - 70)
        sheet.box(0, y - 70, sheet.width, sheet.height, f"background:{palette.ink.hex}")
    else:
        scene.visual(0, 0, sheet.width, seen, palette.scheme("deep"))
        scene.scrim(y - 300, seen, palette.ink, 1.0)
    scene.grain(8)
    sheet.write(title, MARGIN, y, scheme.text, role="title")
    sheet.write(body, MARGIN, y_body, scheme.text)
    if scene.words.kicker:
        _pill(scene, MARGIN, scene.top, palette.scheme("accent"))


def _pill(scene: Scene, x: float, y: float, inside: Scheme) -> float:
    """The kicker on a rounded label; gives the y below it."""
    label = scene.set(scene.words.kicker, scene.brand.voices.label, (scene.inner - 64, 40), (27, 22), most_lines=1)
    high = label.cap + 40
    left = scene.sheet.width - x - label.width - 64 if label.is_rtl else x
    scene.sheet.box(left, y, label.width + 64, high, f"background:{inside.ground.hex};border-radius:{high / 2:.0f}px")
    scene.sheet.write(label, left + 32, y + 20, inside.text, box=label.width, role="kicker")
    return y + high


def stack(scene: Scene) -> None:
    """The headline as a wall: every line as wide as the frame, each at its own size."""
    sheet, voices = scene.sheet, scene.brand.voices
    scheme = scene.ground("main", "accent", "deep", "ink", "paper", "tint")
    sheet.fill(scheme.ground.hex)
    title_text, body_text = words_of(scene)
    wall = replace(voices.display, leading=1.0)
    top = scene.kicker(MARGIN, scene.top, scheme)
    top = top + 64 if top > scene.top else top
    foot = scene.signature(MARGIN, scene.bottom, scheme) - 40
    body = scene.set(body_text, lead(scene), (scene.inner * 0.86, sheet.height * 0.15), (42, 26))
    room = foot - top - (body.height + 110 if body.lines else 50)
    rough = scene.set(title_text, wall, (scene.inner, room * 0.82), (230, 40))
    rows = [joined(line) for line in rough.lines]
    blocks = [scene.set(row, wall, (scene.inner, 420), (330, 40), most_lines=1) for row in rows]
    sizes = [min(block.size, rough.size * 2.1) for block in blocks]
    gap = 30.0
    total = sum(
        scene.set(row, wall, (scene.inner, 600), (size, size), most_lines=1).height
        for row, size in zip(rows, sizes, strict=True)
    ) + gap * (len(rows) - 1)
    shrink = min(1.0, room / total)
    spare = max(0.0, foot - top - total * shrink - (body.height + 110 if body.lines else 50))
    art_high = spare + 30 if spare > 280 else 0.0
    y = top
    for row, size in zip(rows, sizes, strict=True):
        block = scene.set(row, wall, (scene.inner + 2, 600), (size * shrink, 20), most_lines=1)
        y = sheet.write(block, MARGIN, y, scheme.text, box=scene.inner, role="title") + gap * shrink
    if art_high:
        y += 22
        scene.visual(MARGIN, y + 26, scene.inner, art_high - 118, scheme, look="duotone", css="border-radius:28px")
    scene.grain(8)
    sheet.line(MARGIN, foot - body.height - 54, 120, scheme.accent.hex, weight=8) if body.lines else None
    sheet.write(body, MARGIN, foot - body.height - 4, scheme.text)


def arch(scene: Scene) -> None:
    """A window with a round head; the words below it on the middle axis."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    scheme = scene.ground("paper", "soft", "tint", "deep", "ink")
    sheet.fill(scheme.ground.hex)
    textures.paper(sheet, 7)
    title_text, body_text = words_of(scene)
    foot = scene.signature(MARGIN, scene.bottom, scheme, align="center", mark=False) - 50
    body = scene.set(body_text, lead(scene), (scene.inner * 0.84, sheet.height * 0.14), (40, 24))
    title = scene.set(title_text, voices.quiet, (scene.inner, sheet.height * 0.22), (104, 34))
    y_body = foot - body.height
    y = (y_body - 62 if body.lines else foot) - title.height
    label_room = 78 if scene.words.kicker else 0
    low = y - 66 - label_room
    top = scene.top - (90 if scene.is_story else 14)
    wide = min(sheet.width - 2 * 150, (low - top) * 0.86)
    left = (sheet.width - wide) / 2
    for grow, tone in ((46, 0.16), (23, 0.34)):
        band = mix(scheme.ground, palette.accent, tone).hex
        sheet.box(
            left - grow,
            top - grow,
            wide + 2 * grow,
            low - top + grow,
            f"background:{band};border-radius:{wide / 2 + grow}px {wide / 2 + grow}px 0 0",
        )
    scene.visual(left, top, wide, low - top, scheme, css=f"border-radius:{wide / 2}px {wide / 2}px 0 0")
    sheet.line(left - 80, low, wide + 160, scheme.text.hex, weight=4)
    scene.grain(7)
    if label_room:
        scene.kicker(MARGIN, low + 54, scheme, align="center")
    sheet.write(title, MARGIN, y, scheme.text, box=scene.inner, align="center", role="title")
    sheet.write(body, MARGIN + scene.inner * 0.08, y_body, scheme.text, box=scene.inner * 0.84, align="center")


def note(scene: Scene) -> None:
    """A torn note lies across the picture in two tones; a line of handwriting signs it."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    look = scene.rng.choice(("duotone-accent", "halftone"))
    desk = scene.ground("main", "accent", "deep", "soft")
    sheet.fill(desk.ground.hex)
    paper = palette.on(palette.paper, "paper")
    title_text, body_text = words_of(scene)
    left, wide = 96.0, sheet.width - 192
    x, width = left + 70, wide - 140
    title = scene.set(title_text, voices.display, (width, sheet.height * 0.22), (88, 32))
    body = scene.set(body_text, lead(scene), (width, sheet.height * 0.52 - title.height), (40, 22))
    name = scene.words.attribution or scene.words.handle
    hand = scene.set(name, voices.hand, (width, 90), (70, 34), most_lines=1)
    label = 62.0 if scene.words.kicker else 0.0
    high = (
        76
        + label
        + title.height
        + (48 + body.height if body.lines else 0)
        + (62 + hand.height if hand.lines else 0)
        + 74
    )
    top = scene.bottom - high + (0 if scene.is_story else 10)
    seen = top + 110 if scene.has_figure else min(sheet.height, top + high * 0.34)
    scene.visual(0, 0, sheet.width, seen, palette.scheme("soft"), look=look)
    scene.grain(9)
    torn = [scene.rng.uniform(0, 9) + 7 * math.sin(n * 0.55 + scene.rng.random()) for n in range(2 * TEETH + 2)]
    teeth = "".join(f"L{wide * n / TEETH:.1f} {14 + torn[n]:.1f}" for n in range(TEETH + 1))
    ragged = "".join(f"L{wide * n / TEETH:.1f} {high - 14 - torn[-n - 1]:.1f}" for n in range(TEETH, -1, -1))
    sheet.box(left + 12, top + 30, wide - 24, high - 54, "box-shadow:0 24px 70px rgba(12,10,20,.5)")
    sheet.svg(left, top, wide, high, f'<path d="M{teeth[1:]}{ragged}Z" fill="{palette.paper.hex}"/>')
    tape = f"background:{palette.accent.css(0.7)};transform:rotate(-3deg)"
    sheet.box(sheet.width / 2 - 100, top - 18, 200, 54, tape)
    y = top + 84
    if label:
        y = scene.kicker(x, y, paper, box=width, bar=False) + 44
    y = sheet.write(title, x, y, paper.text, box=width, role="title")
    y = sheet.write(body, x, y + 48, paper.text, box=width) if body.lines else y
    sheet.write(hand, x, y + 62, paper.accent if hand.size > 40 else paper.text, box=width, role="signature")


def pillar(scene: Scene) -> None:
    """A tall panel of picture on one side, the headline turned upright beside it, the text on the foot."""
    sheet, voices = scene.sheet, scene.brand.voices
    scheme = scene.ground("soft", "main", "accent", "ink", "paper")
    sheet.fill(scheme.ground.hex)
    title_text, body_text = words_of(scene)
    foot = scene.signature(MARGIN, scene.bottom, scheme) - 50
    body = scene.set(body_text, lead(scene), (scene.inner, sheet.height * 0.15), (42, 26))
    low = foot - body.height - (70 if body.lines else 14)
    top = scene.top if scene.is_story else 0.0
    length = low - top - (0 if scene.is_story else MARGIN)
    upright = scene.set(title_text, voices.display, (length, 330), (150, 40), most_lines=3)
    rise = upright.height + upright.size * 0.3
    side = MARGIN + rise + 40
    scene.visual(side, 0, sheet.width - side, low, scheme, css="border-radius:0 0 0 120px")
    scene.grain(8)
    sheet.write(upright, MARGIN, low, scheme.text, box=length, rotate=-90, role="title")
    sheet.write(body, MARGIN, foot - body.height, scheme.text, box=scene.inner)
    if scene.words.kicker:
        inside = scene.palette.scheme("paper" if scheme.name != "paper" else "ink")
        label = scene.set(scene.words.kicker, voices.label, (sheet.width - side - 150, 40), (27, 20), most_lines=1)
        edge = sheet.width - label.width - 64 - 40
        y = scene.top if scene.is_story else 48.0
        sheet.box(edge, y, label.width + 64, label.cap + 40, f"background:{inside.ground.hex};border-radius:40px")
        sheet.write(label, edge + 32, y + 20, inside.text, box=label.width, role="kicker")
