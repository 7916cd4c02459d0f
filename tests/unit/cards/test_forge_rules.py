"""What rules find in a source: names, lines, statements with proof, contradictions; and cards held against their source."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from ainfluencer.cards.forge import asking, checking, chunks, merging, revising, texts
from ainfluencer.cards.forge.options import Options
from ainfluencer.cards.forge.rules import composing, gathering, movements, names, phrases, spoken
from ainfluencer.cards.forge.shapes import Claim, Kind, Material
from ainfluencer.core.errors import InvalidInput
from tests.support.seeding import picture
from tests.unit.cards.forge_support import IDEA, NOTES, STORY


def test_a_story_offers_its_people_with_their_short_names() -> None:
    found = names.characters(STORY)
    assert {one.name for one in found[:2]} == {"Anna Reed", "Captain Moss"}
    assert next(one.aliases for one in found if one.name == "Anna Reed") == ["Anna"]


def test_lines_go_to_whom_the_text_gives_them_and_keep_what_was_asked_before() -> None:
    lines = spoken.lines_of(chunks.paragraphs(STORY), ["Anna Reed", "Anna"], "she")
    said = {line.text: line.cue for line in lines}
    assert said["I light the big lamp, and I wait"] == "And what do you do when one is missing?"
    assert not [line for line in lines if "lantern" in line.text]


def test_every_statement_has_its_sentence_in_the_source() -> None:
    source = chunks.Quotable(STORY)
    material = gathering.gather(STORY, "Anna Reed")
    assert {claim.kind for claim in material.claims} >= {Kind.IDENTITY, Kind.HABIT, Kind.LIKE}
    assert all(source.holds(claim.quote) for claim in material.claims)
    assert not [claim for claim in material.claims if "smuggler" in claim.text]


def test_a_statement_without_proof_is_dropped_and_counted() -> None:
    claim = Claim(kind=Kind.FACT, text="Anna owns a ship.", quote="Anna owned a ship called Petrel.")
    merged = merging.merged([Material(name="Anna", claims=[claim])], chunks.Quotable(STORY))
    assert (merged.claims, merged.dropped) == ([], 1)


def test_quotations_are_compared_without_regard_to_line_breaks_and_marks() -> None:
    source = chunks.Quotable("She said: “It’s\n  late.”")
    assert source.holds('She said: "It\'s late."')
    assert not source.holds("She said: It is late")


def test_the_same_thing_said_twice_is_kept_once_and_contradictions_are_told() -> None:
    text = "Ada is 30 years old. Ada has green eyes. Ada loves the sea and rain. Ada really loves the sea and the rain. Ada is 41 years old. Ada has brown eyes."
    material = gathering.gather(f"Name: Ada\n\n{text}", "Ada")
    assert sum("sea" in claim.text for claim in material.claims) == 1
    assert {one.about for one in material.contradictions} == {"age", "colour of eyes"}


def test_an_idea_gets_a_name_that_is_marked_as_made_up() -> None:
    material = gathering.gather(IDEA, "")
    assert material.is_invented_name
    assert material.pronoun == "she"
    card = composing.compose(material, ["description", "first_mes"], Options()).fields
    assert "{{char}} is a grumpy lighthouse keeper." in card["description"]
    assert "I talk to gulls" in card["first_mes"]


def test_notes_name_their_fields() -> None:
    material = gathering.gather(NOTES, "")
    card = composing.compose(
        material, ["description", "scenario", "first_mes", "mes_example", "tags"], Options()
    ).fields
    assert material.name == "Tomas Harrow"
    assert card["scenario"].startswith("{{user}} enters the shop")
    assert "{{char}} is 58 years old." in card["description"]
    assert "clock mender" in card["tags"]
    assert "sit down" in card["first_mes"]


def test_a_character_who_is_not_in_the_story_is_refused_with_those_who_are() -> None:
    with pytest.raises(InvalidInput) as refused:
        gathering.gather(STORY, "Zebediah Quark")
    assert refused.value.reason == "character_not_found"
    assert "Anna Reed" in refused.value.next_step


def test_pieces_never_cross_chapters_and_hold_the_whole_text() -> None:
    pieces = chunks.chunks(STORY, 60)
    assert all(piece.tokens <= 60 for piece in pieces)
    assert {piece.chapter for piece in pieces} == {"CHAPTER I. The Harbour", "CHAPTER II. The Storm"}
    together = " ".join(piece.text for piece in pieces)
    assert all(one.text in together for one in chunks.paragraphs(STORY))


def test_a_library_text_loses_its_licence_and_broken_lines_are_joined() -> None:
    text = "*** START OF THE PROJECT GUTENBERG EBOOK X ***\nAnna went\nhome.\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\nlicence"
    assert [one.text for one in chunks.paragraphs(text)] == ["Anna went home."]


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ("{{char}} has red hair.", "supported"),
        ("{{char}} has black hair.", "contradicted"),
        ("{{char}} plays the violin in an orchestra.", "not_in_source"),
        ("{{char}} always locked her door.", "contradicted"),
    ],
)
def test_a_card_is_held_against_its_source(statement: str, verdict: str) -> None:
    source = f"{STORY}\n\nAnna Reed has red hair."
    (found,) = checking.check({"description": statement}, source, "Anna Reed")
    assert found.verdict == verdict
    assert bool(found.quote) == (verdict != "not_in_source")


@pytest.mark.parametrize(
    ("instruction", "field", "value"),
    [
        ("add tag sea, storm", "tags", ["calm", "sea", "storm"]),
        ("remove tag calm", "tags", []),
        ("rename to Vera", "name", "Vera"),
        ("shorten description to 4 words", "description", "Ada keeps bees."),
        ("replace “bees” with “doves”", "description", "Ada keeps doves. She sings to them. They like it."),
        ("shorten creator notes to 4 words", "creator_notes", "Ada hums. {{char}} waits."),
        ("remove scenario", "scenario", ""),
        ("set scenario to “A garden.”", "scenario", "A garden."),
        ("remove alternate greetings", "alternate_greetings", []),
        ("shorten the first message to 5 words", "first_mes", '*Ada looks up.*\n\n"Yes?"'),
        ("shorten examples to 7 words", "mes_example", "<START>\n{{user}}: Hi.\n{{char}}: Hello."),
        ("set scenario to “It's late. Ada waits; alone.”", "scenario", "It's late. Ada waits; alone."),
        ("call her “the Old One”", "name", "the Old One"),
        ("call her Vera of the Sea", "name", "Vera of the Sea"),
    ],
)
def test_plain_instructions_need_no_model(instruction: str, field: str, value: object) -> None:
    card = {
        "name": "Ada",
        "description": "Ada keeps bees. She sings to them. They like it.",
        "tags": ["calm"],
        "scenario": "A roof.",
        "alternate_greetings": ["Hi."],
        "creator_notes": "Ada hums. {{char}} waits. The end of it.",
        "first_mes": '*Ada looks up.*\n\n"Yes?"\n\nThe rain falls. It is late.',
        "mes_example": "<START>\n{{user}}: Hi.\n{{char}}: Hello.\n<START>\n{{user}}: Bye.\n{{char}}: Go.",
    }
    assert revising.understood(instruction)
    assert revising.revise(instruction, card).fields[field] == value


@pytest.mark.parametrize("free", ["make her funnier", "rename the inn to The Anchor", "call the police", "call her sister Mira", "rename to Vera and make her older"])  # fmt: skip
def test_a_free_instruction_is_not_taken_for_a_plain_one(free: str) -> None:
    assert not revising.understood(free)


def test_a_free_instruction_says_what_it_needs() -> None:
    with pytest.raises(InvalidInput) as refused:
        revising.revise("make her funnier", {"name": "Ada"})
    assert refused.value.reason == "needs_larger_model"


@pytest.mark.parametrize(
    ("text", "is_good"),
    [
        ("The woman looks up and sees the gulls flying overhead.", True),
        ("The woman looks up and puts the cup on the table.", True),
        ("The woman looks up and sees the sea of stars.", False),
        ("The woman looks up and sees the lighthouse keeper staring.", False),
        ("The woman looks up and embraces the beauty of the realm.", False),
        ("The woman looks up and puts the the cup down.", False),
        ("The woman looks up and sets the lamp on a", False),
    ],
)
def test_the_small_model_is_judged_hard(text: str, *, is_good: bool) -> None:
    about = "She keeps a lighthouse and counts the gulls flying overhead."
    assert (not movements.faults(text, "The woman looks up and ", about)) == is_good


def zipped(members: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"Anna keeps the lamp.", "a.txt"),
        ("\ufeffAnna keeps the lamp.".encode(), "a.md"),
        ("Anna keeps the lamp.".encode("utf-16"), "a.txt"),
        (b"<html><head><title>x</title></head><p>Anna keeps</p><p>the lamp.</p>", "a.html"),
        (zipped({"word/document.xml": "<w:p><w:t>Anna keeps the lamp.</w:t></w:p>"}), "a.docx"),
        (
            zipped(
                {
                    "META-INF/container.xml": "<x/>",
                    "b/p.opf": '<item id="c" href="1.xhtml"/><itemref idref="c"/>',
                    "b/1.xhtml": "<p>Anna keeps the lamp.</p>",
                }
            ),
            "a.epub",
        ),
        (b'{"who": "Anna", "what": "keeps the lamp"}', "a.json"),
        (b"<!-- <p>not this</p> --><p>Anna<p class='x'>keeps the lamp.<style>p {", "a.html"),
        (
            zipped(
                {
                    "word/document.xml": "<w:p><w:r><w:t>Anna</w:t><w:br/><w:t xml:space='preserve'>keeps the lamp.</w:t></w:r></w:p>"
                }
            ),
            "a.docx",
        ),
        (zipped({"content.xml": "<text:p>Anna<text:s/>keeps<text:tab/>the lamp.</text:p>"}), "a.odt"),
        (
            zipped(
                {
                    "META-INF/container.xml": "<x/>",
                    "META-INF/encryption.xml": "<CipherReference URI='b/font.otf'/>",
                    "b/p.opf": "<opf:item href='../text/one%201.xhtml#top' id='c'/><opf:itemref idref='c'/>",
                    "text/one 1.xhtml": "<p>Anna keeps the lamp.</p>",
                    "text/not in the spine.xhtml": "<p>Wrong &lt;</p>",
                }
            ),
            "b.epub",
        ),
        (b"Anna\0 keeps the lamp.", "b.txt"),
        (b'{"who": "Anna", "what": "keeps the lamp \\ud83d"}', "b.json"),
    ],
    ids=[
        "text",
        "bom",
        "utf-16",
        "html",
        "docx",
        "epub",
        "json",
        "sloppy html",
        "docx lines",
        "odt",
        "escaped epub",
        "nul",
        "half",
    ],
)
def test_sources_of_many_kinds_are_read(data: bytes, name: str) -> None:
    text = texts.read(data, name).text
    assert "Anna" in text
    assert "the lamp" in text
    assert "<" not in text
    assert "Annakeeps" not in text
    assert "\0" not in text
    assert text.encode()


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "thing",
    [
        "<",
        "<p ",
        "<head ",
        "<head>",
        "<!--",
        "<script>",
        "<w:t ",
        "<w:t>",
        "<item ",
        "<item id='",
        "a",
        "\n \t",
        "<think>",
    ],
)
def test_a_source_that_is_made_to_be_slow_is_not(thing: str) -> None:
    slow = thing * 20_000
    book = {
        "META-INF/container.xml": "",
        "META-INF/encryption.xml": slow,
        "a.opf": f"{slow}<item {slow}>",
        "a.xhtml": f"<p>Anna</p>{slow}",
    }
    for data, name in (
        (f"<p>Anna</p>{slow}".encode(), "a.html"),
        (zipped({"word/document.xml": f"<w:t>Anna</w:t>{slow}"}), "a.docx"),
        (zipped(book), "a.epub"),
    ):
        assert "Anna" in texts.read(data, name).text
    card = json.dumps({"name": "Anna", "description": f"x{slow}", "first_mes": slow, "mes_example": slow})
    assert "Anna" in texts.read(card.encode(), "a.json").text
    revising.revise("shorten the first message to 1 words", {"first_mes": f"One. {slow}"})
    assert asking.object_in(slow + '{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"%PDF-1.7 \x00\x01\x02\xff\xfe\xfd", "a.pdf", "source_kind"),
        (b"   \n ", "a.txt", "source_empty"),
        (b"PK\x03\x04 not a zip", "a.docx", "invalid_input"),
        (b"{broken", "a.json", "json_invalid"),
        (zipped({"x.txt": "hello"}), "a.docx", "source_kind"),
        (
            zipped(
                {
                    "META-INF/container.xml": "",
                    "META-INF/encryption.xml": '<e:CipherReference URI="a.xhtml"/>',
                    "a.xhtml": "nd8#;§)Wq",
                }
            ),
            "a.epub",
            "source_locked",
        ),
    ],
)
def test_what_is_no_source_is_refused_with_what_would_be(data: bytes, name: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        texts.read(data, name)
    assert refused.value.reason == code
    assert refused.value.next_step


def test_a_picture_without_a_card_is_a_source_without_words() -> None:
    found = texts.read(picture(1), "face.png")
    assert (found.kind, found.text, found.title) == ("picture", "", "face")


def test_a_picture_that_no_model_is_shown_is_refused() -> None:
    with pytest.raises(InvalidInput):
        texts.read(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", "face.gif")
    with pytest.raises(InvalidInput):
        texts.read(picture(1)[:60], "face.png")


PASSING = """Chapter 1

