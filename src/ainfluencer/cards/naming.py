"""The name that plain text gives to the character it is about; the names of their boat, cat and town are not it."""

from __future__ import annotations

import re

_COMMON_TEXT = (
    "I He She They It We You The A An And But Or If When Then There Here This That These Those His Her Their My Our Your Its What Who Why"
    " Where How Which While With Without From For To At In On By Of As So Not No Yes Oh Ah Well Now Once Upon After Before Monday Tuesday"
    " Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October November December"
    " Mr Mrs Ms Miss Dr Sir Madam God Heaven Christmas English French German American British Chapter Part Book Nothing Everything"
    " Something Some Any All Each Every Both Such Never Always Perhaps Still Just Only Even Very Good Great Old Young Poor Dear Let Do Does"
    " Did Is Are Was Were Be Been Has Have Had Will Would Should Could Can May Might Must Come Go Look See Tell Please Thank Hello Hi Hey"
    " One Two Three Four Five First Second Last Another Other Many Much More Most Again Also Because Though Although Until Since Suddenly"
    " However Indeed Therefore Thus Hence Meanwhile Besides Name Age Likes Dislikes Personality Appearance Background Notes Setting World User"
    " Scenario Greeting Quotes Facts Gutenberg Project Illustration Adventure Letter Her Him Me Us Them Like Being Having Keeps Loves Hates"
    " Contents Release Illustrated Edition Volume Doctor Inspector Captain Colonel Lord Lady Major Professor Majesty"
    " Lives Works Speaks Wants Knows Thinks Talks Wears Owns Runs Between During Under Over Behind Through Across Toward Towards Yet Nor"
)
COMMON = frozenset(_COMMON_TEXT.split())
"""Words that begin a sentence or a title with a capital letter and are nobody's name."""

_NAME = r"[A-ZÀ-ÞĀ-Ž][\w'’.-]*(?:\s+(?:(?:de|da|van|von|of|the|la)\s+)?[A-ZÀ-ÞĀ-Ž][\w'’-]*){0,3}"
_HEADING = re.compile(r"#{1,3}\s+(.+?)\s*#*$", re.MULTILINE)
_CALLED = re.compile(rf"\b(called|named|name is|name['’]s|I am|I['’]m|[Mm]eet)\s+({_NAME})")
_LEADING = re.compile(r"((?:[A-ZÀ-ÞŁŚŻ][\w'’-]+)(?:\s+[A-ZÀ-ÞŁŚŻ][\w'’-]+){0,2})(?:,| is | was | \(|\s[–—-]\s)")
_THEMSELVES = re.compile(
    r"\b(?:he|she|they|who|is|was|are|were)\s+(?:(?:also|always|often|mostly|simply)\s+)?$", re.IGNORECASE
)
_SUBJECT = re.compile(r"\b(?:he|she|they|I|who)\b", re.IGNORECASE)
_OWN = re.compile(r"\b(?:his|her|their|its|my|our)\s+(?:[\w’'-]+\s+){1,4}$|['’]s\s+$", re.IGNORECASE)
_PET = re.compile(
    r"\b(?:cat|kitten|dog|puppy|horse|pony|bird|parrot|raven|crow|rabbit|goat|hamster|pet)s?,?\s+$", re.IGNORECASE
)
_THING = re.compile(
    r"\b(?:boat|ship|ferry|vessel|car|van|bike|motorbike|sword|guitar|caf[eé]|bar|shop|tavern|inn|pub|bakery|town|village|city|island"
    r"|street|house|farm|band|game|book|song|company|club|school|planet|country|kingdom|river|place|something),?\s+(?:is\s+|was\s+)?$",
    re.IGNORECASE,
)


def stated_name(text: str) -> str:
    """The character's name as the text gives it, in a heading, by “called”, or as its first word; empty when it gives none."""
    text = text.strip()
    if heading := _HEADING.match(text):
        name, text = heading.group(1), text[heading.end() :].strip()
        if _is_name(name) and re.search(rf"(?<!\bthe )\b{re.escape(name.split()[0])}\b", text, re.IGNORECASE):
            return name
    ranked: list[tuple[int, str]] = []
    for found in _CALLED.finditer(text):
        name = found[2].rstrip(".")
        before = re.split(r"[.!?\n]", text[max(0, found.start() - 200) : found.start()])[-1]
        if name.split(maxsplit=1)[0] not in COMMON and not _is_others(before, found[1]):
            ranked.append((_doubt(before, found[1]), name))
    leading = _LEADING.match(text)
    if leading and leading[1].split(maxsplit=1)[0] not in COMMON:
        ranked.append((1, leading[1].rstrip(".")))
    return min(ranked, key=lambda one: one[0])[1] if ranked else ""


def _is_name(words: str) -> bool:
    return re.fullmatch(_NAME, words) is not None and words.split(maxsplit=1)[0] not in COMMON


def _is_others(before: str, word: str) -> bool:
    """Whether it is the name of somebody or something that belongs to the character, by the sentence up to the word."""
    if word in {"called", "named"}:
        return bool(_OWN.search(before) or (_PET.search(before) and _SUBJECT.search(before)))
    return word.startswith("name") and bool(re.search(r"['’]s\s+$", before))


def _doubt(before: str, word: str) -> int:
    """0 for the character; 2 when it may be what they have, do or meet; 3 for a place or a thing."""
    if word not in {"called", "named"}:
        return 0
    if _THING.search(before):
        return 3
    return 2 if _SUBJECT.search(before) and not _THEMSELVES.search(before) else 0
