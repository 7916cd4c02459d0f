"""How the simulated audience and the other characters react to a post. Seeded by the post, so a wave can be done again."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.characters.schemas import CharacterSheet, Persona, Traits
from ainfluencer.stage import service
from ainfluencer.stage.models import StageAccount, StagePost
from ainfluencer.stage.people import NOTICE, PEOPLE
from ainfluencer.stage.schemas import NewStagePost

# Share of the audience that has come by after each wave: most of it early, as on any feed.
_REACHED = (0.25, 0.5, 0.75, 0.9, 1.0)
_COMMENTS = (1, 2, 1, 1, 0)  # at most this many written per wave


@dataclass(frozen=True, slots=True)
class Plan:
    """Who does what in one wave; account ids in order."""

    likes: tuple[str, ...]
    reposts: tuple[str, ...]
    follows: tuple[str, ...]
    commenters: tuple[str, ...]
    views: int


async def ensure_people(session: AsyncSession, workspace_id: str) -> None:
    """Open the audience's accounts once in a workspace."""
    count = await session.scalar(
        select(func.count()).where(StageAccount.workspace_id == workspace_id, StageAccount.is_audience.is_(True))
    )
    if count:
        return
    taken = set(await session.scalars(select(StageAccount.handle).where(StageAccount.workspace_id == workspace_id)))
    session.add_all(
        StageAccount(
            workspace_id=workspace_id,
            handle=p.handle if p.handle not in taken else f"{p.handle}_audience",
            name=p.name,
            bio=f"{p.about} {NOTICE}",
            is_audience=True,
            temper={"interests": list(p.interests), "warmth": p.warmth, "chatty": p.chatty, "tone": p.tone},
        )
        for p in PEOPLE
    )
    await session.flush()


async def plan(session: AsyncSession, post: StagePost, wave: int) -> Plan:
    """Decide the wave. Audience members lean towards posts that touch their interests; characters greet each other."""
    accounts = (
        await session.scalars(
            select(StageAccount)
            .where(
                StageAccount.workspace_id == post.workspace_id,
                StageAccount.id != post.account_id,
                StageAccount.user_id.is_(None),  # nobody acts for a visitor
            )
            .order_by(StageAccount.id)
        )
    ).all()
    dice = random.Random(f"{post.id}:{wave}")  # noqa: S311 - variety, not secrecy
    everyone = random.Random(post.id)  # noqa: S311 - the same order in every wave
    arrival = sorted(accounts, key=lambda _a: everyone.random())
    first = int(len(arrival) * (_REACHED[wave - 1] if wave else 0))
    here = arrival[first : int(len(arrival) * _REACHED[wave])]
    words = set(re.findall(r"[a-zà-ÿ]{3,}", post.text.lower()))
    likes, reposts, follows, eager = [], [], [], []
    for account in here:
        pull = _pull(account, words)
        if dice.random() < 0.25 + 0.6 * pull:
            likes.append(account.id)
            if dice.random() < 0.08 + 0.15 * pull:
                reposts.append(account.id)
            if dice.random() < 0.15 + 0.2 * pull:
                follows.append(account.id)
        eager.append((_talk(account, words) * dice.uniform(0.6, 1.4), account.id))
    eager.sort(reverse=True)
    chosen = tuple(i for score, i in eager[: _COMMENTS[wave]] if score > 0.35)
    return Plan(tuple(likes), tuple(reposts), tuple(follows), chosen, len(here) + dice.randint(2, 9) * (wave + 1))


def _pull(account: StageAccount, words: set[str]) -> float:
    if not account.is_audience:
        return 0.7
    interests = {str(i) for i in account.temper.get("interests", [])}
    touched = sum(any(w.startswith(i[:5]) for w in words) for i in interests)
    return min(1.0, float(account.temper.get("warmth", 0.5)) * 0.6 + 0.2 * touched)


def _talk(account: StageAccount, words: set[str]) -> float:
    chatty = float(account.temper.get("chatty", 0.55)) if account.is_audience else 0.6
    return chatty * (0.6 + 0.4 * _pull(account, words))


def voice_of(account: StageAccount) -> CharacterSheet:
    """An audience member as a character sheet, so that the same writer speaks for them."""
    warmth = float(account.temper.get("warmth", 0.5))
    return CharacterSheet(
        id=account.id,
        workspace_id=account.workspace_id,
        name=account.name,
        handle=account.handle,
        bio=account.bio,
        interests=tuple(str(i) for i in account.temper.get("interests", [])),
        persona=Persona(
            traits=Traits(extroversion=float(account.temper.get("chatty", 0.5)), humor=0.5, authenticity=warmth),
            content_tone=str(account.temper.get("tone", "warm")),
            topics=tuple(str(i) for i in account.temper.get("interests", [])),
        ),
    )


async def carry_out(session: AsyncSession, post: StagePost, wanted: Plan, comments: dict[str, str], wave: int) -> int:
    """Write the wave down; doing it twice changes nothing but the views. Returns how many reactions were new."""
    new = 0
    accounts = {
        a.id: a
        for a in await session.scalars(
            select(StageAccount).where(StageAccount.id.in_({*wanted.likes, *wanted.follows, *comments}))
        )
    }
    for kind, ids in (("like", wanted.likes), ("repost", wanted.reposts)):
        for account_id in ids:
            new += await service.react(session, accounts[account_id], post.id, kind)
    for account_id in wanted.follows:
        new += await service.follow(session, accounts[account_id], post.account_id)
    for account_id, text in comments.items():
        _made, is_new = await service.post(
            session,
            accounts[account_id],
            f"comment:{post.id}:{wave}",
            NewStagePost(text=text[:300], in_reply_to=post.id, ai_made=True),
        )
        new += is_new
    post.views += wanted.views
    return new
