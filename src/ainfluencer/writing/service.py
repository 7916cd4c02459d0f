"""Writing for a character. Three kinds of words, each named for what it is: the card's own, curated lines, a model's."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput, OutsideError
from ainfluencer.db.session import database
from ainfluencer.integrations.manifest import Capability
from ainfluencer.makers import queries as maker_queries
from ainfluencer.makers.schemas import Choice
from ainfluencer.writing import banks, free, own_lists, queries, safety, sentences
from ainfluencer.writing.compose import CURATED, OWN, Desk, Parts, Placed, compose
from ainfluencer.writing.embeddings import EMBEDDER, nearness
from ainfluencer.writing.finish import ENOUGH, alt_text, hashtags, objections, score, trimmed
from ainfluencer.writing.material import Snippet, own_words, plain
from ainfluencer.writing.models import Draft, DraftCandidate
from ainfluencer.writing.schemas import Candidate, PostBrief, PosterWords, PostFormat, Written
from ainfluencer.writing.talk import comment, describe, reply_drafts
from ainfluencer.writing.themes import themes

__all__ = [
    "alt_text",
    "caption",
    "choose",
    "comment",
    "describe",
    "edit",
    "nearness",
    "record",
    "reply_drafts",
    "themes",
    "write_post",
]

KEPT = 3
TOPIC_NEAR = 0.3  # without the model two texts on one topic may share no word; the topic's bank vouches for this much
LOOK_NEAR = 0.45  # a look board is about the look by its design, whatever the theme is called


@dataclass
class _Work:
    """One post in the making."""

    actor: Actor
    sheet: CharacterSheet
    brief: PostBrief
    language: str
    bank: banks.Bank
    own: tuple[Snippet, ...]
    placed: list[Placed]
    near_lines: dict[str, float]
    home: banks.Bank | None = None
    list_source: str = ""
    is_home: bool = False
    notes: list[str] = field(default_factory=list)

    def desk(self) -> Desk:
        """A fresh desk: what the other candidates used is not in `brief.avoid` yet."""
        language = self.language or "en"
        return Desk(
            self.sheet,
            self.brief,
            self.bank,
            self.placed,
            language,
            self.home,
            self.list_source,
            self.is_home,
            self.near_lines,
        )


async def write_post(actor: Actor, sheet: CharacterSheet, brief: PostBrief) -> Written:
    """Write a post for a brief: up to three candidates, best first, each with its source, score and reasons.

    A connected larger model writes freely; without one the card's own words and curated lines are used, and the built-in
    small model adds one sentence where it can. Opens its own short sessions and may take long.

    Raises:
        PolicyRefused: the brief or the character asks for something that is never written.

    """
    actor.require(Right.CREATE)
    safety.refuse(brief.theme, brief.angle, sheet.persona.prompt, age=sheet.age)
    work = await _prepare(actor, sheet, brief)
    maker = await _best_maker(actor)
    found: list[Candidate] = []
    used: Choice | None = None
    if maker is not None and maker.quality >= free.ENOUGH:
        found = await _write_freely(work, maker)
        used = maker if found else None
    if all(one.needs_person for one in found):
        # Nothing of the larger model may go out by itself: the card's own words stand beside it.
        built_in, spoke = await _write_built_in(work, maker if not found else None)
        found += built_in
        used = used or spoke
    return _written(_distinct(found), used, work.notes)


async def _prepare(actor: Actor, sheet: CharacterSheet, brief: PostBrief) -> _Work:
    language = banks.language_of(brief.language)
    own = own_words(sheet)
    listed = own_lists.for_theme(sheet, brief.theme) if language else None
    home = _home(sheet, own, language)
    if listed:
        bank = own_lists.bank_of(listed, language)
    elif language and brief.theme == banks.voice(language).about:
        bank = banks.voice(language)
    else:
        bank = await banks.bank_for(brief.theme, brief.angle, language or "en", home)
    about = f"{brief.theme}. {brief.angle}".strip()
    subject = f"{brief.theme}: {', '.join(bank.words[:6])}" if bank.words else brief.theme
    texts = [" ".join((*s.keys, s.text)) for s in own]
    by_theme, by_topic = await nearness(brief.theme, texts), await nearness(subject, texts)
    near = [max(pair) for pair in zip(by_theme, by_topic, strict=True)]
    lines = [*bank.hooks, *bank.thoughts, *bank.questions, *bank.titles, *(row.title for row in bank.lists)]
    near_lines = await nearness(about, lines)
    return _Work(
        actor, sheet, brief, language, bank, own,
        [Placed(s, n) for s, n in zip(own, near, strict=True)], dict(zip(lines, near_lines, strict=True)),
        home, listed.source if listed else "", is_home=bank is home and not banks.is_known(brief.theme, language),
    )  # fmt: skip


def _home(sheet: CharacterSheet, own: tuple[Snippet, ...], language: str) -> banks.Bank | None:
    """The topic of ours that the character lives in: it stands in where a theme of theirs is no topic of ours."""
    if not language:
        return None
    texts = [
        "\n".join(s.text for s in own),
        " ".join((sheet.bio, *sheet.tags, *sheet.persona.topics, *sheet.interests)),
    ]
    stated = (banks.by_words(topic, language=language) for topic in (*sheet.persona.topics, *sheet.interests))
    return next(iter(banks.topics_in(texts, language)), None) or next(filter(None, stated), None)


async def _best_maker(actor: Actor) -> Choice | None:
    async with database().reading() as session:
        found = await maker_queries.choices(session, actor, Capability.TEXT)
    return found[0] if found else None


async def _write_freely(work: _Work, maker: Choice) -> list[Candidate]:
    try:
        answers, made = await free.write(work.actor, maker.slug, work.sheet, work.brief, work.own, KEPT)
    except OutsideError as e:
        work.notes.append(f"{maker.title} did not write this: {e.detail}")
        return []
    found = []
    for answer in answers:
        poster = trimmed(work.brief, answer.poster(), work.sheet)
        parts = Parts(answer.caption, poster, (f"{made.title} ({made.text.model})",))
        found.append(await _candidate(work, parts, answer.hashtags, is_free=True))
    return found


async def _write_built_in(work: _Work, maker: Choice | None) -> tuple[list[Candidate], Choice | None]:
    if not work.language:
        return await _foreign(work), None
    first = work.desk()
    found = [await _candidate(work, compose(first, prefer_own=True))]
    second = work.desk()
    second.siblings |= first.used
    line, why = "", ""
    if (
        maker is not None
        and work.brief.format is not PostFormat.LOOK_BOARD
        and not (work.bank.is_own or work.bank.is_voice)
    ):
        line, why = await sentences.sentence(work.actor, maker.slug, work.sheet, work.brief)
        if why:
            work.notes.append(f"{maker.title}: {why}")
    if line:
        parts = compose(second, prefer_own=False, sentence=line)
        with_model = Parts(
            parts.caption, parts.poster, (*parts.sources, f"{maker.title if maker else ''} (one sentence)")
        )
        found.append(await _candidate(work, with_model, has_small_model=True))
    third = work.desk()
    third.siblings |= first.used | second.used
    found.append(await _candidate(work, compose(third, prefer_own=False)))
    if not line:
        fourth = work.desk()
        fourth.siblings |= first.used | third.used
        found.append(await _candidate(work, compose(fourth, prefer_own=True)))
    return found, maker if line else None


async def _foreign(work: _Work) -> list[Candidate]:
    """Without curated lines in a language only the card's own words are left, and only if the card speaks it."""
    spoken = work.sheet.persona.language.split("-")[0].lower() == work.brief.language.split("-")[0].lower()
    found = []
    fresh = (
        [p for p in sorted(work.placed, key=lambda p: -p.rank) if work.desk().is_fresh(p.snippet.text)]
        if spoken
        else []
    )
    why = f"There are no curated lines for the language “{work.brief.language}”: connect a larger model, or write it yourself."
    for place in fresh[:KEPT]:
        poster = trimmed(work.brief, PosterWords(title=place.snippet.text, body=place.snippet.text), work.sheet)
        parts = Parts(place.snippet.text, poster, (f"{OWN} ({place.snippet.source})",), place.near)
        made = await _candidate(work, parts)
        is_quote = work.brief.format.value == "quote" and place.snippet.standing >= 0.6
        found.append(made if is_quote else made.model_copy(update={"needs_person": made.needs_person or why}))
    return found or [Candidate(caption="", needs_person=why, source="nothing", reasons=(why,))]


