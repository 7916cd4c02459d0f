"""Age, place, gender, work and interests out of attributes and prose, each with the words that say so."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from ainfluencer.cards.understanding.markup import Attributes


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a field has its value: the words and where they stand."""

    field: str
    value: str
    source: str
    words: str


_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_UNITS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}
_TEENS = {
    "eighteen": 18,
    "nineteen": 19,
    "seventeen": 17,
    "sixteen": 16,
    "fifteen": 15,
    "fourteen": 14,
    "thirteen": 13,
    "twelve": 12,
}
_WORD_AGE = rf"(?:{'|'.join(_TEENS)}|(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_UNITS)}))?)"
_AGES = (  # searched in lower case, which is four times as fast as ignoring case
    re.compile(rf"\b(\d{{1,5}}|{_WORD_AGE})[- ]?(?:years?|yrs?)[- ]old\b"),
    re.compile(r"\b(\d{1,5})\s?(?:yo|y/o)\b"),
    re.compile(rf"\b(?:aged|age(?: is)?:?|at the age of)\s+(\d{{1,5}}|{_WORD_AGE})\b"),
    re.compile(rf"\b(?:is|she's|he's|i'm|i am|turned)\s+(?:now\s+)?(\d{{2,3}}|{_WORD_AGE})(?=\s*[,.;]|\s+and\b)"),
    re.compile(r"^\s*[\w'’ .-]{2,40},\s*(\d{2,3})(?=\s*[,.;–—-])"),
    re.compile(r"\b(\d{1,3})\s*(?:jahre alt|ans\b|años\b|anos\b|anni\b|lat\b|лет\b)"),
)
_PLACE = r"((?:the\s+)?[A-ZÀ-Þ][\w'’-]+(?:\s+(?:(?:of|de|da|do|del|la|di|upon|am)\s+)?[A-ZÀ-Þ][\w'’-]+){0,3}(?:,\s+[A-ZÀ-Þ][\w'’-]+(?:\s+[A-ZÀ-Þ][\w'’-]+){0,2})?)"
_PLACES = (
    re.compile(
        rf"\b(?:lives?|living|resid(?:es?|ing)|based|settled|dwell(?:s|ing))\s+(?:alone\s+|now\s+)?(?:in|on|at|near|above)\s+(?:an?\s+[\w\s-]{{2,40}}\s+(?:in|on|near|above)\s+)?{_PLACE}"
    ),
    re.compile(
        rf"\b(?:works?|working|runs?|keeps?|kept|tends?|teaches|studies)\b[^.;\n]{{0,60}}\b(?:in|on|at)\s+{_PLACE}"
    ),
    re.compile(
        rf"\b(?:from|born in|native of|raised in|comes? from|(?:city|town|village|streets|outskirts|heart|kingdom|island|people) of)\s+{_PLACE}(?!['’]s)"
    ),
)
_NO_PLACE = frozenset(
    {
        "I",
        "He",
        "She",
        "They",
        "The",
        "God",
        "English",
        "Monday",
        "Sunday",
        "Friday",
        "Saturday",
        "January",
        "May",
        "June",
        "July",
    }
)
_NO_HOME = re.compile(r"\{\{|\b(?:Corporation|Systems?|Inc|Ltd|Company|Archive|Circle|Order|Guild|Academy|Navy|Army)\b")
_GENDERS = {
    "female": "female woman girl she her lady feminine weiblich frau femme mujer mulher donna женский",
    "male": "male man boy he him guy masculine männlich mann homme hombre homem uomo мужской",
    "nonbinary": "nonbinary non-binary enby they genderfluid agender androgynous",
}
_GENDER_OF = {word: gender for gender, words in _GENDERS.items() for word in words.split()}


def age_of(attributes: Attributes, text: str) -> tuple[int | None, Evidence | None]:
    """The stated age, attributes before prose; None when none is stated."""
    stated = attributes.text("age", "alter", "edad", "idade", "âge", "età", "возраст")
    number = re.search(rf"\d{{1,5}}|{_WORD_AGE}", stated, re.IGNORECASE)
    if number:
        value = _number(number.group(0))
        return value, Evidence("age", str(value), "attribute age", stated[:80])
    text = text[:50_000]
    lowered = text.lower()
    if len(lowered) != len(text):  # the Turkish İ becomes two letters; places in one text are places in the other
        lowered = "".join(letter.lower()[0] for letter in text)
    for pattern in _AGES:
        match = pattern.search(lowered)
        if match:
            value = _number(match.group(1))
            return value, Evidence("age", str(value), "description", _around(text, match))
    return None, None


def _number(words: str) -> int:
    if words.isdigit():
        return min(int(words), 100_000)
    parts = re.split(r"[- ]", words.casefold())
    return sum(_TENS.get(p, 0) + _UNITS.get(p, 0) + _TEENS.get(p, 0) for p in parts)


def _around(text: str, match: re.Match[str]) -> str:
    return " ".join(text[max(0, match.start() - 30) : match.end() + 30].split())


def place_of(attributes: Attributes, text: str) -> tuple[str, Evidence | None]:
    """Where the person lives, in words."""
    stated = attributes.text(
        "location",
        "residence",
        "home",
        "lives in",
        "living place",
        "city",
        "hometown",
        "country",
        "birthplace",
        "wohnort",
        "nationality",
    )
    if stated:
        return stated[:120], Evidence("location", stated[:120], "attribute", stated[:120])
    for pattern in _PLACES:
        for match in pattern.finditer(text[:50_000]):
            place = re.sub(r"^the\s+(?=[A-Z])", "", match.group(1)).strip(" .'’")
            if place.split()[0] not in _NO_PLACE and not place.endswith(("'s", "’s")) and not _NO_HOME.search(place):
                return place, Evidence("location", place, "description", _around(text, match))
    return "", None


def gender_of(attributes: Attributes, text: str, tags: tuple[str, ...]) -> str:
    """female, male, nonbinary or empty: attribute, then tag, then the pronouns of the description."""
    for word in re.findall(
        r"[\w-]+", attributes.text("gender", "sex", "pronouns", "geschlecht", "género", "sexo").casefold()
    ):
        if word in _GENDER_OF:
            return _GENDER_OF[word]
    for tag in tags:
        if tag.casefold() in {"female", "male", "woman", "man", "nonbinary", "non-binary"}:
            return _GENDER_OF[tag.casefold()]
    words = Counter(re.findall(r"\b(?:she|her|hers|he|him|his)\b", text[:20_000].casefold()))
    she, he = words["she"] + words["her"] + words["hers"], words["he"] + words["him"] + words["his"]
    if max(she, he) < 2 or max(she, he) < 2 * min(she, he):
        return ""
    return "female" if she > he else "male"


def work_of(attributes: Attributes) -> str:
    """What they do for a living, from attributes."""
    return attributes.text("occupation", "job", "profession", "work", "beruf", "career", "role")[:120]
