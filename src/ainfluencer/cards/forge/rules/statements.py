"""Statements about the character: sentences of the source that have them as their subject, told apart by what they speak of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ainfluencer.cards.forge.chunks import Paragraph
from ainfluencer.cards.forge.rules import adjectives, narrative
from ainfluencer.cards.forge.shapes import Claim, Kind
from ainfluencer.writing import cutting

LONGEST, SHORTEST = 260, 14
_LEAD = re.compile(
    r"^(?:And|But|So|Then|Yet|Still|Now|Also|Indeed|However|Besides|Moreover|For|Thus|Well)\b,?\s+(?=\w)"
)
# Asterisks behind the colon belong to the label only where as many begin it: “Greeting: *She looks up.*” keeps its own.
_LABEL = re.compile(
    r"^\s*(?:[-+•]\s*|\*\s+|\d{1,2}[.)]\s*)?(?P<b>\*{0,3})(?P<label>[A-Za-z][\w /-]{1,30}?)(?:(?P=b)\s*:|\s*:(?P=b))\s*(?P<said>.+)$"
)
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+")

_BODY = (
    r"\b(?:eyes?|hair|beard|moustache|nose|face|features|skin|complexion|height|tall|short|thin|lean|stout|slim|slender|broad|shoulders|build|hands?"
    r"|fingers|scars?|tattoos?|freckle[sd]?|glasses|spectacles|wears?|wore|dressed|dress|coat|hat|cloak|boots|figure|voice|chin|brows?|eyebrows"
    r"|lips|cheeks?|forehead|limp|jacket|scarf|appearance|looks? (?:like|young|old)|feet in height|\d+ ?(?:cm|feet|ft))\b"
)
_HABIT = r"\b(?:always|often|usually|every (?:day|morning|evening|night|week|year|time|sunday|monday|friday|saturday)|never(?! before| again| yet)|seldom|rarely|sometimes|habit(?:s|ually)?|accustomed|tends? to|used to|would (?:often|always|sit|spend|rise)|whenever|at night|in the (?:mornings?|evenings?)|on (?:sundays?|mondays?|fridays?))\b"
_LIKE = r"\b(?:loves?|loved|likes|liked|(?:I|they|we|to) like|enjoys?|enjoyed|fond of|adores?|adored|delights? in|delighted in|hates?|hated|dislikes?|detests?|loathe[sd]?|afraid of|fears?|feared|cannot stand|can't stand|prefers?|preferred|passion for|favou?rite|obsessed)\b"
_SKILL = r"\b(?:can|could|knows?|knew|expert|master(?:ed)?|skill(?:s|ed)?|talent(?:ed)?|able to|speaks? \w+|plays? the|played the|trained|studie[sd]|knowledge|capable|genius|gift for|good at|adept|cooks?|builds?|repairs?|paints?|writes?|draws?|keeps? (?:a|the)|collects?)\b"
_PAST = r"\b(?:was born|were born|born in|grew up|raised|years ago|once (?:was|had|worked|served)|former(?:ly)?|used to be|after the (?:war|storm|fire|death)|childhood|inherited|graduated|retired|left (?:home|school|the army)|served|widow(?:er|ed)?|since (?:then|the)|as a (?:child|boy|girl)|married in|studied)\b"
_KIN = r"\b(?:mother|father|brother|sister|son|daughter|wife|husband|friend|companion|partner|colleague|enemy|rival|uncle|aunt|cousin|nephew|niece|grand(?:mother|father)|teacher|student|mentor|apprentice|boss|employer|neighbou?r|lover|fianc[eé]e?|twin|roommate|fellow-lodger|crew|captain of)\b"
_HOME = r"\b(?:lives?|lived|dwells?|dwelt|lodg(?:es?|ed|ings)|resid(?:es?|ed)|rooms? (?:in|at)|home (?:is|was)|based in|settled|house (?:in|at|on)|apartment|flat in|cottage|works? (?:in|at|from|as)|tends?|runs? (?:a|the)|owns?)\b"
_COPULA = (
    r"(?:is|was|has been|had been|remains?|remained|became|becomes|seem(?:s|ed)|appear(?:s|ed)|looks?|felt|feels|'s|’s)"
)
_STATE = re.compile(rf"^(?:{_COPULA}|has|had|are|were|have|lives?|loves?|likes?|hates?|keeps?|knows?|wears?|works?|speaks?|believes?|never|always|often|seldom|can|could|would|owns?|carries|wants?|dreams?|talks?|thinks?|collects?|plays?|runs?|tends?|sings?|reads?|writes?|draws?|paints?|drinks?|smokes?|sleeps?|trusts?|refuses?|spends?|prefers?|calls?|remembers?|teaches|sells?|mends?|makes?|bakes?|builds?|grows?|moves?|looks?|laughs?|hums?|counts?|hides?|fears?)\b", re.IGNORECASE)  # fmt: skip
_ALREADY = re.compile(r"\b(?:this|that|these|those|it|such|there|here|the former|the latter|the same|now|yesterday|to-day|today|to-night|tonight|to-morrow|tomorrow)\b", re.IGNORECASE)  # fmt: skip
_NARRATOR = re.compile(r"\b(?:I|me|my|we|us|our|myself)\b")
_IN_SCENE = re.compile(r"\b(?:had (?:just|already|now|then)|at (?:that|this) moment|as (?:he|she|we|I|they)|when (?:I|we|he|she|they)|while (?:I|we|he|she)|for a moment|a minute|instant|suddenly|at last|once more|this morning|last night|presently|by the time|so that|took|turned|threw|rose|came|went|sat|stood|ran|opened|closed|handed|pulled|drew|pushed|stepped|rushed|walked|glanced|nodded|shook|leaned|sprang|entered)\b", re.IGNORECASE)  # fmt: skip

_ORDER: tuple[tuple[Kind, str], ...] = (
    (Kind.LIKE, _LIKE),
    (Kind.HABIT, _HABIT),
    (Kind.APPEARANCE, _BODY),
    (Kind.RELATION, _KIN),
    (Kind.SKILL, _SKILL),
    (Kind.PLACE, _HOME),
)
_LABELS: dict[str, Kind] = {
    "appearance": Kind.APPEARANCE, "looks": Kind.APPEARANCE, "look": Kind.APPEARANCE, "body": Kind.APPEARANCE, "hair": Kind.APPEARANCE,
    "eyes": Kind.APPEARANCE, "height": Kind.APPEARANCE, "clothes": Kind.APPEARANCE, "clothing": Kind.APPEARANCE, "outfit": Kind.APPEARANCE,
    "personality": Kind.PERSONALITY, "traits": Kind.PERSONALITY, "character": Kind.PERSONALITY, "temper": Kind.PERSONALITY,
    "likes": Kind.LIKE, "loves": Kind.LIKE, "dislikes": Kind.LIKE, "hates": Kind.LIKE, "fears": Kind.LIKE, "hobbies": Kind.LIKE,
    "interests": Kind.LIKE, "habits": Kind.HABIT, "quirks": Kind.HABIT, "skills": Kind.SKILL, "abilities": Kind.SKILL, "powers": Kind.SKILL,
    "background": Kind.HISTORY, "history": Kind.HISTORY, "backstory": Kind.HISTORY, "relationships": Kind.RELATION, "family": Kind.RELATION,
    "friends": Kind.RELATION, "home": Kind.PLACE, "location": Kind.PLACE, "lives": Kind.PLACE, "age": Kind.IDENTITY, "occupation": Kind.IDENTITY,
    "job": Kind.IDENTITY, "species": Kind.IDENTITY, "gender": Kind.IDENTITY, "race": Kind.IDENTITY, "profession": Kind.IDENTITY,
    "nationality": Kind.IDENTITY,
}  # fmt: skip
STATED = {
    "scenario": "scenario", "setting": "scenario", "situation": "scenario", "greeting": "first_mes", "first message": "first_mes",
    "opening": "first_mes", "system prompt": "system_prompt", "tags": "tags", "creator": "creator", "nickname": "nickname",
    "example": "mes_example", "examples": "mes_example",
}  # fmt: skip
"""Labels of notes that name a field of the card."""
LORE = "lore"
"""Label of what surrounds the character and says nothing of them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the statements are about. `is_only`: the source is notes about this one, so every sentence counts."""

    aliases: list[str]
    pronoun: str
    is_only: bool = False

    @property
    def pattern(self) -> str:
        """Any form of the name."""
        return "|".join(re.escape(alias) for alias in self.aliases) or r"(?!)"


def labelled(text: str) -> tuple[str, str] | None:
    """“Likes: …” as (“likes”, “…”)."""
    found = _LABEL.match(text)
    return (found["label"].strip().lower(), found["said"].strip()) if found else None


def claims_of(found: list[Paragraph], subject: Subject, others: frozenset[str]) -> list[Claim]:
    """Every statement about the subject in order, each with its sentence verbatim. `others`: names of other people."""
    made: list[Claim] = []
    for paragraph in found:
        pair = labelled(paragraph.text) if subject.is_only else None
        if pair and pair[0] in _LABELS:
            made.append(_of_label(pair, paragraph))
            continue
        if pair and (pair[0] in STATED or pair[0] in {"name", "quotes", "quote", "says", "asked", LORE}):
            continue
        made += _of_paragraph(paragraph, subject, others)
    return made


def _of_label(pair: tuple[str, str], paragraph: Paragraph) -> Claim:
    word, value = pair
    told = value if len(value.split()) > 6 and value[:1].isupper() else f"{word.capitalize()}: {value}"
    return Claim(
        kind=_LABELS[word], text=told.rstrip(".") + ".", quote=paragraph.text, where=paragraph.chapter, weight=3
    )


def _of_paragraph(paragraph: Paragraph, subject: Subject, others: frozenset[str]) -> list[Claim]:
    text = _BULLET.sub("", paragraph.text)
    made: list[Claim] = []
    if subject.is_only and text[:1] in '“"‘`':
        return made
    is_theirs = False
    for sentence in cutting.sentences(text) if subject.is_only else narrative.sentences(text):
        if sentence[:1] in '“"‘`':
            continue
        opening = _LEAD.sub("", sentence)
        opening = opening[:1].upper() + opening[1:]
        named = _is_named(opening, subject)
        meant = _is_meant(opening, subject)
        if not (named or (meant and is_theirs) or subject.is_only):
            # Whoever else comes in between may be the “he” of the next sentence.
            # A mere mention is not enough: in “Holmes watched our visitor. He wore …” the coat is the visitor's.
            is_theirs = False
            continue
        if meant and not named and not subject.is_only and _speaks_of(sentence, others):
            is_theirs = False
            continue
        for part in _halves(opening, subject):
            claim = _claim(sentence, part, paragraph, subject, is_start=named or meant)
            made += [claim] if claim else []
        is_theirs = not _speaks_of(sentence, others)
    return made


def _halves(sentence: str, subject: Subject) -> list[str]:
    """“A keeper who talks to gulls” as “A keeper.” and “She talks to gulls.”, so that each can be said alone."""
    match = (
        re.match(r"^((?:An?|The)\s[^,.;]{3,70}?),?\s+who\s+([a-z]+s\b[^.]{3,220})[.!]?$", sentence)
        if subject.is_only
        else None
    )
    if match is None or subject.pronoun == "they":
        return [sentence]
    return [f"{match.group(1)}.", f"{subject.pronoun.capitalize() or subject.aliases[0]} {match.group(2)}."]


def _is_named(sentence: str, subject: Subject) -> bool:
    """Whether the sentence has the name as its subject, at its beginning or after one short clause."""
    name = rf"(?:{subject.pattern})(?:['’]s)?"
    return bool(re.match(rf"^(?:[A-Z][^,;◊]{{2,60}},\s+)?{name}\s+(?!and\b|or\b)", sentence))


def _is_meant(sentence: str, subject: Subject) -> bool:
    own = _OWN.get(subject.pronoun, "")
    return bool(own and re.match(rf"^(?:{subject.pronoun}|{own})\s", sentence, re.IGNORECASE))


def _speaks_of(sentence: str, others: frozenset[str]) -> bool:
    return bool(others & set(re.findall(r"[A-ZÀ-Þ][\w'’]+", sentence)))


_OWN = {"she": "her", "he": "his", "they": "their"}


def _claim(sentence: str, opening: str, paragraph: Paragraph, subject: Subject, *, is_start: bool) -> Claim | None:
    if not SHORTEST <= len(opening) <= LONGEST or opening.endswith((":", "?")):
        return None
    if not subject.is_only and not is_start:
        return None
    kind = kind_of(opening, subject)
    weight = _weight(opening, kind, subject, is_start=is_start)
    if weight <= 0:
        return None
    text = opening if opening.endswith((".", "!", "…", "”", '"')) else f"{opening.rstrip(',;')}."
    return Claim(kind=kind, text=text, quote=sentence, where=paragraph.chapter, weight=round(weight, 2))


def kind_of(sentence: str, subject: Subject) -> Kind:
    """What a sentence about the subject speaks of."""
    start = re.match(rf"^(?:{subject.pattern}|she|he|they)\s+(?:\w+ly\s+)?(.*)$", sentence, re.IGNORECASE)
    rest = start.group(1) if start else sentence
    if not start and re.match(rf"^(?:her|his|their)\s(?:\w+\s){{0,3}}?{_KIN}", sentence, re.IGNORECASE):
        return Kind.RELATION
    if _says_who(sentence, rest, subject):
        return Kind.RELATION if re.search(_KIN, rest[:60]) and len(rest) < 60 else Kind.IDENTITY
    return Kind.HISTORY if re.search(_PAST, rest, re.IGNORECASE) else _by_words(rest, subject)


def _says_who(sentence: str, rest: str, subject: Subject) -> bool:
    """Whether it says who or how old somebody is, as a sentence or as a bare phrase of notes."""
    if subject.is_only and re.match(r"^(?:An?|The)\s(?:(?!\b(?:is|was|are|has|had)\b)[^.]){3,80}\.?$", sentence):
        return True
    is_noun = re.match(rf"^{_COPULA}\s+(?:\w+ly\s+)?(?:an?|the|one of|now an?|our|my)\s", rest, re.IGNORECASE)
    return bool(is_noun or re.match(rf"^{_COPULA}\s+(?:\w+\s+){{0,2}}(?:\d+|{_AGE})\b", rest, re.IGNORECASE))


def _by_words(rest: str, subject: Subject) -> Kind:
    """By its first telling word; by an adjective; else a state, or something that happened once."""
    is_adjective = bool(adjectives.found(rest[:90]))
    if is_adjective and re.match(rf"^(?:{_COPULA}|has an?|had an?)\b", rest, re.IGNORECASE):
        return Kind.PERSONALITY
    hits = [(match.start(), kind) for kind, pattern in _ORDER if (match := re.search(pattern, rest, re.IGNORECASE))]
    if hits:
        return min(hits, key=lambda hit: hit[0])[1]
    is_done = re.match(r"^had (?:\w+ly |just |already )?\w+(?:ed|en|wn|ung|ought|ome)\b", rest)
    is_state = _STATE.match(rest) and not is_done
    known = Kind.PERSONALITY if adjectives.found(rest) else Kind.FACT
    return known if subject.is_only or is_state else Kind.EVENT


_AGE = r"(?:eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"


_IS_STATE = re.compile(r"\b(?:is|was|are|were|seem(?:s|ed)|appear(?:s|ed)|has|had|wears?|wore|man of|with an?)\b")
_MOOD = re.compile(
    r"\b(?:buried|lost|sunk|plunged) in (?:\w+ )?thoughts?\b|\b(?:expression|look|smile|air|frown) (?:up)?on (?:his|her|their)\b"
)
_PASSING = frozenset({Kind.APPEARANCE, Kind.FACT, Kind.HISTORY, Kind.PLACE, Kind.HABIT})


def _after_name(sentence: str, subject: Subject) -> str:
    return re.sub(rf"^(?:{subject.pattern}|she|he|they)\s+", "", sentence, count=1, flags=re.IGNORECASE)


def _weight(sentence: str, kind: Kind, subject: Subject, *, is_start: bool) -> float:
    """How well a sentence stands alone in a description: complete, timeless, about nobody else."""
    if subject.is_only:
        return 2.5 if is_start else 2.0
    weight = 1.0 + (0.3 if 40 <= len(sentence) <= 180 else 0)
    weight += 0.6 if kind in {Kind.IDENTITY, Kind.PERSONALITY, Kind.HABIT, Kind.LIKE} else 0
    rest = sentence.split(" ", 1)[-1]
    weight -= 0.35 * len(_ALREADY.findall(sentence))
    weight -= 0.35 * len(_NARRATOR.findall(sentence))
    weight -= 0.3 * len(_IN_SCENE.findall(rest))
    weight -= 1.2 if _MOOD.search(rest) else 0
    weight -= 0.9 if kind is Kind.APPEARANCE and not _IS_STATE.search(rest) else 0
    weight += (
        0.5
        if re.search(
            r"\b(?:always|never|seldom|habit|nature|character|temper|man of|woman of|kind of|accustomed|fond)\b", rest
        )
        else 0
    )
    # What somebody was doing when the narrator looked says little about who they are.
    weight -= (
        0.6
        if re.match(
            r"^(?:was|were|had been|had|sat|stood|lay)\b(?: \w+ing| \w+ed| upon| for| up)?\b",
            _after_name(sentence, subject),
        )
        and kind in _PASSING
        else 0
    )
    if kind is Kind.EVENT:
        return 0.2 + max(0.0, weight * 0.1)
    return weight
