"""What somebody likes, as short phrases out of attributes and prose, each with the words that say so."""

from __future__ import annotations

import re

from ainfluencer.cards.understanding import prose
from ainfluencer.cards.understanding.identity import Evidence
from ainfluencer.cards.understanding.markup import Attributes

MOST = 15
_LABELS = ("likes", "hobbies", "interests", "loves", "hobby", "vorlieben", "favorites", "favourites", "enjoys")
_TOLD = r"(?<!the )\b(?:loves|likes|enjoys|adores|collects|is fond of|(?:is |am |I['’]m )?(?:passionate about|obsessed with|interested in|fascinated by)|hobbies (?:are|include)|spends? (?:her|his|their|my) \w+ (?:with|on))\s+"
_SAID = r"\bI(?:['’]ve)?\s+(?:\w+ly\s+|also\s+|always\s+)?(?:loved?|like|enjoy|adore|collect)\s+"
_NAMED = r"\b(?:love|passion|fondness|penchant|weakness) (?:for|of)\s+"
_LIKES = re.compile(rf"(?:{_TOLD}|{_SAID}|{_NAMED})(?:to\s+)?([^.;!?\n]{{3,160}})", re.IGNORECASE)
_SPLIT = re.compile(r",\s*(?:and\s+|or\s+)?|\s+and\s+|\s*[+&/]\s*")
_TRAILING_CLAUSE = re.compile(
    r"\s+(?:because|when|while|which|who|that|but|so|than|as|if|after|before|until|every|more|despite|since|unless|except|is|are|was|were)\b.*",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:the|a|an|her|his|their|my|to|very|both|all|nothing more than|nothing|of|also|especially|mostly|(?:a |his |her |my )?(?:love|passion|fondness) (?:for|of))\s+",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\b(?:you|your|him|her|his|them|their|my|me|us|our|it|its|himself|herself|user)\b|\{\{|['’](?:re|ve|ll|m)\b"
    r"|\b(?:this|that|these|those)\b|\bthings$|\b(?:is|are|was|were|has|have|had|does|did|will|would|can|cannot|could|should|must)\b"
    r"|^\w+s (?:at|to|from|when)\b|^(?:be|being|having|get|make|do|go|not|seeing|one|someone|everyone|people)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    """as well|nothing|everything|anything|something|things|it all|each other|the same|a lot|lot|much|most|many|more|company|way
life|world|people|others|idea|fact|sense|thing|time|stuff|being alone|attention""".replace("\n", "|").split("|")
)
_BARE_GERUND = re.compile(r"^\w+ing(?: \w+ly)?$", re.IGNORECASE)
_VERB_FIRST = re.compile(
    r"^\w+[^s\W]s (?!(?:of|in|on|at|from|with|by|for|and|to|under|over|about)\b)\w+", re.IGNORECASE
)


def interests_of(attributes: Attributes, text: str) -> tuple[list[str], list[Evidence]]:
    """What the person likes, as short phrases, at most 15: what a list states first, then what prose says."""
    found: dict[str, str] = {}
    evidence: list[Evidence] = []
    for label in _LABELS:
        for value in attributes.values.get(label, ()):
            for item in re.split(r",\s*", value):
                _keep(found, item)
    if found:
        evidence.append(Evidence("interests", ", ".join(found.values())[:200], "attribute likes", "likes"))
    traits = [value for label in ("personality", "traits", "mind") for value in attributes.values.get(label, ())]
    for source in (*traits, text[:50_000]):
        for match in _LIKES.finditer(source):
            _from_prose(found, evidence, match, source)
    return list(found.values())[:MOST], evidence


def _from_prose(found: dict[str, str], evidence: list[Evidence], match: re.Match[str], source: str) -> None:
    if prose.mentions_user(match.group(0)):
        return
    before = len(found)
    for item in _SPLIT.split(match.group(1)):
        if not _keep(found, item) and _VERB_FIRST.search(item.strip()):
            break  # the next clause has begun: “loves crosswords, treats the staff like stagehands”
    if len(found) > before:
        words = " ".join(source[max(0, match.start() - 30) : match.end() + 30].split())
        evidence.append(Evidence("interests", ", ".join(list(found.values())[before:]), "description", words))


def _keep(found: dict[str, str], item: str) -> bool:
    item = re.sub(r"\([^()]*\)", "", item)
    whole = prose.tidy(item).strip(" .,:;\"'“”‘’*-[]()")
    item = _TRAILING_CLAUSE.sub("", whole).strip(" .,:;")
    if item != whole and _BARE_GERUND.match(item):
        return False  # “chasing after mice” is no love of chasing
    shorter = _LEADING.sub("", item)
    while shorter != item:
        item, shorter = shorter, _LEADING.sub("", shorter)
    good = (
        2 < len(item) <= 50
        and len(item.split()) <= 5
        and item.casefold() not in _EMPTY
        and not _PERSONAL.search(item)
        and not _VERB_FIRST.search(item)
    )
    words = set(item.casefold().split())
    if good and not any(words <= set(other.split()) or set(other.split()) <= words for other in found):
        found[item.casefold()] = item
    return good
