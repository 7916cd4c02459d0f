"""The three long moves of a slot (write, picture, hand over), each between transactions."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

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
from ainfluencer.quality import service as quality
from ainfluencer.studio import queries as studio_queries
from ainfluencer.studio import service as studio
from ainfluencer.studio.models import Rating
from ainfluencer.studio.schemas import NewRun, PosterRecipe
from ainfluencer.writing import service as writing
from ainfluencer.writing.schemas import Candidate, PostBrief, PosterWords, Written

TRIES = 3  # pictures made before a slot is handed to a person as it is
_HEIGHTS = {"story": 1920, "quote": 1350, "list": 1350, "look_board": 1350, "carousel": 1350}
_SQUARE_SHARE = 0.25  # of quotes and lists, so that a feed is not all of one shape


@dataclass(frozen=True, slots=True)
class Words:
    """What was written for a slot, and which of it is meant."""

    written: Written
    candidate: Candidate

    @property
    def text(self) -> str:
        """What later slots must not repeat."""
        return "\n".join((self.candidate.caption, self.candidate.poster.title, *self.candidate.poster.items))


@dataclass(frozen=True, slots=True)
class Pictured:
    """What was made for a slot. `holds` says why a person must look, empty when nothing does."""

    run_id: str
    asset_ids: tuple[str, ...]
    holds: tuple[str, ...]


async def texts_used(session: AsyncSession, actor: Actor, character_id: str) -> list[str]:
    """Captions of the character's latest posts, so that a week does not repeat the last one."""
    return list(await publishing_queries.recent_captions(session, actor, character_id, limit=30))


async def write(actor: Actor, sheet: CharacterSheet, slot: Slot, used: Iterable[str], week: Week) -> Words:
    """Ask the writer; no session is open meanwhile."""
    async with database().reading() as session:
        limits = [channel_service.limits(await channels.get(session, actor, i)) for i in week.channel_ids]
    brief = PostBrief(
        theme=slot.theme,
        angle=slot.angle,
        format=slot.format,
        mood=slot.mood,
        day_label=f"{slot.local_day:%A}",
        language=sheet.persona.language,
        max_text=max(40, min((one.text for one in limits if one.text), default=2200)),
        max_hashtags=min((one.hashtags for one in limits if one.hashtags is not None), default=5),
        avoid=tuple(used),
        seed=(week.seed + slot.position * 7919) % 2**31,
    )
    written = await writing.write_post(actor, sheet, brief)
    return Words(written, written.candidates[written.chosen or 0])


async def picture(actor: Actor, sheet: CharacterSheet, slot: Slot, words: Words, week: Week) -> Pictured:
    """Make the picture, examine it, and make it anew in another design while it fails."""
    holds: tuple[str, ...] = ()
    avoid: list[str] = []
    for attempt in range(TRIES):
        async with database().writing() as session:
            avoid += await studio_queries.recent_variants(session, actor, sheet.id)
            recipe = _recipe(slot, words.candidate.poster, week, attempt, avoid)
            new = NewRun(
                character_id=sheet.id,
                title=words.candidate.poster.title[:120] or slot.theme,
                category="story" if slot.format == "story" else "post",
                alt_text=words.candidate.alt_text,
                recipe=recipe,
            )
            run = await studio.start(session, actor, new, enqueue=False)
        assets = await studio.execute(actor, run.id)
        reports = await quality.assess(actor, [a.id for a in assets])
        holds = tuple(f.message for r in reports for f in r.failures)
        holds += tuple("; ".join(r.rated.reasons) for r in reports if r.rated.rating == Rating.ADULT)
        if not holds:
            break
        avoid = [str(a.recipe.get("variant", "")) for a in assets]
    return Pictured(run.id, tuple(a.id for a in assets), holds)


def _recipe(slot: Slot, words: PosterWords, week: Week, attempt: int, avoid: list[str]) -> PosterRecipe:
    seed = (week.seed + slot.position * 104729 + attempt * 15485863) % 2**31
    dice = random.Random(seed)  # noqa: S311 - variety, not secrecy
    square = slot.format in {"quote", "list"} and dice.random() < _SQUARE_SHARE
    return PosterRecipe(
        format=slot.format,
        height=1080 if square else _HEIGHTS.get(slot.format, 1350),
        title=words.title[:600],
        body=words.body[:1200],
        items=words.items[:8],
        kicker=words.kicker[:120],
        attribution=words.attribution[:120],
        mood=slot.mood,
        seed=seed,
        avoid_variants=tuple(dict.fromkeys(v for v in avoid if v))[:6],
    )


async def hand_over(
    session: AsyncSession, actor: Actor, sheet: CharacterSheet, slot: Slot, week: Week, words: Words, pictured: Pictured
) -> Post:
    """Put the post into review and, where the week says so and nothing holds it, approve it in the actor's name."""
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
            channel_ids=tuple(week.channel_ids),
            due_at=slot.due_at,
            timezone=week.timezone,
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
    if week.approve_all and not holds:
        try:
            async with session.begin_nested():
                await publishing.approve(session, actor, post.id, note="Approved with the week")
        except ProductError as refusal:
            await session.refresh(post)
            post.problem = {"code": refusal.reason, "detail": refusal.detail, "next_step": refusal.next_step}
    return post
