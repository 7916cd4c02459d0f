"""Carousels: families of a cover, pages and a closing that belong together and lead on to the next page."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace

from ainfluencer.core.colours import mix
from ainfluencer.makers.adapters.poster import art, textures
from ainfluencer.makers.adapters.poster.art_nature import Paints
from ainfluencer.makers.adapters.poster.palettes import Scheme
from ainfluencer.makers.adapters.poster.scene import MARGIN, Scene
from ainfluencer.makers.adapters.poster.typography import Block

COVER_TITLE = 190.0  # the largest letters of a cover
SMALLEST_MOON = 84.0
KICKER_ROOM = 84.0  # what the small line above a title takes


def _title_share(scene: Scene) -> float:
    """How much of a cover's height its title may take."""
    return 0.36 if scene.tall > 1.15 else 0.26


def parts_of(text: str) -> tuple[str, str]:
    """A page's heading and text: what stands before a line break or an early colon or dash is the heading."""
    found = re.match(r"^([^\n:]{3,44})(?:\n|: | — )(.+)$", text, re.DOTALL)
    return (found[1].strip(), found[2].strip()) if found else ("", text)


def footer(scene: Scene, scheme: Scheme, *, left: float = MARGIN) -> float:
    """Handle, page number and an arrow to the next page; gives the y above them."""
    sheet, voices, leaf = scene.sheet, scene.brand.voices, scene.leaf
    y = scene.bottom - 22
    name = scene.words.handle or scene.words.attribution
    if name:
        block = scene.set(name, replace(voices.text, weight=560), (scene.inner - 260, 40), (27, 22), most_lines=1)
        sheet.write(replace(block, is_rtl=False), left, y, scheme.muted, role="signature")
    scene.folio(MARGIN, y, scheme, box=scene.inner - (96 if leaf.number < leaf.count else 0))
    if leaf.number < leaf.count:
        tip = f'<path d="M2 15H60M46 2L60 15L46 28" fill="none" stroke="{scheme.text.hex}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/>'
        sheet.svg(sheet.width - MARGIN - 64, y - 5, 64, 30, tip)
    return y - 50


def _page_words(scene: Scene, scheme: Scheme, frame: tuple[float, float, float, float], largest: float = 150) -> float:
    """Heading and text of an inner page, set into a frame from its top; gives the last baseline."""
    x, y, width, height = frame
    voices = scene.brand.voices
    head_text, body_text = parts_of(scene.leaf.body)
    head = scene.set(head_text, voices.display, (width, height * 0.44), (largest, 34))
    gap = 62.0 if head.lines else 0.0
    kind, size = (
        (voices.text, 54.0) if head.lines else (voices.display if len(body_text) < 120 else voices.quiet, largest)
    )
    body = scene.set(body_text, kind, (width, height - head.height - gap), (size, 26))
    y += min((height - head.height - gap - body.height) * 0.25, 60.0)
    y = scene.sheet.write(head, x, y, scheme.text, box=width, role="title") + gap
    return scene.sheet.write(body, x, y, scheme.text, box=width, role="body")


