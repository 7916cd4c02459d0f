"""Every rule finds its fault and is silent on a good card; every fix mends what it says and nothing else."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ainfluencer.cards.linting import fixes, linter, oddities, tokens, wording
from ainfluencer.cards.linting.findings import Finding, Severity, score
from ainfluencer.cards.linting.linter import Report
from ainfluencer.cards.opening import open_card
from ainfluencer.cards.reading.values import Notes
from ainfluencer.core.errors import InvalidInput
from tests.support.cards import cards, pngs
from tests.support.cards.cards import CHARACTERS, character

J = json.dumps(cards.v2())


def linted(data: Any, context: int = 8192) -> Report:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return linter.lint(open_card(raw, "card.json"), context)


def book(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"character_book": {"extensions": {}, "entries": list(entries), **more}}


def icon(**changes: Any) -> dict[str, Any]:
    return {"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"} | changes


FAULTS: dict[str, list[Any]] = {
    "array": [[cards.v2()]],
    "base64_file": [base64.b64encode(J.encode())],
    "base64_line_breaks": [pngs.png(pngs.text("chara", base64.encodebytes(J.encode())))],
    "base64_unpadded": [pngs.png(pngs.text("chara", base64.b64encode((J + " " * (2 - len(J) % 3)).encode()).rstrip(b"=") ))],
    "bom": [b"\xef\xbb\xbf" + J.encode()],
    "chunk_undecodable": [pngs.png(pngs.text("ccv3", b"%"), pngs.text("chara", pngs.b64(cards.v2())))],
    "compressed_chunk": [pngs.png(pngs.ztext("chara", pngs.b64(cards.v2())))],
    "control_characters": [J.replace("reads the fog", "reads\nthe fog").encode()],
    "double_base64": [pngs.png(pngs.text("chara", base64.b64encode(pngs.b64(cards.v2()))))],
    "duplicate_chunk": [pngs.png(*[pngs.text("chara", pngs.b64(cards.v2()))] * 2)],
    "empty_name": [cards.v2(name="")],
    "envelope": [{"card": cards.v2()}],
    "json_in_json": [json.dumps(J).encode()],
    "keyword_case": [pngs.png(pngs.text("Chara", pngs.b64(cards.v2())))],
    "lone_surrogate": [J.replace("the fog", "\\ud83d fog").encode()],
    "number_odd": [J.replace('"depth": 1', '"depth": NaN').encode()],
    "nul": [cards.v2(description="a\0b")],
    "null_value": [cards.v2(character_book=None)],
    "png_bad_crc": [pngs.png(pngs.chunk(b"tEXt", b"chara\0" + pngs.b64(cards.v2()), crc=1))],
    "png_no_iend": [pngs.png(pngs.text("chara", pngs.b64(cards.v2())), end=b"")],
    "raw_json_in_chunk": [pngs.png(pngs.text("chara", J.encode()))],
    "spec_missing": [{"data": cards.v2()["data"]}],
    "spec_newer": [cards.v3() | {"spec_version": "3.1"}],
    "spec_version_odd": [cards.v3() | {"spec_version": "1"}, {"spec": "chara_card_v2", "data": cards.v2()["data"]}],
    "stale_mirror": [cards.v2() | {"name": "Old"}],
    "text_after_json": [(J + " -- end").encode()],
    "trailing_comma": [(J[:-1] + ",}").encode()],
    "type_coerced": [cards.v2(tags="a, b"), cards.v2(character_book={"entries": {"0": cards.entry(0)}})],
    "utf16": [J.encode("utf-16")],
    "required_missing": [
        {"spec": "chara_card_v2", "spec_version": "2.0", "data": cards.v1()},
        cards.v2(**book({"keys": ["a"], "content": "b"})),
        cards.v3(**book(cards.entry(1))),
        {key: value for key, value in cards.v1().items() if key != "scenario"},
    ],
    "v3_field_in_v2": [cards.v2(nickname="A")],
    "unknown_field": [cards.v2(mood="good")],
    "chunk_for_other_version": [pngs.png(pngs.text("chara", pngs.b64(cards.v3())))],
    "date_unlikely": [cards.v3(creation_date=1_700_000_000_000), cards.v3(modification_date=-5), json.dumps(cards.v3()).replace('"nickname"', '"creation_date": 1e400, "nickname"').encode()],
    "language_code": [cards.v3(creator_notes_multilingual={"English": "x"})],
    "assets_no_main_icon": [cards.v3(assets=[icon(name="a"), icon(name="b")])],
    "assets_several_main": [cards.v3(assets=[icon(), icon()])],
    "asset_type": [cards.v3(assets=[icon(type="hat")])],
    "asset_uri": [cards.v3(assets=[icon(uri="C:/a.png")])],
    "asset_ending": [cards.v3(assets=[icon(ext=".PNG")])],
    "empty_description": [cards.v2(description=" ")],
    "empty_first_message": [cards.v2(first_mes="")],
    "empty_example": [cards.v2(mes_example="")],
    "no_tags": [cards.v2(tags=[])],
    "field_long": [cards.v2(description="The lamp turns. " * 800)],
    "budget_half": [cards.v2(description="The lamp turns. " * 1100)],
    "budget_exceeded": [cards.v2(description="The lamp turns. " * 3000)],
    "greeting_duplicate": [cards.v2(alternate_greetings=["Hi.", "Hi."]), cards.v2(alternate_greetings=[cards.v1()["first_mes"]])],
    "greeting_empty": [cards.v2(alternate_greetings=[" "])],
    "speaks_for_user": [cards.v2(first_mes="{{char}}: Hello.\n{{user}}: Hello yourself.")],
    "acts_for_user": [cards.v2(alternate_greetings=["The door opens and you decide to stay."])],
    "example_without_start": [cards.v2(mes_example="{{char}}: Only in the mornings."), {"char_name": "A", "char_persona": "b", "char_greeting": "c", "world_scenario": "d", "example_dialogue": "{{char}}: e"}],
    "example_without_names": [cards.v2(mes_example="<START>\nOnly in the mornings.")],
    "placeholder_left": [cards.v2(scenario="T" "ODO: a place"), cards.v2(description="[insert backstory here]"), cards.v2(scenario="Lorem ipsum dolor")],
    "mojibake": [cards.v2(description="A cafÃ© at night"), cards.v2(scenario="It\u00e2\u20ac\u2122s late")],
    "remote_picture": [cards.v2(creator_notes="![me](https://example.org/a.png)")],
    "tag_duplicate": [cards.v2(tags=["Sea", "sea"])],
    "tag_untidy": [cards.v2(tags=["sea "])],
    "tag_long": [cards.v2(tags=["a tag that goes on and on until it has become a sentence of its own"])],
    "macro_unbalanced": [cards.v2(description="{{char waits")],
    "macro_unknown": [cards.v2(description="{{usr}} waits"), cards.v2(scenario="{{xyzzy}}")],
    "macro_single_brace": [cards.v2(description="{char} waits for {User}")],
    "entry_id_duplicate": [cards.v2(**book(cards.entry(1), cards.entry(1)))],
    "entry_empty": [cards.v2(**book(cards.entry(1, content=" ")))],
    "entry_never_fires": [cards.v2(**book(cards.entry(1, keys=[])))],
    "entry_selective_without_keys": [cards.v2(**book(cards.entry(1, selective=True)))],
    "key_pattern_invalid": [cards.v3(**book(cards.entry(1, keys=["(a"], use_regex=True))), cards.v2(**book(cards.entry(1, keys=["/[a/i"])))],
    "key_too_common": [cards.v2(**book(cards.entry(1, keys=["the"])))],
    "key_with_commas": [cards.v2(**book(cards.entry(1, keys=["lamp, light"]))), cards.v2(**book(cards.entry(1, keys=["lamp, light", ""]))), cards.v2(**book(cards.entry(1, keys=["/a, b"])))],
    "key_shared": [cards.v2(**book(*(cards.entry(n, keys=["lamp"]) for n in range(5))))],
    "decorator_in_v2": [cards.v2(**book(cards.entry(1, content="@@depth 4\nx")))],
    "decorator_unknown": [cards.v3(**book(cards.entry(1, content="@@dpeth 4\nx")))],
    "decorator_value": [cards.v3(**book(cards.entry(1, content="@@depth four\nx"))), cards.v3(**book(cards.entry(1, content="@@role boss\nx")))],
    "book_large": [cards.v2(**book(*(cards.entry(n, content="The lamp turns. " * 300) for n in range(4))))],
    "book_scans_nothing": [cards.v2(**book(cards.entry(1), scan_depth=0))],
}  # fmt: skip
CASES = [(code, data) for code, subjects in FAULTS.items() for data in subjects]


@pytest.mark.parametrize(("code", "data"), CASES, ids=[code for code, _ in CASES])
def test_a_fault_is_found_and_told(code: str, data: Any) -> None:
    found = [one for one in linted(data).findings if one.code == code]
    assert found, [one.code for one in linted(data).findings]
    assert all(one.message and one.next_step for one in found)
    assert linted(data).score < 100


@pytest.mark.parametrize(("code", "data"), CASES, ids=[code for code, _ in CASES])
def test_a_fix_mends_its_finding_and_adds_none(code: str, data: Any) -> None:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    opened = open_card(raw, "card.json")
    before = linter.lint(opened)
    made = linter.fix(opened, before, Notes())
    after = linter.lint(open_card(made, "card.json"))
    can_fix = {one.code for one in before.findings if one.can_fix}
    left = {one.code for one in after.findings}
    assert not can_fix & left
    assert left <= {one.code for one in before.findings}
    if not can_fix:
        assert made == raw
    again = open_card(made, "card.json")
    assert linter.fix(again, after, Notes()) == made, "a second fix changes nothing"


def test_our_own_characters_are_clean() -> None:
    for slug in CHARACTERS:
        report = linted(character(slug))
        assert not [one for one in report.findings if one.severity is not Severity.INFO], slug
        assert report.score >= 95


def test_every_oddity_and_fix_belongs_to_a_rule() -> None:
    assert set(fixes.FIXES) <= {*FAULTS, *oddities.ODDITIES}
    untested = set(oddities.ODDITIES) - set(FAULTS)
    assert untested == {
        *("asset_missing", "base64_url_safe", "items_dropped", "not_utf8", "png_cut", "png_trailing_bytes"),
        *("pygmalion_fields", "risu_module", "several_characters", "spec_unknown", "textgen_fields", "unsafe_path"),
    }, "those that are notes of the reader only are tested there"


def test_a_fix_leaves_the_rest_of_the_text() -> None:
    text = '{"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "A", "x": 1e3, "tags": ["a", "A"], "extensions": {"n": 1.0}, %s}}'
    rest = ", ".join(
        f'"{key}": {json.dumps(value)}'
        for key, value in cards.v2()["data"].items()
        if key not in {"name", "tags", "extensions"}
    )
    opened = open_card((text % rest).encode())
    made = linter.fix(opened, linter.lint(opened), Notes())
    assert made == (text % rest).replace('["a", "A"]', '["a"]').encode()


def test_a_fix_of_types_throws_nothing_away() -> None:
    card = cards.v3(
        assets={"0": icon(), "1": icon(name="joy", type="emotion")},
        extensions=[{"mine": 1}],
        description={"en": "In English."},
        **book(cards.entry(1, priority="high"), "loose"),  # type: ignore[arg-type]
    )
    opened = open_card(json.dumps(card).encode())
    data = json.loads(linter.fix(opened, linter.lint(opened), Notes()))["data"]
    assert [one["name"] for one in data["assets"]] == ["main", "joy"]
    assert data["extensions"]["ainfluencer"]["odd"] == {
        "extensions": [{"mine": 1}],
        "description": {"en": "In English."},
    }
    assert data["character_book"]["extensions"]["ainfluencer"]["odd"] == {"entries": ["loose"]}
    assert data["character_book"]["entries"][0]["extensions"]["ainfluencer"]["odd"] == {"priority": "high"}


def test_a_finding_is_where_it_says() -> None:
    found = linted(cards.v2(alternate_greetings=["", None, "[insert a greeting here]"])).findings
    assert [one.field for one in found if one.code == "placeholder_left"] == ["alternate_greetings[2]"]


def test_what_can_be_mended_is_told_however_much_there_is() -> None:
    many = [cards.entry(n, keys=["the"], content="{{usr}}") for n in range(400)]
    report = linted(cards.v2(tags=["a", "A"], **book(*many)))
    assert len(report.findings) == 500
    assert "tag_duplicate" in {one.code for one in report.findings}


def test_what_is_only_read_cannot_be_fixed_in_place() -> None:
    numbers = b"ASCII\0\0\0" + json.dumps(cards.v1(description="{char} waits")).encode()
    tiff = (
        b"II*\0\x08\0\0\0\x01\0\x86\x92\x07\0" + len(numbers).to_bytes(4, "little") + b"\x1a\0\0\0" + bytes(4) + numbers
    )
    jpeg = b"\xff\xd8\xff\xe1" + (len(tiff) + 8).to_bytes(2, "big") + b"Exif\0\0" + tiff + b"\xff\xd9"
    opened = open_card(jpeg)
    with pytest.raises(InvalidInput) as refusal:
        linter.fix(opened, linter.lint(opened), Notes())
    assert refusal.value.reason == "read_only_container"


def test_the_budget_counts_what_is_always_there_and_the_worst() -> None:
    entries = [cards.entry(1, constant=True), cards.entry(2), cards.entry(3, enabled=False), cards.entry(4, keys=[])]
    budget = linted(cards.v2(**book(*entries), alternate_greetings=["Hi. " * 200])).budget
    count = tokens.counter()
    assert budget.lorebook_constant == count(entries[0]["content"])
    assert budget.lorebook_worst == count(entries[0]["content"]) + count(entries[1]["content"])
    assert budget.permanent == budget.lorebook_constant + sum(
        budget.fields[name] for name in ("description", "personality", "scenario")
    )
    assert budget.greeting == count("Hi. " * 200)
    assert budget.worst == budget.permanent + budget.examples + budget.greeting + count(entries[1]["content"])
    limited = linted(cards.v2(**book(*entries, token_budget=12))).budget
    assert limited.lorebook_worst == 12
    assert limited.context == 8192


def test_tokens_are_those_of_the_vocabulary_and_long_runs_take_no_long_time() -> None:
    count = tokens.counter()
    assert (count(""), count("hello world"), count("The lamp turns.")) == (0, 2, 4)
    assert abs(count("ab" * 100_000) - count("ab" * 100) * 1000) <= 1000
    assert count("\ud83d") > 0


def test_the_score_falls_by_severity_and_never_below_zero() -> None:
    def found(severity: Severity, code: str = "a") -> Finding:
        return Finding(code, severity, "x")

    assert score([]) == 100
    assert (
        score([found(Severity.ERROR)])
        < score([found(Severity.WARNING)])
        < score([found(Severity.INFO), found(Severity.INFO)])
    )
    assert score([found(Severity.ERROR)] * 500) == 70
    assert score([found(Severity.ERROR, str(n)) for n in range(50)]) == 0


def test_good_words_are_left_alone() -> None:
    good = "Ångström naïve Übermut â la carte {{char}} {{random:a,b}} {{// note}} {{getvar::x}} {{loreBefore}} {{#if a}}b{{/if}} ÃO São"
    report = linted(cards.v2(description=good))
    assert not {one.code for one in report.findings} & {"mojibake", "macro_unknown", "macro_unbalanced"}
    assert wording.mended(good) == good
    assert wording.mended("cafÃ© \u00f0\u0178\u02dc\u20ac It\u00e2\u20ac\u2122s") == "café 😀 It’s"
