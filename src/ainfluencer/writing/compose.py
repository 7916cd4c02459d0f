"""The built-in writer: the card's own words and curated lines, put together for one brief. Invents nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ainfluencer.characters.schemas import CharacterSheet, MaterialKind
from ainfluencer.writing.banks import Bank, general
from ainfluencer.writing.material import Snippet, plain, sentences
from ainfluencer.writing.schemas import PostBrief, PosterWords, PostFormat

OWN = "own words"
CURATED = "curated lines"
FITTING = 0.24  # nearness from which a quote may stand for a theme
TITLE_MAX, QUOTE_MAX, ITEM_MAX, PAGE_MAX, STORY_MAX = 60, 180, 60, 160, 140


@dataclass(frozen=True, slots=True)
class Placed:
    """One of the card's pieces and how near it is to the theme."""

    snippet: Snippet
    near: float

    @property
    def rank(self) -> float:
        """How good it would be here: nearness first, then how well it stands alone."""
        return self.near + 0.35 * self.snippet.standing


@dataclass
class Desk:
    """Everything at hand for one post, and what has been used already (a line is never used twice)."""

    sheet: CharacterSheet
    brief: PostBrief
    bank: Bank
    own: list[Placed]
    language: str = "en"
    near_lines: dict[str, float] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    siblings: set[str] = field(
        default_factory=set
    )  # what the other candidates of this post use: avoided where possible
    rng: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.sheet.id}|{self.brief.theme}|{self.brief.day_label}|{self.brief.seed}")  # noqa: S311 - variety, not secrecy
        for text in self.brief.avoid:
            self.used.add(plain(text))
            self.used |= {plain(s) for s in sentences(text)}

    def is_fresh(self, text: str) -> bool:
        """Whether neither the text nor a sentence of it was used."""
        return plain(text) not in self.used and not any(plain(s) in self.used for s in sentences(text))

    def use(self, text: str) -> str:
        """Mark as used and hand back."""
        self.used.add(plain(text))
        self.used |= {plain(s) for s in sentences(text)}
        return text

    def pick(self, lines: Sequence[str], longest: int = 400) -> str:
        """A fresh line, near the theme and by chance; '' when all are used."""
        fresh = [t for t in lines if len(t) <= longest and self.is_fresh(t)]
        fresh = [t for t in fresh if plain(t) not in self.siblings] or fresh
        if not fresh:
            return ""
        return self.use(max(fresh, key=lambda t: self.near_lines.get(t, 0.2) + self.rng.random() * 0.3))

    def thought(self, longest: int = 400) -> str:
        """A fresh thought of the topic, of no topic in particular when all of those are used."""
        return self.pick(self.bank.thoughts, longest) or self.pick(general(self.language)["thoughts"], longest)

    def own_piece(self, kinds: Sequence[MaterialKind], longest: int, least: float = FITTING) -> Placed | None:
        """The best fresh piece of the card that fits the theme."""
        fitting = [
            p
            for p in self.own
            if p.snippet.kind in kinds
            and p.near >= least
            and len(p.snippet.text) <= longest
            and self.is_fresh(p.snippet.text)
            and p.snippet.standing >= 0.5
        ]
        if not fitting:
            return None
        fitting = [p for p in fitting if plain(p.snippet.text) not in self.siblings] or fitting
        best = max(fitting, key=lambda p: p.rank + self.rng.random() * 0.08)
        self.use(best.snippet.text)
        return best


SPOKEN = (MaterialKind.QUOTE, MaterialKind.GREETING)
TOLD = (MaterialKind.FACT, MaterialKind.LORE)


@dataclass(frozen=True, slots=True)
class Parts:
    """A post before it is scored: where the words of the caption and of the poster come from."""

    caption: str
    poster: PosterWords
    sources: tuple[str, ...]
    own_near: float = 0.0


