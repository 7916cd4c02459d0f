"""What every candidate gets at the end: hashtags, an honest alt text, a score with its reasons, and the rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.writing import roleplay, safety
from ainfluencer.writing.banks import Bank, general
from ainfluencer.writing.compose import ITEM_MAX, OWN, PAGE_MAX, QUOTE_MAX, STORY_MAX, TITLE_MAX
from ainfluencer.writing.schemas import PostBrief, PosterWords, PostFormat

HONEST_TAG = "#virtualcharacter"
ALT_MAX = 1000
ENOUGH = 0.45  # below this a person should look, however clean it is


def hashtags(sheet: CharacterSheet, brief: PostBrief, bank: Bank, offered: Sequence[str] = ()) -> tuple[str, ...]:
    """Hashtags inside the budget: the theme's own, the topic's (turned by the seed), and the one that says what we are."""
    if brief.max_hashtags <= 0:
        return ()
    tags = general("en")["look"]["tags"] if brief.format is PostFormat.LOOK_BOARD else list(bank.tags)
    turn = (brief.seed + len(brief.theme)) % max(1, len(tags))
    wanted = [
        *map(tag, offered),
        tag(brief.theme),
        *tags[turn:],
        *tags[:turn],
        *(tag(t) for t in sheet.persona.topics[:3]),
    ]
    unique: dict[str, str] = {}
    for one in wanted:
        if one and not safety.findings(one[1:]) and not safety.crossed(one[1:], sheet.boundaries):
            unique.setdefault(one.lower(), one)
    count = min(brief.max_hashtags, 6)
    room = count - 1 if count >= 3 else count
    chosen = [t for t in unique.values() if t.lower() != HONEST_TAG][:room]
    return (*chosen, HONEST_TAG) if count >= 3 else tuple(chosen)


def tag(text: str) -> str:
    """A hashtag of at most three words and 24 letters, '' when the text makes none."""
    words = re.findall(r"[^\W_]+", re.sub(r"^(?:the|an?|life as an?)\s+", "", text.strip(), flags=re.IGNORECASE))
    if not words or len(words) > 3:
        return ""
    joined = "".join(w if w.isupper() and len(w) > 1 else w.lower() for w in words)
    return f"#{joined}" if 2 < len(joined) <= 24 and not joined.isdigit() else ""


def alt_text(brief: PostBrief, poster: PosterWords) -> str:
    """What is seen, said plainly: the kind of design and every word on it."""
    items = [i.rstrip(".") for i in poster.items]
    match brief.format:
        case PostFormat.QUOTE:
            text = f"A {brief.mood} quote card. It reads: “{poster.title}”"
        case PostFormat.LIST:
            rows = "; ".join(f"{n}. {i}" for n, i in enumerate(items, 1))
            text = f"A {brief.mood} list card titled “{poster.title}”: {rows}."
        case PostFormat.CAROUSEL:
            rows = " ".join(f"Card {n}: “{i}”" for n, i in enumerate(poster.items, 1))
            text = f"A series of {len(items)} {brief.mood} text cards titled “{poster.title}”. {rows}"
        case PostFormat.STORY:
            text = f"A {brief.mood} story card. “{poster.title}” Below it: “{poster.body}”"
        case PostFormat.LOOK_BOARD:
            text = f"A {brief.mood} look board titled “{poster.title}” with the words: {', '.join(items)}."
    if poster.attribution and brief.format is PostFormat.QUOTE:
        text += f" Signed {poster.attribution}."
    return text if len(text) <= ALT_MAX else text[: ALT_MAX - 1].rsplit(" ", 1)[0] + "…"


def trimmed(brief: PostBrief, poster: PosterWords, sheet: CharacterSheet) -> PosterWords:
    """Poster words inside the room of their design (a model's may be longer)."""
    title_max = QUOTE_MAX if brief.format is PostFormat.QUOTE else TITLE_MAX
    item_max = PAGE_MAX if brief.format is PostFormat.CAROUSEL else ITEM_MAX
    most = {PostFormat.LIST: 5, PostFormat.CAROUSEL: 4, PostFormat.LOOK_BOARD: 6}.get(brief.format, 0)
    return PosterWords(
        kicker=_cut(poster.kicker, 40),
        title=_cut(poster.title.strip('“”" '), title_max),
        body=_cut(poster.body, STORY_MAX) if brief.format is PostFormat.STORY else "",
        items=tuple(_cut(i, item_max) for i in poster.items if i.strip())[:most],
        attribution=sheet.name if brief.format is not PostFormat.STORY else "",
    )


def _cut(text: str, longest: int) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    return text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def objections(sheet: CharacterSheet, brief: PostBrief, caption: str, poster: PosterWords) -> tuple[str, ...]:
    """Every reason why this must not go out without a person."""
    words = "\n".join((caption, *poster.lines))
    found = list(safety.findings(words, age=sheet.age))
    boundary = safety.crossed(words, sheet.boundaries)
    if boundary:
        found.append(f"touches a boundary ({boundary})")
    if re.search(r"\{\{|\}\}|<user>|<bot>|\{\w+\}", words):
        found.append("holds a placeholder")
    if any(roleplay.is_marked(line) for line in (*caption.splitlines(), *poster.lines)):
        found.append("holds a stray mark")
    if len(caption) > brief.max_text:
        found.append("is too long for the channel")
    if not caption.strip():
        found.append("has no caption")
    if brief.format in {PostFormat.LIST, PostFormat.CAROUSEL} and len(poster.items) < 2:
        found.append("has too little for this design")
    if brief.format is PostFormat.LOOK_BOARD and len(poster.items) < 2:
        found.append("the look of the character has too few words")
    if not poster.title.strip():
        found.append("has no title")
    return tuple(found)


def score(
    *, near: float, sources: Sequence[str], bank: Bank, caption: str, repeats: float, is_free: bool = False
) -> tuple[float, tuple[str, ...]]:
    """A candidate's score (0..1) and what it is made of.

    Args:
        near: nearness of the caption to the theme, 0..1.
        sources: where the words come from.
        bank: the topic's bank.
        caption: the caption.
        repeats: nearness to the nearest text that was used lately, 0..1.
        is_free: whether a large model wrote all of it.

    """
    reasons = [f"theme {near:.2f}"]
    total = 0.3 + 0.35 * min(1.0, near / 0.5)
    if any(s.startswith(OWN) for s in sources):
        total += 0.22
        reasons.append("the character's own words")
    if is_free:
        total += 0.3
        reasons.append("written by a large model")
    elif bank.is_general and not any(s.startswith(OWN) for s in sources):
        total -= 0.15
        reasons.append("no topic of ours fits the theme")
    elif bank.is_own or bank.is_voice:
        total += 0.08
        reasons.append("a list of the card" if bank.is_own else "words of the card")
    else:
        total += 0.0 if bank.is_general else 0.08
        reasons.append(f"topic {bank.topic}" if bank.topic else "no topic of ours fits the theme")
    if not 60 <= len(caption) <= 700:
        total -= 0.08
        reasons.append("unusual length")
    if repeats > 0.85:
        total -= 0.4
        reasons.append("nearly repeats an earlier post")
    return max(0.0, min(1.0, round(total, 3))), tuple(reasons)