def _closing(scene: Scene, scheme: Scheme, top: float, low: float) -> None:
    """The last page: the series' title, the mark large, the name, the last words, as one group in the middle of the room."""
    sheet, voices, words = scene.sheet, scene.brand.voices, scene.words
    has_words = bool(scene.leaf.body)
    radius = min(200.0 if has_words else 290.0, (low - top) * (0.2 if has_words else 0.27))
    wide = scene.inner * 0.86
    series = scene.set("" if has_words else scene.leaf.title, voices.label, (wide, 40), (27, 22), most_lines=1)
    size = 104 if has_words else 128
    name = scene.set(words.attribution or words.handle, voices.display, (wide, size * 1.25), (size, 34), most_lines=1)
    handle = scene.set(
        words.handle if words.attribution else "", replace(voices.text, weight=540), (wide, 60), (40, 24), most_lines=1
    )
    room = low - top - 2 * radius - 100 - name.height - handle.height - 120
    last = scene.set(scene.leaf.body, voices.quiet, (wide, room), (58, 26))
    groups = [(name, 82.0, scheme.text), (handle, 42.0, scheme.muted), (last, 76.0, scheme.text)]
    above = series.height + 64 if series.lines else 0.0
    total = above + 2 * radius + sum(gap + block.height for block, gap, _ in groups if block.lines)
    y = top + max(0.0, (low - top - total) / 2)
    sheet.write(series, (sheet.width - wide) / 2, y, scheme.muted, box=wide, align="center", role="kicker")
    y += above
    sheet.disc(sheet.width / 2, y + radius, radius + 18, f"border:4px solid {scheme.accent.hex};box-sizing:border-box")
    scene.mark(sheet.width / 2, y + radius, radius, scheme)
    y += 2 * radius
    for block, gap, colour in groups:
        if block.lines:
            role = "body" if block is last else "signature"
            y = sheet.write(block, (sheet.width - wide) / 2, y + gap, colour, box=wide, align="center", role=role)


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
        # The title stands on the foot of the page and the picture takes all that it leaves.
        low = footer(scene, scheme)
        title = scene.set(leaf.title, voices.display, (scene.inner, high * _title_share(scene)), (COVER_TITLE, 36))
        y = low - 40 - title.height
        head = y - (KICKER_ROOM if scene.words.kicker else 60) - 76
        scene.visual(MARGIN, scene.top, scene.inner, head - scene.top, scheme, css="border-radius:18px")
        _thread(scene, scheme, head + 40, 26)
        scene.grain(6)
        scene.kicker(MARGIN, y - KICKER_ROOM + 20, scheme, bar=False)
        sheet.write(title, MARGIN, y, scheme.text, box=scene.inner, role="title")
        return
    if leaf.kind == "closing":
        _thread(scene, scheme, scene.bottom - 150, 44)
        footer(scene, scheme)
        _closing(scene, scheme, scene.top, scene.bottom - 230)
        return
    number = str(leaf.number - 1)
    numeral = scene.set(number, replace(voices.display, leading=1.0), (600, 400), (300, 300), most_lines=1)
    sheet.ornament(numeral, MARGIN - 6, scene.top + 10, scheme.accent.hex)
    top = scene.top + numeral.height + 70
    sheet.line(
        MARGIN + numeral.width + 50,
        scene.top + 10 + numeral.height - 3,
        scene.inner - numeral.width - 50,
        scheme.line,
        weight=3,
    )
    _thread(scene, scheme, scene.bottom - 150, 44)
    footer(scene, scheme)
    _page_words(scene, scheme, (MARGIN, top, scene.inner, scene.bottom - 240 - top))


# --- blocks: a ground of its own for every page, discs that roll over the edge ------------------------------------


def blocks(scene: Scene) -> None:
    """Flat, loud pages; discs are cut by one edge and go on behind the next."""
    sheet, palette, leaf = scene.sheet, scene.palette, scene.leaf
    order = (
        ["main", "accent", "deep", "tint", "ink"]
        if not palette.prefers_dark
        else ["ink", "main", "accent", "deep", "tint"]
    )
    scheme = palette.scheme(order[(leaf.number - 1) % len(order)])
    scene.ground_name = scheme.name
    sheet.fill(scheme.ground.hex)
    low = footer(scene, scheme)
    words_end = _block_words(scene, scheme, low)
    radius = min(258.0, sheet.height * 0.34 - 190) if not scene.is_story else 280.0
    level = scene.bottom - 120 - radius
    clear = words_end < level - radius
    tone = scheme.second if clear else mix(scheme.ground, scheme.second, 0.12)
    for at, side in ((leaf.number - 1, 0.0), (leaf.number, sheet.width)):
        if 1 < at < leaf.count - int(scene.leaf.closes):
            sheet.disc(side, level, radius, f"background:{tone.hex}")
            sheet.disc(side, level, radius * 0.56, f"background:{(scheme.accent if clear else scheme.ground).hex}")
    scene.grain(8)


