"""Back into the container: one authoritative chunk, all other bytes as they were, whole files or none."""

from __future__ import annotations

import base64
import io
import json
import stat
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.editing import editor as editing
from ainfluencer.cards.opening import OpenCard, open_card
from ainfluencer.cards.reading import png
from ainfluencer.cards.reading.values import Notes
from ainfluencer.cards.saving import files
from ainfluencer.core.errors import InvalidInput
from tests.support.cards import cards, pngs

B64, B64_V3 = pngs.b64(cards.v2()), pngs.b64(cards.v3())
OTHER = pngs.text("parameters", b"a lighthouse, 20 steps")
TAIL = b"trailing bytes"


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    return [(one.kind, data[one.start : one.end - 4]) for one in png.chunks(data)]


def cards_in(data: bytes) -> dict[str, dict[str, Any]]:
    found = {}
    for kind, body in chunks(data):
        keyword, _, value = body.partition(b"\0")
        if kind == b"tEXt" and keyword in {b"chara", b"ccv3"}:
            assert keyword.decode() not in found, "one chunk of each keyword"
            found[keyword.decode()] = json.loads(base64.b64decode(value))
    return found


def renamed(data: bytes, filename: str = "", **changes: Any) -> tuple[bytes, OpenCard, Notes]:
    """The file with other field values, as it is read again."""
    opened, notes = open_card(data, filename), Notes()
    made = opened.editor()
    for field, value in (changes or {"name": "Zoë"}).items():
        made.set(field, value)
    out = opened.saved(made, notes)
    return out, open_card(out, filename), notes


PICTURES: dict[str, bytes] = {
    "tEXt": pngs.png(OTHER, pngs.text("chara", B64)),
    "before the pixels": pngs.png(OTHER, first=pngs.text("chara", B64)),
    "capitals": pngs.png(pngs.text("Chara", B64)),
    "zTXt": pngs.png(pngs.ztext("chara", B64), OTHER),
    "iTXt": pngs.png(pngs.itext("chara", B64, compressed=True)),
    "two of one": pngs.png(pngs.text("chara", B64), OTHER, pngs.text("chara", pngs.b64(cards.v2(name="Old")))),
    "first unreadable": pngs.png(pngs.text("chara", b"%%%%"), pngs.text("chara", B64)),
    "ccv3 unreadable": pngs.png(pngs.text("chara", B64), pngs.text("ccv3", b"%%%%")),
    "both": pngs.png(pngs.text("chara", B64), pngs.text("ccv3", B64_V3)),
    "no end": pngs.png(pngs.text("chara", B64), end=b""),
    "bytes after the end": pngs.png(pngs.text("chara", B64)) + TAIL,
    "wrong check sum": pngs.png(pngs.chunk(b"tEXt", b"chara\0" + B64, crc=1)),
    "animated": pngs.png(pngs.text("chara", B64), first=pngs.ANIMATION),
    "plain JSON": pngs.png(pngs.text("chara", json.dumps(cards.v2()).encode())),
    "double base64": pngs.png(pngs.text("chara", base64.b64encode(B64))),
    "UTF-16 inside": pngs.png(pngs.text("chara", base64.b64encode(json.dumps(cards.v2()).encode("utf-16")))),
}


@pytest.mark.parametrize("what", PICTURES)
def test_an_unedited_picture_is_the_same_bytes(what: str) -> None:
    opened = open_card(PICTURES[what])
    assert opened.saved(opened.editor(), Notes()) == PICTURES[what]


@pytest.mark.parametrize("what", PICTURES)
def test_an_edited_picture_has_one_readable_card_and_all_else(what: str) -> None:
    data = PICTURES[what]
    out, again, _ = renamed(data)
    assert again.card.name == "Zoë"
    assert {card["data"]["name"] for card in cards_in(out).values()} == {"Zoë"}
    assert set(cards_in(out)) == ({"chara", "ccv3"} if what == "both" else {"chara"})
    words = (b"chara", b"ccv3", b"Chara")
    others = [one for one in chunks(data) if one[1].split(b"\0")[0] not in words and one[0] != b"IEND"]
    kept = [one for one in chunks(out) if one[1].split(b"\0")[0] not in words and one[0] != b"IEND"]
    assert kept == others
    assert chunks(out)[-1][0] == b"IEND"
    assert out.endswith(TAIL) is data.endswith(TAIL)
    odd = {note.code for note in again.payload.notes} - {"other_text_chunks", "png_trailing_bytes"}
    assert not odd, "nothing about an edited card is odd any more"


