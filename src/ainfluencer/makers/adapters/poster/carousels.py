"""Carousels: families of a cover, pages and a closing that belong together and lead on to the next page."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace

from ainfluencer.makers.adapters.poster import art, textures
from ainfluencer.makers.adapters.poster.colours import mix
from ainfluencer.makers.adapters.poster.palettes import Scheme
from ainfluencer.makers.adapters.poster.scene import MARGIN, Scene
from ainfluencer.makers.adapters.poster.typography import Type


def parts_of(text: str) -> tuple[str, str]:
    """A page's heading and text: what stands before a line break or an early colon or dash is the heading."""
    found = re.match(r"^([^\n:]{3,44})(?:\n|: | — )(.+)$", text, re.DOTALL)
    return (found[1].strip(), found[2].strip()) if found else ("", text)


def footer(scene: Scene, scheme: Scheme, *, arrow: bool = True) -> float:
    """Handle, page number and an arrow to the next page; gives the y above them."""
    sheet, voices, leaf = scene.sheet, scene.brand.voices, scene.leaf
    y = scene.bottom - 22
    name = scene.words.handle or scene.words.attribution
    if name:
        block = scene.set(name, replace(voices.text, weight=560), (scene.inner - 260, 40), (27, 22), most_lines=1)
        sheet.write(replace(block, is_rtl=False), MARGIN, y, scheme.muted, role="signature")
    scene.folio(MARGIN, y, scheme, box=scene.inner - (96 if arrow and leaf.number < leaf.count else 0))
    if arrow and leaf.number < leaf.count:
        tip = f'<path d="M2 15H60M46 2L60 15L46 28" fill="none" stroke="{scheme.text.hex}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>'
        sheet.svg(sheet.width - MARGIN - 64, y - 5, 64, 30, tip)
    return y - 50


def _page_words(scene: Scene, scheme: Scheme, frame: tuple[float, float, float, float], kinds: tuple[Type, Type], sizes: tuple[float, float]) -> None:
    """Heading and text of an inner page, set into a frame from its top."""
    x, y, width, height = frame
    head_text, body_text = parts_of(scene.leaf.body)
    head = scene.set(head_text, kinds[0], (width, height * 0.42), (sizes[0], 34))
    gap = 54.0 if head.lines else 0.0
    body_kind = kinds[1] if head.lines else kinds[0]
    body = scene.set(body_text, body_kind, (width, height - head.height - gap), (sizes[1] if head.lines else sizes[0], 26))
    spare = height - head.height - gap - body.height
    y += min(spare * 0.4, 120.0)
    y = scene.sheet.write(head, x, y, scheme.text, box=width, role="title") + gap
    scene.sheet.write(body, x, y, scheme.text, box=width, role="body")


def _closing(scene: Scene, scheme: Scheme, middle: float) -> None:
    """The last page: the mark large, the name, the last words."""
    sheet, voices, words = scene.sheet, scene.brand.voices, scene.words
    radius = 150.0
    sheet.disc(sheet.width / 2, middle - 120, radius + 16, f"border:4px solid {scheme.accent.hex};box-sizing:border-box")
    scene.mark(sheet.width / 2, middle - 120, radius, scheme)
    y = middle + radius - 30
    name = scene.set(words.attribution or words.handle, voices.display, (scene.inner, 130), (92, 34), most_lines=1)
    y = sheet.write(name, MARGIN, y, scheme.text, box=scene.inner, align="center", role="signature") + 46
    if words.handle and words.attribution:
        handle = scene.set(words.handle, replace(voices.text, weight=540), (scene.inner, 60), (38, 24), most_lines=1)
        y = sheet.write(handle, MARGIN, y, scheme.muted, box=scene.inner, align="center", role="signature") + 62
    last = scene.set(scene.leaf.body, voices.quiet, (scene.inner * 0.86, scene.bottom - 90 - y), (50, 26))
    sheet.write(last, MARGIN + scene.inner * 0.07, y, scheme.text, box=scene.inner * 0.86, align="center")


# --- thread: paper, numerals, one line that runs through every page ---------------------------------------------


