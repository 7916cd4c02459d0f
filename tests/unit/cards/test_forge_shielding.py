"""What a translation may not touch: covered before a model sees it, and missed when it does not come back."""

from __future__ import annotations

import pytest

from ainfluencer.cards.forge import tongues
from ainfluencer.cards.forge.translating import segments
from ainfluencer.cards.forge.translating.pieces import Piece
from ainfluencer.cards.forge.translating.shielding import TOKEN, Shield, faults, has_words, tidied
from ainfluencer.core.errors import InvalidInput

ANNA = Shield(["Anna Reed", "Annie"], ["grog"])


@pytest.mark.parametrize(
    "thing",
    [
        *("{{char}}", "{{random:{{user}},a cat}}", "{{// a note with Anna}}", "<USER>", "<BOT>", "<START>", "{char}"),
        *("https://example.org/a_b?c=1&d", "data:image/png;base64,AAAA=", '<b class="warm light">', "</b>", "<br/>"),
        *("<style>p { color: red }</style>", "<!-- hidden words -->", "`let x = 1`", "```js\nlet words = 1;\n```"),
        *("Anna Reed", "Anna", "Reed", "ANNA", "Annie", "grog", "@@depth 4", "@@@role system", "⟦", "⟧"),
    ],
)
def test_what_stays_has_no_word_that_a_model_could_change(thing: str) -> None:
    covered = ANNA.cover(f"\n{thing}\n")
    assert not has_words(covered)
    assert ANNA.uncover(covered) == f"\n{thing}\n"


@pytest.mark.parametrize("text", ["<3 all of you", "<I think so>", "Bannana", "a {{ b", "b }} a", "Reeds", "if a < b and b > c"])  # fmt: skip
def test_words_that_only_look_like_code_are_translated(text: str) -> None:
    assert ANNA.cover(text) == text


@pytest.mark.timeout(20)
@pytest.mark.parametrize("thing", ["<style>", "<!--", "```\n~~~\n", "{{", "](((", "<a x=1 ", "http://a/", "[x](y", "⟦", "A:\n", "*“", "\n \t"])  # fmt: skip
def test_a_text_that_is_made_to_be_slow_is_not(thing: str) -> None:
    text = thing * 60_000
    assert ANNA.uncover(ANNA.cover(text, speakers=True)) == text
    faults(text, text, target="de", is_dialogue=True)


def test_the_target_of_a_picture_stays_and_its_words_do_not() -> None:
    covered = ANNA.cover('![a red boat](pics/boat_(2).png "t") and [more](x)')
    assert TOKEN.sub("", covered) == "![a red boat] and [more]"
    assert ANNA.uncover(covered) == '![a red boat](pics/boat_(2).png "t") and [more](x)'


def test_who_speaks_stays_in_a_dialogue_and_a_rule_with_a_colon_does_not() -> None:
    text = "<START>\n{{char}}: Hello there.\nCaptain Moss: Aye.\nold man: A.\nold man: B.\nShe had one rule: stay.\n美咲： はい"
    covered = ANNA.cover(text, speakers=True)
    assert [line.split("⟧")[-1] for line in covered.split("\n")] == [
        *("", " Hello there.", " Aye.", " A.", " B.", "She had one rule: stay.", " はい"),
    ]  # fmt: skip
    assert ANNA.uncover(covered) == text


def test_the_same_thing_has_the_same_mark_everywhere() -> None:
    shield = Shield(["Anna"])
    assert TOKEN.findall(shield.cover("{{char}} sees Anna.")) == ["0", "1"]
    assert TOKEN.findall(shield.cover("Anna sees {{char}} and Anna.")) == ["1", "0", "1"]


def test_a_name_is_found_where_a_script_has_no_blanks() -> None:
    shield = Shield(["美咲"])
    assert shield.cover("彼女は美咲です") == "彼女は⟦0⟧です"


