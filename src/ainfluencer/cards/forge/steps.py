"""Steps that are done once: what they hand back is kept, so that a killed, cancelled or retried job takes it up again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, cast, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.forge.models import ForgeStep
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import database
from ainfluencer.engine.run import JobRun

KEPT_DAYS = 14


@dataclass(slots=True)
class Spent:
    """What a step used of a maker."""

    maker: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(slots=True)
class Kept:
    """The steps of one piece of work, and what it has used so far; steps taken up again cost nothing a second time."""

    run: JobRun
    thread: str
    price: Callable[[float, float], float | None]
    spent: Spent = field(default_factory=Spent)
    taken_up: int = 0

    async def step(self, name: str, matter: Any, work: Callable[[Spent], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
        """The step's output: the kept one when the same matter was worked on before, else that of `work`, kept at once."""
        await self.run.check()
        digest = hashlib.sha256(json.dumps([name, matter], sort_keys=True, default=str).encode()).hexdigest()
        known = await self._find(digest)
        if known is not None:
            self.taken_up += 1
            self._add(Spent(known.maker, known.prompt_tokens, known.completion_tokens))
            return dict(known.output)
        used, begun = Spent(), time.monotonic()
        try:
            output = await work(used)
        except BaseException:
            self._add(used)
            await self._tell(used)  # what was asked in vain is paid for too
            raise
        await self._keep(name, digest, output, used, time.monotonic() - begun)
        self._add(used)
        await self._tell(used)
        return output

    def _add(self, used: Spent) -> None:
        self.spent.maker = used.maker or self.spent.maker
        self.spent.prompt_tokens += used.prompt_tokens
        self.spent.completion_tokens += used.completion_tokens

    async def _tell(self, used: Spent) -> None:
        if not used.prompt_tokens and not used.completion_tokens:
            return
        amounts = {"prompt_tokens": used.prompt_tokens, "completion_tokens": used.completion_tokens}
        cost = self.price(used.prompt_tokens, used.completion_tokens)
        await self.run.usage(**amounts, **({"cost_cents": round(cost * 100, 4)} if cost is not None else {}))

    async def _find(self, digest: str) -> ForgeStep | None:
        async with database().reading() as session:
            mine = (ForgeStep.workspace_id == self.run.workspace_id, ForgeStep.thread == self.thread)
            return await session.scalar(select(ForgeStep).where(*mine, ForgeStep.digest == digest))

    async def _keep(self, name: str, digest: str, output: dict[str, Any], used: Spent, seconds: float) -> None:
        row = ForgeStep(
            workspace_id=self.run.workspace_id,
            thread=self.thread,
            name=name,
            digest=digest,
            output=output,
            maker=used.maker,
            prompt_tokens=used.prompt_tokens,
            completion_tokens=used.completion_tokens,
            seconds=round(seconds, 3),
        )
        async with database().writing(lasting=False) as session:
            # A job that was tried again twice runs twice at once: what the first one kept stays.
            with suppress(IntegrityError):
                async with session.begin_nested():
                    session.add(row)


async def sweep(session: AsyncSession) -> None:
    """Delete steps that are two weeks old, of every workspace."""
    await session.execute(delete(ForgeStep).where(ForgeStep.created_at < clock.now() - timedelta(days=KEPT_DAYS)))


async def count(session: AsyncSession, actor: Actor) -> tuple[int, int]:
    """How many steps the workspace keeps, and about how many bytes they are."""
    size = func.coalesce(func.sum(func.length(cast(ForgeStep.output, Text))), 0)
    question = select(func.count(), size).where(ForgeStep.workspace_id == actor.workspace_id)
    rows, held = (await session.execute(question)).one()
    return int(rows), int(held)


async def forget(session: AsyncSession, actor: Actor) -> int:
    """Delete every kept step of the workspace: the next retry begins from the start."""
    gone = await session.execute(delete(ForgeStep).where(ForgeStep.workspace_id == actor.workspace_id))
    return int(gone.rowcount)  # type: ignore[attr-defined] # a DELETE answers with a cursor result
