"""What is never written. Requests are refused; candidates and source material with a finding are left out."""

from __future__ import annotations

import logging
import re

from ainfluencer.characters import adult_words
from ainfluencer.core.errors import PolicyRefused

LOG = logging.getLogger("ainfluencer.safety")

_MINOR = re.compile(
    r"\b(?:child(?:ren)?|kids?|minors?|under-?age[d]?|(?:pre-?)?teens?|teen-?age(?:d|rs?)?|school-?(?:girl|boy)s?|lolis?|lolitas?|shotas?"
    r"|toddlers?|infants?|(?:little|young|small) (?:girl|boy)s?|(?:[1-9]|1[0-7])[- ]?(?:years?[- ]old|y/?o)|middle school|primary school"
    r"|elementary school|jail-?bait|barely legal)\b",
    re.IGNORECASE,
)
_EXPLICIT = re.compile(
    r"\b(?:sex(?:ual(?:ly)?|ting|y time)?|nudes?|nudity|naked|nsfw|erotic\w*|porn\w*|hentai|fetish\w*|orgasm\w*|masturbat\w*|blow ?jobs?"
    r"|hand ?jobs?|genital\w*|penis|vagina|clit\w*|dildo\w*|nipples?|aroused|horny|cum(?:ming|shot)?|fuck(?:ing|ed|s)?|ejaculat\w*|bdsm"
    r"|onlyfans|incest\w*|rape[ds]?|raping|molest\w*|" + adult_words.EXPLICIT + r")\b",
    re.IGNORECASE,
)
_SUGGESTIVE = re.compile(
    r"\b(?:sexy|seduc\w*|lingerie|strip(?:ped|ping|tease)|moan(?:s|ed|ing)?|breasts?|cleavage|thighs?|lust\w*|kinky|slut\w*|whore\w*"
    r"|bitch\w*|lewd\w*)\b",
    re.IGNORECASE,
)
_HARM = re.compile(
    r"\b(?:kill yourself|kys|how to (?:make|build) (?:a |an )?(?:bombs?|explosives?|weapons?)|suicide method\w*|self-?harm(?:ing)? (?:tips|method\w*)"
    r"|pro-?ana\b|heil hitler|gas the|white power|ethnic cleansing)",
    re.IGNORECASE,
)
_VIOLENT = re.compile(
    r"\b(?:kill|murder|slaughter|tortur|exterminat|eradicat|massacr|poison|shoot|strangl|behead|annihilat)(?:e|es|ed|s|ing|ting)?\s+(?:\w+\s+){0,3}?"
    r"(?:humans?|humanity|mankind|people|anyone|anybody|everyone|everybody|civilians|you|them|him|her|men|women|mortals?)\b"
    r"|\bdeadly virus\b|\b(?:mass|bio) ?weapons?\b|\bgenocide\b|\bkillings?\b",
    re.IGNORECASE,
)
_DRUGS = re.compile(
    r"\b(?:crystal )?meth(?:amphetamines?)?\b|\b(?:cocaine|heroin|fentanyl)\b|\bdrug (?:empire|trade|deal\w*|cartel|lab|bust|lord)\b|\bcook(?:ing)? meth\b",
    re.IGNORECASE,
)
_HUMAN = re.compile(
    r"\b(?:(?:i am|i'm|i’m) (?:a |an )?(?:real|actual|living)(?:,? (?:live|living))? (?:human|person|girl|boy|woman|man)(?: being)?"
    r"|(?:i am|i'm|i’m) (?:a )?human\b|(?:i am|i'm|i’m) not (?:an? )?(?:ai|bot|robot|computer|language model|virtual|fictional))",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"\bas an? (?:ai|language model|assistant)\b|\bi (?:cannot|can't|can’t) (?:assist|help) with\b", re.IGNORECASE
)
_CLAIM = re.compile(
    r"\b(?:cures?|heals? (?:cancer|depression)|guaranteed (?:results?|returns?|profit)|risk-?free|clinically proven|lose \d+ (?:kg|pounds|lbs)"
    r"|double your money|financial freedom|get rich|miracle (?:cure|pill))\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w{2,}\b|\+?\d[\d ()-]{8,}\d")


