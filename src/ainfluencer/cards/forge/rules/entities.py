"""The people, places and things around the character, each with sentences that say something about them."""

from __future__ import annotations

import re

from ainfluencer.cards.forge.chunks import Paragraph
from ainfluencer.cards.forge.rules import narrative, statements
from ainfluencer.cards.forge.rules.names import Known
from ainfluencer.cards.forge.shapes import Entity

MOST = 24
_DESCRIBES = re.compile(
    r"\b(?:is|was|are|were|has|had|lies|stood|stands|lives?|lived|belongs?|belonged|known|called|named|an?|the)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(r"^(?:This|That|These|Those|It|There|And|But|So|Then)\b|\b(?:I|my|me|we|our|us)\b")
_LOOKING_BACK = re.compile(
    r"\b(?:this|that|these|those|it|here|now|yesterday|to-?day|to-?night|to-?morrow)\b", re.IGNORECASE
)
_LORE = re.compile(rf"^{statements.LORE}: ", re.IGNORECASE)
_THEIR_QUOTES = re.compile(r"[“”\"]")


def entities_of(found: list[Paragraph], everyone: list[Known], own: list[str], *, least: int) -> list[Entity]:
    """Everybody and everything named at least `least` times beside the character, with up to three sentences each."""
    wanted = [
        one
        for one in everyone
        if one.mentions >= least and not set(own) & ({one.name} | one.aliases) and len(one.name) > 2
    ][: MOST * 2]
    sentences = [
        (sentence, paragraph.chapter)
        for paragraph in found
        for sentence in narrative.sentences(_LORE.sub("", paragraph.text))
    ]
    made: dict[str, Entity] = {}
    for one in wanted:
        if (entity := _entity(one, sentences, own)) is None:
            continue
        if same := made.get(entity.text):  # one sentence that names both: one entry with the keys of both
            same.aliases += [entity.name, *entity.aliases]
        else:
            made[entity.text] = entity
    return list(made.values())[:MOST]


def _entity(one: Known, sentences: list[tuple[str, str]], own: list[str]) -> Entity | None:
    forms = sorted({one.name} | one.aliases, key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b")
    scored = []
    for number, (sentence, _) in enumerate(sentences):
        if pattern.search(sentence):
            score = _score(sentence, pattern, own)
            if score > 0:
                scored.append((score, -number, sentence))
    best = sorted(scored, reverse=True)[:3]
    if not best:
        return None
    quotes = [sentence for _, _, sentence in sorted(best, key=lambda item: -item[1])]
    text = " ".join(_finished(quote) for quote in quotes)
    aliases = [form for form in forms if form != one.name]
    return Entity(name=one.name, kind=one.kind, aliases=aliases, text=text, quotes=quotes, mentions=one.mentions)


def _score(sentence: str, pattern: re.Pattern[str], own: list[str]) -> float:
    """How much a sentence says about somebody: they are its subject, it describes, it stands alone."""
    if re.match(r"^[\s*-]*[A-Z][A-Za-z ]{1,30}:", sentence):  # a labelled line of notes is no sentence
        return 0
    if not 25 <= len(sentence) <= 240 or sentence.rstrip().endswith("?") or _THEIR_QUOTES.search(sentence):
        return 0
    score = 1.0
    score += 1.2 if pattern.match(re.sub(r"^(?:The|A|An|Old|Young|Little)\s+", "", sentence)) else 0
    score += 0.5 if _DESCRIBES.search(pattern.split(sentence, maxsplit=1)[-1][:40]) else 0
    score += 0.5 if re.search(rf"\b(?:called|named)\s+(?:{pattern.pattern})", sentence) else 0
    score += 0.4 if any(re.search(rf"\b{re.escape(alias)}\b", sentence) for alias in own) else 0
    score -= 0.8 if _VAGUE.search(sentence) else 0
    score -= 0.25 * len(_LOOKING_BACK.findall(sentence))
    score -= 0.4 if re.search(r"\b(?:said|asked|cried|replied|answered)\b", sentence) else 0
    return score if score >= 1.2 else 0


def _finished(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…", "”", '"')) else f"{sentence.rstrip(',;:')}."
