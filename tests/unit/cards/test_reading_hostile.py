"""Hostile and broken files: each refused with its stable reason, in bounded time and memory."""

from __future__ import annotations

import dataclasses
import io
import json
import struct
import time
import zipfile
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ainfluencer.cards import opening, service
from ainfluencer.cards.converting import assets
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.opening import is_yaml_card, open_card
from ainfluencer.cards.reading import limits, reader, view
from ainfluencer.cards.saving.archives import packed
from ainfluencer.core.errors import InvalidInput, ProductError
from tests.support.cards import cards, pngs


def zipped(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, data)
    return out.getvalue()


def lying_png() -> bytes:
    """A text chunk that claims to have 2 GB."""
    return pngs.SIGNATURE + pngs.HEADER + struct.pack(">I", 2_000_000_000) + b"tEXt" + b"chara\0abc"


def many_entries() -> bytes:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_000, 65_000, 3_000_000, 0, 0)
    return b"PK\x03\x04" + bytes(40) + end


def encrypted() -> bytes:
    data = bytearray(zipped("card.json", json.dumps(cards.v3()).encode()))
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def nameless() -> bytes:
    """An archive with one member that has no name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("x", b"hi")
        file.infolist()[0].filename = ""
    return out.getvalue()


B64 = pngs.b64(cards.v2())
HOSTILE: dict[str, tuple[bytes, Reason]] = {
    "empty": (b" \n\0", Reason.EMPTY),
    "no card": (pngs.png(), Reason.PNG_NO_CARD),
    "only a signature": (pngs.SIGNATURE, Reason.PNG_TRUNCATED),
    "cut before the card": (pngs.png(pngs.text("chara", B64))[:60], Reason.PNG_TRUNCATED),
    "cut inside the card": (pngs.png(pngs.text("chara", B64))[:-60], Reason.PNG_TRUNCATED),
    "claims 2 GB": (lying_png(), Reason.PNG_TRUNCATED),
    "zTXt bomb": (pngs.png(pngs.ztext("chara", b"A" * 70_000_000)), Reason.INFLATED),
    "many zTXt bombs": (pngs.png(*[pngs.ztext("chara", b"A" * 9_000_000)] * 9), Reason.INFLATED),
    "millions of parts": (b'{"name":"a","description":[' + b"0," * 3_100_000 + b"0]}", Reason.TOO_LARGE),
    "encrypted Risu": (pngs.png(pngs.text("chara", b"rcc||xyz")), Reason.ENCRYPTED),
    "base64 of nothing": (pngs.png(pngs.text("chara", b"!!!!")), Reason.PAYLOAD_BAD),
    "deep JSON": (b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", Reason.JSON_DEEP),
    "JSON of 300 levels": (b'{"name":"a","description":' + b"[" * 300 + b"]" * 300 + b"}", Reason.JSON_DEEP),
    "half a JSON": (json.dumps(cards.v2()).encode()[:-30], Reason.JSON_BAD),
    "a huge number": (b'{"name":"a","description":"b","age":' + b"9" * 5000 + b"}", Reason.JSON_BAD),
    "other JSON": (b'{"hello": "world"}', Reason.NOT_A_CARD),
    "a lorebook": (b'{"spec":"lorebook_v3","data":{"entries":[]}}', Reason.LOREBOOK),
    "world info": (b'{"entries":{"0":{"key":["a"],"content":"b"}}}', Reason.LOREBOOK),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3 obj", Reason.NOT_A_CARD),
    "zip with a nameless member": (nameless(), Reason.CHARX_NO_CARD),
    "zip without a card": (zipped("readme.txt", b"hi"), Reason.CHARX_NO_CARD),
    "card.json in capitals": (zipped("Card.JSON", b"{}"), Reason.CHARX_CASE),
    "zip bomb": (zipped("card.json", b" " * 40_000_000), Reason.ZIP_BOMB),
    "path outside": (zipped("../card.json", json.dumps(cards.v3()).encode()), Reason.CHARX_NO_CARD),
    "zip cut off": (zipped("card.json", json.dumps(cards.v3()).encode())[:-30], Reason.ZIP_BAD),
    "too many entries": (many_entries(), Reason.ZIP_MANY),
    "encrypted zip": (encrypted(), Reason.ZIP_ENCRYPTED),
    "picture without EXIF": (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xd9", Reason.PICTURE_NO_CARD),
    "YAML that refers to itself": (b"name: &a [x, x]\nabout: [*a, *a]\n", Reason.YAML_ALIASES),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_refused_with_its_reason(what: str) -> None:
    data, reason = HOSTILE[what]
    started = time.perf_counter()
    with pytest.raises(CardRefused) as refusal:
        service.read_source(data, "file")
    assert refusal.value.reason == reason
    assert refusal.value.detail
    assert refusal.value.next_step
    assert time.perf_counter() - started < 3


def test_ten_thousand_lore_entries_are_all_kept() -> None:
    book = {"entries": [cards.entry(n) for n in range(10_000)]}
    source = service.read_source(pngs.png(pngs.text("chara", pngs.b64(cards.v2(character_book=book)))), "a.png")
    assert source.summary["lorebook_entries"] == 10_000
    assert source.summary["material"]["lore"] == 10_000


def test_two_megabytes_in_a_field_are_kept() -> None:
    long = "The lamp turns. " * 131_072
    source = service.read_source(json.dumps(cards.v2(description=long)).encode(), "a.json")
    assert source.draft.description == long


def check(data: bytes, filename: str) -> None:
    try:
        source = service.read_source(data, filename)
    except ProductError:
        return
    source.draft.model_dump_json().encode("utf-8")


BOUNDED = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@BOUNDED
@given(st.binary(max_size=400), st.sampled_from(["a.png", "a.json", "a.yaml", "a.md", ""]))
def test_any_bytes(data: bytes, filename: str) -> None:
    check(data, filename)


@BOUNDED
@given(st.integers(0, 2000), st.binary(min_size=1, max_size=6))
def test_damaged_pictures(at: int, junk: bytes) -> None:
    whole = pngs.png(pngs.text("chara", B64), pngs.ztext("ccv3", pngs.b64(cards.v3())))
    place = at % len(whole)
    check(whole[:place] + junk + whole[place + len(junk) :], "a.png")
    check(whole[:place], "a.png")


@BOUNDED
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=4))
def test_damaged_archives(at: int, junk: bytes) -> None:
    whole = zipped("card.json", json.dumps(cards.v3()).encode())
    place = at % len(whole)
    check(whole[:place] + junk + whole[place + len(junk) :], "a.charx")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    *cards.v2()["data"],
    "character_book",
    "assets",
    "nickname",
    "group_only_greetings",
    "source",
    "creation_date",
]


@BOUNDED
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8), VALUES)
def test_any_types_in_any_field(changes: dict[str, object], entry: object) -> None:
    card = cards.v3(**changes)
    card["data"].setdefault(
        "character_book", {"entries": [entry, {"keys": entry, "content": entry, "position": entry}]}
    )
    data = json.dumps(card).encode()
    payload = reader.read(data)
    made = view.view(payload.data, payload.notes)
    assert isinstance(made.name, str)
    check(data, "a.json")


@BOUNDED
@given(st.text(max_size=300))
def test_any_text_as_a_brief(text: str) -> None:
    check(text.encode("utf-8", "replace"), "brief.md")
    check(f"name: Ada\n{text}".encode("utf-8", "replace"), "brief.yaml")


@pytest.mark.timeout(90)  # a pattern that went astray would take hours
def test_long_hostile_text_comes_to_an_end() -> None:
    for piece in (
        '"' * 8_000,
        "*a" * 8_000,
        "[[" * 8_000,
        "{{random:" * 3_000,
        "A " * 20_000,
        "Hair(" * 4_000,
        "<a" * 8_000,
        "likes a, " * 3_000,
    ):
        service.read_source(
            json.dumps(cards.v2(description=piece, first_mes=piece, mes_example=f"{{{{char}}}}: {piece}")).encode(),
            "a.json",
        )


def test_thousands_of_oddities_take_no_long_time() -> None:
    # Each grew with the square of its length: empty YAML documents (twice as long with each), missing icons, odd paths.
    assert not is_yaml_card(b"---\n\n" * 600 + b"!\ndata: 1")
    icons = [{"type": "icon", "uri": f"embeded://{n}", "name": "a", "ext": "png"} for n in range(30_000)]
    notes = reader.read(zipped("card.json", json.dumps(cards.v3(assets=icons)).encode()), "a.charx").notes
    assert 0 < len(notes) <= 100


def test_a_file_that_many_addresses_name_is_read_once() -> None:
    uris = [f"embeded://{'/' * n}a.bin" for n in range(300)]
    card = cards.v3(assets=[{"type": "x_a", "uri": uri, "name": "a", "ext": "bin"} for uri in uris])
    opened = open_card(packed([("card.json", json.dumps(card).encode()), ("a.bin", bytes(2_000_000))]))
    files = assets.taken(opened.data, opened.payload, opened.payload.data).by_uri
    assert len(files) == 300
    assert len({id(one) for one in files.values()}) == 1


def test_an_archive_may_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNPACKED", 100_000)
    pictures = [(f"{n}.bin", bytes(60_000)) for n in range(3)]
    card = cards.v3(assets=[{"type": "x_a", "uri": f"embeded://{n}.bin", "name": "a", "ext": "bin"} for n in range(3)])
    opened = open_card(packed([("card.json", json.dumps(card).encode()), *pictures]))
    with pytest.raises(CardRefused) as refusal:
        assets.taken(opened.data, opened.payload, opened.payload.data)
    assert refusal.value.reason == Reason.ZIP_BOMB


def test_scenarios_of_an_archive_are_read_once() -> None:
    manifest = {"characters": ["c.json"], "scenarios": ["s.json"] * 100}
    scenario = b'{"narrative":"n","x":[' + b"[]," * 200_000 + b"0]}"
    members = [("manifest.json", json.dumps(manifest).encode()), ("c.json", b'{"name":"A","persona":"p"}')]
    opened = open_card(packed([*members, ("s.json", scenario)]))
    assert opened.card.scenario == "n"


def test_no_broken_character_comes_out_of_the_view() -> None:
    odd = {"id": "\ud800", "position": "\ud800", "keys": ["a"], "content": "b"}
    card = cards.v3(creator_notes_multilingual={"\ud800": "\udc00a\0"}, character_book={"entries": [odd]})
    for spec in ("chara_card_v3", "chara_card_v2", "chara_card_\ud800"):
        opened = open_card(json.dumps(card | {"spec": spec, "spec_version": "\ud800"}).encode())
        json.dumps([dataclasses.asdict(opened.card), opening.told(opened.payload.notes)], ensure_ascii=False).encode()


def test_a_truncated_zlib_stream_gives_what_it_held() -> None:
    cut = zlib.compress(B64)[:-12]
    with pytest.raises(InvalidInput):
        service.read_source(pngs.png(pngs.chunk(b"zTXt", b"chara\0\0" + cut[: len(cut) // 2])), "a.png")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("card.png", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", Reason.NOT_A_CARD),
        ("card.webp", b"<!doctype html><title>Mira</title>", Reason.NOT_A_CARD),
        ("card.json", b"[" * 100_000 + b"]" * 100_000, Reason.JSON_DEEP),
        ("card.json", b"[1, 2, 3]", Reason.NOT_A_CARD),
    ],
)
def test_a_file_of_a_card_kind_is_not_taken_for_a_brief(name: str, data: bytes, reason: Reason) -> None:
    with pytest.raises(CardRefused) as refused:
        service.read_source(data, name)
    assert refused.value.reason == reason
