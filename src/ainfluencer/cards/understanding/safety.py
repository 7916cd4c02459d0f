"""What must not become material: sexual sentences, and any sexual card of somebody who reads as a minor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ainfluencer.characters import adult_words


class Rating(StrEnum):
    """How a card reads."""

    SAFE = "safe"
    SUGGESTIVE = "suggestive"
    EXPLICIT = "explicit"


# All of these are searched in lower case: without IGNORECASE the search is four times as fast.
_EXPLICIT = re.compile(
    r"\b(?:cocks?|penis(?:es)?|pussy|pussies|vagina|clit(?:oris)?|cum(?:s|ming|shot)?(?! laude)|orgasm\w*|blow ?jobs?|hand ?jobs?"
    r"|deepthroat\w*|creampie\w*|ejaculat\w*|masturbat\w*|erections?|nipples?|fuck(?:s|ed|ing)? (?:me|her|him|you|toy|hard)|anal sex"
    r"|oral sex|having sex|has sex|have sex|sex slaves?|cock ?slut|whore|slutty|sluts?|gangbang\w*|bukkake|hentai|futa(?:nari)?"
    r"|rape[sd]?|raping|incest|bdsm|fetish(?:es)?|kinks?|horny|aroused|arousal|moan(?:s|ed|ing)? (?:in pleasure|loudly)|naked body"
    r"|sexual(?:ly)? (?:acts?|desires?|fantas\w+|experienc\w+|submissive|dominant|pleasures?|favou?rs?)|erotic\w*|lewd\w*|ahegao"
    r"|strips? (?:naked|for)|undress(?:es|ing)? (?:her|him|you|me)|genitals?|breasts? (?:size|bounc\w+|spill\w+)|"
    + adult_words.EXPLICIT
    + r")\b"
)
_DICK = re.compile(r"\bdicks?\b")  # in its own case: Dick is a name
_SUGGESTIVE = re.compile(
    r"\b(?:sexy|seductive\w*|seduc\w+|cleavage|lingerie|busty|big breasts|large breasts|huge breasts|voluptuous|flirt\w*|sultry"
    r"|thighs|panties|topless|nude|naked|bikini|make out|making out|sexual\w*|intimate)\b"
)
_INTIMATE = re.compile(
    r"\b(?:breasts?|hips|curv\w+|fuck\w*|submi\w+|domin\w+|humiliat\w*|pleasur\w*|desir\w+|lust\w*|crav\w+|surrender\w*|playboys?|gratif\w+"
    r"|control(?:s|led|ling)?|tempt\w*|teas(?:e|es|ed|ing)|affairs?|cheat\w*|virgin\w*|sensual\w*|passion\w*|kiss\w*|bed(?:room)?s?|body|bodies|skin|touch\w*"
    r"|taken|used|obey\w*|obedien\w+|master|mistress|slaves?|toys?|wife|husband|girlfriend|boyfriend|lovers?|romance|nights?|tonight)\b"
)
_ADULT_TAGS = frozenset(
    {
        "nsfw",
        "smut",
        "porn",
        "hentai",
        "erotic",
        "erp",
        "lewd",
        "explicit",
        "18+",
        "r18",
        "r-18",
        "kink",
        "bdsm",
        "nsfl",
        "fetish",
    }
)
_MINOR_TERMS = re.compile(
    r"\b(?:loli(?:con|ta)?s?|shota(?:con)?s?|underage|under-age|pre-?teens?|minor child|little (?:girl|boy)|young (?:girl|boy) of|toddler"
    r"|(?:elementary|middle|primary|grade|junior high) school(?:er|girl|boy)?s?(?! teacher| principal| librarian)|kindergartner|child bride)\b"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a card reads, with the words that say so."""

    rating: Rating
    is_minor: bool
    evidence: tuple[str, ...] = ()


def is_sexual(sentence: str) -> bool:
    """Whether a sentence is not to be taken as material."""
    return bool(_EXPLICIT.search(sentence.lower()) or _DICK.search(sentence))


def is_suggestive(sentence: str) -> bool:
    """Whether a sentence or tag is too much for what everybody sees first, such as a biography."""
    return is_sexual(sentence) or bool(_SUGGESTIVE.search(sentence.lower()))


def is_intimate(sentence: str) -> bool:
    """Whether a sentence of a card that was written for adults is left to that card: there, more words mean the one thing."""
    return is_suggestive(sentence) or bool(_INTIMATE.search(sentence.lower()))


def is_adult_tag(tag: str) -> bool:
    """Whether a tag or topic belongs to an adult card only."""
    return tag.casefold().strip() in _ADULT_TAGS or is_suggestive(tag)


def judge(texts: list[str], tags: tuple[str, ...], age: int | None) -> Verdict:
    """The rating of a whole card, and whether its person reads as a minor.

    `age` is the stated age, which decides when there is one; without it school and diminutive terms decide.
    """
    lowered = [text[:500_000].lower() for text in texts]
    explicit = [m.group(0) for text in lowered for m in _EXPLICIT.finditer(text)][:40]
    explicit += [m.group(0) for text in texts for m in _DICK.finditer(text[:500_000])][:40]
    suggestive = sum(len(_SUGGESTIVE.findall(text[:200_000])) for text in lowered)
    adult_tags = [t for t in tags if t.casefold().strip() in _ADULT_TAGS or is_sexual(t)]
    evidence = [f"tag: {t}" for t in adult_tags] + [f"words: {w}" for w in dict.fromkeys(explicit)][:8]
    rating = Rating.SAFE
    if adult_tags or len(explicit) >= 2:
        rating = Rating.EXPLICIT
    elif explicit or suggestive >= 3:
        rating = Rating.SUGGESTIVE
    minor = _minor_evidence(lowered, tags, age)
    return Verdict(rating, bool(minor), (*evidence, *minor))


def _minor_evidence(lowered: list[str], tags: tuple[str, ...], age: int | None) -> tuple[str, ...]:
    if age is not None and age < 18:
        return (f"stated age: {age}",)
    read = (*lowered, " ".join(tags).lower())
    terms = [m.group(0) for text in read if (m := _MINOR_TERMS.search(text[:200_000]))]
    coded = [t for t in terms if t.startswith(("loli", "shota"))]
    if coded:
        return tuple(f"term: {t}" for t in dict.fromkeys(coded))
    if age is not None:
        return ()
    return tuple(f"term: {t}" for t in dict.fromkeys(terms))
