"""Every version and container into every other: what is kept, what is told, what comes back."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest

from ainfluencer.cards.converting import assets, converter, decorators, versions
from ainfluencer.cards.converting.converter import Converted, Target
from ainfluencer.cards.converting.losses import WouldLose
from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.linting import linter
from ainfluencer.cards.opening import OpenCard, open_card
from ainfluencer.cards.reading import archives, limits, png
from ainfluencer.cards.reading.values import Container, Notes
from ainfluencer.core.errors import InvalidInput
from tests.support.cards import cards, pngs

RICH = cards.v3(
    creation_date=1_700_000_000,
    source=["https://example.org/ada"],
    creator_notes_multilingual={"de": "Hüterin"},
    group_only_greetings=["All of you?"],
    alternate_greetings=["Hi."],
    extensions={"x": {"n": 1, "depth": 2}},
    character_book={
        "name": "Harbour",
        "extensions": {},
        "entries": [
            cards.entry(1, use_regex=False, content="@@depth 4\n@@role system\n\nThe lamp is old."),
            cards.entry(2, use_regex=True, keys=["fog|mist"]),
            cards.entry(3, use_regex=False, id="lamp"),
            cards.entry(4, use_regex=False, id="7", content="@@activate"),
            cards.entry(5, use_regex=False, id="07", content="\n@@depth 1\r\n\r\nThe lamp is new.\n"),
        ],
    },
)


def opened(card: Any, name: str = "card.json") -> OpenCard:
    return open_card(card if isinstance(card, bytes) else json.dumps(card).encode(), name)


def made(card: Any, container: str, version: int = 0, **more: Any) -> Converted:
    return converter.convert(
        card if isinstance(card, OpenCard) else opened(card), Target(container, version), allow_loss=True, **more
    )


def as_json(card: Any, version: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made(card, "json", version).data)
    return found


SHOWN = ("name", "description", "personality", "scenario", "first_mes", "mes_example")


@pytest.mark.parametrize("container", ["json", "png", "charx", "yaml"])
@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("source", ["v1", "v2", "v3", "pygmalion", "no spec"])
def test_every_form_becomes_every_other(source: str, version: int, container: str) -> None:
    card: Any = {
        "v1": cards.v1(),
        "v2": cards.v2(),
        "v3": RICH,
        "pygmalion": {"char_name": "Ada", "char_persona": "Keeps a light.", "char_greeting": "Hi."},
        "no spec": {"data": cards.v1()},
    }[source]
    before = opened(card).card
    target = converter.target_of(f"v{version}" if container == "json" else "", f"a.{container}", Container.JSON)
    again = open_card(converter.convert(opened(card), target, allow_loss=True).data, f"a.{container}")
    assert (again.card.name, again.card.first_mes) == (before.name, before.first_mes)
    if container != "yaml":
        assert [getattr(again.card, name) for name in SHOWN] == [getattr(before, name) for name in SHOWN]
    odd = {note.code for note in again.payload.notes} - {"textgen_fields", "pygmalion_fields", "null_value"}
    assert not odd


def test_v3_to_v2_and_back_brings_everything_back() -> None:
    there = made(RICH, "json", 2)
    assert {loss.code for loss in there.losses} == {
        *("v3_nickname", "v3_group_only_greetings", "v3_creator_notes_multilingual", "v3_source", "v3_creation_date"),
        *("v3_decorators", "v3_use_regex"),
    }
    assert all(loss.kept for loss in there.losses)
    v2 = json.loads(there.data)
    assert (v2["spec"], v2["spec_version"]) == ("chara_card_v2", "2.0")
    assert not set(v2["data"]) & {"nickname", "group_only_greetings", "source", "creation_date"}
    assert v2["data"]["character_book"]["entries"][0]["content"] == "The lamp is old."
    assert isinstance(v2["data"]["character_book"]["entries"][2]["id"], int)
    back = as_json(there.data, 3)
    assert back == RICH


def test_v2_to_v3_loses_nothing_and_keeps_the_text() -> None:
    text = json.dumps(cards.v2(extensions={"z": 9007199254740993}), indent=2).replace(
        "9007199254740993", '9007199254740993, "e": 1e3'
    )
    there = converter.convert(opened(text.encode()), Target("json", 3))
    assert not there.losses
    assert b'9007199254740993, "e": 1e3' in there.data
    assert json.loads(there.data)["data"]["group_only_greetings"] == []
    assert converter.convert(opened(there.data), Target("json", 2)).data.decode() == text


def test_v1_to_v2_and_back_keeps_what_another_program_added() -> None:
    text = json.dumps(cards.v1(talkativeness="0.5", avatar="none", metadata={"version": 1}, creatorcomment="By hand."))
    text = text.replace('"version": 1', '"version": 1.10')
    v2 = made(text.encode(), "json", 2)
    assert not v2.losses
    data = json.loads(v2.data)["data"]
    assert data["creator_notes"] == "By hand."
    assert data["extensions"]["talkativeness"] == "0.5"
    assert b"1.10" in v2.data
    back = converter.convert(opened(v2.data), Target("json", 1))
    assert json.loads(back.data) == json.loads(text)
    assert b"1.10" in back.data


def test_v1_keeps_what_stands_under_other_programs_names_and_beside_the_data() -> None:
    flat = cards.v1(context="Other.", greeting="Hello.", example_dialogue="x")
    v2 = made(flat, "json", 2)
    assert json.loads(converter.convert(opened(v2.data), Target("json", 1)).data) == flat
    mirrored = cards.v2() | {"create_date": "2024", "name": "Old", "mine": {"a": 1}}
    assert as_json(mirrored, 1) == cards.v1() | {"create_date": "2024", "mine": {"a": 1}}
    assert {"create_date", "mine"} <= {loss.field for loss in made(mirrored, "yaml").losses}


@pytest.mark.parametrize("odd", [b"\x81", b"\xed\xa0\x80", b"\\ud83d"])
def test_what_is_no_letter_spoils_nothing_else(odd: bytes) -> None:
    data = json.dumps(cards.v2(description="Caf\u00e9 ODD")).encode().replace(b"\\u00e9", b"\xe9").replace(b"ODD", odd)
    before = opened(data).card
    for container, version in (("json", 3), ("png", 2), ("yaml", 0)):
        name = f"a.{container}"
        after = opened(made(data, container, version).data, name).card
        assert after.description.startswith(before.description), name
        assert after.description.startswith("Café ")


WORLD_INFO = {
    "uid": 4,
    "key": ["a"],
    "keysecondary": ["b"],
    "content": "c",
    "order": 5,
    "disable": True,
    "depth": 2,
    "mine": 1,
}


@pytest.mark.parametrize(
    "entry", [WORLD_INFO, {"key": "a", "content": "c", "enabled": False, "insertion_order": 5}, {"keys": ["a"], "content": "c", "order": 5, "disable": True}]
)  # fmt: skip
@pytest.mark.parametrize("wrap", [list, lambda one: {"0": one[0]}])
def test_world_info_in_a_card_keeps_its_keys_and_its_order(entry: dict[str, Any], wrap: Any) -> None:
    before = opened(cards.v2(character_book={"entries": wrap([entry])}))
    fixed = linter.fix(before, linter.lint(before), Notes())
    for data in (made(before, "json", 3).data, fixed):
        assert before.card.book
        assert opened(data).card.book
        shown = [(one.keys, one.secondary_keys, one.is_enabled, one.order) for one in opened(data).card.book.entries]  # type: ignore[union-attr]
        assert shown == [(one.keys, one.secondary_keys, one.is_enabled, one.order) for one in before.card.book.entries]
        assert shown[0][2:] == (False, 5)


def test_thousands_of_textual_ids_take_no_long_time() -> None:
    entries = [cards.entry(n, use_regex=False, id=f"n{n}") for n in range(8_000)]
    started = time.process_time()
    card, _ = versions.converted(cards.v3(character_book={"extensions": {}, "entries": entries}), 2)
    assert time.process_time() - started < 5  # it grew with the square of their number
    assert len({one["id"] for one in card["data"]["character_book"]["entries"]}) == 8_000


def test_a_yaml_card_with_odd_keys_and_values_becomes_json() -> None:
    text = 'name: A\ngreeting: "b\\ud800"\ncontext: 2024-02-03\ncharacter_version: 1.10\n2024-01-01: .nan\n? [a, 1]\n: x\n1: {2: y}\n'
    card = json.loads(made(opened(text.encode(), "a.yaml"), "json", 2).data)["data"]
    assert (card["first_mes"], card["description"], card["character_version"]) == ("b\ufffd", "2024-02-03", "1.10")
    assert card["extensions"]["ainfluencer"]["v1"] == {"2024-01-01": None, "['a', 1]": "x", "1": {"2": "y"}}


def test_what_v1_cannot_hold_is_refused_and_named() -> None:
    rich = cards.v2(system_prompt="Stay.", character_book={"entries": [cards.entry(1)]})
    with pytest.raises(WouldLose) as refusal:
        converter.convert(opened(rich), Target("json", 1))
    assert refusal.value.reason == "would_lose"
    assert [loss.field for loss in refusal.value.losses] == [
        f"data.{name}"
        for name in ("system_prompt", "tags", "creator", "character_version", "extensions", "character_book")
    ]
    assert not any(loss.kept for loss in refusal.value.losses)
    assert as_json(rich, 1) == cards.v1()


def test_the_same_version_and_container_is_the_same_file() -> None:
    data = json.dumps(cards.v2(), indent=3).encode()
    assert made(data, "json", 2).data == data
    picture = pngs.png(pngs.text("chara", pngs.b64(cards.v2())))
    assert made(picture, "png").data == picture
    assert made(picture, "json").data == json.dumps(cards.v2(), ensure_ascii=False).encode()


def test_odd_transport_becomes_plain() -> None:
    for data in (
        b"\xef\xbb\xbf" + json.dumps([{"card": cards.v2()}]).encode(),
        json.dumps(cards.v2()).encode("utf-16"),
        base64.b64encode(json.dumps(cards.v2()).encode()),
        json.dumps(cards.v2())[:-1].encode() + b",}",
    ):
        plain = made(data, "json", 2).data
        assert json.loads(plain) == cards.v2()
        assert not opened(plain).payload.notes


def test_a_picture_keeps_its_pixels_and_other_chunks() -> None:
    picture = pngs.png(pngs.text("parameters", b"x"), pngs.text("chara", pngs.b64(cards.v2())), first=pngs.ANIMATION)
    up = made(picture, "png", 3)
    found, _ = png.text_chunks(up.data, Notes(), keywords=frozenset({"chara", "ccv3", "parameters"}))
    assert sorted(one.keyword for one in found) == ["ccv3", "chara", "parameters"]
    assert (opened(up.data).card.spec, opened(up.data).payload.container) == ("v3", "apng")
    assert made(up.data, "png", 2).data == picture


def test_files_travel_between_archive_and_picture() -> None:
    smile = pngs.png(pngs.text("Title", b"smile"))
    card = cards.v3(
        assets=[
            {"type": "icon", "uri": "embeded://assets/icon/images/face.png", "name": "main", "ext": "png"},
            {"type": "emotion", "uri": "embeded://assets/emotion/images/smile.png", "name": "smile", "ext": "png"},
            {"type": "background", "uri": "https://example.org/b.png", "name": "main", "ext": "png"},
        ]
    )
    face = pngs.png()
    names = ("assets/icon/images/face.png", "assets/emotion/images/smile.png")
    from ainfluencer.cards.saving.archives import packed  # noqa: PLC0415

    charx = packed(
        [("card.json", json.dumps(card).encode()), (names[0], face), (names[1], smile), ("module.risum", b"r")]
    )
    with pytest.raises(WouldLose) as refusal:
        converter.convert(opened(charx), Target("png", 3))
    assert [loss.field for loss in refusal.value.losses] == ["module.risum"]
    picture = made(charx, "png", 3).data
    inside = opened(picture).payload.data["data"]["assets"]
    assert [one["uri"] for one in inside] == ["ccdefault:", "__asset:0", "https://example.org/b.png"]
    back = made(picture, "charx").data
    again = opened(back)
    uris = [one["uri"] for one in again.payload.data["data"]["assets"]]
    assert all(archives.member_of(uri, again.payload.members) for uri in uris[:2])
    assert archives.Archive(back, Notes()).read("assets/emotion/images/smile.png") == smile
    assert again.payload.picture == picture
    lost = made(charx, "json", 3).losses
    assert {loss.code for loss in lost} == {"asset_file", "archive_member"}


def test_nothing_is_written_that_is_too_large_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    card = opened(cards.v3(description="x" * 3_000))
    monkeypatch.setattr(limits, "MAX_FILE", 4_000)
    assert len(made(card, "json", 2).data) < 4_000
    with pytest.raises(CardRefused, match="V3 in PNG") as refusal:  # base64 makes it larger
        made(card, "png", 3)
    assert refusal.value.reason == "file_too_large"


def test_a_card_without_a_picture_gets_a_plain_one_or_the_given() -> None:
    plain = made(cards.v2(), "png")
    assert [note.code for note in plain.notes] == ["picture_made"]
    assert plain.data == made(cards.v2(), "png").data
    given = made(cards.v2(), "png", picture=pngs.png(pngs.text("chara", b"old")))
    assert not given.notes
    assert opened(given.data).card.name == "Ada"
    with pytest.raises(InvalidInput) as refusal:
        made(cards.v2(), "png", picture=b"GIF89a broken")
    assert refusal.value.reason == "picture_unreadable"


def test_a_picture_that_is_cut_off_is_no_picture_for_a_card() -> None:
    with pytest.raises(InvalidInput) as refusal:
        made(cards.v2(), "png", picture=pngs.png()[:40])
    assert refusal.value.reason == "picture_unreadable"


def test_a_jpeg_becomes_a_png_and_an_archive_behind_one_an_archive() -> None:
    picture = assets.as_png(pngs.png())
    assert picture == pngs.png()
    from ainfluencer.cards.saving.archives import packed  # noqa: PLC0415

    behind = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9" + packed(
        [("x.json", b"{}"), ("card.json", json.dumps(cards.v3()).encode())]
    )
    out = made(behind, "charx").data
    assert out.startswith(b"PK")
    assert opened(out).payload.members == ("x.json", "card.json")


TARGETS = [
    ("", "a.png", Target("png")),
    ("", "a.charx", Target("charx", 3)),
    ("v2", "a.png", Target("png", 2)),
    ("v3", "-", Target("json", 3)),
    ("yaml", "-", Target("yaml")),
    ("charx", "out", Target("charx", 3)),
    ("json", "a.txt", Target("json")),
]


@pytest.mark.parametrize(("word", "name", "wanted"), TARGETS)
def test_word_and_name_say_the_target(word: str, name: str, wanted: Target) -> None:
    assert converter.target_of(word, name, Container.JSON) == wanted


@pytest.mark.parametrize(("word", "name"), [("", "a.txt"), ("png", "a.json"), ("v2", "a.charx")])
def test_unclear_targets_are_refused(word: str, name: str) -> None:
    with pytest.raises(InvalidInput):
        converter.target_of(word, name, Container.JSON)


def test_decorators_are_split_from_their_content() -> None:
    assert decorators.split("@@depth 4\n@@@role user\n\nText @@x\n") == (["@@depth 4", "@@@role user"], "Text @@x\n")
    assert decorators.split("\n\n@@activate\n") == (["@@activate"], "")
    assert decorators.split("Plain\n@@depth 4") == ([], "Plain\n@@depth 4")
    assert decorators.split("@@ nothing") == ([], "@@ nothing")


def test_a_version_above_three_keeps_its_number() -> None:
    newer = cards.v3() | {"spec_version": "3.1"}
    assert versions.converted(newer, 3)[0]["spec_version"] == "3.1"
    assert as_json(newer, 2)["spec_version"] == "2.0"
