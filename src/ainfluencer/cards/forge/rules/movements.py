"""One short movement of the character by the small built-in model, bound by a grammar and judged hard; often there is none."""

from __future__ import annotations

import itertools
import re

from ainfluencer.cards.forge.asking import Writer
from ainfluencer.cards.forge.shapes import Material
from ainfluencer.cards.forge.steps import Spent
from ainfluencer.writing import safety

OPENINGS = ("{{char}} looks up and ",)
_WORN = re.compile(
    r"\b(?:magic\w*|testament|breathtak\w*|journey|wonder\w*|tapestr\w*|embrac\w*|essence|realm|souls?|truly|amazing\w*|unique\w*|sense of|beauty|beautiful"
    r"|whisper\w*|captivat\w*|enchant\w*|dreams?|destiny|world|feel(?:s|ing)?|begins? to|starts? to|that|which|who|because)\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"\b(?:wom[ae]n|m[ae]n|person|people|girl|boy|child|he|she|him|her|his|hers|they|them|stranger|visitor|face|lame|\w*(?:maker|mender|keeper|seller|owner))\b"
)
_SIMPLE_TEXT = (
    "sees nods smiles sighs waves turns puts wipes closes opens sets takes picks holds points pulls pushes lifts folds pours stirs sits stands steps"
    " leans shrugs frowns squints listens waits looks glances brushes rubs lays drops hands counts shakes tilts straightens"
)
_SIMPLE = frozenset(_SIMPLE_TEXT.split())
# What anybody may have at hand. Everything else that is named must stand in the source: the model sees seas and bakers anywhere.
_AT_HAND_TEXT = (
    "hand hands head eyes eye shoulder shoulders finger fingers arm arms sleeve sleeves coat pocket pockets chair table door window cup mug"
    " tea coffee book pen paper cloth bag light lamp floor wall moment time the a an his her hers its own this one both and then or of to in"
    " on into onto at from with for under over behind beside by up down back away aside out off again once still slowly gently quietly"
    " slightly briefly carefully softly"
)
_AT_HAND = frozenset(_AT_HAND_TEXT.split())


async def best(writer: Writer, material: Material, about: str, spent: Spent) -> str:
    """The first sentence that passes every rule, with {{char}} in it; '' when none does."""
    opening = OPENINGS[0]
    person = {"she": "The woman", "he": "The man"}.get(material.pronoun, "The stranger")
    spoken = opening.replace("{{char}}", person)
    texts = await writer.sentence(spoken, about, spent)
    good = [text for text in texts if not faults(text, spoken, about)]
    return good[0].replace(person, "{{char}}", 1) if good else ""


def faults(text: str, opening: str, about: str = "") -> tuple[str, ...]:
    """What is wrong with a sentence of the small model; `about` is what it was told of the character."""
    rest = text.removeprefix(opening).rstrip(".").strip()
    words = rest.split()
    found = []
    if not text.startswith(opening) or not text.endswith(".") or not 3 <= len(words) <= 12:
        found.append("unfinished")
    if not words or words[0].strip(",") not in _SIMPLE:
        found.append("does not say what the hands or the eyes do")
    if words and words[-1].strip(",'") in {
        "the",
        "a",
        "an",
        "of",
        "to",
        "and",
        "his",
        "her",
        "with",
        "in",
        "on",
        "for",
        "as",
        "at",
        "from",
        "into",
    }:
        found.append("unfinished")
    if _PEOPLE.search(rest) or any(
        word in about.lower() for word in re.findall(r"\b[a-z]{3,}(?:er|or|ist|man)\b", rest)
    ):
        found.append("looks at somebody who is not there")
    known = _AT_HAND | _SIMPLE | set(re.findall(r"\w+", about.lower()))
    if any(word.strip(",'").lower() not in known for word in words):
        found.append("names what the source does not")
    if _WORN.search(rest) or "," in rest or "'" in rest:
        found.append("worn-out or entangled")
    if len(set(words)) < len(words) - 1 or any(one == two for one, two in itertools.pairwise(words)):
        found.append("repeats itself")
    return (*found, *safety.findings(text))