def _thread(scene: Scene, scheme: Scheme, middle: float, swing: float) -> None:
    """A line that leaves each page where it enters the next."""
    wide, count = scene.sheet.width, scene.leaf.count
    start = (scene.leaf.number - 1) * wide
    total = wide * count
    points = []
    for n in range(61):
        x = n * wide / 60
        turn = (start + x) / total * math.tau * (count * 0.75)
        points.append(f"{x:.1f} {middle + swing * math.sin(turn) + swing * 0.35 * math.sin(turn * 2.3 + 1):.1f}")
    line = f'<path d="M{"L".join(points)}" fill="none" stroke="{scheme.accent.hex}" stroke-width="7" stroke-linecap="round"/>'
    scene.sheet.svg(0, 0, wide, scene.sheet.height, line)


def thread(scene: Scene) -> None:
    """Quiet paper pages with large numerals, held together by one running line."""
    sheet, voices, leaf = scene.sheet, scene.brand.voices, scene.leaf
    scheme = scene.ground("paper", "soft", "ink", "tint")
    sheet.fill(scheme.ground.hex)
    textures.paper(sheet, 7)
    high = sheet.height
    if leaf.kind == "cover":
        head = high * (0.4 if scene.tall < 1.15 else 0.47)
        scene.visual(MARGIN, scene.top, scene.inner, head - scene.top, scheme, css="border-radius:18px")
        _thread(scene, scheme, head + 40, 26)
        scene.grain(6)
        low = footer(scene, scheme)
        y = scene.kicker(MARGIN, head + 110, scheme, bar=False)
        y = y + 52 if scene.words.kicker else head + 104
        title = scene.set(leaf.title, voices.display, (scene.inner, low - 30 - y), (126, 36))
        sheet.write(title, MARGIN, y, scheme.text, box=scene.inner, role="title")
        return
    if leaf.kind == "closing":
        _thread(scene, scheme, high * 0.86, 34)
        _closing(scene, scheme, high * 0.4)
        footer(scene, scheme)
        return
    number = str(leaf.number - 1)
    numeral = scene.set(number, replace(voices.display, leading=1.0), (600, 400), (300, 300), most_lines=1)
    sheet.ornament(numeral, MARGIN - 6, scene.top + 10, scheme.accent.hex)
    top = scene.top + numeral.height + 70
    sheet.line(MARGIN + numeral.width + 50, scene.top + 10 + numeral.height - 3, scene.inner - numeral.width - 50, scheme.line, weight=3)
    _thread(scene, scheme, scene.bottom - 150, 44)
    footer(scene, scheme)
    _page_words(scene, scheme, (MARGIN, top, scene.inner, scene.bottom - 260 - top), (voices.display, voices.text), (86, 46))


# --- blocks: a ground of its own for every page, discs that roll over the edge ------------------------------------


