"""The words of DOCX, ODT, EPUB and HTML. Every search goes through a text once, however a stranger wrote it."""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from ainfluencer.core.errors import InvalidInput

MEMBER_BYTES = 30_000_000
TOTAL_BYTES = 200_000_000
_PIECE = re.compile(r"<([^<>]*)>([^<]*)")  # a tag, and the text up to the next one
_BREAK = re.compile(
    r"</?(?:p|div|h[1-6]|li|tr|td|th|dt|dd|pre|table|ul|ol|article|header|footer|figcaption|blockquote|section|title|hr|br"
    r"|text:p|text:h|text:line-break)\b[^<>]*>",
    re.IGNORECASE,
)
_GAP = re.compile(r"<text:(?:s|tab)\b[^<>]*>", re.IGNORECASE)
_UNREAD = (
    *((re.compile(rf"<{name}\b", re.IGNORECASE), re.compile(rf"</{name}\s*>", re.IGNORECASE)) for name in ("script", "style", "head")),
    (re.compile(r"<!--"), re.compile(r"-->")),
)  # fmt: skip
_ATTRIBUTE = re.compile(r"""(?<![\w:.-])([\w:.-]++)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""")
_PAGES = (".xhtml", ".html", ".htm", ".xml")


def words_of(markup: str) -> str:
    """HTML or XML as words, a blank line between blocks."""
    markup = _GAP.sub(" ", _BREAK.sub("\n\n", _without_unread(markup)))
    text = html.unescape(re.sub(r"<[^<>]*>", "", markup))
    return re.sub(r"\n\s*\n\s*", "\n\n", re.sub(r"[ \t]+", " ", text)).strip()


def _without_unread(markup: str) -> str:
    """The markup without scripts, styles, heads and comments; one that is not closed stays, and hides nothing."""
    for begin, end in _UNREAD:
        kept: list[str] = []
        at = 0
        while (first := begin.search(markup, at)) and (last := end.search(markup, first.end())):
            kept += [markup[at : first.start()], " "]
            at = last.end()
        markup = "".join([*kept, markup[at:]])
    return markup


def words_in(archive: zipfile.ZipFile, name: str) -> str | None:
    """The words of a DOCX, ODT or EPUB; None for another archive. `InvalidInput` for one that is locked or too large."""
    names = archive.namelist()
    if "word/document.xml" in names:
        return _paragraphs(_member(archive, "word/document.xml"))
    if "content.xml" in names:
        return words_of(_member(archive, "content.xml"))
    if "META-INF/container.xml" in names:
        return "\n\n".join(_chapters(archive, names, name))
    return None


def _member(archive: zipfile.ZipFile, name: str) -> str:
    if archive.getinfo(name).file_size > MEMBER_BYTES:
        raise InvalidInput("A part of the file is too large to be read.", "Cut it into several files.", field="files")
    return archive.read(name).decode("utf-8", "replace")


def _paragraphs(xml: str) -> str:
    """The runs of a DOCX, a blank line between paragraphs; line breaks and tabs inside one stay."""
    made: list[list[str]] = [[]]
    for found in _PIECE.finditer(xml):
        tag = (found[1].split(None, 1) or [""])[0].rstrip("/")
        if tag == "w:t":
            made[-1].append(found[2])
        elif tag in {"w:br", "w:cr", "w:tab"}:
            made[-1].append(" " if tag == "w:tab" else "\n")
        elif tag == "/w:p":
            made.append([])
    texts = (html.unescape("".join(parts)).strip() for parts in made)
    return "\n\n".join(text for text in texts if text)


def _chapters(archive: zipfile.ZipFile, names: list[str], title: str) -> Iterator[str]:
    """The pages of an EPUB in the order of its spine, else by name."""
    locked = _locked(archive, names)
    size = 0
    for page in _order(archive, names) or sorted(one for one in names if one.endswith(_PAGES[:3])):
        if page in locked:
            raise InvalidInput(
                f"{title} is protected: its pages are encrypted.", "Use a copy without protection (DRM).", field="files", code="source_locked"
            )  # fmt: skip
        size += archive.getinfo(page).file_size
        if size > TOTAL_BYTES:
            raise InvalidInput(f"{title} unpacks to more than {TOTAL_BYTES // 1_000_000} MB.", "Cut it into several files.", field="files")  # fmt: skip
        yield words_of(_member(archive, page))


def _locked(archive: zipfile.ZipFile, names: list[str]) -> set[str]:
    """Pages that a protection has encrypted; fonts may be veiled in any book and do not count."""
    if "META-INF/encryption.xml" not in names:
        return set()
    told = (
        _attributes(tag).get("URI", "") for tag in _tags(_member(archive, "META-INF/encryption.xml"), "CipherReference")
    )
    return {unquote(one) for one in told if unquote(one).lower().endswith(_PAGES)}


def _order(archive: zipfile.ZipFile, names: list[str]) -> list[str]:
    """The pages that the spine names, each once; addresses are relative to the package file and may be escaped."""
    package = next((name for name in names if name.endswith(".opf")), "")
    if not package:
        return []
    opf, there = _member(archive, package), set(names)
    listed = (_attributes(tag) for tag in _tags(opf, "item"))
    items = {one["id"]: one["href"] for one in listed if {"id", "href"} <= one.keys()}
    found: dict[str, None] = {}
    for tag in _tags(opf, "itemref"):
        href = items.get(_attributes(tag).get("idref", ""), "").partition("#")[0]
        beside = [posixpath.normpath(posixpath.join(posixpath.dirname(package), one)) for one in (unquote(href), href)]
        found |= dict.fromkeys([path for path in beside if path in there][:1])
    return list(found)


def _tags(xml: str, name: str) -> Iterator[str]:
    """The tags of that name, with or without the prefix of a namespace."""
    for found in re.finditer(r"<([^<>]*)>", xml):
        if (found[1].split(None, 1) or [""])[0].rstrip("/").rpartition(":")[2] == name:
            yield found[1]


def _attributes(tag: str) -> dict[str, str]:
    return {found[1]: html.unescape(found[2] or found[3] or "") for found in _ATTRIBUTE.finditer(tag)}