async def _candidate(
    work: _Work, parts: Parts, offered: list[str] | None = None, *, is_free: bool = False, has_small_model: bool = False
) -> Candidate:
    brief = work.brief
    (near,) = await nearness(
        f"{brief.theme}. {', '.join(work.bank.words[:6])}", [f"{parts.caption}\n{parts.poster.title}"]
    )
    if not EMBEDDER.is_installed() and not work.bank.is_general:
        near = max(near, TOPIC_NEAR)
    earlier = [t for t in brief.avoid if len(t) > 40][-30:]
    repeats = max(await nearness(parts.caption, earlier), default=0.0)
    value, reasons = score(
        near=max(
            near,
            parts.own_near,
            LOOK_NEAR if brief.format is PostFormat.LOOK_BOARD or work.bank.is_own or work.bank.is_voice else 0.0,
        ),
        sources=parts.sources,
        bank=work.bank,
        caption=parts.caption,
        repeats=repeats,
        is_free=is_free,
    )
    if has_small_model:
        value, reasons = max(0.0, round(value - 0.12, 3)), (*reasons, "one sentence by the small model")
    against = objections(work.sheet, brief, parts.caption, parts.poster)
    if work.bank.is_general and not is_free and not any(s.startswith(OWN) for s in parts.sources):
        against = (*against, "says nothing that is the character's own about a theme that no topic of ours knows")
    needs = "This text " + ", and ".join(against) + "." if against else ""
    if not needs and value < ENOUGH:
        needs = "It is clean, but only loosely about the theme."
    return Candidate(
        caption=parts.caption,
        hashtags=hashtags(work.sheet, brief, work.bank, offered or ()),
        alt_text=alt_text(brief, parts.poster),
        poster=parts.poster,
        score=min(value, 0.2) if against else value,
        reasons=(*reasons, *against),
        source=" + ".join(parts.sources) or CURATED,
        needs_person=needs,
    )


