"""Statements brought together: the same thing said twice is kept once, what contradicts itself is kept and told."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ainfluencer.cards.forge.chunks import Quotable
from ainfluencer.cards.forge.shapes import Claim, Contradiction, Entity, Kind, Line, Material

_STOP_TEXT = (
    "the a an and or but of in on at to for with by from as is was were are be been has have had he she they his her their him them it its"
    " that this who which what when where while not no so than then there very more most into out up down over about after before"
)
_STOP = frozenset(_STOP_TEXT.split())
_COLOURS = "black brown blond blonde red auburn grey gray white silver golden dark fair blue green hazel amber violet"
_COLOUR = re.compile(
    rf"\b({'|'.join(_COLOURS.split())})\b(?:[\w-]*\s+(?:and\s+)?){{0,2}}\b(hair|eyes|beard|moustache)\b"
    rf"|\b(hair|eyes|beard|moustache)\s+(?:is|are|was|were)\s+(?:\w+\s+)?({'|'.join(_COLOURS.split())})\b",
    re.IGNORECASE,
)
_AGE = re.compile(r"\b(\d{1,3})(?:[- ]years?[- ]old\b| years of age\b)|\b(?:is|was|aged|age:?|turned)\s+(\d{1,3})\b(?!\s*(?:cm|feet|ft|per|%|o'clock))", re.IGNORECASE)  # fmt: skip
_OPPOSITES = (
    ("tall", "short"), ("thin", "stout"), ("old", "young"), ("rich", "poor"), ("married", "unmarried"), ("shy", "outgoing"), ("quiet", "talkative"),
    ("tidy", "untidy"), ("kind", "cruel"), ("brave", "cowardly"), ("lazy", "hardworking"), ("honest", "deceitful"), ("patient", "impatient"),
)  # fmt: skip
NEGATED = re.compile(r"\b(?:never|not|no longer|does not|doesn't|doesn’t|cannot|can't|can’t|did not|didn't|didn’t|is not|isn't|isn’t|hates?|dislikes?)\b", re.IGNORECASE)  # fmt: skip
ALIKE = 0.72
OFTEN = 300


def words(text: str) -> set[str]:
    """The words that carry meaning, roughly without their endings."""
    found = re.findall(r"[^\W\d_]{2,}|\d+", text.casefold())
    return {re.sub(r"(?:ing|ed|es|s|ly)$", "", word) if len(word) > 4 else word for word in found if word not in _STOP}


def likeness(first: set[str], second: set[str]) -> float:
    """How much of the smaller set of words the other one holds."""
    return len(first & second) / (min(len(first), len(second)) or 1)


def merged(parts: Sequence[Material], source: Quotable) -> Material:
    """One material of many: unproved statements dropped and counted, repetitions merged, contradictions listed."""
    first = parts[0]
    claims, dropped = _proved([claim for part in parts for claim in part.claims], source)
    kept = _unique(claims, {word for alias in [first.name, *first.aliases] for word in words(alias)})
    lines = [line for part in parts for line in part.lines if source.holds(line.quote)]
    return first.model_copy(
        update={
            "claims": kept,
            "lines": _unique_lines(lines),
            "entities": _together([one for part in parts for one in part.entities], source),
            "traits": list(dict.fromkeys(word for part in parts for word in part.traits)),
            "stated": {name: text for part in reversed(parts) for name, text in part.stated.items()},
            "contradictions": contradictions(kept),
            "dropped": sum(part.dropped for part in parts) + dropped,
            "pronoun": next((part.pronoun for part in parts if part.pronoun), ""),
        }
    )


def _proved(claims: list[Claim], source: Quotable) -> tuple[list[Claim], int]:
    kept = [claim for claim in claims if source.holds(claim.quote)]
    return kept, len(claims) - len(kept)


def _unique(claims: list[Claim], own: set[str]) -> list[Claim]:
    kept: list[tuple[set[str], Claim]] = []
    by_word: dict[str, list[int]] = {}
    for claim in claims:
        meant = words(claim.text) - own
        # Words that stand in hundreds of statements lead to all of them: rarer ones lead to those that are alike.
        rare = [word for word in meant if len(by_word.get(word, ())) <= OFTEN]
        near = {number for word in rare or meant for number in by_word.get(word, ())}
        twin = next(
            (n for n in near if min(len(meant), len(kept[n][0])) > 1 and likeness(meant, kept[n][0]) >= ALIKE), None
        )
        if twin is None:
            for word in meant:
                by_word.setdefault(word, []).append(len(kept))
            kept.append((meant, claim))
        elif len(claim.text) > len(kept[twin][1].text) or claim.weight > kept[twin][1].weight:
            # The fuller of two ways to say it stays, with its own quotation; it weighs more for having been said twice.
            better = claim.model_copy(update={"weight": max(claim.weight, kept[twin][1].weight) + 0.2})
            kept[twin] = (meant | kept[twin][0], better)
    return [claim for _, claim in kept]


def _unique_lines(lines: list[Line]) -> list[Line]:
    return list({re.sub(r"\W+", " ", line.text.casefold()): line for line in reversed(lines)}.values())[::-1]


def _together(entities: list[Entity], source: Quotable) -> list[Entity]:
    by_name: dict[str, Entity] = {}
    for one in entities:
        quotes = [quote for quote in one.quotes if source.holds(quote)]
        known = by_name.get(one.name.casefold())
        if known is None:
            by_name[one.name.casefold()] = one.model_copy(update={"quotes": quotes})
            continue
        text = known.text if one.text in known.text else f"{known.text} {one.text}".strip()
        by_name[one.name.casefold()] = known.model_copy(
            update={
                "text": text[:900],
                "quotes": list(dict.fromkeys([*known.quotes, *quotes]))[:6],
                "aliases": list(dict.fromkeys([*known.aliases, *one.aliases])),
                "mentions": known.mentions + one.mentions,
            }
        )
    return sorted((one for one in by_name.values() if one.quotes), key=lambda one: -one.mentions)


def contradictions(claims: Sequence[Claim]) -> list[Contradiction]:
    """Pairs of statements that cannot both hold: two ages, two colours of the same thing, a word and its opposite, a yes and a no."""
    found: list[Contradiction] = []
    ages: dict[str, Claim] = {}
    colours: dict[str, tuple[str, Claim]] = {}
    for claim in claims:
        for age in ages_in(claim.text):
            if claim.kind is Kind.IDENTITY:
                ages.setdefault(age, claim)
        for thing, colour in colours_in(claim.text).items():
            known = colours.setdefault(thing, (colour, claim))
            if known[0] != colour and claim.kind is Kind.APPEARANCE:
                found.append(Contradiction(about=f"colour of {thing}", first=known[1].text, second=claim.text))
    if len(ages) > 1:
        pair = list(ages.values())[:2]
        found.append(Contradiction(about="age", first=pair[0].text, second=pair[1].text))
    return [*found, *_opposed(claims)][:20]


def ages_in(text: str) -> list[str]:
    """Ages that a sentence states, as digits."""
    return [next(group for group in match.groups() if group) for match in _AGE.finditer(text)]


def colours_in(text: str) -> dict[str, str]:
    """Colours of hair, eyes and beards that a sentence states."""
    found: dict[str, str] = {}
    for match in _COLOUR.finditer(text):
        colour, thing, thing2, colour2 = match.groups()
        found[(thing or thing2).lower()] = (
            (colour or colour2).lower().replace("gray", "grey").replace("blonde", "blond")
        )
    return found


def _opposed(claims: Sequence[Claim]) -> list[Contradiction]:
    short = [claim for claim in claims if len(claim.text) < 160 and claim.kind is not Kind.EVENT][:400]
    said = [(words(claim.text), bool(NEGATED.search(claim.text)), claim.text) for claim in short]
    found: list[Contradiction] = []
    for number, (one, is_denied, first) in enumerate(said):
        for two, is_other_denied, second in said[number + 1 :]:
            if about := _opposite(one, two, is_other_way=is_denied != is_other_denied):
                found.append(Contradiction(about=about, first=first, second=second))
    return found[:10]


def _opposite(one: set[str], two: set[str], *, is_other_way: bool) -> str:
    """In what two sentences of these words contradict each other; '' when they do not, as far as words can say."""
    if about := antonyms(one, two):
        return about
    shared = one & two
    is_same = len(shared) >= 2 and len(shared) / len(one | two) > 0.6  # all of it, so that the “not” is about this
    if is_same and is_other_way:
        return " ".join(sorted(shared)[:4])
    return ""


def antonyms(one: set[str], two: set[str]) -> str:
    """A word and its opposite in two sentences that share something else; '' without one."""
    for yes, no in _OPPOSITES:
        if ((yes in one and no in two) or (no in one and yes in two)) and (one & two) - {yes, no}:
            return f"{yes} or {no}"
    return ""