def findings(text: str, *, age: int | None = None) -> tuple[str, ...]:
    """Why a text must not go out as it is, in words for a person; empty when nothing was found."""
    explicit = _EXPLICIT.search(text)
    suggestive = _SUGGESTIVE.search(text)
    young = _MINOR.search(text) or (age is not None and age < 18)
    found = []
    if young and (explicit or suggestive):
        found.append("reads as sexual together with somebody under age")
    elif explicit:
        found.append(f"explicit word “{explicit.group()}”")
    elif suggestive:
        found.append(f"suggestive word “{suggestive.group()}”")
    for pattern, reason in (
        (_HARM, "calls for harm"),
        (_VIOLENT, "speaks of violence against people"),
        (_DRUGS, "is about hard drugs"),
        (_HUMAN, "claims to be a human being"),
        (_MACHINE, "talks as an assistant"),
        (_CLAIM, "makes a claim that nobody checked"),
        (_CONTACT, "holds an address or a number"),
    ):
        if pattern.search(text):
            found.append(reason)
    return tuple(found)


def refuse(*texts: str, age: int | None = None) -> None:
    """Stop a request that nothing may be written for.

    Raises:
        PolicyRefused: code `minor_safety` (always, and logged), `adult_off`, or `harm`.

    """
    whole = "\n".join(t for t in texts if t)
    explicit = _EXPLICIT.search(whole)
    young = _MINOR.search(whole) or (age is not None and age < 18)
    if young and (explicit or _SUGGESTIVE.search(whole)):
        LOG.warning("refused: sexual words together with somebody under age")
        raise PolicyRefused(
            "Sexual words together with somebody who is or may be under age are refused, always.",
            "Change the request. This refusal was recorded.",
            code="minor_safety",
        )
    if explicit:
        LOG.info("refused: explicit request")
        raise PolicyRefused(
            f"The request holds an explicit word (“{explicit.group()}”), and adult content is off in this workspace.",
            "Rephrase it without explicit words.",
            code="adult_off",
        )
    if _HARM.search(whole):
        LOG.warning("refused: call for harm")
        raise PolicyRefused("The request calls for harm.", "Change the request.", code="harm")


_BOUNDARY_WORDS = frozenset(
    ("comments", "comment", "commenting", "flirt", "flirts", "followers", "anyone", "people")
) | frozenset(
    [
        "a",
        "an",
        "the",
        "no",
        "not",
        "never",
        "avoid",
        "do",
        "don't",
        "dont",
        "does",
        "doesn't",
        "won't",
        "will",
        "talk",
        "talks",
        "talking",
        "about",
        "discuss",
        "discusses",
        "discussing",
        "mention",
        "mentions",
        "mentioning",
        "of",
        "or",
        "and",
        "any",
        "with",
        "to",
        "in",
        "on",
        "content",
        "post",
        "posts",
        "posting",
        "topics",
        "topic",
        "stay",
        "away",
        "from",
        "is",
        "are",
        "be",
        "her",
        "his",
        "their",
        "my",
        "she",
        "he",
        "they",
        "i",
        "we",
        "you",
        "it",
        "that",
        "this",
        "as",
        "for",
        "real",
        "kind",
        "jokes",
        "joke",
        "opinions",
        "opinion",
        "advice",
        "images",
        "pictures",
        "claims",
        "claim",
    ]
)


def boundary_words(boundaries: tuple[str, ...]) -> frozenset[str]:
    """The words that a character's boundaries are about: “never talks about politics or her family” gives two."""
    words = set()
    for boundary in boundaries:
        words |= {
            w for w in re.findall(r"[^\W\d_][\w'’-]+", boundary.lower()) if w not in _BOUNDARY_WORDS and len(w) > 3
        }
    return frozenset(words)


def crossed(text: str, boundaries: tuple[str, ...]) -> str:
    """The first boundary word that the text touches (by its stem), or ''."""
    words = {_stem(w) for w in re.findall(r"[^\W\d_][\w'’-]+", text.lower())}
    return next((w for w in sorted(boundary_words(boundaries)) if _stem(w) in words), "")


def _stem(word: str) -> str:
    for ending in ("ically", "ical", "ings", "ing", "ies", "ics", "ers", "ed", "es", "er", "s", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
