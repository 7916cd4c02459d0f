"""The curated banks: every line is fit to be posted, and themes find their topic."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from ainfluencer.core.config import Settings
from ainfluencer.core.errors import InvalidInput
from ainfluencer.writing import banks, safety
from ainfluencer.writing.banks import Bank
from ainfluencer.writing.compose import ITEM_MAX, QUOTE_MAX, TITLE_MAX

TOPICS = banks.topics("en")


def lines_of(bank: Bank) -> list[str]:
    items = [item for row in bank.lists for item in (row.title, *row.items)]
    return [*bank.hooks, *bank.thoughts, *bank.questions, *bank.titles, *items]


@pytest.mark.parametrize("bank", TOPICS.values(), ids=TOPICS)
def test_every_line_is_fit_to_be_posted(bank: Bank) -> None:
    for line in lines_of(bank):
        assert not safety.findings(line), line
        assert "!" not in line, line
        assert "{" not in line, line
        assert not re.search(r"\b(?:i am|i'm) (?:a )?(?:human|person|woman|man)\b", line.lower()), line
    assert all(hook[-1] in ".?" for hook in bank.hooks)
    assert all(thought[-1] in ".?" for thought in bank.thoughts)
    assert all(question.rstrip()[-1] in ".?" for question in bank.questions)


@pytest.mark.parametrize("bank", TOPICS.values(), ids=TOPICS)
def test_every_line_fits_its_place(bank: Bank) -> None:
    assert len(bank.hooks) >= 4
    assert len(bank.thoughts) >= 5
    assert len(bank.questions) >= 3
    assert all(len(thought) <= QUOTE_MAX for thought in bank.thoughts)
    assert any(len(thought) <= 140 for thought in bank.thoughts)
    assert all(len(title) <= TITLE_MAX for title in bank.titles)
    for row in bank.lists:
        assert len(row.title) <= TITLE_MAX
        assert 3 <= len(row.items) <= 5
        assert all(len(item) <= ITEM_MAX for item in row.items)
    assert all(re.fullmatch(r"#[a-z0-9]{3,24}", tag) for tag in bank.tags)


def test_no_line_is_in_two_places() -> None:
    counted = Counter(line for bank in TOPICS.values() for line in (*bank.hooks, *bank.thoughts, *bank.questions))
    assert [line for line, n in counted.items() if n > 1] == []


@pytest.mark.parametrize(
    ("theme", "topic"),
    [
        ("surfing", "sea"),
        ("cold mornings", "mornings"),
        ("running a small shop", "work"),
        ("trail running", "running"),
        ("Old radios", "machines"),
        ("secondhand books", "books"),
        ("my cat", "animals"),
    ],
)
async def test_themes_find_their_topic(settings: Settings, theme: str, topic: str) -> None:
    assert (await banks.bank_for(theme)).topic == topic


async def test_an_unknown_theme_gets_the_general_lines_with_its_name(settings: Settings) -> None:
    bank = await banks.bank_for("Zymurgical quandaries")
    assert bank.is_general
    assert all("{" not in line for line in lines_of(bank))
    assert any("Zymurgical quandaries" in hook for hook in bank.hooks)


def test_languages_and_budgets() -> None:
    assert banks.language_of("en-GB") == "en"
    assert banks.language_of("tlh") == ""
    assert banks.budget("twitter")["max_text"] == 280
    with pytest.raises(InvalidInput, match="no caption budget"):
        banks.budget("myspace")


@pytest.mark.parametrize("bank", TOPICS.values(), ids=TOPICS)
def test_a_topic_is_found_by_what_it_is_about(bank: Bank) -> None:
    found = banks.by_words(bank.about)
    assert found is not None
    assert found.topic == bank.topic
    assert bank.beside
    assert all(name in TOPICS and name != bank.topic for name in bank.beside)


def test_topics_of_a_text_need_more_than_a_chance_word() -> None:
    told = ["She reads old charts by the lighthouse and waits for the tide.", "The harbour sleeps; the tide does not."]
    assert banks.topics_in(told)[0].topic == "sea"
    assert banks.topics_in(["It is in her nature to be quiet at night, and people love her for it."]) == ()
    assert banks.topics_in([]) == ()