def blocks(scene: Scene) -> None:
    """Flat, loud pages; discs are cut by one edge and go on behind the next."""
    sheet, voices, palette, leaf = scene.sheet, scene.brand.voices, scene.palette, scene.leaf
    order = ["main", "accent", "deep", "tint", "ink"] if not palette.prefers_dark else ["ink", "main", "accent", "deep", "tint"]
    scheme = palette.scheme(order[(leaf.number - 1) % len(order)])
    scene.ground_name = scheme.name
    sheet.fill(scheme.ground.hex)
    dice = random.Random(scene.words.seed * 13 + 5)  # noqa: S311 - dice of design, the same for all pages
    seams = [(dice.uniform(0.3, 0.62), dice.uniform(250, 330)) for _ in range(leaf.count + 1)]
    for edge, side in ((leaf.number - 1, 0.0), (leaf.number, sheet.width)):
        if 0 < edge < leaf.count:
            level, radius = seams[edge]
            one, other = palette.scheme(order[(edge - 1) % len(order)]), palette.scheme(order[edge % len(order)])
            tone = mix(one.ground, other.ground, 0.5)
            sheet.disc(side, sheet.height * level, radius, f"background:{mix(tone, palette.second, 0.55).hex}")
    scene.grain(8)
    low = footer(scene, scheme)
    if leaf.kind == "cover":
        if scene.picture is not None or scene.tall > 1.15:
            size = min(430.0, sheet.height * 0.32)
            scene.visual(MARGIN, scene.top, size, size, scheme, css="border-radius:50%", zoom=1.2)
            y = scene.top + size + 70
        else:
            y = scene.top
        after = scene.kicker(MARGIN, y, scheme)
        y = after + 56 if scene.words.kicker else y
        title = scene.set(leaf.title, voices.display, (scene.inner, low - 40 - y), (146, 36))
        sheet.write(title, MARGIN, low - 30 - title.height, scheme.text, box=scene.inner, role="title")
        return
    if leaf.kind == "closing":
        _closing(scene, scheme, sheet.height * 0.42)
        return
    numeral = scene.set(str(leaf.number - 1), replace(voices.display, leading=1.0), (900, 800), (540, 540), most_lines=1)
    sheet.ornament(numeral, sheet.width - MARGIN - numeral.width + 30, scene.top - 20, scheme.text.css(0.13))
    side = 112.0
    sheet.disc(MARGIN + side / 2, scene.top + side / 2, side / 2, f"background:{scheme.text.hex}")
    digit = scene.set(str(leaf.number - 1), replace(voices.strong, weight=700), (side, side), (54, 54))
    sheet.ornament(digit, MARGIN + (side - digit.width) / 2, scene.top + (side - digit.height) / 2, scheme.ground.hex)
    top = scene.top + side + 90
    _page_words(scene, scheme, (MARGIN, top, scene.inner, low - 60 - top), (voices.display, voices.text), (104, 48))


# --- panorama: one wide drawing under all pages -------------------------------------------------------------------


def panorama(scene: Scene) -> None:
    """One wide scene runs along the foot of every page, so that swiping is a walk through it."""
    sheet, voices, palette, leaf = scene.sheet, scene.brand.voices, scene.palette, scene.leaf
    scheme = scene.ground("soft", "deep", "ink", "tint", "paper")
    paints = replace(scene.paints(scheme), ground=scheme.ground, light=palette.paper if not scheme.is_dark else palette.second)
    band = sheet.height * (0.36 if leaf.kind != "cover" else 0.36)
    sheet.fill(paints.sky.hex)
    sky = palette.on(paints.sky)
    name = scene.brand.motif if scene.brand.motif in {"waves", "hills", "leaves", "arches", "cutouts", "tiles", "scallops"} else "hills"
    dice = random.Random(scene.words.seed + 77)  # noqa: S311 - dice of design
    wide = sheet.width * leaf.count
    inner = art.draw(name, wide, band * 1.55, paints, dice)
    start = (leaf.number - 1) * sheet.width
    view = f"{start:.1f} {band * 0.55:.1f} {sheet.width:.1f} {band:.1f}"
    sheet.svg(0, sheet.height - band, sheet.width, band, inner, view=view)
    scene.grain(8)
    if leaf.kind == "closing":
        _closing(scene, sky, sheet.height * 0.3)
        return
    y = scene.kicker(MARGIN, scene.top, sky) if leaf.kind == "cover" else scene.top
    if leaf.kind == "cover":
        y = y + 60 if scene.words.kicker else y
        title = scene.set(leaf.title, voices.display, (scene.inner, sheet.height - band - y - 150), (140, 36))
        y = sheet.write(title, MARGIN, y, sky.text, box=scene.inner, role="title")
        scene.signature(MARGIN, max(y + 130, sheet.height - band - 46), sky)
        return
    scene.folio(MARGIN, scene.top, sky, box=scene.inner)
    number = scene.set(str(leaf.number - 1), replace(voices.display, leading=1.0), (300, 200), (120, 120), most_lines=1)
    sheet.ornament(number, MARGIN, scene.top, sky.accent.hex)
    sheet.line(MARGIN, scene.top + number.height + 34, 96, sky.accent.hex, weight=6)
    top = scene.top + number.height + 90
    _page_words(scene, sky, (MARGIN, top, scene.inner, sheet.height - band - 60 - top), (voices.display, voices.text), (88, 46))


# --- notebook: squared paper, tape, marker ------------------------------------------------------------------------


