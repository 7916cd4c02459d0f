"""Files of a card: every kind of container, nothing else touched, and everything hostile refused with a reason."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from PIL import Image

from ainfluencer.cards.attaching import changing, kinds, listing
from ainfluencer.cards.attaching.changing import NewFile
from ainfluencer.cards.linting import linter
from ainfluencer.cards.opening import OpenCard, open_card
from ainfluencer.cards.reading import png
from ainfluencer.cards.reading.values import Notes
from ainfluencer.core.errors import InvalidInput, NotFound
from tests.support.cards import cards, pngs


def painted(colour: str, form: str = "PNG", size: tuple[int, int] = (12, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, form)
    return out.getvalue()


RED, BLUE = NewFile(painted("red"), "happy.png"), NewFile(painted("blue", "WEBP"), "C:\\faces\\sad.webp")
SONG = NewFile(b"OggS" + b"\1" * 500, "harbour.ogg")
KEPT = pngs.text("parameters", b"a lighthouse, 20 steps")


def in_png(**changes: Any) -> OpenCard:
    return open_card(pngs.png(pngs.text("ccv3", pngs.b64(cards.v3(**changes))), KEPT), "ada.png")


def in_charx(head: bytes = b"", **changes: Any) -> OpenCard:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/icon/images/main.png", painted("green"))
        archive.writestr("card.json", json.dumps(cards.v3(assets=CHARX_LIST, **changes)))
        archive.writestr("module.risum", b"\0module" * 40)
        archive.comment = b"made by hand"
    return open_card(head + out.getvalue(), "ada.charx")


CHARX_LIST = [{"type": "icon", "uri": "embeded://assets/icon/images/main.png", "name": "main", "ext": "png"}]


def in_json(**changes: Any) -> OpenCard:
    return open_card(json.dumps(cards.v3(**changes), indent=4).encode(), "ada.json")


def names(opened: OpenCard) -> list[tuple[str, str, str, str]]:
    return [(one.type, one.name, one.ext, one.place) for one in listing.listed(opened)]


@pytest.mark.parametrize(
    ("make", "place"),
    [
        (in_png, "inside"),
        (in_charx, "inside"),
        (lambda: in_charx(painted("grey", "JPEG")), "inside"),
        (in_json, "data"),
    ],
    ids=["png", "charx", "charx behind a jpeg", "json"],
)
def test_files_come_in_are_exchanged_and_go(make: Any, place: str) -> None:
    before = make()
    opened = open_card(changing.added(before, "emotion", [RED, BLUE]))
    first = names(before) or [("icon", "main", "png", "default")]
    assert names(opened) == [*first, ("emotion", "happy", "png", place), ("emotion", "sad", "webp", place)]
    assert [listing.content(opened, at)[1] for at in (1, 2)] == [RED.data, BLUE.data]
    assert [one.size for one in listing.listed(opened)[1:]] == [len(RED.data), len(BLUE.data)]

    other = open_card(changing.replaced(opened, 1, NewFile(BLUE.data, "x.webp")))
    assert names(other)[1] == ("emotion", "happy", "webp", place)
    assert [listing.content(other, at)[1] for at in (1, 2)] == [BLUE.data, BLUE.data]
    assert RED.data not in other.data
    assert base64.b64encode(RED.data) not in other.data

    left = open_card(changing.removed(other, [1, 2]))
    assert names(left) == first
    assert len(left.data) < len(before.data) + 400  # the files went, too
    assert left.card.name == "Ada"


def test_everything_else_of_a_picture_stays() -> None:
    before = in_png(extensions={"big": 9007199254740993})
    after = open_card(changing.added(before, "x_sound", [SONG]))
    for piece in png.chunks(before.data):
        raw = before.data[piece.offset : piece.end]
        assert b"ccv3" in raw or raw in after.data
    assert b'"big":9007199254740993' in after.payload.text.replace(b" ", b"")
    keywords = [after.data[one.start : one.start + 18] for one in png.chunks(after.data) if one.kind == b"tEXt"]
    assert keywords[-1].startswith(b"chara-ext-asset_:0") or keywords[0].startswith(b"chara-ext-asset_:0")
    kinds_there = [one.kind for one in png.chunks(after.data)]
    assert kinds_there.index(b"IDAT") > max(n for n, kind in enumerate(kinds_there) if kind == b"tEXt" and n < 3)


def test_everything_else_of_an_archive_stays() -> None:
    head = painted("grey", "JPEG")
    before = in_charx(head)
    after = changing.added(before, "background", [RED])
    assert after.startswith(head)
    assert after.endswith(b"made by hand")
    with zipfile.ZipFile(io.BytesIO(before.data)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert new.testzip() is None
        assert new.namelist() == [*old.namelist(), "assets/background/images/happy.png"]
        assert new.read("module.risum") == old.read("module.risum")
    again = changing.removed(open_card(after), [1])
    with zipfile.ZipFile(io.BytesIO(again)) as new:
        assert new.testzip() is None
        assert new.namelist() == ["assets/icon/images/main.png", "card.json", "module.risum"]


def test_a_file_that_two_assets_name_stays_until_the_last_goes() -> None:
    twice = [*CHARX_LIST, {**CHARX_LIST[0], "type": "emotion", "name": "neutral"}]
    opened = in_charx()
    editor = opened.editor()
    editor.set("assets", twice)
    opened = open_card(opened.saved(editor, Notes()))
    left = open_card(changing.removed(opened, [0]))
    assert listing.content(left, 0)[1] == painted("green")
    with pytest.raises(NotFound):
        listing.content(open_card(changing.removed(left, [0])), 0)


@pytest.mark.parametrize("uri", ["embeded://card.json", "embeded://module.risum"])
def test_what_a_program_keeps_in_an_archive_never_goes(uri: str) -> None:
    opened = in_charx()
    editor = opened.editor()
    editor.set("assets[+]", {"type": "x_odd", "uri": uri, "name": "odd", "ext": "json"})
    opened = open_card(opened.saved(editor, Notes()))
    with zipfile.ZipFile(io.BytesIO(changing.removed(opened, [1]))) as new:
        assert {"card.json", "module.risum"} <= set(new.namelist())


def test_one_icon_is_the_main_one() -> None:
    opened = open_card(changing.added(in_png(), "icon", [RED]))
    assert names(opened) == [("icon", "main", "png", "default"), ("icon", "happy", "png", "inside")]
    opened = open_card(changing.changed(opened, 1, is_main=True))
    assert [(one.name, one.is_main) for one in listing.listed(opened)] == [("icon", False), ("main", True)]
    assert not [one for one in linter.lint(opened).findings if one.code.startswith("assets_")]
    with pytest.raises(InvalidInput, match="Only an icon or a background"):
        changing.changed(opened, 1, kind="emotion", is_main=True)


def test_names_and_kinds_can_be_changed() -> None:
    opened = open_card(changing.added(in_json(), "emotion", [RED], name="glad"))
    opened = open_card(changing.changed(opened, 1, kind="x-Mood", name="very glad"))
    assert names(opened)[1] == ("x_mood", "very glad", "png", "data")


def test_equal_names_are_told_apart() -> None:
    opened = open_card(changing.added(in_charx(), "emotion", [RED, RED]))
    assert [one.name for one in listing.listed(opened)] == ["main", "happy", "happy-2"]


def test_files_elsewhere_are_named_and_never_fetched() -> None:
    opened = open_card(changing.added(in_json(), "background", [], uri="https://pictures.example/sea.JPG?w=2"))
    assert names(opened)[1] == ("background", "sea", "jpg", "remote")
    with pytest.raises(NotFound, match="not in this card"):
        listing.content(opened, 1)


def test_what_is_missing_is_told() -> None:
    opened = in_json(
        assets=[{"type": "icon", "uri": "embeded://../../etc/passwd", "name": "main", "ext": "png"}, 7, {}]
    )
    assert [(one.at, one.place) for one in listing.listed(opened)] == [(0, "missing"), (2, "missing")]
    changed = open_card(changing.changed(opened, 0, name="face"))  # what nobody touches stays, odd as it is
    assert changed.payload.data["data"]["assets"][1:] == [7, {}]


@pytest.mark.parametrize(
    ("kind", "file", "code"),
    [
        ("icon", NewFile(b"MZ\x90\0 a program", "happy.png"), "asset_content"),
        ("icon", SONG, "asset_content"),
        ("emotion", NewFile(painted("red", size=(300, 300))[:90], "cut.png"), "invalid_input"),
        ("x_sound", NewFile(b"<html>", "a.png"), "asset_content"),
        ("emotion", NewFile(b"", "a.png"), "asset_empty"),
        ("../icon", RED, "asset_type"),
        ("sound", SONG, "asset_type"),
        ("x_" + "a" * 80, SONG, "asset_type"),
    ],
)
def test_what_does_not_fit_is_refused(kind: str, file: NewFile, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        changing.added(in_png(), kind, [file])
    assert refused.value.reason == code


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "a\\b", "..", "a\nb", "x" * 200, "\u202egnp.exe"])
def test_names_are_no_paths(name: str) -> None:
    with pytest.raises(InvalidInput, match="without slashes"):
        changing.added(in_charx(), "emotion", [RED], name=name)
    made = changing.added(in_charx(), "emotion", [NewFile(RED.data, name)])
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert all(member.startswith(("assets/", "card.json", "module.risum")) for member in archive.namelist())
        assert not any(".." in member for member in archive.namelist())


def test_sizes_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    big = NewFile(b"x" * (kinds.MOST_IN_TEXT + 1), "big.bin")
    with pytest.raises(InvalidInput, match="bytes; a card of this kind takes") as refused:
        changing.added(in_json(), "x_data", [big])
    assert refused.value.reason == "asset_too_large"
    monkeypatch.setattr(kinds, "MOST_IN_FILE", 100)
    with pytest.raises(InvalidInput, match="takes 100"):
        changing.added(in_png(), "x_data", [big])
    monkeypatch.setattr(kinds, "MOST_ASSETS", 2)
    with pytest.raises(InvalidInput, match="may have 2 assets"):
        changing.added(in_json(), "emotion", [RED, RED])


@pytest.mark.parametrize("card", [cards.v1(), cards.v2()])
def test_older_versions_have_no_place(card: dict[str, Any]) -> None:
    opened = open_card(json.dumps(card).encode(), "ada.json")
    with pytest.raises(InvalidInput, match="has no place for assets") as refused:
        changing.added(opened, "icon", [RED])
    assert refused.value.reason == "field_not_in_version"


def test_a_number_that_is_none() -> None:
    for at in (1, -1, 99):
        with pytest.raises(NotFound):
            changing.removed(in_charx(), [at])


def test_thumbnails_are_small_pictures() -> None:
    opened = open_card(changing.added(in_charx(), "background", [NewFile(painted("red", size=(900, 600)), "sea.png")]))
    with Image.open(io.BytesIO(listing.thumbnail(opened, 1, 160))) as image:
        assert (image.format, image.size) == ("WEBP", (160, 107))
    song = open_card(changing.added(in_charx(), "x_sound", [SONG]))
    with pytest.raises(InvalidInput, match="no picture"):
        listing.thumbnail(song, 1, 160)
