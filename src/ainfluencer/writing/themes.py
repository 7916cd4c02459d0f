"""Themes for a varied week, from what the character cares about. The same seed gives the same week."""

from __future__ import annotations

import random

from ainfluencer.characters.schemas import CharacterSheet, MaterialKind
from ainfluencer.writing import banks
from ainfluencer.writing.compose import look_words
from ainfluencer.writing.material import own_words
from ainfluencer.writing.schemas import Mood, PostFormat, Theme

_ANGLES: dict[PostFormat, tuple[str, ...]] = {
    PostFormat.QUOTE: (
        "a line worth keeping",
        "something learned slowly",
        "an unpopular opinion, kindly put",
        "what it is really about",
    ),
    PostFormat.LIST: ("small rules", "what to know before you begin", "what it taught me", "things I would do again"),
    PostFormat.CAROUSEL: (
        "three ways to look at it",
        "from the outside in",
        "how it works, in pieces",
        "why it matters to me",
    ),
    PostFormat.STORY: ("a question for everyone", "a moment of today", "behind the scenes", "a small confession"),
    PostFormat.LOOK_BOARD: ("the colours of it", "one strange thing", "what I reach for", "a palette and its reason"),
}
_MOODS: tuple[tuple[str, Mood], ...] = (
    ("warm", Mood.TENDER), ("kind", Mood.TENDER), ("gentle", Mood.TENDER), ("soft", Mood.TENDER), ("romantic", Mood.TENDER),
    ("funny", Mood.PLAYFUL), ("playful", Mood.PLAYFUL), ("witty", Mood.PLAYFUL), ("dry", Mood.PLAYFUL), ("sarcas", Mood.PLAYFUL),
    ("cheer", Mood.BRIGHT), ("upbeat", Mood.BRIGHT), ("energetic", Mood.BRIGHT), ("sunny", Mood.BRIGHT), ("friendly", Mood.BRIGHT),
    ("bold", Mood.BOLD), ("confident", Mood.BOLD), ("fierce", Mood.BOLD), ("direct", Mood.BOLD), ("proud", Mood.BOLD),
    ("dark", Mood.NIGHT), ("mysterious", Mood.NIGHT), ("noir", Mood.NIGHT), ("melanchol", Mood.NIGHT), ("weary", Mood.NIGHT),
    ("serious", Mood.SERIOUS), ("formal", Mood.SERIOUS), ("scholar", Mood.SERIOUS), ("precise", Mood.SERIOUS), ("stoic", Mood.SERIOUS),
    ("calm", Mood.CALM), ("quiet", Mood.CALM), ("thoughtful", Mood.CALM),
)  # fmt: skip


def themes(sheet: CharacterSheet, days: int, seed: int = 0) -> tuple[Theme, ...]:
    """One theme a day: topics in turn, no design or mood twice running, look boards only where the look has words."""
    rng = random.Random(f"{sheet.id}|{seed}")  # noqa: S311 - variety, not secrecy
    subjects = _subjects(sheet, rng)
    designs = _designs(sheet, days, rng)
    moods = _moods(sheet, days, rng)
    angles: dict[PostFormat, list[str]] = {}
    found: list[Theme] = []
    turn = 0
    for day in range(days):
        design = designs[day]
        if not angles.get(design):
            angles[design] = rng.sample(_ANGLES[design], len(_ANGLES[design]))
        if design is PostFormat.LOOK_BOARD:
            subject = "The look"
        else:
            subject, turn = subjects[turn % len(subjects)], turn + 1
        found.append(Theme(title=subject, angle=angles[design].pop(), format=design, mood=moods[day]))
    return tuple(found)


def _subjects(sheet: CharacterSheet, rng: random.Random) -> list[str]:
    wanted = [*sheet.persona.topics, *sheet.interests]
    lore = [piece.keys[0] for piece in sheet.material if piece.kind is MaterialKind.LORE and piece.keys]
    wanted += [key for key in lore if 3 < len(key) <= 30][:3]
    unique = {w.strip().lower(): w.strip() for w in wanted if 2 < len(w.strip()) <= 60}
    subjects = (
        list(unique.values())
        or [t for t in sheet.tags if 2 < len(t) <= 30]
        or ["A quiet hour", "Good company", "Work in progress"]
    )
    rng.shuffle(subjects)
    language = banks.language_of(sheet.persona.language)
    said = "\n".join(s.text for s in own_words(sheet)).lower()
    # What neither the card nor a topic of ours has words for comes last: its posts would be bland.
    return sorted(subjects, key=lambda s: not (s.lower() in said or (bool(language) and banks.is_known(s, language))))


def _designs(sheet: CharacterSheet, days: int, rng: random.Random) -> list[PostFormat]:
    quotes = sum(1 for s in own_words(sheet) if s.kind in {MaterialKind.QUOTE, MaterialKind.GREETING})
    pool = [PostFormat.QUOTE, PostFormat.LIST, PostFormat.CAROUSEL, PostFormat.STORY]
    if quotes >= 4:
        pool.append(PostFormat.QUOTE)
    if len(look_words(sheet)) >= 3:
        pool.append(PostFormat.LOOK_BOARD)
    found: list[PostFormat] = []
    while len(found) < days:
        rng.shuffle(pool)
        for design in pool:
            # One look board a week is enough: its words do not change.
            is_again = design is PostFormat.LOOK_BOARD and PostFormat.LOOK_BOARD in found[-6:]
            if not is_again and (not found or found[-1] is not design):
                found.append(design)
    return found[:days]


def _moods(sheet: CharacterSheet, days: int, rng: random.Random) -> list[Mood]:
    voice = f"{sheet.persona.content_tone} {sheet.persona.communication_style}".lower()
    own = list(dict.fromkeys(mood for word, mood in _MOODS if word in voice)) or [Mood.CALM, Mood.BRIGHT]
    others = [m for m in (Mood.CALM, Mood.BRIGHT, Mood.TENDER, Mood.PLAYFUL) if m not in own]
    # A reserved or serious voice that is suddenly bright reads as somebody else.
    settled = 0.9 if len(own) > 1 and sheet.persona.traits.extroversion < 0.45 else 0.7
    found: list[Mood] = []
    while len(found) < days:
        pool = own if rng.random() < settled or not others else others
        mood = rng.choice(pool)
        if not found or found[-1] is not mood:
            found.append(mood)
    return found
