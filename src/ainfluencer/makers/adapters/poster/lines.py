"""Breaking text into lines: what may break where, the fewest lines, and the most even ones among those."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ainfluencer.makers.adapters.poster import emoji

_NO_START = set("、。，．！？）」』】〉》〕…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ・：；%)]},.!?:;’”")
_NO_END = set("（「『【〈《〔([{“‘¿¡")


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece that is never broken. `spaced`: a space stands before it. `forced`: it must begin a line."""

    text: str
    spaced: bool = True
    forced: bool = False


def _is_wide(character: str) -> bool:
    """Whether lines may break beside it: Chinese, Japanese; Korean breaks at spaces."""
    code = ord(character)
    return (
        0x2E80 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0xFF00 <= code <= 0xFFEF or 0x20000 <= code <= 0x3FFFF
    )


def _pieces(word: str) -> list[str]:
    """Where a word may break inside: after hyphens and slashes, beside emoji and Chinese or Japanese signs."""
    pieces: list[str] = []
    for part in emoji.split(word):
        if emoji.is_emoji(part):
            pieces.append(part)
            continue
        for chunk in re.findall(r".+?(?:[-–—/](?=\D)|$)", part):
            pieces += _beside_wide(chunk)
    return _bound(pieces)


def _beside_wide(chunk: str) -> list[str]:
    found: list[str] = []
    for character in chunk:
        if found and not _is_wide(character) and not _is_wide(found[-1][-1]):
            found[-1] += character
        else:
            found.append(character)
    return found


def _bound(pieces: list[str]) -> list[str]:
    """Closing signs stay with what they close, opening ones with what they open."""
    bound: list[str] = []
    for piece in pieces:
        if bound and (piece[0] in _NO_START or bound[-1][-1] in _NO_END or re.fullmatch(r"[-–—/]+", bound[-1])):
            bound[-1] += piece
        else:
            bound.append(piece)
    return bound


def atoms(text: str) -> list[Atom]:
    """The text in pieces; a line break in the text forces one in the picture."""
    made: list[Atom] = []
    for row in text.split("\n"):
        forced = bool(made)
        for word in row.split(" "):
            for number, piece in enumerate(_pieces(word)):
                made.append(Atom(piece, spaced=number == 0, forced=forced))
                forced = False
    return made


def cut(atom: Atom, length: int) -> list[Atom]:
    """A word in pieces of about equal length, hyphened where letters are parted."""
    count = -(-len(atom.text) // length)
    even = -(-len(atom.text) // count)
    parts = [atom.text[start : start + even] for start in range(0, len(atom.text), even)]
    marked = [
        part + ("-" if number < len(parts) - 1 and part[-1].isalpha() and parts[number + 1][0].isalpha() else "")
        for number, part in enumerate(parts)
    ]
    return [
        replace(atom, text=part, spaced=atom.spaced and n == 0, forced=atom.forced and n == 0)
        for n, part in enumerate(marked)
    ]


def joined(line: tuple[Atom, ...]) -> str:
    """The words of a line."""
    return "".join((" " if atom.spaced and number else "") + atom.text for number, atom in enumerate(line))


def width(line: list[Atom], ems: list[float], space: float) -> float:
    """The width of a line in em."""
    return sum(ems) + space * sum(1 for number, atom in enumerate(line) if atom.spaced and number)


def broken(found: list[Atom], ems: list[float], space: float, limit: float) -> list[list[Atom]] | None:
    """The fewest lines no wider than `limit` em; None when one atom alone is wider."""
    made: list[list[Atom]] = []
    used = 0.0
    for atom, em in zip(found, ems, strict=True):
        if em > limit:
            return None
        gap = space if atom.spaced else 0.0
        if made and not atom.forced and used + gap + em <= limit:
            made[-1].append(atom)
            used += gap + em
        else:
            made.append([atom])
            used = em
    return made


Lines = list[list[Atom]]


def balanced(found: list[Atom], ems: list[float], space: float, limit: float, count: int) -> tuple[Lines, float]:
    """As many lines as `count`, as even as they can be, and how uneven they are (0 is perfect, a line)."""
    low, high = max(ems), limit
    for _ in range(12):
        middle = (low + high) / 2
        tried = broken(found, ems, space, middle)
        low, high = (low, middle) if tried and len(tried) <= count else (middle, high)
    return _best(found, ems, space, min(limit, high * 1.08), count)


def _best(found: list[Atom], ems: list[float], space: float, limit: float, count: int) -> tuple[Lines, float]:
    """The cheapest break into at most `count` lines by dynamic programming over (lines used, atoms set)."""
    total = len(found)
    infinite = float("inf")
    costs = [[infinite] * (total + 1) for _ in range(count + 1)]
    back = [[0] * (total + 1) for _ in range(count + 1)]
    costs[0][0] = 0.0
    for row in range(1, count + 1):
        for end in range(1, total + 1):
            used = 0.0
            for start in range(end - 1, -1, -1):
                used += ems[start] + (space if start < end - 1 and found[start + 1].spaced else 0.0)
                if used > limit + 1e-9 or (start < end - 1 and found[start + 1].forced):
                    break
                cost = costs[row - 1][start] + _penalty(found, start, end, used / limit)
                if cost < costs[row][end]:
                    costs[row][end], back[row][end] = cost, start
    row = min(range(1, count + 1), key=lambda n: costs[n][total])
    if costs[row][total] == infinite:
        return broken(found, ems, space, limit) or [found], 1.0
    cost = costs[row][total] / row
    made: Lines = []
    end = total
    while row:
        start = back[row][end]
        made.insert(0, found[start:end])
        row, end = row - 1, start
    return made, cost


def _penalty(found: list[Atom], start: int, end: int, filled: float) -> float:
    """How bad one line is: empty room, a lonely last word, an ending on a little word or inside a word."""
    is_last = end == len(found)
    cost = (1 - filled) ** 2 * (0.8 if is_last else 1.0)
    if is_last:
        lonely = start > 0 and end - start == 1 and filled < 0.5
        return cost + (0.5 if lonely else 0.0)
    tail, following = found[end - 1].text, found[end]
    if following.forced:
        return cost * 0.2
    if not following.spaced:
        return cost + (0.02 if _is_wide(tail[-1]) or emoji.is_emoji(tail) else 0.12)
    if tail[-1] in ",.;:!?—–":
        return cost - 0.03
    return cost + (0.07 if len(tail) <= 3 else 0.0)
