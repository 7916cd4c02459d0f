"""Markdown of our own set-up texts as safe HTML: no raw HTML, no pictures, links only to the web."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).disable("image")


def to_html(text: str) -> Markup:
    """The text as HTML. Headings begin at the third level, since they stand inside a page; links open beside it."""
    reader = _reader()
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"
        for child in token.children or ():
            if child.type == "link_open":
                child.attrs |= {"rel": "noreferrer", "target": "_blank"}
    return Markup(reader.renderer.render(tokens, reader.options, {}))  # noqa: S704 - the reader escapes raw HTML
