"""A source cut up: chapters, paragraphs, and pieces of so many tokens that a model can read at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ainfluencer.cards.linting import tokens

CHUNK_TOKENS = 3_000
OVERLAP = 1  # paragraphs that a piece has in common with the one before
_HEADING = re.compile(
    r"^(?:#{1,4}\s+(?P<md>.{1,100})|(?P<word>(?:chapter|part|book|adventure|letter|act|scene|kapitel|chapitre|capítulo|prologue|epilogue)\b.{0,90})"
    r"|(?P<roman>[IVXLC]{1,7}\.(?:\s+.{1,90})?))$",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"^\*{3}\s*START OF (?:THE|THIS) PROJECT GUTENBERG.*$", re.IGNORECASE | re.MULTILINE)
_ENDS = re.compile(
    r"^(?:\*{3}\s*END OF (?:THE|THIS) PROJECT GUTENBERG|End of (?:the )?Project Gutenberg|Updated editions will replace the previous).*$",
    re.IGNORECASE | re.MULTILINE,
)
_LIST = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)]|[A-Za-z][\w ]{1,30}:)\s")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph on one line, and the chapter in which it stands."""

    text: str
    chapter: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the source."""

    number: int
    text: str
    chapter: str
    tokens: int


def body_of(text: str) -> str:
    """The text without the licence that some libraries wrap around it."""
    begin, end = _BEGINS.search(text), _ENDS.search(text)
    return text[begin.end() if begin else 0 : end.start() if end else len(text)]


def paragraphs(text: str) -> list[Paragraph]:
    """The paragraphs in order. Lines of a list stand alone; lines that were broken by width are joined."""
    found: list[Paragraph] = []
    chapter = ""
    for block in _blocks(body_of(text)):
        lines = [line.strip() for line in block.strip().split("\n") if line.strip()]
        if not lines:
            continue
        heading = _HEADING.match(lines[0])
        if heading and len(lines) <= 2:
            chapter = re.sub(r"\s+", " ", " ".join(lines)).lstrip("# ").strip()[:100]
            continue
        if heading and heading["md"]:
            chapter, lines = heading["md"].strip(), lines[1:]
        if len(lines) > 1 and _stand_alone(lines):
            found += [Paragraph(line, chapter) for line in lines]
        elif lines:
            found.append(Paragraph(re.sub(r"\s+", " ", " ".join(lines)), chapter))
    return found


def _stand_alone(lines: list[str]) -> bool:
    """Whether lines are a list, or sentences of their own, rather than one paragraph that was broken by width."""
    listed = sum(1 for line in lines if _LIST.match(line))
    ended = sum(1 for line in lines if re.search(r"[.!?…][\"'”’)]?$", line))
    return listed * 2 >= len(lines) or ended * 10 >= len(lines) * 7


def _blocks(body: str) -> list[str]:
    """What blank lines separate; in a text that has none, a short line that ends a sentence ends its paragraph."""
    blocks = re.split(r"\n\s*\n", body)
    if len(body) < 6_000 or len(body) / len(blocks) < 3_000:
        return blocks
    lines = body.split("\n")
    width = sorted(len(line) for line in lines)[int(len(lines) * 0.9)]
    made: list[str] = [""]
    for line in lines:
        made[-1] = f"{made[-1]}\n{line}" if made[-1] else line
        if not line.strip() or (len(line) < 0.8 * width and re.search(r"[.!?:][\"'”’]?\s*$", line)):
            made.append("")
    return made


def chunks(text: str, limit: int = CHUNK_TOKENS) -> list[Chunk]:
    """Pieces of at most `limit` tokens, cut between paragraphs, never across chapters; each begins where the last ended."""
    count = tokens.counter()
    made: list[Chunk] = []
    held: list[Paragraph] = []
    size = 0
    for one in _short(paragraphs(text), limit):
        length = count(one.text) + 2
        if held and (size + length > limit or one.chapter != held[0].chapter):
            made.append(_chunk(len(made), held, size))
            held = held[-OVERLAP:] if one.chapter == held[0].chapter and size + length > limit else []
            size = sum(count(kept.text) + 2 for kept in held)
            if size + length > limit:
                held, size = [], 0
        held.append(one)
        size += length
    return [*made, _chunk(len(made), held, size)] if held else made


def _chunk(number: int, held: list[Paragraph], size: int) -> Chunk:
    return Chunk(number, "\n\n".join(one.text for one in held), held[0].chapter, size)


def _short(found: list[Paragraph], limit: int) -> list[Paragraph]:
    """No paragraph longer than a piece: about four letters are a token."""
    longest = limit * 3
    return [
        Paragraph(one.text[at : at + longest], one.chapter) for one in found for at in range(0, len(one.text), longest)
    ]


def plain(text: str) -> str:
    """A text as it is compared: one space between words, one kind of quotation mark and dash."""
    text = re.sub(r"[“”„«»]|''|``", '"', text)
    text = re.sub(r"[‘’`]", "'", re.sub(r"[–—]|--", "-", text))
    return re.sub(r"\s+", " ", text.replace("_", "")).strip().lower()


class Quotable:
    """A source in which quotations are looked up."""

    def __init__(self, text: str) -> None:
        self._plain = plain(text)

    def holds(self, quote: str) -> bool:
        """Whether these very words stand in the source (line breaks and the shape of quotation marks aside)."""
        wanted = plain(quote).strip(" .")
        return len(wanted) > 2 and wanted in self._plain