def test_where_both_chunks_are_the_copy_follows_as_v2() -> None:
    copy = cards.v2(creator_notes="This card is V3; yours may not show all of it.")
    data = pngs.png(pngs.text("chara", pngs.b64(copy)), pngs.text("ccv3", B64_V3))
    out, _, _ = renamed(data, nickname="Z", tags=["x"], first_mes="Hi.")
    found = cards_in(out)
    assert found["ccv3"]["data"]["nickname"] == "Z"
    assert "modification_date" in found["ccv3"]["data"]
    wanted = json.loads(json.dumps(copy))
    wanted["data"] |= {"tags": ["x"], "first_mes": "Hi."}
    assert found["chara"] == wanted


def test_the_copy_for_v2_never_gets_the_decorators_of_v3() -> None:
    book = {"extensions": {}, "entries": [cards.entry(1, use_regex=False, content="@@depth 4\nThe lamp.", id="lamp")]}
    made = converter.convert(
        open_card(json.dumps(cards.v3(character_book=book)).encode()), Target("png", 3), allow_loss=True
    )
    opened = open_card(made.data)
    editor = opened.editor()
    editor.set("book.entries[0].comment", "A note.")
    editor.set("nickname", "Z")
    found = cards_in(opened.saved(editor, Notes()))
    entry = found["chara"]["data"]["character_book"]["entries"][0]
    assert (entry["content"], entry["id"], entry["comment"]) == ("The lamp.", 0, "A note.")
    assert found["chara"]["data"]["extensions"]["ainfluencer"]["v3"]["nickname"] == "Z"
    assert found["ccv3"]["data"]["character_book"]["entries"][0]["content"] == "@@depth 4\nThe lamp."


def test_the_text_of_a_chunk_changes_only_where_it_was_edited() -> None:
    text = b'{"spec":"chara_card_v2","spec_version":"2.0","data":{"name":"A","description":"","extensions":{"z":9007199254740993,"a":1.0,"e":1e3,"n":-0.0},"extensions2":null,"name":"Ada"}}'
    _, again, _ = renamed(pngs.png(pngs.text("chara", pngs.b64(text))))
    assert again.payload.text == text.replace(b'"Ada"', '"Zoë"'.encode())


