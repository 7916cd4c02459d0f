"""What a layout works with: the sheet, the brand, the words, the dice, and the parts that every layout shares."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from PIL import Image

from ainfluencer.core.colours import Colour, distance, mix
from ainfluencer.integrations.values import PosterRequest
from ainfluencer.makers.adapters.poster import art, pictures, textures
from ainfluencer.makers.adapters.poster.art_nature import Paints
from ainfluencer.makers.adapters.poster.brand import Brand
from ainfluencer.makers.adapters.poster.page import Sheet
from ainfluencer.makers.adapters.poster.palettes import Palette, Scheme, choose_ground
from ainfluencer.makers.adapters.poster.typography import Block, Room, Type, fit

MARGIN = 84.0
SHORT_QUOTE = 64  # letters


@dataclass(frozen=True, slots=True)
class Leaf:
    """Which page of a series this is; a single picture is page 1 of 1."""

    number: int = 1
    count: int = 1
    kind: str = "single"  # single | cover | page | closing
    title: str = ""
    body: str = ""
    closes: bool = False  # the series ends with a closing page


@dataclass
class Scene:
    """One picture in the making."""

    sheet: Sheet
    brand: Brand
    words: PosterRequest
    picture: Image.Image | None
    rng: random.Random
    leaf: Leaf
    ground_name: str = ""

    @property
    def palette(self) -> Palette:
        """The character's colours."""
        return self.brand.palette

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.sheet.width - 2 * MARGIN

    @property
    def tall(self) -> float:
        """Height of the sheet by its width: 1 square, 1.25 portrait, 1.78 story."""
        return self.sheet.height / self.sheet.width

    @property
    def is_story(self) -> bool:
        """Whether it is as tall as a phone, where the app covers the upper and lower edge."""
        return self.tall > 1.6

    @property
    def top(self) -> float:
        """Where content may begin."""
        return 230.0 if self.is_story else MARGIN

    @property
    def bottom(self) -> float:
        """Where content must end."""
        return self.sheet.height - (250.0 if self.is_story else MARGIN)

    def ground(self, *allowed: str) -> Scheme:
        """A ground for this picture, by mood and dice."""
        found = choose_ground(self.palette, self.words.mood, allowed, self.rng)
        self.ground_name = found.name
        return found

    @property
    def has_figure(self) -> bool:
        """Whether the picture is a cut-out figure, which wants a plain ground and no dusk."""
        return self.picture is not None and pictures.is_cut_out(self.picture)

    def set(
        self, text: str, kind: Type, room: tuple[float, float], sizes: tuple[float, float], *, most_lines: int = 99
    ) -> Block:
        """Text set into (width, height) at sizes from the first down to the second."""
        return fit(text, kind, Room(room[0], room[1], sizes[0], sizes[1], most_lines))

    # --- words that come back in every layout -----------------------------------------------------------------

    @property
    def quote(self) -> str:
        """The main text of a quote, without the marks around it, which are drawn."""
        return bare(self.words.body or self.words.title)

    def large(self, size: float) -> float:
        """The largest letters of a quote: a short one may be set larger, so that it fills its place."""
        return size * (1.4 if len(self.quote) <= SHORT_QUOTE else 1.0)

    def kicker(
        self,
        x: float,
        y: float,
        scheme: Scheme,
        *,
        align: str = "left",
        box: float = 0.0,
        bar: bool = True,
        size: float = 27,
    ) -> float:
        """The small line above; gives the y below it, or `y` when there is none."""
        if not self.words.kicker:
            return y
        box = box or self.inner
        lead = 76.0 if bar and align == "left" else 0.0
        block = self.set(
            self.words.kicker, self.brand.voices.label, (box - lead, 40), (size, size * 0.85), most_lines=1
        )
        if not block.lines:
            return y
        if lead:
            start = x + box - 52 if block.is_rtl else x
            self.sheet.line(start, y + block.cap / 2 - 2, 52, scheme.accent.hex, weight=4)
        self.sheet.write(
            block, x + (0 if block.is_rtl else lead), y, scheme.text, box=box - lead, align=align, role="kicker"
        )
        return y + block.height

    def signature(
        self,
        x: float,
        y: float,
        scheme: Scheme,
        *,
        align: str = "left",
        box: float = 0.0,
        mark: bool = True,
        size: float = 31,
    ) -> float:
        """Name and handle with the brand's mark, its lower edge at `y`; gives the y of its upper edge."""
        name, handle = self.words.attribution, self.words.handle
        if name == handle:
            name = ""
        lines = [text for text in (name, handle) if text]
        if not lines:
            return y
        box = box or self.inner
        side = 72.0 if mark else 0.0
        gap = 20.0 if mark else 0.0
        room = (box - side - gap, 44.0)
        kinds = [
            self.brand.voices.strong if n == 0 else replace(self.brand.voices.text, weight=500)
            for n in range(len(lines))
        ]
        blocks = [
            self.set(text, kind, room, (size - 3 * n, 20), most_lines=1)
            for n, (text, kind) in enumerate(zip(lines, kinds, strict=True))
        ]
        blocks = [block for block in blocks if block.lines]
        if not blocks:
            return y
        step = size * 1.36
        high = blocks[0].cap + step * (len(blocks) - 1)
        wide = max(block.width for block in blocks) + side + gap
        left = x + {"left": 0.0, "center": (box - wide) / 2, "right": box - wide}[align]
        middle = y - max(side, high) / 2
        if mark:
            self.mark(left + side / 2, middle, side / 2, scheme)
        centred = align == "center" and not mark
        for n, block in enumerate(blocks):
            colour = scheme.text if n == 0 else scheme.muted
            place = x + (box - block.width) / 2 if centred else left + side + gap
            self.sheet.write(
                replace(block, is_rtl=False), place, middle - high / 2 + n * step, colour, role="signature"
            )
        return y - max(side, high)

    def mark(self, x: float, y: float, radius: float, scheme: Scheme) -> None:
        """The character's sign in a circle: the face where there is a picture, else a small view of the motif."""
        if self.picture is not None:
            self.photo(x - radius, y - radius, 2 * radius, 2 * radius, css="border-radius:50%", zoom=1.25)
            return
        drawing = art.draw(self.brand.motif, 320, 320, self.paints(scheme), random.Random(self.brand.identity))  # noqa: S311 - design
        self.sheet.svg(
            x - radius,
            y - radius,
            2 * radius,
            2 * radius,
            drawing,
            css="border-radius:50%;overflow:hidden",
            view="0 0 320 320",
        )

    def folio(self, x: float, y: float, scheme: Scheme, *, align: str = "right", box: float = 200.0) -> None:
        """The page number of a series."""
        if self.leaf.count > 1:
            text = f"{self.leaf.number}/{self.leaf.count}"
            block = self.set(text, replace(self.brand.voices.label, tracking=0.06), (box, 40), (26, 24), most_lines=1)
            self.sheet.write(block, x, y, scheme.muted, box=box, align=align, role="folio")

    # --- pictures ---------------------------------------------------------------------------------------------

    def paints(self, scheme: Scheme) -> Paints:
        """Colours for a drawing that stands on this ground."""
        palette = self.palette
        ground = palette.deep if scheme.is_dark else palette.soft
        if distance(ground, scheme.ground) < 0.03:  # a drawing on its own colour would have no edge
            ground = mix(ground, palette.ink, 0.5) if scheme.is_dark else mix(ground, palette.main, 0.22)
        return Paints(ground, palette.main, palette.second, palette.accent, palette.paper, palette.ink)

    def photo(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        look: str = "natural",
        css: str = "",
        zoom: float = 1.0,
        at: tuple[float, float] | None = None,
    ) -> None:
        """The character's picture, cropped around its focus and treated."""
        picture = self.picture
        if picture is None:
            return
        scale = self.sheet.scale
        if self.has_figure:  # drawn figures keep their own lines and colours, and are never beheaded
            backdrop = self.palette.main if self.ground_name == "tint" else self.palette.tint
            cut = pictures.standing(picture, width * scale, height * scale, backdrop, 0.96 if zoom > 1 else 0.86)
            look = "natural"
        else:
            image = pictures.flat(picture, self.palette.paper)
            small = min(image.width / (width * scale), image.height / (height * scale)) / zoom
            if look == "natural" and small < 0.4 and width > 300:
                look = "halftone"  # too few pixels to enlarge: printed dots hide it and look meant
            cut = pictures.crop(image, width * scale, height * scale, zoom=zoom, at=at)
        name = f"photo{len(self.sheet.images)}"
        self.sheet.picture(x, y, width, height, self.sheet.add(name, pictures.encoded(self._treated(cut, look))), css)

    def _treated(self, cut: Image.Image, look: str) -> Image.Image:
        palette = self.palette
        if look == "duotone":
            light = palette.paper if palette.main.light < 0.66 else mix(palette.paper, palette.tint, 0.5)
            return pictures.duotone(cut, palette.ink, light, palette.main.at(light=min(0.62, palette.main.light)))
        if look == "duotone-accent":
            return pictures.duotone(
                cut, palette.ink, palette.tint, palette.accent.at(light=min(0.66, palette.accent.light))
            )
        if look == "halftone":
            return pictures.halftone(cut, palette.deep, palette.soft)
        if look == "mono":
            return pictures.duotone(cut, palette.ink, palette.paper)
        return pictures.graded(cut, palette.main, 0.06)

    def drawing(
        self, x: float, y: float, width: float, height: float, scheme: Scheme, *, css: str = "", second: bool = False
    ) -> None:
        """A scene of the character's motif."""
        name = self.brand.companion if second else self.brand.motif
        dice = random.Random(self.words.seed * 31 + self.leaf.number * 7 + int(second))  # noqa: S311 - dice of design
        inner = art.draw(name, width, height, self.paints(scheme), dice)
        self.sheet.svg(x, y, width, height, inner, css=f"overflow:hidden;{css}")

    def visual(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        scheme: Scheme,
        *,
        look: str = "natural",
        css: str = "",
        zoom: float = 1.0,
    ) -> None:
        """The picture where there is one, else a drawn scene."""
        if self.picture is not None:
            self.photo(x, y, width, height, look=look, css=css, zoom=zoom)
        else:
            self.drawing(x, y, width, height, scheme, css=css)

    def scrim(self, top: float, bottom: float, colour: Colour, strength: float = 0.86, *, up: bool = True) -> None:
        """Dusk behind text on a picture; the sheet's `shade` deepens it where the measured contrast asks for it."""
        self.sheet.is_shaded = True
        strong = min(1.0, strength + 0.25 * self.sheet.shade)
        middle = min(0.95, strength * 0.72 + 0.5 * self.sheet.shade)
        stops = f"{colour.css(0)} 0%,{colour.css(middle * 0.55)} 22%,{colour.css(middle)} 45%,{colour.css(strong)} 100%"
        way = "to bottom" if up else "to top"
        self.sheet.box(0, top, self.sheet.width, bottom - top, f"background:linear-gradient({way},{stops})")

    def grain(self, strength: int = 9) -> None:
        """A breath of film grain."""
        textures.grain(self.sheet, strength)


def first_sentence(text: str, most: int = 90) -> tuple[str, str]:
    """A long text as a headline and the rest; a short one stays whole."""
    if len(text) <= most:
        return text, ""
    found = re.match(r"^(.{8,110}?[.!?…。！？])\s*(.+)$", text, re.DOTALL)
    return (found[1], found[2]) if found else ("", text)


def bare(text: str) -> str:
    """The text without quotation marks around the whole of it."""
    text = text.strip()
    pairs = {'"': '"', "“": "”", "„": "“", "«": "»", "‘": "’", "'": "'", "「": "」"}
    if len(text) > 2 and pairs.get(text[0]) == text[-1] and text[0] not in text[1:-1]:
        return text[1:-1].strip()
    return text