@pytest.mark.parametrize(
    ("covered", "answer", "word"),
    [
        ("⟦0⟧ sees ⟦1⟧.", "⟦0⟧ sieht.", "⟦1⟧ is missing"),
        ("⟦0⟧ sees.", "⟦0⟧ sieht ⟦0⟧.", "stands there 2×, in the text 1×"),
        ("⟦0⟧ sees.", "⟦0⟧ sieht ⟦9⟧.", "⟦9⟧ stands there 1×, in the text 0×"),
        ("*nods* Yes.", "nickt* Ja.", "Asterisks: 1 instead of 2"),
        ("“Yes.”", "„Ja.", "quotation mark"),
        ("Yes.", "Ja {{user}}.", "adds|braces"),
        ("Yes.", "Ja <b>.", "adds <b>"),
        ("Yes.\n\nNo.", "Ja. Nein.", "paragraphs"),
        ("Yes.", " ", "missing"),
        ("Yes.", "Ja. " * 80, "much longer"),
    ],
)
def test_an_answer_that_lost_something_says_what(covered: str, answer: str, word: str) -> None:
    found = faults(covered, answer, target="de")
    assert found
    assert any(part in " ".join(found) for part in word.split("|"))


def test_an_answer_in_the_language_of_the_text_is_not_a_translation() -> None:
    text = "She has kept the light of the harbour for thirty years, and she is not tired of it."
    assert faults(text, text, target="de") == ["It was not translated."]
    assert faults(text, text, target="en") == []


def test_near_languages_and_regions_are_not_taken_for_what_was_not_translated() -> None:
    danish = "Hun har passet på lyset i havnen i tredive år, og hun er ikke træt af det, som man skulle tro."
    norwegian = "Hun har passet på fyret i havna i tretti år, og hun er ikke lei av det, slik man skulle tro."
    assert faults(danish, norwegian, target="nb") == []
    assert faults(danish, danish, target="nb") == ["It was not translated."]
    portuguese = "Ela não é de cá, mas ela cuida da luz do porto como se fosse a luz da sua casa."
    assert faults(portuguese, portuguese.replace("Ela", "A mulher"), target="pt") == []


@pytest.mark.parametrize(
    ("covered", "answer"),
    [
        ("⟦0⟧ *waves at ⟦1⟧.* “Hi.”", "*⟦1⟧ wird von ⟦0⟧ gegrüßt.* „Hallo.“"),
        ('⟦0⟧ says "no".', "⟦0⟧ sagt «nein»."),
        ("An unpaired “ sign", "Ein „ ohne Partner"),
    ],
)
def test_order_and_the_shape_of_quotation_marks_are_free(covered: str, answer: str) -> None:
    assert faults(covered, answer, target="de") == []


def test_speakers_keep_their_lines_and_keys_their_number() -> None:
    assert faults("⟦0⟧ Hi.\n⟦1⟧ Yo.", "⟦1⟧ Hi.\n⟦0⟧ Yo.", target="de", is_dialogue=True)
    assert faults("sea\nship", "See, Schiff", target="de", is_list=True)


def test_marks_that_were_copied_loosely_are_put_right() -> None:
    assert tidied("〚3〛 und ⟦ 4 ⟧ ", "\n⟦3⟧ and ⟦4⟧\n\n") == "\n⟦3⟧ und ⟦4⟧\n\n"


@pytest.mark.parametrize("limit", [3, 8, 40, 1000])
def test_a_long_text_is_cut_where_it_can_be_and_loses_nothing(limit: int) -> None:
    text = "One two three.\nFour five.\n\nSix seven! Eight nine ten eleven twelve thirteen.\n\n\n\nEnd\n"
    parts = segments.cut(text, limit, lambda part: len(part.split()))
    assert "".join(parts) == text
    assert all(len(part.split()) <= max(limit, 6) for part in parts)


def test_short_texts_go_together() -> None:
    piece = Piece(("description",), "", "description")
    many = [segments.Segment(n, piece, "one two") for n in range(60)]
    made = segments.batches(many, 70, lambda part: len(part.split()))
    assert [one.number for batch in made for one in batch] == list(range(60))
    assert {len(batch) for batch in made} == {5}


@pytest.mark.parametrize(
    ("typed", "code"),
    [("de", "de"), ("German", "de"), ("Deutsch", "de"), ("PT-br", "pt-BR"), ("日本語", "ja"), ("zh-Hant", "zh-Hant")],
)
def test_a_language_is_known_by_code_and_name(typed: str, code: str) -> None:
    assert tongues.code_of(typed) == code


def test_a_language_that_nobody_knows_is_refused_with_a_way_on() -> None:
    with pytest.raises(InvalidInput) as refused:
        tongues.code_of("Klingon")
    assert refused.value.field == "translate_to"
    assert refused.value.next_step == "Use a name or a code such as German, de or pt-BR."
    with pytest.raises(InvalidInput) as mistyped:
        tongues.code_of("Portugese")
    assert "Did you mean Portuguese?" in mistyped.value.next_step