def compose(desk: Desk, *, prefer_own: bool, sentence: str = "") -> Parts:
    """One post. With `sentence` (a model's) that one is the body of the caption."""
    sources: list[str] = []
    poster, own_near = _poster(desk, sources, prefer_own=prefer_own)
    lead, body, near = _caption_parts(desk, sources, prefer_own=prefer_own, sentence=sentence)
    caption = fit([lead, body, _closer(desk)], desk.brief.max_text - _tag_room(desk.brief))
    return Parts(caption, poster, tuple(dict.fromkeys(sources)), max(own_near, near))


def _caption_parts(desk: Desk, sources: list[str], *, prefer_own: bool, sentence: str) -> tuple[str, str, float]:
    is_look = desk.brief.format is PostFormat.LOOK_BOARD
    look = general(desk.language)["look"]
    near = 0.0
    lead = body = ""
    if prefer_own and not is_look:
        piece = desk.own_piece((*SPOKEN, *TOLD), 260)
        if piece:
            lead, near = piece.snippet.text, piece.near
            sources.append(f"{OWN} ({piece.snippet.source})")
            second = desk.own_piece(TOLD if piece.snippet.kind in SPOKEN else SPOKEN, 220, FITTING + 0.08)
            if second:
                body = second.snippet.text
                sources.append(f"{OWN} ({second.snippet.source})")
    if not lead:
        lead = desk.pick(look["hooks"] if is_look else desk.bank.hooks)
        sources.append(CURATED)
    if sentence:
        body = sentence
    elif not body:
        body = desk.pick(look["thoughts"]) if is_look else desk.thought()
        sources.append(CURATED)
    return lead, body, near


def _closer(desk: Desk) -> str:
    lines = general(desk.language)
    questions = lines["look"]["questions"] if desk.brief.format is PostFormat.LOOK_BOARD else desk.bank.questions
    traits = desk.sheet.persona.traits
    ask = 0.55 + 0.4 * (traits.extroversion - 0.5)
    if "question" in desk.brief.angle.lower() or desk.rng.random() < ask:
        question = desk.pick(questions)
        if question:
            return question
    if desk.brief.format in {PostFormat.LIST, PostFormat.CAROUSEL} and desk.rng.random() < 0.5:
        return desk.pick(lines["actions"]["any"])
    return desk.pick(lines["closers"][manner(desk.sheet)]) or desk.pick(questions)


def manner(sheet: CharacterSheet) -> str:
    """Which closers suit a character: extrovert, introvert, professional, casual or creative."""
    traits = sheet.persona.traits
    ways = {
        "professional": traits.professionalism - 0.05,
        "creative": traits.creativity - 0.1,
        "extrovert": traits.extroversion,
        "introvert": 1 - traits.extroversion,
        "casual": 1 - traits.professionalism - 0.1,
    }
    return max(ways, key=lambda way: ways[way])


def _poster(desk: Desk, sources: list[str], *, prefer_own: bool) -> tuple[PosterWords, float]:
    match desk.brief.format:
        case PostFormat.QUOTE:
            return _quote(desk, sources, prefer_own=prefer_own)
        case PostFormat.LIST:
            return _list(desk, sources), 0.0
        case PostFormat.CAROUSEL:
            return _carousel(desk, sources, prefer_own=prefer_own)
        case PostFormat.STORY:
            return _story(desk, sources, prefer_own=prefer_own)
        case PostFormat.LOOK_BOARD:
            sources.append("the look of the sheet")
            return _look(desk), 0.0


def _kicker(desk: Desk, kind: str = "", **values: int) -> str:
    text: str = desk.rng.choice(general(desk.language)["kickers"][kind or desk.brief.format])
    return text.format(**values)


def _quote(desk: Desk, sources: list[str], *, prefer_own: bool) -> tuple[PosterWords, float]:
    piece = None
    if prefer_own:
        piece = desk.own_piece(SPOKEN, QUOTE_MAX) or desk.own_piece(TOLD, QUOTE_MAX, FITTING + 0.08)
    if piece:
        sources.append(f"{OWN} ({piece.snippet.source})")
        title, near = piece.snippet.text, piece.near
    else:
        sources.append(CURATED)
        title, near = desk.thought(QUOTE_MAX) or desk.pick(desk.bank.hooks), 0.0
    kicker = _kicker(desk, "own_quote" if piece else "quote")
    return PosterWords(kicker=kicker, title=title, attribution=desk.sheet.name), near


