"""A JSON document that keeps its source: what is not touched leaves as it came."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ainfluencer.cards.editing import paths, scanning, styles
from ainfluencer.cards.editing.document import Document, same
from ainfluencer.cards.editing.paths import Path, PathMissing
from ainfluencer.cards.editing.yaml_document import YamlDocument
from ainfluencer.cards.reading import numbers
from ainfluencer.core.errors import InvalidInput

BOUNDED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=4), inner, max_size=5),
    max_leaves=16,
)
LAYOUTS = st.sampled_from([{}, {"indent": 4}, {"indent": 1}, {"indent": "\t"}, {"separators": (",", ":")}])


def written(value: Any, layout: dict[str, Any], *, is_ascii: bool) -> str:
    return json.dumps(value, ensure_ascii=is_ascii, **layout)


def places(value: Any, path: Path = ()) -> list[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(place for key, inner in items for place in places(inner, (*path, key)))]


@BOUNDED
@given(VALUES, LAYOUTS, st.booleans(), st.data())
def test_a_set_value_is_read_again_and_the_rest_stays(
    value: Any, layout: dict[str, Any], is_ascii: bool, data: st.DataObject
) -> None:
    text = written(value, layout, is_ascii=is_ascii)
    document = Document(text)
    place = data.draw(st.sampled_from(places(value)))
    document.set(place, paths.stepped(value, place))
    assert document.text == text
    assert not document.is_changed
    new = data.draw(VALUES)
    document.set(place, new)
    assert same(json.loads(document.text), replaced(value, place, new))
    if place and not isinstance(new, dict | list):
        start, end = span(text, place)
        assert document.text[:start] == text[:start]
        assert document.text.endswith(text[end:])


def span(text: str, place: Path) -> tuple[int, int]:
    return Document(text)._span(place)


def replaced(value: Any, place: Path, new: Any) -> Any:
    if not place:
        return new
    made = copy.deepcopy(value)
    paths.stepped(made, place[:-1])[place[-1]] = new
    return made


@BOUNDED
@given(VALUES, VALUES, LAYOUTS)
def test_any_document_becomes_any_other(old: Any, new: Any, layout: dict[str, Any]) -> None:
    document = Document(written(old, layout, is_ascii=False))
    document.set((), new)
    assert same(json.loads(document.text), new)


@BOUNDED
@given(st.lists(VALUES, max_size=8), st.data(), LAYOUTS)
def test_items_come_and_go(items: list[Any], data: st.DataObject, layout: dict[str, Any]) -> None:
    document = Document(written({"a": items, "b": 1.0}, layout, is_ascii=True))
    at, new = data.draw(st.integers(0, len(items))), data.draw(VALUES)
    document.insert(("a", at), new)
    wanted = [*items[:at], new, *items[at:]]
    assert same(json.loads(document.text)["a"], wanted)
    gone = data.draw(st.integers(0, len(items)))
    document.remove(("a", gone))
    assert same(json.loads(document.text), {"a": [v for n, v in enumerate(wanted) if n != gone], "b": 1.0})


NUMBERS = '{"z": 9007199254740993, "a": 1.0, "e": 1e3, "n": -0.0, "big": 1E400, "name": "A", "u": "\\u00e9\\/"}'


def test_numbers_order_and_escapes_stay_when_a_neighbour_changes() -> None:
    document = Document(NUMBERS)
    document.set(("name",), "Zoë")
    assert document.text == NUMBERS.replace('"A"', '"Zo\\u00eb"')


def test_of_duplicate_keys_the_last_counts_and_all_of_them_go() -> None:
    document = Document('{"a": 1, "b": 2, "a": 3}')
    document.set(("a",), 4)
    assert document.text == '{"a": 1, "b": 2, "a": 4}'
    document.remove(("a",))
    assert document.text == '{"b": 2}'


def test_mended_forms_are_edited_as_they_are() -> None:
    document = Document('\ufeff {"a": "raw\nline", "b": [1, 2, ], } \0 -- end')
    document.append(("b",), 3)
    document.set(("c",), "x")
    assert document.text == '\ufeff {"a": "raw\nline", "b": [1, 2, 3, ], "c": "x", } \0 -- end'
    assert document.get(("a",)) == "raw\nline"


def test_new_members_take_the_style_of_their_neighbours() -> None:
    document = Document('{\r\n\t"a" : {\r\n\t\t"b" : [],\r\n\t\t"c" : 1\r\n\t}\r\n}')
    document.set(("a", "d"), {"e": [True]})
    assert document.text == (
        '{\r\n\t"a" : {\r\n\t\t"b" : [],\r\n\t\t"c" : 1,\r\n\t\t"d" : {\r\n\t\t\t"e" : [\r\n\t\t\t\ttrue\r\n\t\t\t]\r\n\t\t}\r\n\t}\r\n}'
    )
    compact = Document('{"a":[1]}')
    compact.set(("b",), {"c": [1, 2]})
    assert compact.text == '{"a":[1],"b":{"c":[1,2]}}'


def test_a_member_gets_another_key_in_its_place() -> None:
    document = Document('{"a": 1, "b": 2}')
    document.rename(("a",), "c")
    assert document.text == '{"c": 1, "b": 2}'
    with pytest.raises(PathMissing):
        document.rename(("c",), "b")


def test_an_item_in_the_middle_goes_and_the_others_keep_their_spelling() -> None:
    document = Document('[{"w": 1.0}, {"w": 2.50}, {"w": 3e1}, {"w": 4.00}]')
    document.set((), [{"w": 1.0}, {"w": 30.0}, {"w": 4.0}])
    assert document.text == '[{"w": 1.0}, {"w": 3e1}, {"w": 4.00}]'


def test_what_an_encoding_cannot_hold_is_escaped() -> None:
    document = Document('{"a": "café"}', encoding="cp1252")
    document.set(("b",), "é★")
    assert document.text == '{"a": "café", "b": "é\\u2605"}'


def test_source_numbers_keep_their_spelling_where_they_move() -> None:
    assert (
        styles.Style().value({"x": numbers.load("[1e3, -0, 1.10, 9007199254740993]")})
        == '{"x": [1e3, -0, 1.10, 9007199254740993]}'
    )


def test_an_item_that_moves_keeps_the_spelling_of_its_numbers() -> None:
    document = Document('[{"n": 1e3, "x": 1e400, "z": -0}, {"n": 2}]')
    document.set((), [*document.root[1:], *document.root[:1]])
    assert document.text == '[{"n": 2}, {"n": 1e3, "x": 1e400, "z": -0}]'


def test_paths_are_written_as_people_write_them() -> None:
    for text in ("extensions.depth_prompt.depth", "tags[0]", 'extensions."a.b"[2].c'):
        assert paths.shown(paths.parsed(text)) == text
    for bad in ("", "a..b", "[", "a[0"):
        with pytest.raises(InvalidInput):
            paths.parsed(bad)
    with pytest.raises(PathMissing):
        Document("[1]").set((3,), 1)


def test_depth_is_no_danger() -> None:
    deep = '{"a": ' + "[" * 5_000 + "1, ]" + "]" * 4_999 + ', "b": "x", "c": -1.50,}'
    found = scanning.members(deep, 0)
    assert [one.key for one in found] == ["a", "b", "c"]
    assert [deep[one.start : one.end] for one in found[1:]] == ['"x"', "-1.50"]
    assert deep[found[0].end] == ","


@pytest.mark.parametrize("text", ["[1", '{"a" 1}', "{a: 1}", '["a]', '{"a":}'])
def test_what_is_not_json_is_no_list_of_members(text: str) -> None:
    with pytest.raises(scanning.NotJson):
        scanning.members(text, 0)


def test_a_yaml_document_has_the_same_verbs() -> None:
    text = "# mine\na: 1  # one\nb:\n- x\n- y\nc: {d: 2}\n"
    document = YamlDocument(text)
    document.set((), {"a": 1, "b": ["x", "y"], "c": {"d": 2}})
    assert document.text == text
    document.set(("b", 2), "z\nz")
    document.set((), {"a": 1, "b": ["x", "y", "z\nz"], "c": {"e": True}})
    assert document.text == "# mine\na: 1  # one\nb:\n- x\n- y\n- |-\n  z\n  z\nc: {e: true}\n"
    document.remove(("b", 0))
    assert document.root["b"] == ["y", "z\nz"]
    with pytest.raises(PathMissing):
        document.remove(("nothing",))