def _block_words(scene: Scene, scheme: Scheme, low: float) -> float:
    """The words of a page of blocks; gives the last baseline."""
    sheet, voices, leaf = scene.sheet, scene.brand.voices, scene.leaf
    if leaf.kind == "cover":
        title = scene.set(
            leaf.title, voices.display, (scene.inner, sheet.height * _title_share(scene)), (COVER_TITLE, 36)
        )
        y = low - 34 - title.height
        size = min(scene.inner, y - KICKER_ROOM - 30 - scene.top)
        x = MARGIN + (scene.inner - size) * (0.5 if size > scene.inner * 0.94 else 1.0)
        scene.visual(x, scene.top, size, size, scheme, css="border-radius:50%", zoom=1.2)
        scene.kicker(MARGIN, y - 62, scheme)
        return sheet.write(title, MARGIN, y, scheme.text, box=scene.inner, role="title")
    if leaf.kind == "closing":
        _closing(scene, scheme, scene.top, low - 40)
        return low
    numeral = scene.set(
        str(leaf.number - 1), replace(voices.display, leading=1.0), (900, 800), (540, 540), most_lines=1
    )
    sheet.ornament(numeral, sheet.width - MARGIN - numeral.width + 30, scene.top - 20, scheme.text.css(0.13))
    side = 112.0
    sheet.disc(MARGIN + side / 2, scene.top + side / 2, side / 2, f"background:{scheme.text.hex}")
    digit = scene.set(str(leaf.number - 1), replace(voices.strong, weight=700), (side, side), (54, 54))
    sheet.ornament(digit, MARGIN + (side - digit.width) / 2, scene.top + (side - digit.height) / 2, scheme.ground.hex)
    top = scene.top + side + 90
    return _page_words(scene, scheme, (MARGIN, top, scene.inner, low - 60 - top), 134 if scene.tall > 1.15 else 96)


# --- panorama: one wide drawing under all pages -------------------------------------------------------------------


def panorama(scene: Scene) -> None:
    """One wide scene runs along the foot of every page, so that swiping is a walk through it."""
    sheet, voices, palette, leaf = scene.sheet, scene.brand.voices, scene.palette, scene.leaf
    scheme = scene.ground("soft", "deep", "ink", "tint", "paper")
    paints = replace(
        scene.paints(scheme), ground=scheme.ground, light=palette.paper if not scheme.is_dark else palette.second
    )
    band = sheet.height * 0.36
    sheet.fill(paints.sky.hex)
    sky = palette.on(paints.sky)
    rise = _panorama(scene, paints, band)
    if leaf.kind == "cover":
        _rising(scene, sky, band, rise)
    scene.grain(8)
    if leaf.kind == "closing":
        _closing(scene, sky, scene.top, sheet.height - band - 40)
        return
    if leaf.kind == "cover":
        scene.kicker(MARGIN, scene.top, sky)
        title, y = _panorama_title(scene, band)
        sheet.write(title, MARGIN, y, sky.text, box=scene.inner, role="title")
        return
    scene.folio(MARGIN, scene.top, sky, box=scene.inner)
    number = scene.set(str(leaf.number - 1), replace(voices.display, leading=1.0), (300, 200), (120, 120), most_lines=1)
    sheet.ornament(number, MARGIN, scene.top, sky.accent.hex)
    sheet.line(MARGIN, scene.top + number.height + 34, 96, sky.accent.hex, weight=6)
    top = scene.top + number.height + 90
    _page_words(scene, sky, (MARGIN, top, scene.inner, sheet.height - band * rise - 20 - top), 132)


def _panorama_title(scene: Scene, band: float) -> tuple[Block, float]:
    """The title of the cover and where it begins."""
    y = scene.top + (KICKER_ROOM - 20 if scene.words.kicker else 0)
    room = (scene.sheet.height - band - y) * 0.62
    return scene.set(scene.leaf.title, scene.brand.voices.display, (scene.inner, room), (COVER_TITLE, 36)), y


def _rising(scene: Scene, sky: Scheme, band: float, rise: float) -> None:
    """The character, or their sign, stands over the scene like a moon, as large as the title leaves it."""
    title, y = _panorama_title(scene, band)
    clear = y + title.height + 64
    floor = scene.sheet.height - band * (0.86 if rise > 1 else 0.94)
    radius = min((floor - clear) / 2, scene.sheet.width * 0.34)
    if radius < SMALLEST_MOON:
        scene.signature(MARGIN, clear + 70, sky)
        return
    x, middle = scene.sheet.width - MARGIN - radius, floor - radius
    scene.sheet.disc(x, middle, radius + 14, f"background:{sky.accent.css(0.28)}")
    scene.mark(x, middle, radius, sky)