def notebook(scene: Scene) -> None:
    """Pages of a notebook: squares, a strip of tape, numerals by hand, a marker behind the headline."""
    sheet, voices, palette, leaf = scene.sheet, scene.brand.voices, scene.palette, scene.leaf
    desk = scene.ground("tint", "soft", "main", "accent", "deep")
    sheet.fill(desk.ground.hex)
    scene.grain(8)
    page = palette.on(palette.paper, "paper")
    left, top, wide = 52.0, (170.0 if scene.is_story else 52.0), sheet.width - 104
    high = sheet.height - 2 * top
    turn = 0.0 if leaf.number % 2 else 0.6
    sheet.box(left, top, wide, high, f"background:{palette.paper.hex};box-shadow:0 16px 44px rgba(18,14,26,.22);border-radius:14px;transform:rotate({turn}deg)")
    textures.ruled(sheet, (left, top, wide, high - 8), 44, palette.main.css(0.17), squares=True)
    holes = "".join(f'<circle cx="22" cy="{60 + n * (high - 120) / 9:.1f}" r="11" fill="{desk.ground.hex}"/>' for n in range(10))
    sheet.svg(left, top, 44, high, holes)
    scene = _inside(scene)
    x, width = 138.0, sheet.width - 138 - 104
    low = scene.bottom - 60
    footer(scene, page)
    if leaf.kind == "closing":
        _closing(scene, page, sheet.height * 0.42)
        return
    y = scene.top + 40
    if leaf.kind == "cover":
        size = min(430.0, sheet.height * 0.31)
        spin = "transform:rotate(3deg)"
        px = sheet.width - 110 - size
        sheet.box(px - 18, y - 8, size + 36, size + 70, f"background:#fdfcf8;box-shadow:0 16px 34px rgba(18,14,26,.28);{spin}")
        scene.visual(px, y + 10, size, size, page, css=f"{spin};transform-origin:{size / 2:.0f}px {(size + 34) / 2 - 1:.0f}px")
        sheet.box(px + size / 2 - 70, y - 34, 140, 46, f"background:{palette.accent.css(0.62)};transform:rotate(-2deg)")
        scene.kicker(x, y + 6, page, box=max(200, px - x - 50), bar=False)
        start = y + size + 130
        title = scene.set(leaf.title, voices.display, (width, low - 70 - start), (118, 34))
        _marker(scene, title, x, start + max(0, (low - 70 - start - title.height) * 0.5))
        sheet.write(title, x, start + max(0, (low - 70 - start - title.height) * 0.5), page.text, box=width, role="title")
        return
    hand = scene.set(f"{leaf.number - 1}.", replace(voices.hand, weight=700), (300, 260), (210, 210), most_lines=1)
    ink = page.accent
    sheet.ornament(hand, x - 4, y + 6, ink.hex)
    start = y + hand.height + 90
    curl = f'<path d="M4 14C{width * 0.2:.0f} 2 {width * 0.3:.0f} 24 {width * 0.44:.0f} 10" fill="none" stroke="{ink.hex}" stroke-width="6" stroke-linecap="round"/>'
    sheet.svg(x, start - 60, width * 0.5, 28, curl)
    _page_words(scene, page, (x, start + 10, width, low - 70 - start), (voices.display, voices.text), (88, 44))


def _inside(scene: Scene) -> Scene:
    """The same scene; the notebook keeps its own margins through the sheet."""
    return scene


def _marker(scene: Scene, title: object, x: float, y: float) -> None:
    """A stroke of marker behind the last line of a headline."""
    from ainfluencer.makers.adapters.poster.typography import Block

    assert isinstance(title, Block)
    if not title.lines:
        return
    last = len(title.lines) - 1
    wide = title.widths[last] + 28
    line = y + last * title.leading
    tone = scene.palette.on(scene.palette.paper).accent
    left = scene.sheet.width - 104 - wide + 14 if title.is_rtl else x - 14
    scene.sheet.box(left, line + title.cap * 0.46, wide, title.cap * 0.62, f"background:{mix(scene.palette.paper, tone, 0.36).hex};transform:rotate(-0.6deg);border-radius:6px")
