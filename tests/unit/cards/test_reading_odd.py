"""Every row of the guide's table of malformed cards, and every container."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from typing import Any

import pytest

from ainfluencer.cards.reading import reader, view
from ainfluencer.cards.reading.card import Card
from ainfluencer.cards.reading.values import Payload
from tests.support.cards import cards, pngs

V2_BYTES = json.dumps(cards.v2()).encode()
V3_BYTES = json.dumps(cards.v3()).encode()


def seen(data: bytes, filename: str = "") -> tuple[Payload, Card, set[str]]:
    payload = reader.read(data, filename)
    card = view.view(payload.data, payload.notes)
    return payload, card, {note.code for note in payload.notes}


def exif(comment: bytes, *, in_first: bool = False) -> bytes:
    """A TIFF block that holds a user comment."""
    at = 8 + 2 + 12 + 4
    tag = struct.pack("<HHII", 0x9286, 7, len(comment), at if in_first else at + 18)
    first = b"II*\0" + struct.pack("<I", 8)
    if in_first:
        return first + struct.pack("<H", 1) + tag + struct.pack("<I", 0) + comment
    pointer = struct.pack("<HHII", 0x8769, 4, 1, at)
    return (
        first
        + struct.pack("<H", 1)
        + pointer
        + struct.pack("<I", 0)
        + struct.pack("<H", 1)
        + tag
        + struct.pack("<I", 0)
        + comment
    )


def webp(comment: bytes, *, in_first: bool = False) -> bytes:
    block = exif(comment, in_first=in_first)
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + bytes(10) + b"EXIF" + struct.pack("<I", len(block)) + block
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg(comment: bytes) -> bytes:
    block = b"Exif\0\0" + exif(comment)
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(block) + 2) + block + b"\xff\xd9"


def archive(**members: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, value in members.items():
            file.writestr(
                name.replace("__", "/").replace("_json", ".json"),
                value if isinstance(value, bytes) else json.dumps(value),
            )
    return out.getvalue()


B64 = pngs.b64(cards.v2())
ODD_PNG: dict[str, tuple[bytes, str, str]] = {
    # what: (file, warning that must be there, spec)
    "chunk after the pixels": (pngs.png(pngs.text("chara", B64)), "", "v2"),
    "chunk before the pixels": (pngs.png(first=pngs.text("chara", B64)), "", "v2"),
    "v1": (pngs.png(pngs.text("chara", pngs.b64(cards.v1()))), "", "v1"),
    "v3 wins over v2": (pngs.png(pngs.text("chara", B64), pngs.text("ccv3", pngs.b64(cards.v3()))), "", "v3"),
    "keyword in capitals": (pngs.png(pngs.text("Chara", B64)), "keyword_case", "v2"),
    "zTXt": (pngs.png(pngs.ztext("chara", B64)), "compressed_chunk", "v2"),
    "iTXt": (pngs.png(pngs.itext("chara", B64)), "compressed_chunk", "v2"),
    "compressed iTXt": (pngs.png(pngs.itext("ccv3", B64, compressed=True)), "compressed_chunk", "v2"),
    "other text first": (
        pngs.png(pngs.text("parameters", b"steps: 20"), pngs.text("chara", B64)),
        "other_text_chunks",
        "v2",
    ),
    "two chara": (pngs.png(pngs.text("chara", B64), pngs.text("chara", pngs.b64(cards.v1()))), "duplicate_chunk", "v2"),
    "first chara broken": (pngs.png(pngs.text("chara", b"%%%"), pngs.text("chara", B64)), "chunk_undecodable", "v2"),
    "ccv3 broken": (pngs.png(pngs.text("ccv3", b"e30="), pngs.text("chara", B64)), "chunk_undecodable", "v2"),
    "ccv3 compressed badly": (
        pngs.png(pngs.chunk(b"zTXt", b"ccv3\0\0junk"), pngs.text("chara", B64)),
        "chunk_undecodable",
        "v2",
    ),
    "wrong check sum": (pngs.png(pngs.chunk(b"tEXt", b"chara\0" + B64, crc=7)), "png_bad_crc", "v2"),
    "no IEND": (pngs.png(pngs.text("chara", B64), end=b""), "png_no_iend", "v2"),
    "bytes after IEND": (pngs.png(pngs.text("chara", B64)) + b"tail", "png_trailing_bytes", "v2"),
    "cut after the card": (pngs.png(first=pngs.text("chara", B64))[:-20], "png_cut", "v2"),
    "raw JSON": (pngs.png(pngs.text("chara", V2_BYTES)), "raw_json_in_chunk", "v2"),
    "double base64": (pngs.png(pngs.text("chara", base64.b64encode(B64))), "double_base64", "v2"),
    "line breaks": (pngs.png(pngs.text("chara", base64.encodebytes(V2_BYTES))), "base64_line_breaks", "v2"),
    "unpadded": (
        pngs.png(pngs.text("chara", base64.b64encode(V2_BYTES + b"  "[: -len(V2_BYTES) % 3 or 1]).rstrip(b"="))),
        "",
        "v2",
    ),
    "url-safe": (
        pngs.png(
            pngs.text(
                "chara",
                base64.urlsafe_b64encode(
                    json.dumps(cards.v2(name="Ad\u00e3\u00bf\u00bfa?>"), ensure_ascii=False).encode()
                ),
            )
        ),
        "",
        "v2",
    ),
    "animated": (pngs.png(pngs.text("chara", B64), first=pngs.ANIMATION), "", "v2"),
}


@pytest.mark.parametrize("what", ODD_PNG)
def test_odd_pictures_are_read(what: str) -> None:
    data, warning, spec = ODD_PNG[what]
    payload, card, codes = seen(data)
    assert card.name.startswith("Ad")
    assert card.spec == spec
    assert not warning or warning in codes
    assert payload.picture == data
    assert sum(place.is_used for place in payload.places) == 1
    used = next(place for place in payload.places if place.is_used)
    assert data[used.offset + 4 : used.offset + 8].decode() == used.kind
    assert payload.container == ("apng" if what == "animated" else "png")


def raw(text: str, encoding: str = "utf-8") -> bytes:
    return text.encode(encoding)


J = json.dumps(cards.v2())
ODD_JSON: dict[str, tuple[bytes, str]] = {
    "plain v2": (raw(J), ""),
    "data without spec": (json.dumps({"data": cards.v1()}).encode(), "spec_missing"),
    "stale mirror": (json.dumps(cards.v2() | {"name": "Old Ada", "tags": ["x"]}).encode(), "stale_mirror"),
    "tags as text": (json.dumps(cards.v2(tags="sea, fog")).encode(), "type_coerced"),
    "greetings as text": (json.dumps(cards.v2(alternate_greetings="Hello.")).encode(), "type_coerced"),
    "version as number": (json.dumps(cards.v2() | {"spec_version": 2.0}).encode(), "type_coerced"),
    "extensions null": (json.dumps(cards.v2(extensions=None)).encode(), "type_coerced"),
    "book null": (json.dumps(cards.v2(character_book=None)).encode(), "null_value"),
    "book entries an object": (
        json.dumps(cards.v2(character_book={"entries": {"1": cards.entry(1), "0": cards.entry(0)}})).encode(),
        "type_coerced",
    ),
    "book keys as text": (
        json.dumps(cards.v2(character_book={"entries": [cards.entry(1, keys="a, b")]})).encode(),
        "type_coerced",
    ),
    "empty text for a number": (
        json.dumps(cards.v2(character_book={"scan_depth": "", "entries": [cards.entry(1)]})).encode(),
        "type_coerced",
    ),
    "byte-order mark": (b"\xef\xbb\xbf" + raw(J), "bom"),
    "UTF-16 little": (b"\xff\xfe" + raw(J, "utf-16-le"), "utf16"),
    "UTF-16 big": (b"\xfe\xff" + raw(J, "utf-16-be"), "utf16"),
    "raw line break in a string": (raw(J.replace("reads the fog", "reads\nthe fog")), "control_characters"),
    "trailing comma": (raw(J[:-2] + ",}}"), "trailing_comma"),
    "comma in a string stays": (raw(J.replace("reads the fog.", "a,} b,]")[:-1] + ",}"), "trailing_comma"),
    "text after the end": (raw(J + "\n\0\0 -- end"), "text_after_json"),
    "in a list": (raw(f"[{J}]"), "array"),
    "in an envelope": (raw(json.dumps({"ok": True, "card": cards.v2()})), "envelope"),
    "base64 file": (base64.b64encode(raw(J)), "base64_file"),
    "json in a string": (raw(json.dumps(J)), "json_in_json"),
    "newer version": (json.dumps(cards.v3() | {"spec_version": "3.1"}).encode(), "spec_newer"),
    "lone surrogate": (raw(J.replace("the fog", "\\ud83d fog")), "lone_surrogate"),
    "pygmalion": (
        json.dumps({"char_name": "Ada", "char_persona": "Keeps a light.", "char_greeting": "Hi."}).encode(),
        "pygmalion_fields",
    ),
    "not UTF-8": (raw(J.replace("the fog", "café"), "cp1252").replace(b"\\u00e9", b"\xe9"), ""),
}


@pytest.mark.parametrize("what", ODD_JSON)
def test_odd_json_is_read(what: str) -> None:
    data, warning = ODD_JSON[what]
    payload, card, codes = seen(data, "card.json")
    assert card.name == "Ada"
    assert not warning or warning in codes
    if what.startswith("byte-order") or what == "plain v2":
        assert payload.text == data, "the text must be kept as it came"


def test_coerced_values_are_right() -> None:
    _, card, _ = seen(ODD_JSON["book entries an object"][0])
    assert card.book is not None
    assert [e.id for e in card.book.entries] == ["1", "0"]
    assert seen(ODD_JSON["tags as text"][0])[1].tags == ("sea", "fog")
    assert seen(ODD_JSON["greetings as text"][0])[1].alternate_greetings == ("Hello.",)
    assert seen(ODD_JSON["comma in a string stays"][0])[1].description.endswith("a,} b,]")
    assert "\ufffd" in seen(ODD_JSON["lone surrogate"][0])[1].description
    assert seen(ODD_JSON["stale mirror"][0])[1].tags == ("lighthouse", "sea")


def test_numbers_and_order_stay_in_the_kept_text() -> None:
    text = b'{"spec":"chara_card_v2","spec_version":"2.0","data":{"name":"A","description":"","extensions":{"z":9007199254740993,"a":1.0,"e":1e3,"n":-0.0}}}'
    payload, card, _ = seen(pngs.png(pngs.text("chara", pngs.b64(text))))
    assert payload.text == text
    assert card.extensions["z"] == 9007199254740993


def test_charx_with_its_icon_and_a_missing_asset() -> None:
    icon = pngs.png()
    assets = [
        {"type": "icon", "uri": "embeded://assets/gone.png", "name": "main", "ext": "png"},
        {"type": "icon", "uri": "embeded://assets/icon/image/a.png", "name": "other", "ext": "png"},
    ]
    data = archive(card_json=cards.v3(assets=assets), assets__icon__image__a_png=b"")
    data = archive(card_json=cards.v3(assets=assets), **{"assets/icon/image/a.png": icon})
    payload, card, codes = seen(data)
    assert (payload.container, card.called, payload.picture) == ("charx", "Addie", icon)
    assert "asset_missing" in codes
    behind = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9" + data
    assert seen(behind)[0].container == "jpeg+charx"


def test_byaf() -> None:
    character = {"name": "Ada", "displayName": "Ada", "persona": "{character} keeps a light.", "isNSFW": False}
    character |= {"loreItems": [{"key": "fog, lamp", "value": "The lamp is old."}], "images": []}
    scene = {
        "narrative": "A harbour.",
        "firstMessages": [{"text": "#{character}: Hello {user}."}],
        "exampleMessages": [],
    }
    manifest = {"schemaVersion": 1, "characters": ["characters/c.json"], "scenarios": ["scenarios/s.json"]}
    data = archive(**{"manifest.json": manifest, "characters/c.json": character, "scenarios/s.json": scene})
    payload, card, _ = seen(data)
    assert (payload.container, card.description) == ("byaf", "{{char}} keeps a light.")
    assert card.first_mes == "{{char}}: Hello {{user}}."
    assert card.book is not None
    assert card.book.entries[0].keys == ("fog", "lamp")


@pytest.mark.parametrize("in_first", [True, False])
def test_exif_comments(*, in_first: bool) -> None:
    numbers = ",".join(str(b) for b in json.dumps(cards.v1()).encode()).encode()
    for comment in (json.dumps(cards.v1()).encode(), b"ASCII\0\0\0" + json.dumps(cards.v1()).encode(), numbers):
        payload, card, _ = seen(webp(comment, in_first=in_first))
        assert (payload.container, card.name) == ("webp", "Ada")
    assert seen(jpeg(json.dumps(cards.v1()).encode()))[0].container == "jpeg"


def test_textgen_yaml_keeps_words_that_look_like_other_types() -> None:
    text = b'name: "No"\ngreeting: yes\ncontext: 1.10 metres of rain\n'
    _, card, codes = seen(text, "card.yaml")
    assert (card.name, card.first_mes, card.description) == ("No", "yes", "1.10 metres of rain")
    assert "textgen_fields" in codes


def test_a_view_never_sees_null_bytes() -> None:
    _, card, codes = seen(json.dumps(cards.v2(description="a\0b")).encode())
    assert card.description == "ab"
    assert "nul" in codes
