"""Every odd file that is read (guide 1.4) is also copied, edited, converted and mended; every hostile one is refused."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.linting import linter
from ainfluencer.cards.opening import OpenCard, open_card
from ainfluencer.cards.reading.values import Notes
from ainfluencer.core.errors import ProductError
from tests.support.cards import cards, pngs
from tests.unit.cards.test_reading_odd import ODD_JSON, ODD_PNG

ODD = {f"json, {what}": data for what, (data, _) in ODD_JSON.items()}
ODD |= {f"png, {what}": data for what, (data, _, _) in ODD_PNG.items()}
CHANGED = {"scenario", "modification_date"}


def edited(opened: OpenCard) -> bytes:
    editor = opened.editor()
    editor.set("scenario", "Ein Kai. “Nachts”")
    return opened.saved(editor, Notes())


def others(opened: OpenCard) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(opened.card).items() if name not in CHANGED}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_file_is_copied_and_edited(what: str) -> None:
    opened = open_card(ODD[what], "card.json")
    assert opened.saved(opened.editor(), Notes()) == ODD[what]
    again = open_card(edited(opened), "card.json")
    assert again.card.scenario == "Ein Kai. “Nachts”"
    assert others(again) == others(opened)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("what", ODD)
def test_an_odd_file_becomes_a_plain_one(what: str, version: int) -> None:
    opened = open_card(ODD[what], "card.json")
    made = converter.convert(opened, Target("json", version), allow_loss=True).data
    json.loads(made.decode("utf-8"))
    again = open_card(made, "card.json")
    assert (again.card.name, again.card.description) == (opened.card.name, opened.card.description)
    transport = {
        "bom",
        "utf16",
        "array",
        "envelope",
        "trailing_comma",
        "control_characters",
        "base64_file",
        "json_in_json",
    }
    assert not transport & {note.code for note in again.payload.notes}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_file_is_mended_once(what: str) -> None:
    opened = open_card(ODD[what], "card.json")
    report = linter.lint(opened)
    fixed = linter.fix(opened, report, Notes())
    again = open_card(fixed, "card.json")
    left = {one.code for one in linter.lint(again).findings}
    assert not left & {one.code for one in report.findings if one.can_fix}
    assert again.card.name == opened.card.name


BOUNDED = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def through(data: bytes) -> None:
    """Everything that can be done with a file either works or is refused with a reason."""
    with contextlib.suppress(ProductError):
        opened = open_card(data, "a")
        linter.fix(opened, linter.lint(opened), Notes())
        open_card(edited(opened), "a")
        for target in (Target("json", 1), Target("png", 2), Target("charx", 3), Target("yaml")):
            made = converter.convert(opened, target, allow_loss=True).data
            open_card(made, "a.yaml" if target.container == "yaml" else "a")


WHOLE = pngs.png(pngs.text("chara", pngs.b64(cards.v2())), pngs.ztext("ccv3", pngs.b64(cards.v3())))


@BOUNDED
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=5))
def test_damaged_pictures_are_written_or_refused(at: int, junk: bytes) -> None:
    through(WHOLE[:at] + junk + WHOLE[at + len(junk) :])
    through(WHOLE[:at])


TEXT = json.dumps(cards.v3(character_book={"entries": [cards.entry(1), cards.entry(2)]}), indent=1)


@BOUNDED
@given(st.integers(0, len(TEXT) - 1), st.text(st.sampled_from('{}[]",:\\u0 \n1e.-tn@'), min_size=1, max_size=4))
def test_damaged_texts_are_written_or_refused(at: int, junk: str) -> None:
    through((TEXT[:at] + junk + TEXT[at + len(junk) :]).encode())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=10,
)
FIELDS = [*cards.v3()["data"], "character_book", "assets", "source", "creation_date", "modification_date"]
BOOKS = st.fixed_dictionaries(
    {},
    optional={
        "entries": st.lists(st.dictionaries(st.sampled_from(list(cards.entry(1))), VALUES), max_size=4),
        "name": VALUES,
    },
)


@BOUNDED
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6), BOOKS, st.sampled_from([cards.v2, cards.v3]))
def test_any_types_in_any_field_are_written_or_refused(changes: dict[str, Any], book: Any, version: Any) -> None:
    through(json.dumps(version(**({"character_book": book} | changes))).encode())
    through(json.dumps(cards.v1(**changes)).encode())


@pytest.mark.parametrize("field", ["alternate_greetings", "tags"])
def test_a_v1_card_with_odd_values_in_newer_fields_is_mended(field: str) -> None:
    through(json.dumps(cards.v1(**{field: [False, False, "", "a", "a"]})).encode())


def test_long_hostile_texts_take_no_long_time() -> None:
    # The suite ends a test after two minutes: what grows with the square of these would not be done then.
    for piece in ("{{" * 8_000, "{{a " * 6_000, '"' * 8_000, "[insert " * 4_000, "Ã" * 8_000, "@@" * 8_000, "@@a\n" * 4_000,
                  "a," * 8_000, "<img " * 4_000, "\n" * 20_000, "ð\u0178" * 8_000, "x" * 100_000):  # fmt: skip
        book = {"entries": [cards.entry(1, keys=[piece], content=piece, use_regex=True)]}
        through(
            json.dumps(
                cards.v3(description=piece, first_mes=piece, mes_example=piece, tags=[piece], character_book=book)
            ).encode()
        )