def _panorama(scene: Scene, paints: Paints, band: float) -> float:
    """The page's part of the wide scene; gives how far the scene rises, in heights of the band."""
    sheet, leaf, motif = scene.sheet, scene.leaf, scene.brand.motif
    seed = scene.words.seed + 77
    if motif in {"tiles", "scallops", "arches", "cutouts"}:  # patterns that repeat with the page and need no sky
        inner = art.draw(motif, sheet.width, band, paints, random.Random(seed + leaf.number * (motif != "scallops")))  # noqa: S311 - design
        sheet.svg(0, sheet.height - band, sheet.width, band, inner)
        return 1.0
    name = motif if motif in {"waves", "hills", "leaves"} else "hills"
    rise = 1.3
    high = band * rise
    inner = art.draw(name, sheet.width * leaf.count, high, paints, random.Random(seed))  # noqa: S311 - dice of design
    view = f"{(leaf.number - 1) * sheet.width:.1f} 0 {sheet.width:.1f} {high:.1f}"
    sheet.svg(0, sheet.height - high, sheet.width, high, inner, view=view)
    return rise


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
    sheet.box(
        left,
        top,
        wide,
        high,
        f"background:{palette.paper.hex};box-shadow:0 16px 44px rgba(18,14,26,.22);border-radius:14px;transform:rotate({turn}deg)",
    )
    textures.ruled(sheet, (left, top, wide, high - 8), 44, palette.main.css(0.17), squares=True)
    holes = "".join(
        f'<circle cx="22" cy="{60 + n * (high - 120) / 9:.1f}" r="11" fill="{desk.ground.hex}"/>' for n in range(10)
    )
    sheet.svg(left, top, 44, high, holes)
    x, width = 138.0, sheet.width - 138 - 104
    low = scene.bottom - 60
    footer(scene, page, left=138)
    if leaf.kind == "closing":
        _closing(scene, page, scene.top + 40, low - 40)
        return
    y = scene.top + 40
    if leaf.kind == "cover":
        title = scene.set(leaf.title, voices.display, (width, sheet.height * _title_share(scene)), (COVER_TITLE, 34))
        start = low - 80 - title.height
        size = min(width * 0.82, start - y - 190)
        spin = "transform:rotate(3deg)"
        px = sheet.width - 110 - size
        sheet.box(
            px - 18, y - 8, size + 36, size + 70, f"background:#fdfcf8;box-shadow:0 16px 34px rgba(18,14,26,.28);{spin}"
        )
        scene.visual(
            px, y + 10, size, size, page, css=f"{spin};transform-origin:{size / 2:.0f}px {(size + 34) / 2 - 1:.0f}px"
        )
        sheet.box(px + size / 2 - 70, y - 34, 140, 46, f"background:{palette.accent.css(0.62)};transform:rotate(-2deg)")
        scene.kicker(x, start - 66, page, box=width, bar=False)
        _marker(scene, title, x, start)
        sheet.write(title, x, start, page.text, box=width, role="title")
        return
    hand = scene.set(f"{leaf.number - 1}.", replace(voices.hand, weight=700), (300, 260), (210, 210), most_lines=1)
    ink = page.accent
    sheet.ornament(hand, x - 4, y + 6, ink.hex)
    start = y + hand.height + 90
    curl = f'<path d="M4 14C{width * 0.2:.0f} 2 {width * 0.3:.0f} 24 {width * 0.44:.0f} 10" fill="none" stroke="{ink.hex}" stroke-width="6" stroke-linecap="round"/>'
    sheet.svg(x, start - 60, width * 0.5, 28, curl)
    end = _page_words(scene, page, (x, start + 10, width, low - 70 - start), 124)
    if low - end > 330:
        _sticker(scene, desk, sheet.width - 290, low - 170, 140)


def _sticker(scene: Scene, scheme: Scheme, x: float, y: float, radius: float) -> None:
    """A round sticker with the character's motif."""
    scene.sheet.disc(x, y, radius + 14, "background:#fdfcf8;box-shadow:0 10px 24px rgba(18,14,26,.24)")
    drawing = art.draw(scene.brand.motif, 320, 320, scene.paints(scheme), random.Random(scene.leaf.number))  # noqa: S311 - design
    scene.sheet.svg(
        x - radius,
        y - radius,
        2 * radius,
        2 * radius,
        drawing,
        view="0 0 320 320",
        css="border-radius:50%;overflow:hidden;transform:rotate(-8deg)",
    )


def _marker(scene: Scene, title: Block, x: float, y: float) -> None:
    """A stroke of marker behind the last line of a headline."""
    if not title.lines:
        return
    last = len(title.lines) - 1
    wide = title.widths[last] + 28
    line = y + last * title.leading
    tone = scene.palette.on(scene.palette.paper).accent
    left = scene.sheet.width - 104 - wide + 14 if title.is_rtl else x - 14
    scene.sheet.box(
        left,
        line + title.cap * 0.46,
        wide,
        title.cap * 0.62,
        f"background:{mix(scene.palette.paper, tone, 0.36).hex};transform:rotate(-0.6deg);border-radius:6px",
    )
