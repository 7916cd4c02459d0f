"""The built-in writer: the card's own words and curated lines, put together for one brief. Invents nothing."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ainfluencer.characters.schemas import CharacterSheet, MaterialKind
from ainfluencer.writing.banks import Bank, WordList, general
from ainfluencer.writing.cutting import sentences
from ainfluencer.writing.material import GOOD, Snippet, plain
from ainfluencer.writing.schemas import PostBrief, PosterWords, PostFormat

OWN = "own words"
CURATED = "curated lines"
FITTING = 0.24  # nearness from which a quote may stand for a theme
LOOSE = 0.1  # nearness that is enough for a theme of the character's own that no topic of ours knows
PLENTY = 8  # with so many good pieces left, a caption may take two
LEAD_MAX = 260
_STERN = re.compile(r"\b(?:dark|tough|mysterious|grim|cold|stern|menacing)\b", re.IGNORECASE)
_OF_ME = re.compile(r"\b(?:I|[Mm]y)\b")
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
    home: Bank | None = None  # the topic that the character lives in
    list_source: str = ""  # where a list of the card's own stands
    is_home: bool = False  # the bank is the character's own field, not the theme's
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

    @property
    def loose(self) -> float:
        """How near a piece must be where no topic of ours has better lines for the theme."""
        if self.bank.is_voice:
            return -1.0
        return LOOSE if self.bank.is_general or self.is_home else FITTING

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
        """A fresh thought of the topic, else of the character's field, else one that fits anything."""
        if self.bank.is_voice:
            return ""
        for lines in (self.bank.thoughts, self.home.thoughts if self.home else ()):
            found = self.pick(lines, longest)
            if found:
                return found
        return self.pick(general(self.language)["thoughts"], longest) if self.bank.is_general else ""

    def own_piece(
        self,
        kinds: Sequence[MaterialKind],
        longest: int,
        least: float = FITTING,
        beside: str = "",
        *,
        suits: Callable[[str], bool] = bool,
    ) -> Placed | None:
        """The best fresh piece of the card that fits the theme; with `beside` one that goes on from that text."""
        fitting = [
            p
            for p in self.own
            if p.snippet.kind in kinds
            and (p.near >= least or (bool(beside) and related(beside, p.snippet.text)))
            and len(p.snippet.text) <= longest
            and self.is_fresh(p.snippet.text)
            and p.snippet.standing >= GOOD
            and suits(p.snippet.text)
        ]
        if not fitting:
            return None
        fitting = [p for p in fitting if plain(p.snippet.text) not in self.siblings] or fitting
        chance = 0.25 if self.bank.is_voice else 0.08
        best = max(fitting, key=lambda p: self._worth(p, beside) + self.rng.random() * chance)
        self.use(best.snippet.text)
        return best

    def _worth(self, piece: Placed, beside: str) -> float:
        bonus = 0.3 if beside and related(beside, piece.snippet.text) else 0.0
        return (piece.snippet.standing if self.bank.is_voice else piece.rank) + bonus


def related(one: str, other: str) -> bool:
    """Whether two texts share a longer word."""
    return bool(_longer(one) & _longer(other))


