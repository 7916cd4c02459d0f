"""Setting text: kinds of type, measured words, balanced lines, and the largest size at which a text fits its box."""

from __future__ import annotations

import html
import math
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property

from ainfluencer.makers.adapters.poster import emoji, fonts, lines
from ainfluencer.makers.adapters.poster.lines import Atom
from ainfluencer.makers.adapters.poster.renderer import engine

EVENNESS = 1.9  # how much size is given up for even lines: at most about a quarter
EMOJI_EM = 1.12  # the drawing and the air beside it
LINE_HEIGHT = 1.6  # of the drawn box; generous, so that emoji and other scripts do not move the baseline


@dataclass(frozen=True, slots=True)
class Type:
    """One voice of the typography. `tracking` and `leading` in em; `axes` are font-variation settings."""

    family: str
    weight: int = 400
    italic: bool = False
    tracking: float = 0.0
    leading: float = 1.2
    upper: bool = False
    axes: str = ""

    def css(self, families: tuple[str, ...] = ()) -> str:
        """CSS declarations for this voice, with the families that other scripts ask for."""
        stack = ",".join(f"'{name}'" for name in dict.fromkeys((self.family, *families, fonts.LAST_RESORT)))
        parts = [f"font-family:{stack}", f"font-weight:{self.weight}"]
        parts += ["font-style:italic"] if self.italic else []
        parts += [f"letter-spacing:{self.tracking:g}em"] if self.tracking else []
        parts += [f"font-variation-settings:{self.axes}"] if self.axes else []
        return ";".join(parts)


@dataclass(frozen=True)
class Block:
    """Text that has been set. Heights run from the top of the capitals to the last baseline, as a designer measures."""

    text: str
    lines: tuple[tuple[Atom, ...], ...]
    widths: tuple[float, ...]  # of the lines, in pixels
    size: float
    type: Type
    families: tuple[str, ...]
    missing: str
    overflow: bool
    is_rtl: bool
    room: float = 0.0  # the width it was set for, in which it is aligned
    is_tall: bool = False  # a script whose letters are taller than our capitals

    @property
    def leading(self) -> float:
        """Baseline to baseline, in pixels."""
        return self.size * self.type.leading

    @property
    def cap(self) -> float:
        """Height of the first line above its baseline; other scripts are taller than our capitals."""
        return self.size * (0.82 if self.is_tall else fonts.metrics(self.type.family).cap)

    @property
    def height(self) -> float:
        """Cap top to last baseline; 0 for no text."""
        return self.cap + (len(self.lines) - 1) * self.leading if self.lines else 0.0

    @property
    def width(self) -> float:
        """The widest line."""
        return max(self.widths, default=0.0)

    @cached_property
    def baseline(self) -> float:
        """Distance from the top of a drawn line box to its baseline."""
        measures = fonts.metrics(self.type.family)
        return self.size * (LINE_HEIGHT / 2 + (measures.ascent - measures.descent) / 2)

    def markup(self, number: int) -> str:
        """The HTML of one line: escaped text, emoji as pictures."""
        return "".join(_inline(piece) for piece in emoji.split(lines.joined(self.lines[number])))


def _inline(piece: str) -> str:
    source = emoji.picture(piece) if emoji.is_emoji(piece) else ""
    if not source:
        return html.escape(piece)
    style = "display:inline;width:1em;height:1em;margin:0 0.06em;vertical-align:-0.13em"
    return f'<img src="{source}" style="{style}"/>'


def clean(text: str) -> str:
    """Text as it may be set: one kind of space, real quotes and dashes, no control or direction-forcing signs."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub(r"[\u202a-\u202e\u2066-\u2069\u200b\ufeff\ufff9-\uffff]", "", text)
    text = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"})
    text = re.sub(r"([\u0300-\u036f\u0483-\u0489]{2})[\u0300-\u036f\u0483-\u0489]+", r"\1", text)
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r'(^|[\s(\[—-])"', r"\1“", text).replace('"', "”")
    text = re.sub(r"(^|[\s(\[—“-])'", r"\1‘", text).replace("'", "’")
    text = text.replace("...", "…").replace(" -- ", " — ").replace("--", "—")
    return re.sub(r" *\n[\s]*", "\n", re.sub(r"[^\S\n]+", " ", text)).strip()


def _drawable(text: str, family: str) -> tuple[str, tuple[str, ...], str]:
    """The text without what no font can draw, the extra families it needs, and the signs left out."""
    families: dict[str, None] = {}
    kept: list[str] = []
    missing: list[str] = []
    for piece in emoji.split(text):
        if emoji.is_emoji(piece):
            known = bool(emoji.picture(piece))
            kept += [piece] if known else []
            missing += [] if known else [piece]
            continue
        for character in piece:
            found = fonts.family_for(character, family) if not _invisible(character) else family
            if found:
                kept.append(character)
                families |= {found: None} if found not in {family, fonts.LAST_RESORT} else {}
            else:
                missing.append(character)
    others = tuple(families)
    if others:
        engine().need(others)
    return "".join(kept), others, "".join(dict.fromkeys(missing))


def undrawable(text: str) -> float:
    """The part (0..1) of the letters and emoji of a text that nothing on this machine can draw."""
    signs = [
        piece
        for part in emoji.split(text)
        for piece in ([part] if emoji.is_emoji(part) else list(part))
        if not piece.isspace()
    ]
    lost = sum(
        not (emoji.picture(s) if emoji.is_emoji(s) else _invisible(s) or fonts.family_for(s, fonts.LAST_RESORT))
        for s in signs
    )
    letters = sum(1 for sign in signs if len(sign) > 1 or sign.isalnum())
    return lost / max(1, letters)


def _invisible(character: str) -> bool:
    return character.isspace() or character in "\u200c\u200d\u200e\u200f\ufe0e\ufe0f\u00ad"


_widths: dict[tuple[str, str], float] = {}


def _measure(atoms: list[Atom], css: str) -> list[float]:
    """Widths of atoms in em, remembered: the same words come again at other sizes and on other pages."""
    texts = {piece for atom in atoms for piece in emoji.split(atom.text) if not emoji.is_emoji(piece)}
    unknown = sorted(text for text in {*texts, "n n", "nn"} if (css, text) not in _widths)
    if unknown:
        if len(_widths) > 50_000:
            _widths.clear()
            unknown = sorted({*texts, "n n", "nn"})
        _widths.update({(css, text): width for text, width in zip(unknown, engine().widths(unknown, css), strict=True)})
    return [
        sum(EMOJI_EM if emoji.is_emoji(piece) else _widths[css, piece] for piece in emoji.split(atom.text))
        for atom in atoms
    ]


def direction(text: str) -> bool:
    """Whether the text runs from right to left: its first strong sign decides."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"L", "R", "AL"}:
            return kind != "L"
    return False