def zipped(members: Mapping[str, bytes], *, stored: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.comment = b"made by hand"
    return out.getvalue()


ICON = pngs.png()
ASSETS = [{"type": "icon", "uri": "embeded://assets/icon/images/main.png", "name": "main", "ext": "png"}]
MEMBERS = {
    "x_meta/a.json": b"{}",
    "card.json": json.dumps(cards.v3(assets=ASSETS)).encode(),
    "assets/icon/images/main.png": ICON,
    "module.risum": bytes(range(200)),
}
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9"


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("before", [b"", JPEG])
def test_an_archive_keeps_its_other_members_and_their_order(*, stored: bool, before: bytes) -> None:
    data = before + zipped(MEMBERS, stored=stored)
    out, again, notes = renamed(data, book={"entries": [cards.entry(1)]}, name="Zoë")
    assert again.card.name == "Zoë"
    assert out.startswith(before)
    assert "risu_module_kept" in {note.code for note in notes}
    with zipfile.ZipFile(io.BytesIO(out)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(MEMBERS)
        assert archive.comment == b"made by hand"
        assert {n: archive.read(n) for n in MEMBERS if n != "card.json"} == {
            n: c for n, c in MEMBERS.items() if n != "card.json"
        }
    opened = open_card(data)
    assert opened.saved(opened.editor(), Notes()) == data


def test_an_archive_written_as_a_stream_is_edited_too() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.parts = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.parts += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # sizes stand behind each member here
        for name, content in MEMBERS.items():
            archive.writestr(name, content)
    out, again, _ = renamed(bytes(pipe.parts))
    assert again.card.name == "Zoë"
    with zipfile.ZipFile(io.BytesIO(out)) as read:
        assert read.testzip() is None
        assert read.read("module.risum") == MEMBERS["module.risum"]


def test_layers_of_a_json_file_stay() -> None:
    text = json.dumps({"ok": 1.0, "card": cards.v2()})
    for data in (base64.b64encode(text.encode()), json.dumps(text).encode(), f"[{text}]".encode()):
        out, again, _ = renamed(data)
        assert again.card.name == "Zoë"
        assert again.payload.wrapping == open_card(data).payload.wrapping
        assert b"1.0" in again.payload.text
        assert out[:1] == data[:1]


def test_yaml_is_never_written_so_that_nobody_can_read_it() -> None:
    opened = open_card(b"name: Ada\ngreeting: Hi\ncontext: x\ny: {a: b}\n", "a.yaml")
    editor = opened.editor()
    editor.set("first_mes", "one\u2028  two\n  three")
    assert open_card(opened.saved(editor, Notes()), "a.yaml").card.first_mes == "one\u2028  two\n  three"
    editor.document.set(("y", "a"), ": x |")
    with pytest.raises(InvalidInput):
        opened.saved(editor, Notes())


def test_yaml_keeps_its_comments_and_order() -> None:
    text = '# mine\ngreeting: "Hello"  # short\nname: Ada\ncontext: |\n  Keeps a light.\n  Reads the fog.\n'
    out, again, _ = renamed(text.encode(), "a.yaml")
    assert out.decode() == text.replace("Ada", "Zoë")
    out, again, _ = renamed(text.encode(), "a.yaml", first_mes="One.\n\nTwo.", name="no")
    assert (again.card.first_mes, again.card.name) == ("One.\n\nTwo.", "no")
    opened = open_card(text.encode(), "a.yaml")
    assert opened.saved(opened.editor(), Notes()) == text.encode()


def test_what_is_only_read_says_so() -> None:
    byaf = zipped(
        {
            "manifest.json": b'{"characters":["c.json"],"scenarios":[]}',
            "c.json": b'{"name":"Ada","displayName":"Ada","persona":"Keeps a light."}',
        }
    )
    with pytest.raises(InvalidInput) as refusal:
        renamed(byaf)
    assert refusal.value.reason == "read_only_container"
    assert "convert" in refusal.value.next_step


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    files.write(target, b"one")
    target.chmod(0o640)
    files.write(target, b"two")
    assert target.read_bytes() == b"two"
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]
    if sys.platform != "win32":  # where links need a right of their own, and modes are not kept
        assert stat.S_IMODE(target.stat().st_mode) == 0o640
        link = tmp_path / "link.json"
        link.symlink_to(target)
        files.write(link, b"three")
        assert (target.read_bytes(), link.is_symlink()) == (b"three", True)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "nowhere" / "a.json", tmp_path / "folder"):
        with pytest.raises(InvalidInput) as refusal:
            files.write(place, b"x")
        assert refusal.value.reason == "not_writable"
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_the_path_to_a_card_in_an_envelope_is_found() -> None:
    payload = open_card(json.dumps([{"result": {"card": cards.v2()}}]).encode()).payload
    assert editing.base_of(payload, payload.root) == (0, "result", "card")


def test_bytes_that_are_no_letters_do_not_spoil_the_rest() -> None:
    """Found by fuzzing: text that is neither UTF-8 nor quite Windows-1252, in a picture."""
    stored = (
        json.dumps(cards.v2(description="A light \x81 at sea")).replace("\\u0081", "\x81").encode("latin-1") + b" \xe9"
    )
    data = pngs.png(pngs.text("chara", pngs.b64(stored)))
    opened = open_card(data)
    editor = opened.editor()
    editor.set("name", "Bo “é”")
    again = open_card(opened.saved(editor, Notes()))
    assert again.card.name == "Bo “é”"
    assert again.card.description.startswith("A light")


@pytest.mark.parametrize(
    ("greeting", "encoding", "read"),
    [
        ("'Hello \xff there'", "latin-1", "Hello ÿ there"),  # as in Windows-1252
        ("'Hello \x81 there'", "latin-1", "Hello � there"),  # a byte that stands for nothing there
        ("'Hello é there'", "utf-16", "Hello é there"),
        ("'Hello é there'", "utf-8-sig", "Hello é there"),
    ],
)
def test_yaml_of_other_encodings_is_edited(greeting: str, encoding: str, read: str) -> None:
    """The first two were found by fuzzing."""
    data = f"name: Ada\ngreeting: {greeting}\ncontext: A light.\n".encode(encoding)
    opened = open_card(data, "a.yaml")
    assert opened.card.first_mes == read
    assert opened.saved(opened.editor(), Notes()) == data
    editor = opened.editor()
    editor.set("name", "Bo “é”")
    again = open_card(opened.saved(editor, Notes()), "a.yaml")
    assert (again.card.name, again.card.first_mes) == ("Bo “é”", read)