def _longer(text: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[^\W\d_]{5,}", text.lower())} - _EVERYWHERE


_EVERYWHERE = frozenset(
    [
        "about",
        "after",
        "again",
        "always",
        "because",
        "before",
        "being",
        "every",
        "everything",
        "never",
        "nothing",
        "often",
        "other",
        "others",
        "people",
        "really",
        "should",
        "since",
        "something",
        "still",
        "their",
        "there",
        "these",
        "thing",
        "those",
        "though",
        "thought",
        "until",
        "where",
        "which",
        "while",
        "whole",
        "whose",
        "would",
        "could",
        "without",
        "world",
        "people",
        "years",
        "myself",
        "might",
    ]
)

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
    """The first two paragraphs: two pieces of the card, or one and a line of the topic, or curated lines alone."""
    if desk.brief.format is PostFormat.LOOK_BOARD or desk.bank.is_own:
        return _introduced(desk, sources)
    near = 0.0
    lead = body = ""
    if prefer_own or desk.bank.is_voice:
        piece = desk.own_piece((*SPOKEN, *TOLD), LEAD_MAX) or desk.own_piece((*SPOKEN, *TOLD), LEAD_MAX, desk.loose)
        if piece:
            lead, near = piece.snippet.text, max(piece.near, LOOSE)
            sources.append(f"{OWN} ({piece.snippet.source})")
    if not lead:
        lead = desk.pick(desk.bank.hooks)
        sources.append(CURATED)
    if sentence:
        body = sentence
    elif near:
        body = _after_own(desk, sources, lead)
    else:
        body = desk.thought()
        sources.append(CURATED)
    return lead, body, near


def _introduced(desk: Desk, sources: list[str]) -> tuple[str, str, float]:
    """Before a look board or a list of the card's own: a hook, and for a list something that the character says."""
    is_look = desk.brief.format is PostFormat.LOOK_BOARD
    look = general(desk.language)["look"]
    sources.append(CURATED)
    lead = desk.pick(look["hooks"] if is_look else desk.bank.hooks)
    if is_look:
        return lead, desk.pick(look["thoughts"]), 0.0
    items = {item.lower() for row in desk.bank.lists for item in row.items}

    def is_new(text: str) -> bool:
        return sum(item in text.lower() for item in items) < 2

    piece = (
        desk.own_piece((*SPOKEN, *TOLD), LEAD_MAX, -1.0, suits=lambda text: bool(_OF_ME.search(text)) and is_new(text))
        or desk.own_piece((*SPOKEN, *TOLD), LEAD_MAX, suits=is_new)
        or desk.own_piece((*SPOKEN, *TOLD), LEAD_MAX, 0.0, suits=is_new)
    )
    if piece:
        sources.append(f"{OWN} ({piece.snippet.source})")
    return lead, piece.snippet.text if piece else "", 0.0


def _after_own(desk: Desk, sources: list[str], lead: str) -> str:
    """What goes on from a piece of the card: another that is near, or a line of the topic; else nothing, which is fine."""
    has_plenty = sum(1 for p in desk.own if p.snippet.standing >= GOOD and desk.is_fresh(p.snippet.text)) >= PLENTY
    if has_plenty or desk.bank.is_general or desk.bank.is_voice:
        second = desk.own_piece((*SPOKEN, *TOLD), 220, 2.0 if desk.bank.is_voice else FITTING + 0.08, lead)
        if second:
            sources.append(f"{OWN} ({second.snippet.source})")
            return second.snippet.text
    if desk.bank.is_general or desk.bank.is_voice or desk.is_home:
        return ""
    sources.append(CURATED)
    return desk.thought()


def _closer(desk: Desk) -> str:
    lines = general(desk.language)
    questions = lines["look"]["questions"] if desk.brief.format is PostFormat.LOOK_BOARD else desk.bank.questions
    if desk.is_home and desk.rng.random() < 0.7:
        questions = lines["questions"]
    traits = desk.sheet.persona.traits
    ask = 0.55 + 0.4 * (traits.extroversion - 0.5)
    if desk.bank.is_own or "question" in desk.brief.angle.lower() or desk.rng.random() < ask:
        question = desk.pick(questions)
        if question:
            return question
    way = manner(desk.sheet)
    if way != "stern" and desk.brief.format in {PostFormat.LIST, PostFormat.CAROUSEL} and desk.rng.random() < 0.5:
        return desk.pick(lines["actions"]["any"])
    return desk.pick(lines["closers"][way]) or desk.pick(questions)


def manner(sheet: CharacterSheet) -> str:
    """Which closers suit a character: extrovert, introvert, professional, casual, creative or stern."""
    traits = sheet.persona.traits
    if _STERN.search(sheet.persona.content_tone) and traits.authenticity <= 0.5:
        return "stern"
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
    if prefer_own or desk.bank.is_voice:
        piece = (
            desk.own_piece(SPOKEN, QUOTE_MAX)
            or desk.own_piece(TOLD, QUOTE_MAX, FITTING + 0.08)
            or desk.own_piece(SPOKEN, QUOTE_MAX, desk.loose)
            or (desk.own_piece(TOLD, QUOTE_MAX, desk.loose) if desk.bank.is_voice else None)
        )
    if piece:
        sources.append(f"{OWN} ({piece.snippet.source})")
        title, near = piece.snippet.text, piece.near
    else:
        sources.append(CURATED)
        title, near = desk.thought(QUOTE_MAX) or desk.pick(desk.bank.hooks), 0.0
    kicker = _kicker(desk, "own_quote" if piece else "quote")
    return PosterWords(kicker=kicker, title=title, attribution=desk.sheet.name), near


def _list(desk: Desk, sources: list[str]) -> PosterWords:
    sources.append(f"{OWN} ({desk.list_source})" if desk.bank.is_own else CURATED)
    titles = {row.title: row for row in desk.bank.lists}
    row = titles.get(desk.pick(list(titles))) or WordList("", ())
    title = row.title if len(row.title) <= TITLE_MAX else row.title[: TITLE_MAX - 1].rsplit(" ", 1)[0] + "…"
    return PosterWords(kicker=_kicker(desk), title=title, items=row.items[:5], attribution=desk.sheet.name)


def _carousel(desk: Desk, sources: list[str], *, prefer_own: bool) -> tuple[PosterWords, float]:
    pages: list[str] = []
    near = 0.0
    own_pages = 3 if desk.bank.is_general or desk.bank.is_voice or desk.is_home else 2
    while (prefer_own or desk.bank.is_voice) and len(pages) < own_pages:
        piece = desk.own_piece((*SPOKEN, *TOLD), PAGE_MAX) or desk.own_piece((*SPOKEN, *TOLD), PAGE_MAX, desk.loose)
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
    piece = None
    if prefer_own or desk.bank.is_voice:
        spoken = (*SPOKEN, *TOLD)
        piece = desk.own_piece(spoken, STORY_MAX) or desk.own_piece(spoken, STORY_MAX, desk.loose)
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
        *(piece for part in re.split(r"[,;/]", look.clothing) for piece in _garments(part)),
        *(c for c in look.colours if not c.startswith("#")),
    ]
    clean = [re.sub(r"^and\s+", "", p.strip(" .")) for p in pieces]
    return tuple(dict.fromkeys(p for p in clean if 2 < len(p) <= ITEM_MAX))[:6]


def _garments(part: str) -> list[str]:
    """“a blue coat and rubber boots” is two pieces, “a white and purple dress” is one."""
    sides = part.split(" and ")
    return sides if all(len(side.split()) >= 2 for side in sides) else [part]


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