@dataclass(frozen=True, slots=True)
class Room:
    """The space a text may take, in pixels, and the sizes it may have."""

    width: float
    height: float
    largest: float
    smallest: float
    most_lines: int = 99


def fit(text: str, kind: Type, room: Room) -> Block:
    """Set the text as large as the room allows, in balanced lines; what cannot fit ends in … and is marked."""
    text = clean(text)
    shown, families, missing = _drawable(text.upper() if kind.upper else text, kind.family)
    is_tall = any(0x0590 <= ord(sign) < 0x1E00 or 0x2E80 <= ord(sign) < 0xFB00 for sign in shown)
    if is_tall:  # marks above and below need air, and joined letters no spacing
        kind = replace(kind, leading=max(kind.leading, 1.36), tracking=0.0)
    css = kind.css(families)
    atoms = lines.atoms(shown)
    if not atoms:
        return Block("", (), (), room.smallest, kind, families, missing, overflow=False, is_rtl=False)
    limit = room.width / max(room.smallest, room.largest * 0.45)
    atoms = _cut_long(atoms, css, limit)
    ems = _measure(atoms, css)
    space = _widths[css, "n n"] - _widths[css, "nn"]
    block = Block(
        text,
        (),
        (),
        0,
        kind,
        families,
        missing,
        overflow=False,
        is_rtl=direction(shown),
        room=room.width,
        is_tall=is_tall,
    )
    best: tuple[float, float, list[list[Atom]]] | None = None
    size, first = room.largest, 0.0
    while size >= room.smallest and not (best and (size < first * 0.74 or len(atoms) > 70)):
        found = lines.broken(atoms, ems, space, room.width / size)
        if found and len(found) <= room.most_lines and _height(block, size, len(found)) <= room.height:
            first = first or size
            even, cost = lines.balanced(atoms, ems, space, room.width / size, len(found))
            worth = math.log(size) - EVENNESS * cost
            best = (worth, size, even) if best is None or worth > best[0] else best
        size *= 0.965 if size > 40 else 0.98
    return _set(block, best[2], best[1], space, css) if best else _clipped(block, atoms, ems, space, room, css)


def _height(block: Block, size: float, count: int) -> float:
    return replace(block, size=size).cap + (count - 1) * size * block.type.leading


def _set(block: Block, found: list[list[Atom]], size: float, space: float, css: str) -> Block:
    widths = [lines.width(line, _measure(line, css), space) * size - block.type.tracking * size for line in found]
    return replace(block, lines=tuple(tuple(line) for line in found), widths=tuple(widths), size=size)


def _cut_long(atoms: list[Atom], css: str, limit: float) -> list[Atom]:
    """Words wider than `limit` em in hyphened pieces."""
    made: list[Atom] = []
    for atom, em in zip(atoms, _measure(atoms, css), strict=True):
        made += lines.cut(atom, max(2, int(len(atom.text) * limit * 0.86 / em))) if em > limit else [atom]
    return made


def _clipped(block: Block, atoms: list[Atom], ems: list[float], space: float, room: Room, css: str) -> Block:
    """As much as fits at the smallest size, ended with an ellipsis."""
    found = lines.broken(atoms, ems, space, room.width / room.smallest) or [atoms]
    rows = 1
    while rows < min(room.most_lines, len(found)) and _height(block, room.smallest, rows + 1) <= room.height:
        rows += 1
    kept = [list(line) for line in found[:rows]]
    last = kept[-1]
    while True:
        stub = [*last[:-1], replace(last[-1], text=last[-1].text.rstrip(",.;:—-") + "…")]
        wide = lines.width(stub, _measure(stub, css), space) * room.smallest
        if wide <= room.width or len(last) == 1:
            break
        last.pop()
    while wide > room.width and len(stub[0].text) > 2:
        stub = [replace(stub[0], text=stub[0].text[:-2] + "…")]
        wide = lines.width(stub, _measure(stub, css), space) * room.smallest
    kept[-1] = stub
    return replace(_set(block, kept, room.smallest, space, css), overflow=True)
