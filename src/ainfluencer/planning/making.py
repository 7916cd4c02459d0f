"""The three long moves of a slot (write, picture, hand over), each between transactions."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.channels import queries as channels
from ainfluencer.channels import service as channel_service
from ainfluencer.characters.schemas import CharacterSheet
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import ProductError
from ainfluencer.db.session import database
from ainfluencer.planning.models import Slot, Week
from ainfluencer.publishing import queries as publishing_queries
from ainfluencer.publishing import service as publishing
from ainfluencer.publishing.models import Post
from ainfluencer.publishing.schemas import NewPost
from ainfluencer.quality import drawing
from ainfluencer.quality.drawing import Drawn
from ainfluencer.studio.schemas import NewRun, PosterRecipe, PosterText
from ainfluencer.writing.schemas import Candidate, PostBrief, PosterWords, Written

MOST_TEXT = 1000  # letters of a caption that still read well; each channel gets what it takes of them
MOST_TAGS = 5
_HEIGHTS = {"story": 1920, "quote": 1350, "list": 1350, "look_board": 1350, "carousel": 1350}
_SQUARE_SHARE = 0.25  # of quotes and lists, so that a feed is not all of one shape


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the post of a slot goes, in which zone it is read, and whether the actor approves it at once."""

    channel_ids: tuple[str, ...]
    timezone: str
    approve: bool
    seed: int

    @classmethod
    def of(cls, week: Week) -> Aim:
        """As the week says."""
        return cls(tuple(week.channel_ids), week.timezone, week.approve_all, week.seed)


def category_of(slot: Slot) -> Literal["story", "post"]:
    """Where the library keeps a picture of that form."""
    return "story" if slot.format == "story" else "post"


@dataclass(frozen=True, slots=True)
class Words:
    """What was written for a slot, and which of it is meant."""

    written: Written
    candidate: Candidate

    @property
    def text(self) -> str:
        """What later slots must not repeat."""
        poster = self.candidate.poster
        return "\n".join((self.candidate.caption, poster.title, poster.body, *poster.items))


async def texts_used(session: AsyncSession, actor: Actor, character_id: str) -> list[str]:
    """Captions of the character's latest posts, so that a week does not repeat the last one."""
    return list(await publishing_queries.recent_captions(session, actor, character_id, limit=30))


async def write(
    actor: Actor, sheet: CharacterSheet, slot: Slot, used: Iterable[str], aim: Aim, *, shows: str = ""
) -> Words:
    """Ask the writer for the widest of the channels; no session is open meanwhile. `shows`: what is on the picture."""
    from ainfluencer.writing import service as writing

    async with database().reading() as session:
        limits = [channel_service.limits(await channels.get(session, actor, i)) for i in aim.channel_ids]
    brief = PostBrief(
        theme=slot.theme,
        angle=f"{slot.angle}. The picture shows: {shows}"[:400] if shows else slot.angle,
        format=slot.format,
        mood=slot.mood,
        day_label=f"{slot.local_day:%A}",
        language=sheet.persona.language,
        max_text=max(40, min(MOST_TEXT, max((one.text or MOST_TEXT for one in limits), default=MOST_TEXT))),
        max_hashtags=min(30, max((MOST_TAGS if one.hashtags is None else one.hashtags for one in limits), default=5)),
        avoid=tuple(used),
        seed=(aim.seed + slot.position * 7919) % 2**31,
    )
    written = await writing.write_post(actor, sheet, brief)
    return Words(written, written.candidates[written.chosen or 0])


async def picture(actor: Actor, sheet: CharacterSheet, slot: Slot, words: Words, aim: Aim) -> Drawn:
    """Make the picture, examine it, and make it anew in another design while it fails."""

    def ask(attempt: int, avoid: Sequence[str]) -> NewRun:
        return NewRun(
            character_id=sheet.id,
            title=words.candidate.poster.title[:120] or slot.theme,
            category=category_of(slot),
            alt_text=words.candidate.alt_text,
            recipe=_recipe(slot, words.candidate.poster, aim.seed, attempt, avoid),
        )

    return await drawing.draw(actor, ask, character_id=sheet.id)


def _recipe(slot: Slot, words: PosterWords, seed: int, attempt: int, avoid: Sequence[str]) -> PosterRecipe:
    seed = (seed + slot.position * 104729 + attempt * 15485863) % 2**31
    dice = random.Random(seed)  # noqa: S311 - variety, not secrecy
    square = slot.format in {"quote", "list"} and dice.random() < _SQUARE_SHARE
    return PosterRecipe(
        **PosterText.cut(**words.model_dump()).model_dump(),
        format=slot.format,
        height=1080 if square else _HEIGHTS.get(slot.format, 1350),
        mood=slot.mood,
        seed=seed,
        avoid_variants=tuple(dict.fromkeys(v for v in avoid if v))[:6],
    )


async def hand_over(
    session: AsyncSession, actor: Actor, sheet: CharacterSheet, slot: Slot, aim: Aim, words: Words, pictured: Drawn
) -> Post:
    """Put the post into review and, where that is wanted and nothing holds it, approve it in the actor's name."""
    from ainfluencer.writing import service as writing

    draft = await writing.record(session, actor, sheet.id, words.written)
    holds = [*pictured.holds, *([words.candidate.needs_person] if words.candidate.needs_person else [])]
    if words.written.chosen is None and not holds:
        holds.append("None of the written candidates passed the rules.")
    post = await publishing.create_post(
        session,
        actor,
        NewPost(
            character_id=sheet.id,
            caption=words.candidate.caption,
            hashtags=words.candidate.hashtags,
            asset_ids=pictured.asset_ids,
            channel_ids=aim.channel_ids,
            adapt=True,
            due_at=slot.due_at,
            timezone=aim.timezone,
            slot_label=f"{slot.local_day:%a %d %b} {slot.local_time}",
            candidates_id=draft.id,
            language=sheet.persona.language,
        ),
    )
    if holds:
        post.problem = {
            "code": "needs_look",
            "detail": " ".join(holds)[:500],
            "next_step": "Read it, choose another candidate or edit it, then approve or reject.",
        }
    if aim.approve and not holds:
        try:
            async with session.begin_nested():
                await publishing.approve(session, actor, post.id, note="Approved with the week")
        except ProductError as refusal:
            await session.refresh(post)
            post.problem = {"code": refusal.reason, "detail": refusal.detail, "next_step": refusal.next_step}
    return post
