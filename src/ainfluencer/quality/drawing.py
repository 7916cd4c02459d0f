"""Makes a picture, and makes it anew in another design while the checks object to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ainfluencer.core.actor import Actor
from ainfluencer.db.session import database
from ainfluencer.quality import service
from ainfluencer.studio import queries as studio_queries
from ainfluencer.studio import service as studio
from ainfluencer.studio.models import Rating
from ainfluencer.studio.schemas import NewRun

TRIES = 3  # pictures made before a person gets the last one as it is


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was made. `holds` says why a person must look, empty when nothing does."""

    run_id: str
    asset_ids: tuple[str, ...]
    holds: tuple[str, ...]


async def draw(
    actor: Actor,
    ask: Callable[[int, Sequence[str]], NewRun],
    *,
    character_id: str | None,
    redraws: Sequence[str] = (),
    first_run_id: str = "",
) -> Drawn:
    """Make the picture and examine it, at most `TRIES` times. No transaction is open while drawing or looking.

    `ask(attempt, avoid)` says what to make at attempt 0, 1, 2 and which layouts were used lately. `first_run_id`: a run
    that was recorded before; asked for again after a crash it is not made twice.
    """
    avoid: list[str] = []
    drawn = Drawn("", (), ())
    for attempt in range(TRIES):
        run_id = first_run_id if attempt == 0 else ""
        if not run_id:
            async with database().writing() as session:
                avoid += await studio_queries.recent_variants(session, actor, character_id) if character_id else []
                run = await studio.start(session, actor, ask(attempt, avoid), enqueue=False, redraws=redraws)
                run_id = run.id
        assets = await studio.execute(actor, run_id)
        reports = await service.assess(actor, [a.id for a in assets])
        holds = tuple(f.message for r in reports for f in r.failures)
        holds += tuple("; ".join(r.rated.reasons) for r in reports if r.rated.rating == Rating.ADULT)
        drawn = Drawn(run_id, tuple(a.id for a in assets), holds)
        if not holds:
            break
        avoid = [str(a.recipe.get("variant", "")) for a in assets]
    return drawn
