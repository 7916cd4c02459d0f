"""One sentence by the small built-in model, bound by a grammar, then judged hard: most of what it writes is thrown away."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Sequence

from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import OutsideError
from ainfluencer.integrations.values import TextRequest
from ainfluencer.makers import service as makers
from ainfluencer.writing import safety
from ainfluencer.writing.embeddings import nearness
from ainfluencer.writing.schemas import PostBrief

TRIES = 4
_OPENINGS = (
    "What I like about {topic} is how it ",
    "The thing about {topic} is that it never ",
    "You learn from {topic} to ",
    "With {topic}, the trick is to ",
)
_WORN = re.compile(
    r"\b(?:magic\w*|testament|breathtak\w*|journey|wonder\w*|tranquil\w*|bliss\w*|tapestr\w*|vibran\w*|embrac\w*|essence|realm|delv\w*|souls?"
    r"|truly|incredibl\w*|amazing\w*|unique\w*|experience\w*|beauty|beautiful\w*|whisper\w*|mesmeri\w*|captivat\w*|enchant\w*|seren\w*|joyful"
    r"|sense of|a reminder|inspir\w*|passion\w*|explor\w*|connect\w*|unforgettable|timeless|cherish\w*|rich|diverse|harmon\w*|perfect\w*"
    r"|important|crucial|essential|various|society|environment|importance|benefits?|world of|way of life|potential|opportunit\w*"
    r"|one of the|most \w+|examples?|popular|delicious|famous|classic|based on|allows?|ensur\w*|new life|used to|in order|simply|always"
    r"|day[- ]to[- ]day|quality|process|create[sd]?|provid\w*|remind\w*|feel(?:ing)?s? like)\b",
    re.IGNORECASE,
)
_KIN = re.compile(
    r"\b(?:wife|husband|mother|father|mom|dad|sister|brother|son|daughter|grand\w+|boyfriend|girlfriend|he|she|him|her|his|hers)\b"
)
_LOOSE_ENDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "to",
        "and",
        "or",
        "for",
        "with",
        "is",
        "are",
        "was",
        "be",
        "its",
        "it",
        "that",
        "this",
        "i",
        "my",
        "your",
        "our",
        "as",
        "by",
        "from",
        "so",
        "if",
        "when",
        "which",
        "who",
        "but",
        "not",
        "very",
        "more",
        "into",
        "than",
        "have",
        "has",
        "been",
        "being",
        "do",
        "does",
        "can",
        "will",
        "would",
        "could",
        "should",
        "their",
        "his",
        "her",
        "one",
        "some",
        "any",
        "such",
        "while",
        "because",
    ]
)


def grammar(opening: str) -> str:
    """GBNF: exactly this opening, then one plain sentence of 15 to 80 letters."""
    fixed = opening.replace("\\", "\\\\").replace('"', '\\"')
    return f'root ::= "{fixed}" [a-z] [a-z \',]{{15,80}} "."'


async def sentence(actor: Actor, slug: str, sheet: CharacterSheet, brief: PostBrief) -> tuple[str, str]:
    """The best sentence of six, or '' with why there is none.

    Args:
        actor: who asks.
        slug: the maker to ask; one that understands a grammar.
        sheet: the character.
        brief: the post.

    """
    rng = random.Random(f"{sheet.id}{brief.theme}{brief.seed}")  # noqa: S311 - variety, not secrecy
    topic = brief.theme.strip().rstrip(".!?")
    if len(topic) > 40 or not re.fullmatch(r"[\w '’-]+", topic):
        return "", "the theme does not fit the small model's frame"
    opening = rng.choice(_OPENINGS).format(topic=topic)
    try:
        made = await makers.make(actor, _request(opening, sheet, brief), slug=slug)
    except OutsideError as e:
        return "", f"{e.detail} {e.next_step}"
    texts = [mended(t) for t in made.text.texts]
    passing = [t for t in dict.fromkeys(texts) if not faults(t, opening, sheet)]
    if not passing:
        return "", "no sentence of the small model was good enough"
    near = await nearness(f"{brief.theme}. {brief.angle}", passing)
    return max(zip(passing, near, strict=True), key=lambda pair: pair[1])[0], ""


def _request(opening: str, sheet: CharacterSheet, brief: PostBrief) -> TextRequest:
    tone = sheet.persona.content_tone or sheet.persona.communication_style or "plain and warm"
    messages = (
        {
            "role": "system",
            "content": f"You write one short, concrete sentence in the first person. Tone: {tone[:80]}. No big words.",
        },
        {"role": "user", "content": "Write a sentence about bread."},
        {
            "role": "assistant",
            "content": "What I like about bread is how it asks for four things and one of them is time.",
        },
        {"role": "user", "content": "Write a sentence about old radios."},
        {
            "role": "assistant",
            "content": "With old radios, the trick is to listen with the lid off before you touch a thing.",
        },
        {"role": "user", "content": f"Write a sentence about {brief.theme}. Begin with: {opening.strip()}"},
    )
    return TextRequest(
        messages, max_tokens=45, temperature=0.75, seed=brief.seed, candidates=TRIES, grammar=grammar(opening)
    )


def mended(text: str) -> str:
    """Spaces and a stray comma before the full stop put right."""
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"[ ,']+\.$", ".", text)


def faults(text: str, opening: str, sheet: CharacterSheet) -> tuple[str, ...]:
    """Everything that is wrong with a model's sentence; empty when it may be used."""
    rest = text.removeprefix(opening).rstrip(".").strip()
    words = rest.split()
    found = []
    if not text.startswith(opening) or not text.endswith("."):
        found.append("unfinished")
    if not 4 <= len(words) <= 16 or (words and words[-1].strip(",'") in _LOOSE_ENDS):
        found.append("unfinished")
    if _WORN.search(rest):
        found.append("worn-out words")
    if _KIN.search(rest):
        found.append("speaks of people who are not on the card")
    if _repeats(words) or _echo(opening, words):
        found.append("repeats itself")
    if re.search(r"\d|#|@|[^\x00-\x7f‘’“”–—…]|,,| ,|'\s|\b[b-hj-z]\b", rest):
        found.append("odd letters")
    if re.search(r"\byou\b", rest) and re.search(r"\b(?:i|me|my)\b", rest):
        found.append("mixes I and you")
    if rest.count(",") > 2:
        found.append("runs on")
    found += safety.findings(text, age=sheet.age)
    boundary = safety.crossed(text, sheet.boundaries)
    if boundary:
        found.append(f"touches a boundary ({boundary})")
    return tuple(found)


def _repeats(words: Sequence[str]) -> bool:
    plain = [w.strip(",'") for w in words]
    content = Counter(w for w in plain if len(w) > 3)
    pairs = Counter(itertools.pairwise(plain))
    return any(n > 1 for n in content.values()) or any(n > 1 for n in pairs.values())


def _echo(opening: str, words: Sequence[str]) -> bool:
    topic = {w.strip(",'") for w in opening.lower().split() if len(w) > 3}
    return sum(1 for w in words if w.strip(",'") in topic) > 0