def _distinct(found: list[Candidate]) -> list[Candidate]:
    unique: dict[str, Candidate] = {}
    for one in sorted(found, key=lambda c: (bool(c.needs_person), -c.score)):
        unique.setdefault(plain(one.caption), one)
    return list(unique.values())[:KEPT]


def _written(found: list[Candidate], used: Choice | None, notes: list[str]) -> Written:
    chosen = next((i for i, c in enumerate(found) if not c.needs_person), None)
    return Written(
        candidates=tuple(found),
        chosen=chosen,
        maker=used.slug if used else "",
        maker_title=used.title if used else "",
        notes=tuple(dict.fromkeys(notes)),
    )


async def caption(actor: Actor, sheet: CharacterSheet, platform: str, subject: str, *, seed: int = 0) -> Written:
    """A caption for something that exists already (TXT-004): hook, body, call to action, hashtags in the platform's budget."""
    brief = PostBrief(theme=subject[:200], language=sheet.persona.language, seed=seed, **banks.budget(platform))
    return await write_post(actor, sheet, brief)


# --- what is kept ---------------------------------------------------------------------------------------------


async def record(
    session: AsyncSession, actor: Actor, character_id: str, written: Written, brief: PostBrief | None = None
) -> Draft:
    """Keep what was written, candidates and all."""
    actor.require(Right.CREATE)
    draft = Draft(
        workspace_id=actor.workspace_id,
        character_id=character_id,
        brief=brief.model_dump(mode="json", exclude={"avoid"}) if brief else {},
        maker=written.maker,
        notes=list(written.notes),
        chosen=written.chosen,
        candidates=[
            DraftCandidate(workspace_id=actor.workspace_id, position=i, **one.model_dump(mode="json"))
            for i, one in enumerate(written.candidates)
        ],
    )
    session.add(draft)
    await session.flush()
    return draft


async def choose(session: AsyncSession, actor: Actor, draft_id: str, index: int) -> Draft:
    """A person takes one of the candidates, also one that the rules held back: that is what a person is for."""
    actor.require(Right.CREATE)
    draft = await queries.get(session, actor, draft_id)
    if not 0 <= index < len(draft.candidates):
        raise InvalidInput(f"This draft has {len(draft.candidates)} candidates, numbered from 0.", field="index")
    draft.chosen = index
    await session.flush()
    return draft


async def edit(
    session: AsyncSession, actor: Actor, draft_id: str, index: int, *, caption_text: str | None = None,
    tags: list[str] | None = None, alt: str | None = None, poster: PosterWords | None = None,
) -> DraftCandidate:  # fmt: skip
    """A person's own words in place of a candidate's. What is never written is refused here as well."""
    actor.require(Right.CREATE)
    draft = await choose(session, actor, draft_id, index)
    row = draft.candidates[index]
    changed = [caption_text or "", alt or "", *(poster.lines if poster else ()), *(tags or [])]
    safety.refuse(*changed)
    if caption_text is not None:
        row.caption = caption_text
    if tags is not None:
        row.hashtags = tags
    if alt is not None:
        row.alt_text = alt
    if poster is not None:
        row.poster = poster.model_dump(mode="json")
    row.is_edited, row.needs_person, row.source = True, "", f"{row.source} + edited by a person".removeprefix(" + ")
    await session.flush()
    return row
