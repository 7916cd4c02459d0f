"""Regular visits to channels: to listen, to measure, to check. Every channel has a moment of its own in each round."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from ainfluencer.channels import queries, registry
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import database
from ainfluencer.engine import service as engine
from ainfluencer.integrations.manifest import Capability

FIRST_EACH_SECONDS = 10.0  # after a start, the first visits of a kind are spread out, so long for every channel
BATCH = 200  # jobs queued in one transaction


@dataclass(frozen=True, slots=True)
class Visit:
    """A job that is done with every channel every so often; its payload is {"channel_id"}.

    `capability`: only platforms that can do this. `after_posts`: also at the pace at which people react to a post.
    """

    kind: str
    name: str  # in whose name it is done
    seconds: float
    capability: Capability | None = None
    after_posts: bool = False

    def suits(self, platform: str) -> bool:
        """Whether there is anything to do on that platform."""
        return self.capability is None or registry.manifest(platform).can(self.capability)

    def phase(self, channel_id: str) -> float:
        """0..1, the same always: where in a round this channel has its turn."""
        return int.from_bytes(hashlib.sha256(f"{self.kind}:{channel_id}".encode()).digest()[:4]) / 2**32


@dataclass(frozen=True, slots=True)
class Beat:
    """A channel that should be looked at; another `bucket` means: again."""

    channel_id: str
    workspace_id: str
    platform: str
    bucket: str


@dataclass(frozen=True, slots=True)
class _Turn:
    visit: Visit
    beat: Beat
    at: datetime
    priority: int

    @property
    def place(self) -> tuple[str, str, int]:
        return self.visit.kind, self.beat.channel_id, self.priority

    @property
    def key(self) -> str:
        return f"{self.visit.kind}:{self.beat.channel_id}:{self.beat.bucket}"


_DECLARED: dict[str, Visit] = {}
# What this process has queued last; only saves a question, the job's key decides.
_VISITED: dict[tuple[str, str, int], str] = {}


def declare(visit: Visit) -> Visit:
    """Make a visit known; a module does so beside the job that it queues."""
    _DECLARED[visit.kind] = visit
    return visit


async def at_intervals() -> None:
    """Queue the visits whose turn has come, once per channel and interval however many processes ask."""
    now = clock.now()
    async with database().reading() as session:
        known = await queries.list_in_use(session)
    spread = len(known) * FIRST_EACH_SECONDS
    turns = [
        _regular(visit, Beat(channel_id, workspace_id, platform, ""), now, spread)
        for visit in _DECLARED.values()
        for channel_id, workspace_id, platform in known
        if visit.suits(platform)
    ]
    await _queue(turns)


async def after_posts(beats: Sequence[Beat]) -> None:
    """Queue visits to channels that published lately."""
    now = clock.now()
    wanted = [visit for visit in _DECLARED.values() if visit.after_posts]
    await _queue([_Turn(visit, beat, now, 7) for visit in wanted for beat in beats if visit.suits(beat.platform)])


def forget() -> None:
    """As another process would see it: nothing was queued by this one."""
    _VISITED.clear()


def _regular(visit: Visit, beat: Beat, now: datetime, spread: float) -> _Turn:
    phase = visit.phase(beat.channel_id)
    number = int((now.timestamp() - phase * visit.seconds) // visit.seconds)
    is_first = (visit.kind, beat.channel_id, 9) not in _VISITED
    wait = timedelta(seconds=phase * min(spread, visit.seconds) if is_first else 0)
    return _Turn(visit, replace(beat, bucket=str(number)), now + wait, 9)


async def _queue(turns: Iterable[_Turn]) -> None:
    fresh = iter([turn for turn in turns if _VISITED.get(turn.place) != turn.beat.bucket])
    while some := list(islice(fresh, BATCH)):
        async with database().writing() as session:
            for turn in some:
                actor = Actor(turn.beat.workspace_id, Role.MANAGER, name=turn.visit.name, via="job")
                await engine.enqueue(
                    session,
                    actor,
                    turn.visit.kind,
                    {"channel_id": turn.beat.channel_id},
                    key=turn.key,
                    run_at=turn.at,
                    priority=turn.priority,
                    subject=("channel", turn.beat.channel_id),
                )
        _VISITED.update({turn.place: turn.beat.bucket for turn in some})
