"""The narrator's own sentences: what stands outside of quotation marks, verbatim."""

from __future__ import annotations

import re

from ainfluencer.writing import cutting

_SPOKEN = re.compile(r"[“\"][^“”\"]*(?:[”\"]|$)|(?<![\w])[‘`][^‘`]*?(?:[’'](?![\w])|$)")
MARK = "◊"


def sentences(paragraph: str) -> list[str]:
    """Whole sentences without any spoken part; a paragraph that is one long speech has none."""
    if not re.search(r"[“\"‘`]", paragraph):
        return cutting.sentences(paragraph)
    # A mark of three letters' width keeps sentences apart that a speech separates, as the speech itself does.
    outside = _SPOKEN.sub(f" {MARK}. ", paragraph)
    return [one for one in cutting.sentences(outside) if MARK not in one and one in paragraph]
