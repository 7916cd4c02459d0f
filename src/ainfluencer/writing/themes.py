"""Themes for a varied week, from what the character cares about. The same seed gives the same week."""

from __future__ import annotations

import random
from collections import Counter

from ainfluencer.characters.schemas import CharacterSheet, MaterialKind
from ainfluencer.writing import banks
from ainfluencer.writing.compose import PAGE_MAX, look_words
from ainfluencer.writing.material import STANDS, Snippet, own_words
from ainfluencer.writing.own_lists import own_lists, theme_of
from ainfluencer.writing.schemas import Mood, PostFormat, Theme
from ainfluencer.writing.subjects import WANTED, Subject, subjects

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
PAGES = 4  # what a series of own words takes: three pages and a caption
VOICE_NEEDS = 4  # good pieces of the card for each day on which it simply speaks
_SPOKEN = frozenset({PostFormat.QUOTE, PostFormat.STORY, PostFormat.CAROUSEL})
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
    """One theme a day: topics in turn, no design or mood twice running, no design that the subject cannot fill.

    Lists come from the card where it has some; a look board only where the look has words.
    """
    rng = random.Random(f"{sheet.id}|{seed}")  # noqa: S311 - variety, not secrecy
    own = own_words(sheet)
    language = banks.language_of(sheet.persona.language)
    queue = subjects(sheet, own, rng)
    lists = [theme_of(one, language) for one in own_lists(sheet)] if language else []
    rng.shuffle(lists)
    voice = _voice_days(own, queue, days) if language else 0
    designs = _designs(sheet, own, days, rng)
    moods = _moods(sheet, days, rng)
    angles: dict[PostFormat, list[str]] = {}
    found: list[Theme] = []
    pages = sum(1 for s in own if s.standing >= STANDS and len(s.text) <= PAGE_MAX)
    used = Counter[str]()  # how often lines of a field were used, and (with “list ” before it) its list
    for day in range(days):
        if voice and designs[day] in _SPOKEN and (day % 2 == 0 or not any(one.is_strong for one in queue)):
            subject, voice = banks.voice(language).about, voice - 1
            design = _voiced(designs[day], found[-1].format if found else None, pages)
            pages -= PAGES if design is PostFormat.CAROUSEL else 1
        else:
            subject, design = _next(designs[day], queue, lists, found[-1].format if found else None, used)
        if not angles.get(design):
            angles[design] = rng.sample(_ANGLES[design], len(_ANGLES[design]))
        found.append(Theme(title=subject, angle=angles[design].pop(), format=design, mood=moods[day]))
    return tuple(found)


def _voiced(design: PostFormat, before: PostFormat | None, pages: int) -> PostFormat:
    """The design for a day of own words: a series only with enough short ones for its pages."""
    if design is PostFormat.CAROUSEL and pages <= PAGES:
        return PostFormat.STORY if before is PostFormat.QUOTE else PostFormat.QUOTE
    return design


def _voice_days(own: tuple[Snippet, ...], queue: list[Subject], days: int) -> int:
    """On how many days the character simply speaks: as many as the card has good lines for, a third of the week at most.

    With hardly a subject in sight it may be more, since a stranger's lines fit them worse than their own.
    """
    good = sum(1 for s in own if s.standing >= STANDS)
    strong = sum(one.is_strong for one in queue)
    return min(good // VOICE_NEEDS, max(1, days // 3 if strong >= WANTED else days // 2))


def _next(
    design: PostFormat, queue: list[Subject], lists: list[str], before: PostFormat | None, used: Counter[str]
) -> tuple[str, PostFormat]:
    """The next subject for a design, and the design that it gets: the strong ones in turn, the least used field first."""
    if design is PostFormat.LOOK_BOARD:
        return "The look", design
    if design is PostFormat.LIST and lists:
        return lists.pop(0), design
    strong = [one for one in queue if one.is_strong] or queue
    fit = [
        one for one in strong if one.can_fill(design) and not (design is PostFormat.LIST and used[f"list {one.field}"])
    ]
    chosen = min(fit or strong, key=lambda one: used[one.field])
    queue.remove(chosen)
    queue.append(chosen)
    if not fit and chosen.is_strong:
        design = PostFormat.STORY if before is PostFormat.QUOTE else PostFormat.QUOTE
    used[chosen.field] += 1
    used[f"list {chosen.field}"] += design is PostFormat.LIST
    return chosen.title, design


def _designs(sheet: CharacterSheet, own: tuple[Snippet, ...], days: int, rng: random.Random) -> list[PostFormat]:
    quotes = sum(1 for s in own if s.kind in {MaterialKind.QUOTE, MaterialKind.GREETING})
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