def _list(desk: Desk, sources: list[str]) -> PosterWords:
    sources.append(CURATED)
    titles = {row.title: row for row in desk.bank.lists}
    row = titles.get(desk.pick(list(titles))) or desk.rng.choice(desk.bank.lists)
    title = row.title if len(row.title) <= TITLE_MAX else row.title[: TITLE_MAX - 1].rsplit(" ", 1)[0] + "…"
    return PosterWords(kicker=_kicker(desk), title=title, items=row.items[:5], attribution=desk.sheet.name)


def _carousel(desk: Desk, sources: list[str], *, prefer_own: bool) -> tuple[PosterWords, float]:
    pages: list[str] = []
    near = 0.0
    while prefer_own and len(pages) < 2:
        piece = desk.own_piece((*SPOKEN, *TOLD), PAGE_MAX)
        if piece is None:
            break
        pages.append(piece.snippet.text)
        near = max(near, piece.near)
        sources.append(f"{OWN} ({piece.snippet.source})")
    while len(pages) < 3:
        page = desk.thought(PAGE_MAX)
        if not page:
            break
        pages.append(page)
        sources.append(CURATED)
    title = (
        desk.pick(desk.bank.titles, TITLE_MAX) or desk.pick(desk.bank.hooks, TITLE_MAX) or desk.brief.theme[:TITLE_MAX]
    )
    kicker = _kicker(desk, count=len(pages))
    return PosterWords(kicker=kicker, title=title, items=tuple(pages), attribution=desk.sheet.name), near


def _story(desk: Desk, sources: list[str], *, prefer_own: bool) -> tuple[PosterWords, float]:
    title = (
        desk.pick(desk.bank.hooks, TITLE_MAX) or desk.pick(desk.bank.titles, TITLE_MAX) or desk.brief.theme[:TITLE_MAX]
    )
    piece = desk.own_piece((*SPOKEN, *TOLD), STORY_MAX) if prefer_own else None
    if piece:
        sources.append(f"{OWN} ({piece.snippet.source})")
        return PosterWords(kicker=_kicker(desk), title=title, body=piece.snippet.text), piece.near
    sources.append(CURATED)
    return PosterWords(kicker=_kicker(desk), title=title, body=desk.thought(STORY_MAX)), 0.0


def look_words(sheet: CharacterSheet) -> tuple[str, ...]:
    """Up to six words or short phrases of the look: style, clothes, colours."""
    look = sheet.look
    pieces = [
        *look.style_words,
        *re.split(r"[,;/]| and ", look.clothing),
        *(c for c in look.colours if not c.startswith("#")),
    ]
    clean = [p.strip(" .") for p in pieces]
    return tuple(dict.fromkeys(p for p in clean if 2 < len(p) <= ITEM_MAX))[:6]


def _look(desk: Desk) -> PosterWords:
    title = desk.pick(general(desk.language)["look"]["titles"], TITLE_MAX) or desk.brief.theme[:TITLE_MAX]
    return PosterWords(kicker=_kicker(desk), title=title, items=look_words(desk.sheet), attribution=desk.sheet.name)


def _tag_room(brief: PostBrief) -> int:
    # Hashtags stand below the caption in the same text on most platforms.
    return min(brief.max_hashtags, 3) * 14 + 2 if brief.max_hashtags else 0


def fit(parts: Sequence[str], longest: int) -> str:
    """The parts as paragraphs, without the last ones (never the first) until it fits; then whole sentences of the first."""
    kept = [p for p in parts if p]
    while len(kept) > 1 and len("\n\n".join(kept)) > longest:
        kept.pop(1 if len(kept) == 3 else -1)
    text = "\n\n".join(kept)
    if len(text) <= longest:
        return text
    whole = ""
    for sentence in sentences(text):
        if len(whole) + len(sentence) + 1 > longest:
            break
        whole = f"{whole} {sentence}".strip()
    return whole or text[: longest - 1].rsplit(" ", 1)[0] + "…"
