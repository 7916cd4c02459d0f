"""What a story says of somebody in passing: “his long, thin hands”, “Reed, who loathed the sea”, “Reed, the clock mender”."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from ainfluencer.cards.forge.chunks import Paragraph
from ainfluencer.cards.forge.rules import adjectives, narrative
from ainfluencer.cards.forge.shapes import Claim, Kind

_ONE_WORD = 1.4  # a face that is eager once is eager in that scene
MOST = 8
"""Phrases of one kind; the most frequent first."""

_BODY = "figure face features eyes hair nose hands fingers arms legs brows eyebrows voice beard moustache complexion build shoulders lips chin forehead frame profile"  # fmt: skip
_MIND = (
    "mind nature temper temperament character disposition imagination memory intellect wit manner manners spirit soul"
)
_LOOKS = (
    "tall short long thin lean gaunt spare slim slender stout plump broad narrow bony sinewy angular square aquiline hooked sharp-featured"
    " high low deep shrill hoarse husky soft clear bright dark light pale swarthy ruddy freckled tanned weather-beaten wrinkled lined handsome"
    " beautiful pretty plain ugly delicate strong powerful muscular nervous grey gray green blue brown black hazel golden white red reddish auburn"
    " blond blonde fair silver sandy curly straight bushy heavy thick shaggy dishevelled unkempt neat tidy small large big little tiny huge"
    " old young boyish clean-shaven prominent piercing keen quick sensitive musical melodious strident heavy-lidded deep-set long-fingered"
)
_FILLING = frozenset(
    [
        "and",
        "but",
        "or",
        "very",
        "rather",
        "most",
        "so",
        "yet",
        "admirably",
        "somewhat",
        "remarkably",
        "strangely",
        "almost",
    ]
)
_KNOWN = frozenset(_LOOKS.split())
_OWNED = re.compile(
    rf"\b(?P<whose>his|her|their)\s+(?P<how>(?:[a-z][a-z-]*,?\s+){{1,6}}?)(?P<what>{'|'.join((_BODY + ' ' + _MIND).split())})\b"
)
_PLURAL = frozenset(word for word in _BODY.split() if word.endswith("s") and word != "features") | {
    "features",
    "manners",
}
_NOT_WHO = re.compile(
    r"^(?:the|an?)\s+(?:moment|instant|day|night|morning|evening|other|same|very|first|last|next|more|latter|former|only|one)\b"
)
_CLAUSE = r"(?P<said>[a-z][^,.;:“”\"()]{8,140})(?=[,.;])"
_SOMEBODY = re.compile(
    r"\b(?:visitor|client|gentleman|lady|stranger|man|woman|fellow|inspector|guest|companion|boy|girl|servant|driver)\b"
)
_HAPPENED = re.compile(
    r"^(?:had (?:just|been|now|come|gone|seen|taken)|was (?:now|then|just|standing|sitting|looking|at)|were\b|looked|took|came|went|sat|stood|turned|ran|said|cried|answered|asked|followed|appeared|entered|rose|threw|put|got|saw|heard|seemed)\b"
)


def claims_of(found: Sequence[Paragraph], pattern: str, pronoun: str, name: str, others: frozenset[str]) -> list[Claim]:
    """Statements of these three forms, each with the whole sentence as its proof.

    `pattern` matches any form of the character's name. Where a sentence speaks of somebody else too, what is “his” there
    may be anybody's and is passed over.
    """
    subject = re.compile(rf"\b(?:{pattern})\b")
    own = {"he": "his", "she": "her", "they": "their"}.get(pronoun, "")
    made: list[Claim] = []
    seen: Counter[str] = Counter()
    for paragraph in found:
        is_theirs = False
        for sentence in narrative.sentences(paragraph.text):
            is_named = bool(subject.search(sentence))
            has_others = bool(others & set(re.findall(r"[A-ZÀ-Þ][\w'’]+", sentence)))
            is_theirs = not has_others and (is_named or (is_theirs and sentence.split(" ", 1)[0].lower() == pronoun))
            theirs = _owned(sentence, own, name) if is_theirs else ()
            for claim in (*theirs, *_clauses(sentence, pattern, name)):
                seen[claim.text] += 1
                if seen[claim.text] == 1:
                    made.append(claim.model_copy(update={"quote": sentence, "where": paragraph.chapter}))
    return _most(made, lambda claim: seen[claim.text])


def _owned(sentence: str, own: str, name: str) -> Iterator[Claim]:
    """“his tall, gaunt figure” as “Reed has a tall, gaunt figure.”"""
    for match in _OWNED.finditer(sentence) if own else ():
        how, what = match["how"].strip(" ,"), match["what"]
        words = [word.strip(",") for word in how.split()]
        telling = [word for word in words if word not in _FILLING]
        is_mind = what in _MIND.split()
        if match["whose"] != own or not telling or words[0] in {"and", "but", "or"} or words[-1] in _FILLING:
            continue
        if not all(_is_telling(word, is_mind=is_mind) for word in telling):
            continue
        if _SOMEBODY.search(sentence[: match.start()]):
            continue
        article = "" if what in _PLURAL else "an " if how[0] in "aeiou" else "a "
        kind = Kind.PERSONALITY if is_mind else Kind.APPEARANCE
        text = f"{name} has {article}{how} {what}."
        yield Claim(kind=kind, text=text, quote=sentence, weight=1.2 + 0.2 * min(len(telling), 3))


def _is_telling(word: str, *, is_mind: bool) -> bool:
    return bool(adjectives.found(word)) or (not is_mind and word in _KNOWN)


def _clauses(sentence: str, pattern: str, name: str) -> Iterator[Claim]:
    """“Reed, who loathed the sea, …” and “Reed, the clock mender, …”."""
    for match in re.finditer(rf"\b(?:{pattern}),\s+who\s+{_CLAUSE}", sentence):
        if not _HAPPENED.match(match["said"]) and not re.search(r"\b(?:I|me|my|we|us|our)\b", match["said"]):
            yield Claim(kind=Kind.FACT, text=f"{name} {match['said'].strip()}.", quote=sentence, weight=1.5)
    for match in re.finditer(
        rf"\b(?:{pattern}),\s+(?P<said>(?:the|an?)\s[a-z][a-z' ’-]{{4,60}})(?:[.;]|(?=,\s+[a-z]))", sentence
    ):
        if not _NOT_WHO.match(match["said"]):
            yield Claim(kind=Kind.IDENTITY, text=f"{name} is {match['said'].strip()}.", quote=sentence, weight=1.7)


def _most(claims: Sequence[Claim], often: Callable[[Claim], int]) -> list[Claim]:
    kept: list[Claim] = []
    for kind in (Kind.IDENTITY, Kind.APPEARANCE, Kind.PERSONALITY, Kind.FACT):
        mine = [claim for claim in claims if claim.kind is kind and (claim.weight > _ONE_WORD or often(claim) > 1)]
        kept += sorted(mine, key=lambda claim: (-often(claim), -claim.weight))[:MOST]
    order = {id(claim): place for place, claim in enumerate(claims)}
    return sorted(kept, key=lambda claim: order[id(claim)])
