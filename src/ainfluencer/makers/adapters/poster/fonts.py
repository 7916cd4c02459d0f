"""Packaged open fonts as files: where they lie, their metrics, and which characters each can draw."""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FAMILIES = {
    "Anton": "fontpkg_anton",
    "Bricolage Grotesque": "fontpkg_bricolage_grotesque",
    "Caveat": "fontpkg_caveat",
    "DM Serif Display": "fontpkg_dm_serif_display",
    "Fraunces": "fontpkg_fraunces",
    "Inter": "fontpkg_inter",
    "Noto Sans": "fontpkg_noto_sans",
    "Playfair Display": "fontpkg_playfair_display",
    "Space Grotesk": "fontpkg_space_grotesk",
    "Syne": "fontpkg_syne",
}
LAST_RESORT = "Noto Sans"  # Latin, Greek, Cyrillic and Devanagari in every weight
SYSTEM = (  # fonts that come with systems and draw Chinese, Japanese and Korean, for which no package exists (2026)
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/ヒラギノ角ゴシック W6.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/AppleSDGothicNeo.ttc",
    "C:/Windows/Fonts/YuGothB.ttc",
    "C:/Windows/Fonts/msyh.ttc",
    "C:/Windows/Fonts/malgun.ttf",
)


@dataclass(frozen=True, slots=True)
class Metrics:
    """Vertical measures of a family in em, from the baseline; `cap` is the height of a capital H."""

    ascent: float
    descent: float
    cap: float
    x_height: float


def files_of(family: str) -> tuple[Path, ...]:
    """The font files of a base family, upright first."""
    spec = importlib.util.find_spec(FAMILIES[family])
    if spec is None or spec.origin is None:
        return ()
    found = sorted((Path(spec.origin).parent / "files").glob("*.ttf"))
    return tuple(sorted(found, key=lambda file: "Italic" in file.name))


@cache
def installed() -> dict[str, tuple[Path, ...]]:
    """Every family on this machine, base families first, then any other `fontpkg-*` package (for other scripts)."""
    families = {name: files_of(name) for name in FAMILIES}
    import fontpkg  # reads the entry points of all packages, which is slow

    extra = {family.name: tuple(file.path for file in family.files) for family in fontpkg.families().values()}
    families |= {name: paths for name, paths in sorted(extra.items()) if name not in families}
    families |= {Path(place).stem: (Path(place),) for place in SYSTEM if Path(place).is_file()}
    return {name: paths for name, paths in families.items() if paths}


def _tables(data: bytes) -> dict[str, int]:
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0  # the first font of a collection
    count = struct.unpack_from(">H", data, start + 4)[0]
    records = (struct.unpack_from(">4sIII", data, start + 12 + 16 * i) for i in range(count))
    return {tag.decode("latin-1"): offset for tag, _, offset, _ in records}


@cache
def metrics(family: str) -> Metrics:
    """Vertical measures from the tables head, hhea and OS/2 (OpenType specification 1.9)."""
    data = installed()[family][0].read_bytes()
    tables = _tables(data)
    em = struct.unpack_from(">H", data, tables["head"] + 18)[0]
    ascent, descent = struct.unpack_from(">hh", data, tables["hhea"] + 4)
    x_height, cap = struct.unpack_from(">hh", data, tables["OS/2"] + 86)
    return Metrics(ascent / em, -descent / em, cap / em, x_height / em)


def _segments(data: bytes, at: int) -> set[int]:
    """Characters of a format 4 table."""
    half = struct.unpack_from(">H", data, at + 6)[0] // 2
    ends = struct.unpack_from(f">{half}H", data, at + 14)
    starts = struct.unpack_from(f">{half}H", data, at + 16 + 2 * half)
    return {code for start, end in zip(starts, ends, strict=True) for code in range(start, end + 1) if code != 0xFFFF}


def _groups(data: bytes, at: int) -> set[int]:
    """Characters of a format 12 table."""
    count = struct.unpack_from(">I", data, at + 12)[0]
    groups = (struct.unpack_from(">III", data, at + 16 + 12 * i) for i in range(count))
    return {code for start, end, _ in groups for code in range(start, end + 1)}


@cache
def coverage(family: str) -> frozenset[int]:
    """The code points that the upright file of a family has glyphs for."""
    data = installed()[family][0].read_bytes()
    cmap = _tables(data)["cmap"]
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    found: set[int] = set()
    for i in range(count):
        offset = cmap + struct.unpack_from(">HHI", data, cmap + 4 + 8 * i)[2]
        kind = struct.unpack_from(">H", data, offset)[0]
        if kind == 4:
            found |= _segments(data, offset)
        elif kind == 12:
            found |= _groups(data, offset)
    return frozenset(found)


@cache
def family_for(character: str, preferred: str) -> str:
    """The family that draws this character: the preferred one, the last resort, any other; empty when none can."""
    code = ord(character)
    if code in coverage(preferred):
        return preferred
    if code in coverage(LAST_RESORT):
        return LAST_RESORT
    return next((name for name in _others() if code in coverage(name)), "")


@cache
def _others() -> tuple[str, ...]:
    """Families for other scripts: sans-serif Noto first, then by name."""
    return tuple(
        sorted((n for n in installed() if n != LAST_RESORT), key=lambda n: (n in FAMILIES, "Noto" not in n, n))
    )
