"""Markdown of set-up texts: structure stays, nothing dangerous does."""

from __future__ import annotations

from ainfluencer.web.markdown import to_html


def test_lists_code_and_headings_below_those_of_the_page() -> None:
    html = to_html("# Connect\n\n1. Open **Settings**\n2. Run `ollama pull`")
    assert "<h3>Connect</h3>" in html
    assert "<ol>" in html
    assert "<code>ollama pull</code>" in html


def test_html_scripts_and_pictures_stay_text() -> None:
    html = to_html("<script>x</script> [a](javascript:alert(1)) ![p](https://example.org/p.png)")
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_links_open_beside_the_page() -> None:
    assert 'rel="noreferrer" target="_blank"' in to_html("[docs](https://example.org)")
