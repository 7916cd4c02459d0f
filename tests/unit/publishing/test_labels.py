"""The origin of a post is declared by field or caption line, never forgotten."""

from __future__ import annotations

import pytest

from ainfluencer.core.errors import InvalidInput, PolicyRefused
from ainfluencer.integrations import text as lengths
from ainfluencer.publishing import labels
from tests.support.doubles import MANIFESTS

PIER, QUAY, MOLE = (MANIFESTS[slug] for slug in ("pier", "quay", "mole"))


def _text(caption: str, tags: list[str], slug: str = "pier", language: str = "en") -> labels.Labelled:
    manifest = MANIFESTS[slug]
    return labels.final_text(caption, tags, language, manifest, manifest.limits)


def test_line_where_there_is_no_field() -> None:
    assert _text("Hello.", ["sea"]).text == "Hello.\n\n#sea\n\nMade with AI."
    assert _text("Hello.", ["sea"], "quay").text == "Hello.\n\n#sea"
    assert _text("Hallo.", [], "mole", "de-AT").text == "Hallo.\n\nMit KI erstellt."
    assert _text("Hello.", [], language="xx").line == "Made with AI."


@pytest.mark.parametrize("caption", ["Made with AI, as ever.", "Look #AIgenerated", "An AI-generated dawn"])
def test_what_says_so_already_is_not_said_twice(caption: str) -> None:
    labelled = _text(caption, [])
    assert (labelled.text, labelled.declared["caption"]) == (caption, "said in the caption itself")


def test_words_that_only_look_like_it() -> None:
    assert _text("We remade with airbrush.", []).line == "Made with AI."


def test_hashtags_give_way_to_the_label() -> None:
    labelled = _text("x" * 270, ["short", "averyveryverylonghashtag"])
    assert (labelled.text.endswith("#short\n\nMade with AI."), labelled.left_out) == (
        True,
        ("#averyveryverylonghashtag",),
    )
    assert lengths.fits(labelled.text, PIER.limits)
    assert len(lengths.hashtags(_text("Hi #one", [f"t{n}x" for n in range(9)]).text)) == 5


def test_waiving_needs_a_reason_and_a_channel_that_allows_it() -> None:
    with pytest.raises(InvalidInput):
        labels.require_waivable([PIER], " ")
    with pytest.raises(PolicyRefused, match="Mole"):
        labels.require_waivable([PIER, MOLE], "A parody")
    labels.require_waivable([PIER, QUAY], "A parody")
