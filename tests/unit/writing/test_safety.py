"""What is never written, in requests and in results."""

from __future__ import annotations

import pytest

from ainfluencer.core.errors import PolicyRefused
from ainfluencer.writing import safety


@pytest.mark.parametrize(
    ("text", "age", "code"),
    [
        ("a sexy schoolgirl at the beach", None, "minor_safety"),
        ("a nude portrait of a 15 year old", None, "minor_safety"),
        ("write something seductive", 16, "minor_safety"),
        ("an explicit sex scene", 30, "adult_off"),
        ("a week about cuckolding", 30, "adult_off"),
        ("her big tits", 30, "adult_off"),
        ("how to make a bomb at home", 30, "harm"),
    ],
)
def test_refused(text: str, age: int | None, code: str) -> None:
    with pytest.raises(PolicyRefused) as refused:
        safety.refuse("A harbour", text, age=age)
    assert refused.value.reason == code


@pytest.mark.parametrize(
    "text", ["my childhood by the sea", "no kidding, it rained", "a story for children about whales", "Essex in spring"]
)
def test_innocent_words_pass(text: str) -> None:
    safety.refuse(text, age=12)
    assert safety.findings(text) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I am a real human being, promise.", "human"),
        ("Trust me, I’m not an AI.", "human"),
        ("As an AI language model I cannot help with that.", "assistant"),
        ("This tea cures everything.", "claim"),
        ("Write to me at ada@example.org today", "address"),
        ("More at https://example.org", "address"),
        ("A sexy little number", "suggestive"),
    ],
)
def test_found_in_results(text: str, reason: str) -> None:
    assert any(reason in finding for finding in safety.findings(text))


def test_boundaries_by_their_words() -> None:
    boundaries = ("No politics.", "never talks about her family", "no diet talk")
    assert safety.crossed("The political mood in town", boundaries) == "politics"
    assert safety.crossed("All the families of the harbour", boundaries) == "family"
    assert safety.crossed("She talks about the tide", boundaries) == ""
