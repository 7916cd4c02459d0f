"""Quote cards, first half: monument, portrait, split, frame."""

from __future__ import annotations

from dataclasses import replace

from ainfluencer.makers.adapters.poster import textures
from ainfluencer.makers.adapters.poster.scene import MARGIN, Scene
from ainfluencer.makers.adapters.poster.typography import Type


def mark_type(scene: Scene) -> Type:
    """The display voice, for quotation marks as shapes."""
    return replace(scene.brand.voices.display, leading=1.0, tracking=0)


def monument(scene: Scene) -> None:
    """Very large type from the foot up, under one oversized quotation mark."""
    sheet, voices = scene.sheet, scene.brand.voices
    scheme = scene.ground("paper", "soft", "main", "deep", "accent", "ink", "tint")
    sheet.fill(scheme.ground.hex)
    textures.glow(sheet, sheet.width * 0.92, sheet.height * 0.1, 640, scheme.second, 0.26)
    scene.grain()
    foot = scene.signature(MARGIN, scene.bottom, scheme) - 44
    sheet.line(MARGIN, foot, scene.inner, scheme.line)
    head = scene.kicker(MARGIN, scene.top, scheme)
    head = head + 56 if head > scene.top else head
    text = scene.set(scene.quote, voices.display, (scene.inner, foot - 66 - head - 130), (158, 34))
    y = foot - 66 - text.height
    size = min(430.0, (y - head) * 1.85)
    mark = scene.set("“", mark_type(scene), (600, 600), (size, size))
    left = sheet.width - MARGIN - mark.width if text.is_rtl else MARGIN
    sheet.ornament(mark, left, y - size * 0.5, scheme.accent.hex)
    sheet.write(text, MARGIN, y, scheme.text)


def portrait(scene: Scene) -> None:
    """The picture over the whole sheet, the words in its dusk."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    if scene.has_figure:
        _figure(scene)
        return
    scheme = palette.scheme("ink")
    sheet.fill(palette.ink.hex)
    seen = sheet.height * 0.76  # the picture ends in the dusk, so that a face in its middle stays above the words
    scene.visual(0, 0, sheet.width, seen, palette.scheme("deep"))
    foot = scene.signature(MARGIN, scene.bottom, scheme, mark=False)
    text = scene.set(
        scene.quote,
        voices.quiet,
        (scene.inner, sheet.height * (0.36 if scene.tall < 1.15 else 0.42)),
        (88, 32),
    )
    y = foot - 60 - text.height
    scene.scrim(y - 250, max(seen, y + 40), palette.ink, 1.0)
    sheet.box(0, max(seen, y + 40) - 1, sheet.width, sheet.height, f"background:{palette.ink.hex}")
    scene.grain(8)
    if scene.words.kicker:
        scene.kicker(MARGIN, y - 84, scheme)
    else:
        sheet.line(MARGIN, y - 52, 96, scheme.accent.hex, weight=6)
    sheet.write(text, MARGIN, y, scheme.text)


def _figure(scene: Scene) -> None:
    """A cut-out figure stands on the block that holds the words."""
    sheet = scene.sheet
    scheme = scene.ground("main", "accent", "deep")
    foot = scene.signature(MARGIN, scene.bottom, scheme, mark=False)
    text = scene.set(scene.quote, scene.brand.voices.quiet, (scene.inner, sheet.height * 0.4), (88, 32))
    y = foot - 60 - text.height
    edge = y - 84
    light = scene.palette.scheme("tint")
    scene.photo(0, 0, sheet.width, edge)
    sheet.box(0, edge, sheet.width, sheet.height - edge, f"background:{scheme.ground.hex}")
    scene.grain(8)
    scene.kicker(MARGIN, scene.top, light)
    sheet.write(text, MARGIN, y, scheme.text)


def split(scene: Scene) -> None:
    """A cut panel with the picture above (beside, on a square), the words on a plain ground."""
    sheet, voices = scene.sheet, scene.brand.voices
    scheme = scene.ground("paper", "soft", "deep", "main", "tint")
    sheet.fill(scheme.ground.hex)
    if scene.tall < 1.15:
        cut, x = 430.0, 430.0 + 64
        scene.visual(0, 0, cut, sheet.height, scheme, css="clip-path:polygon(0 0,100% 0,86% 100%,0 100%)")
        head, width = MARGIN, sheet.width - x - MARGIN + 16
    else:
        cut = sheet.height * (0.44 if scene.is_story else 0.46)
        scene.visual(0, 0, sheet.width, cut, scheme, css="clip-path:polygon(0 0,100% 0,100% 84%,0 100%)")
        head, x, width = cut + 58, MARGIN, scene.inner
    scene.grain(8)
    foot = scene.signature(x, scene.bottom, scheme, box=width, mark=scene.picture is None) - 52
    y = scene.kicker(x, head, scheme, box=width)
    y = y + 54 if y > head else head
    text = scene.set(scene.quote, voices.quiet, (width, foot - y), (scene.large(86), 30))
    sheet.write(text, x, y + max(0.0, (foot - y - text.height) * (0.5 if scene.tall < 1.15 else 0.3)), scheme.text)


def frame(scene: Scene) -> None:
    """A bookplate: double border on paper, everything on the middle axis."""
    sheet, voices, palette = scene.sheet, scene.brand.voices, scene.palette
    scheme = palette.scheme("ink" if palette.prefers_dark else scene.rng.choice(("paper", "soft", "tint")))
    sheet.fill(scheme.ground.hex)
    textures.paper(sheet)
    edge = 44.0
    for inset, weight in ((edge, 3), (edge + 16, 1.5)):
        css = f"border:{weight}px solid {scheme.accent.hex};box-sizing:border-box"
        sheet.box(inset, inset, sheet.width - 2 * inset, sheet.height - 2 * inset, css)
    for x in (edge + 8, sheet.width - edge - 8):
        for y in (edge + 8, sheet.height - edge - 8):
            css = f"background:{scheme.ground.hex};border:3px solid {scheme.accent.hex};box-sizing:border-box;transform:rotate(45deg)"
            sheet.box(x - 15, y - 15, 30, 30, css)
    radius = 96.0 if scene.tall < 1.15 else 132.0
    centre = max(scene.top, 130) + radius
    sheet.disc(sheet.width / 2, centre, radius + 12, f"border:1.5px solid {scheme.accent.hex};box-sizing:border-box")
    scene.mark(sheet.width / 2, centre, radius, scheme)
    x, width = 156.0, sheet.width - 312
    y = centre + radius + 62
    after = scene.kicker(x, y, scheme, align="center", box=width)
    y = after + 58 if after > y else y
    foot = scene.signature(x, min(scene.bottom, sheet.height - 124), scheme, align="center", box=width, mark=False) - 34
    star = f'<path d="M0 -11L3 -3L11 0L3 3L0 11L-3 3L-11 0L-3 -3Z" transform="translate(90 12)" fill="{scheme.accent.hex}"/>'
    rules = f'<path d="M0 12H70M110 12H180" stroke="{scheme.accent.hex}" stroke-width="1.5"/>'
    sheet.svg(sheet.width / 2 - 90, foot - 24, 180, 24, rules + star)
    text = scene.set(
        f"“{scene.quote}”", voices.quiet, (width, foot - 70 - y), (scene.large(92 if scene.tall < 1.3 else 118), 30)
    )
    sheet.write(text, x, y + (foot - 70 - y - text.height) / 2, scheme.text, box=width, align="center")
