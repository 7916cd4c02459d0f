"""Traits, tone, style and topics from words and ways of speaking, with reasons."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from ainfluencer.cards.understanding.markup import Attributes
from ainfluencer.characters.schemas import Traits

# Each word pushes one trait up or down; stems match their endings (“cheer” finds cheerful and cheerfully).
_WORDS = {
    (
        "extroversion",
        1,
    ): "outgoing extrovert sociable chatty talkative loud energetic cheer bubbl flirt bold confident charismatic boisterous"
    " lively friendly gregarious enthusias exuberant party hostess performer singer warm welcoming neighbour gossip extravert",
    (
        "extroversion",
        -1,
    ): "shy introvert quiet reserved solitary timid withdrawn loner reclus silent aloof taciturn hermit soft-spoken antisocial"
    " nocturnal stoic private distant lonely",
    (
        "creativity",
        1,
    ): "creativ artist imaginat inventive poet painter writer musician curious dream designer improvis tinker inventor craft"
    " visionary eccentric whimsical storytell quirky experiment compos sketch embroider",
    ("creativity", -1): "conventional unimaginative rigid traditionalist literal-minded by-the-book",
    (
        "humor",
        1,
    ): "funny humor humour witty wit joke joking playful sarcas teas mischiev cheeky ironic prank goofy silly banter dry-humoured"
    " dry-humored laugh giggl grin comedian deadpan wry pun puns",
    ("humor", -1): "humorless humourless stern grim solemn serious melanchol gloomy severe joyless",
    (
        "professionalism",
        1,
    ): "professional disciplin precise meticulous diligent responsible punctual scientist doctor oceanograph engineer researcher"
    " librarian lawyer expert organized organised methodical competent reliable hardworking perfectionis scholar rigorous exacting expert"
    " curator archivist professor focused master",
    (
        "professionalism",
        -1,
    ): "lazy careless reckless irresponsible slacker chaotic messy disorganized rebel delinquent impulsive unruly procrastinat",
    (
        "authenticity",
        1,
    ): "honest sincere genuine authentic candid blunt frank straightforward loyal kind gentle humble vulnerable caring compassion"
    " empath open-hearted plain-spoken earnest warm-hearted patient down-to-earth",
    (
        "authenticity",
        -1,
    ): "deceitful liar manipulat fake two-faced pretend scheming secretive conceited arrogant vain superficial mask cunning tsundere",
}
_TONES = {
    "warm": "warm kind gentle caring tender motherly friendly welcoming sweet loving affection cosy cozy patient",
    "dry": "dry sarcas deadpan ironic wry cynical blunt understate laconic",
    "playful": "playful teas mischiev cheeky silly bubbl goofy giggl joke prank banter",
    "cheerful": "cheer joy sunny bright optimist happy laugh singing exuberant",
    "calm": "calm serene quiet patient tranquil steady unhurried soft-spoken peaceful",
    "dark": "dark gothic grim macabre brooding death graves cemetery haunted noir morbid",
    "poetic": "poet lyrical dream romantic melanchol wistful moon verse metaphor",
    "energetic": "energetic lively enthusias hyper adventur wild restless fast",
    "precise": "precise scientif exacting analytic logical methodical scholar meticulous",
    "tough": "tough rough gruff street cyber mercenary hardened rebel swear",
    "wise": "wise wisdom elder sage mentor experience proverb seasons",
    "mysterious": "myster enigma secret cryptic occult arcane",
}
_NEGATION = re.compile(r"\b(?:not|never|no|isn['’]t|hardly|rarely|without|anything but|lacks?)\s+(?:\w+\s+)?$")
_EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u27bf]")


@dataclass(frozen=True, slots=True)
class Temper:
    """Traits and ways of speaking with the reasons for each trait."""

    traits: Traits
    reasons: tuple[str, ...]
    tone: str
    style: str


def _stems(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(re.escape(w) for w in words.split())})\w{{0,6}}", re.IGNORECASE)


_TRAIT_PATTERNS = [(trait, sign, _stems(words)) for (trait, sign), words in _WORDS.items()]
_TONE_PATTERNS = [(tone, _stems(words)) for tone, words in _TONES.items()]


def is_trait(word: str) -> bool:
    """Whether a single word says how somebody is (“gentle”) rather than what about."""
    return len(word.split()) == 1 and any(
        pattern.fullmatch(word) for pattern in (*(p for _, _, p in _TRAIT_PATTERNS), *(p for _, p in _TONE_PATTERNS))
    )


def temper_of(personality: str, attributes: Attributes, quotes: list[str]) -> Temper:
    """Estimate the persona from personality words (each counted once) and from how the quotes sound."""
    listed = " , ".join(
        v for key in ("personality", "mind", "traits", "persona", "charakter") for v in attributes.values.get(key, [])
    )
    # Words in a list of traits are meant as traits; in prose they may only be passing by.
    texts = ((listed, 1.5), (personality[:40_000], 1.0))
    scores: dict[str, float] = {}
    seen: dict[str, dict[str, float]] = {}
    for trait, sign, pattern in _TRAIT_PATTERNS:
        for text, weight in texts:
            for match in pattern.finditer(text):
                turned = -sign if _NEGATION.search(text[max(0, match.start() - 24) : match.start()]) else sign
                word = match.group(0).casefold()
                seen.setdefault(trait, {}).setdefault(word, turned * weight)
    reasons: list[str] = []
    for trait in Traits.model_fields:
        words = seen.get(trait, {})
        push = sum(words.values()) + _by_voice(trait, quotes)
        scores[trait] = round(min(0.95, max(0.05, 0.5 + 0.42 * push / (abs(push) + 2.5))), 2)
        if words:
            reasons.append(f"{trait} {scores[trait]:.2f}: {', '.join(list(words)[:5])}")
    return Temper(
        Traits(**scores), tuple(reasons), _tone(f"{listed} {personality[:40_000]}"), _style(attributes, quotes)
    )


def _by_voice(trait: str, quotes: list[str]) -> float:
    if not quotes:
        return 0.0
    text = " ".join(quotes)
    if trait == "extroversion":
        return min(
            1.5, 2.0 * text.count("!") / len(quotes) + 0.5 * len(_EMOJI.findall(text)) / len(quotes)
        ) - 0.3 * text.count("...") / len(quotes)
    if trait == "humor":
        return min(1.0, 1.0 * len(re.findall(r"\b(?:ha(?:ha)+|heh|joke|kidding)\b", text, re.IGNORECASE)) / len(quotes))
    return 0.0


def _tone(text: str) -> str:
    hits = Counter(
        {tone: len({m.group(0).casefold() for m in pattern.finditer(text)}) for tone, pattern in _TONE_PATTERNS}
    )
    return ", ".join(tone for tone, count in hits.most_common(3) if count)


def _style(attributes: Attributes, quotes: list[str]) -> str:
    stated = attributes.text(
        "speech",
        "speech pattern",
        "speaking style",
        "voice",
        "way of speaking",
        "dialogue style",
        "speech style",
        "accent",
    )
    if stated:
        return stated[:300]
    if len(quotes) < 2:
        return ""
    text = " ".join(quotes)
    sentences = [s for s in re.split(r"[.!?…。！？]+", text) if s.strip()] or [text]
    length = sum(len(s.split()) for s in sentences) / len(sentences)
    parts = [
        "short sentences" if length < 7 else "long, winding sentences" if length > 16 else "sentences of middle length"
    ]
    if text.count("?") / len(quotes) > 0.45:
        parts.append("asks questions")
    if text.count("!") / len(quotes) > 0.6:
        parts.append("exclaims")
    if len(re.findall(r"\.\.\.|…", text)) / len(quotes) > 0.4:
        parts.append("trails off")
    if re.search(r"\b\w+in['’]\s|\bain['’]t\b|\bgonna\b|\bwanna\b", text):
        parts.append("colloquial")
    if _EMOJI.search(text):
        parts.append("uses emoji")
    return ", ".join(parts)