Anna Reed, who loathed the city, was at the window with her long, thin hands on the sill. Captain Moss looked at his old boots.

Anna Reed was silent, but her keen and restless mind was at work. She pressed her long, thin hands together.

Anna Reed, the clock mender, nodded. Anna Reed, the moment he had gone, laughed; her eager face was red.

Captain Moss came in with Anna Reed, the hydraulic engineer, Inspector Hale and two others. The visitor, said Anna Reed later, had hidden her pale, soft hands.

“I never lend a thing twice,” said Anna Reed. “Sit down,” said Captain Moss. “And who are you?” said Captain Moss.
"""


def in_passing() -> list[Claim]:
    others = frozenset({"Captain", "Moss", "Inspector", "Hale"})
    return phrases.claims_of(chunks.paragraphs(PASSING), "Anna Reed|Anna", "she", "Anna Reed", others)


def test_what_a_story_says_in_passing_is_found_with_its_sentence() -> None:
    found = in_passing()
    told = {claim.text for claim in found}
    assert {
        "Anna Reed loathed the city.",
        "Anna Reed is the clock mender.",
        "Anna Reed has long, thin hands.",
        "Anna Reed has a keen and restless mind.",
    } <= told
    assert all(chunks.Quotable(PASSING).holds(claim.quote) for claim in found)


@pytest.mark.parametrize("wrong", ["moment", "engineer", "old boots", "eager face", "pale, soft"])
def test_a_moment_a_list_and_other_peoples_looks_are_passed_over(wrong: str) -> None:
    assert not [claim.text for claim in in_passing() if wrong in claim.text]


def test_looks_are_said_in_one_sentence() -> None:
    assert composing._together(
        ["{{char}} has long, thin hands.", "{{char}} lives at sea.", "{{char}} has a scar."]
    ) == ["{{char}} has long, thin hands; and a scar.", "{{char}} lives at sea."]
    assert composing._together(["{{char}} has a scar."]) == ["{{char}} has a scar."]
