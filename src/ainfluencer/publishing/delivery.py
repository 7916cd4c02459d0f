"""Delivers one variant to one channel, once."""

# The steps, and why a crash between any two of them does no harm:
# look    what the rows say now (never what the job was told): cancelled, late, changed, under way?
# begin   the attempt is committed BEFORE the call; from here on "it may be there"
# call    outside, no transaction; a lost answer leaves the delivery "sending"
# record  the outcome is committed; a crash before this is settled by asking the platform, never by sending again

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, update

from ainfluencer.channels import registry
from ainfluencer.channels import service as channels
from ainfluencer.channels.errors import NotUsable
from ainfluencer.core import clock
from ainfluencer.core.config import settings
from ainfluencer.core.errors import OutcomeUnknown, ProductError
from ainfluencer.db.session import database
from ainfluencer.engine import policy
from ainfluencer.engine.jobs import JobRun, Later
from ainfluencer.engine.policy import Action
from ainfluencer.integrations.manifest import Capability, Manifest
from ainfluencer.integrations.outcomes import CannotTell, NotThere, Pending, Published
from ainfluencer.integrations.values import Link
from ainfluencer.publishing import looking, queries
from ainfluencer.publishing.delivery_states import DeliveryState
from ainfluencer.publishing.looking import Seen
from ainfluencer.publishing.models import Attempt, AttemptOutcome, Delivery
from ainfluencer.publishing.post_states import PostState
from ainfluencer.publishing.service import records, standing, withdrawing

FROZEN_SECONDS = 10  # longer between begin and call means that the process stood still: ask instead of sending
CLOCK_STEP = timedelta(minutes=1)  # an instant further ahead than this was written by a clock that was set back since
KEY_HOLDS = timedelta(minutes=30)  # platforms keep idempotency keys for an hour at least (Mastodon: 1 h)
MOST_SETTLES = 8
MOST_ATTEMPTS = 6
PENDING_SECONDS = 5
PENDING_AT_MOST = timedelta(hours=1)

Answer = Published | Pending

_DELIVERIES = cast("Table", Delivery.__table__)
_ATTEMPTS = cast("Table", Attempt.__table__)
_BEGIN = _DELIVERIES.update().where(
    _DELIVERIES.c.id == bindparam("its_id"),
    _DELIVERIES.c.rev == bindparam("its_rev"),
    _DELIVERIES.c.attempt == bindparam("its_attempt"),
    _DELIVERIES.c.state == DeliveryState.SCHEDULED,
)
_ATTEMPT = _ATTEMPTS.insert().inline()
_END_ATTEMPT = _ATTEMPTS.update().where(
    _ATTEMPTS.c.delivery_id == bindparam("its_delivery"), _ATTEMPTS.c.number == bindparam("its_number")
)


async def deliver(run: JobRun) -> dict[str, Any]:
    """The job "publishing.deliver": payload {delivery_id, rev}. Started again from here after a crash."""
    delivery_id, rev = run.payload["delivery_id"], run.payload["rev"]
    seen = await looking.look(run, delivery_id, rev)
    if isinstance(seen, Seen) and seen.state is DeliveryState.SENDING:
        await _settle(run, seen)
        seen = await looking.look(run, delivery_id, rev)  # it may be too late by now, or taken back
    if isinstance(seen, str):
        return {"state": seen}
    if seen.state is DeliveryState.SENDING:
        return await _send_again(run, seen)
    return await _send(run, seen)


async def _send(run: JobRun, seen: Seen) -> dict[str, Any]:
    try:
        parcel = await looking.parcel(seen)
        link = await channels.open_link(run.actor, seen.channel_id, seen=seen.channel)
    except ProductError as error:  # nothing was sent yet
        return await refused(run, seen, error)
    number = await begin(run, seen)
    if number is None:
        return {"state": "superseded"}
    begun = clock.now()
    try:
        answer = await call(seen, link, parcel, begun)
    except OutcomeUnknown as error:
        await _unknown(seen, number, error)
        raise Later.in_(settings().settle_seconds, "The answer was lost; asking the platform what happened.") from None
    except ProductError as error:
        return await refused(run, seen, error, number=number)
    return await record(run, seen, answer, number=number)


async def _send_again(run: JobRun, seen: Seen) -> dict[str, Any]:
    """Settling found that the same key may be used again: the platform itself refuses a second post."""
    async with database().writing() as session:
        await session.execute(
            update(Delivery)
            .where(Delivery.id == seen.id, Delivery.state == DeliveryState.SENDING, Delivery.attempt == seen.attempt)
            .values(state=DeliveryState.SCHEDULED)
        )
    return await _send(run, seen)


async def begin(run: JobRun, seen: Seen) -> int | None:
    """Commit that an attempt begins; its number, or None when the delivery was moved, taken back or taken over."""
    now = clock.now()
    async with database().writing(brief=True) as session:
        post = await queries.get(session, run.actor, seen.post_id, lock=True)
        changed = await session.execute(
            _BEGIN,
            {
                "its_id": seen.id,
                "its_rev": seen.rev,
                "its_attempt": seen.attempt,
                "state": DeliveryState.SENDING,
                "attempt": seen.attempt + 1,
                "started_at": seen.started_at,
                "sent_at": now,
                "token": "",
            },
        )
        if not changed.rowcount:  # type: ignore[attr-defined] # an UPDATE answers with a cursor result
            return None
        number = seen.attempt + 1
        await session.execute(
            _ATTEMPT,
            {
                "workspace_id": run.workspace_id,
                "delivery_id": seen.id,
                "number": number,
                "at": now,
                "worker": run.id,
                "content_hash": seen.content_hash,
            },
        )
        await standing.refresh(session, post)
    return number


async def call(seen: Seen, link: Link, parcel: Any, begun: datetime) -> Answer:
    """The one call outside. Raises `OutcomeUnknown` when it may have had its effect."""
    if abs(clock.now() - begun) > timedelta(seconds=FROZEN_SECONDS):
        raise OutcomeUnknown(seen.platform, "This machine stood still, or its clock was set, just before the call.")
    return await registry.adapter(seen.platform).publish(link, parcel)


async def record(run: JobRun, seen: Seen, answer: Answer, *, number: int) -> dict[str, Any]:
    """Commit what the platform answered."""
    if isinstance(answer, Pending):
        await _pending(seen, number, answer)
        raise Later.in_(PENDING_SECONDS, answer.message or "The platform is working on it.")
    result = {"state": "published", "remote_id": answer.remote_id, "url": answer.url}
    async with database().writing(brief=True) as session:
        delivery = await queries.get_delivery(session, run.actor, seen.id, lock=True)
        await _end_attempt(session, seen, number, AttemptOutcome.PUBLISHED, remote_id=answer.remote_id)
        if delivery.state == DeliveryState.SENDING:
            post = await records.published(
                session,
                run.actor,
                delivery,
                remote_id=answer.remote_id,
                url=answer.url,
                at=clock.now(),
                declared=dict(answer.declared),
                known=(seen.whole, seen.approved_by),
            )
            await channels.note_use(session, run.actor, seen.channel_id)
            if post.state == PostState.WITHDRAWN:
                await withdrawing.begin(session, run.actor, delivery)
        await run.complete(session, result)
    return result


async def refused(run: JobRun, seen: Seen, error: ProductError, *, number: int = 0) -> dict[str, Any]:
    """Nothing is there, and it is known: try again, wait for the owner, or stop, as the policy says."""
    decision = policy.decide(error, seen.failures + 1)
    problem = policy.describe(error)
    async with database().writing() as session:
        delivery = await queries.get_delivery(session, run.actor, seen.id, lock=True)
        if number:
            await _end_attempt(session, seen, number, AttemptOutcome.REFUSED, error=problem)
        if delivery.rev != seen.rev or delivery.state not in {DeliveryState.SENDING, DeliveryState.SCHEDULED}:
            return {"state": "superseded"}
        delivery.failures += 1
        if not isinstance(error, NotUsable):
            await channels.note_failure(session, run.actor, seen.channel_id, error)
        if decision.action is Action.RETRY:
            delivery.state, delivery.last_error = DeliveryState.SCHEDULED, problem
            await looking.refresh_post(session, run, seen)
        elif decision.action is Action.PAUSE or isinstance(error, NotUsable):
            await records.stopped(session, run.actor, delivery, DeliveryState.NEEDS_PERSON, problem)
        else:
            await records.stopped(session, run.actor, delivery, DeliveryState.FAILED, problem)
    if decision.action is Action.RETRY and decision.at is not None:
        raise Later(decision.at, problem["detail"])
    return {"state": str(delivery.state), "error": problem}


async def _unknown(seen: Seen, number: int, error: OutcomeUnknown) -> None:
    async with database().writing() as session:
        await _end_attempt(session, seen, number, AttemptOutcome.UNKNOWN, error=policy.describe(error))


async def _pending(seen: Seen, number: int, answer: Pending) -> None:
    """The token is kept before anything else is done: it finishes this post instead of beginning another."""
    async with database().writing() as session:
        await _end_attempt(session, seen, number, AttemptOutcome.PENDING)
        await session.execute(
            update(Delivery)
            .where(Delivery.id == seen.id, Delivery.attempt == number, Delivery.state == DeliveryState.SENDING)
            .values(token=answer.token)
        )


async def _end_attempt(
    session: Any, seen: Seen, number: int, outcome: AttemptOutcome, *, error: Any = None, remote_id: str = ""
) -> None:
    values = {"outcome": outcome, "ended_at": clock.now(), "error": error, "remote_id": remote_id[:500]}
    await session.execute(_END_ATTEMPT, {"its_delivery": seen.id, "its_number": number, **values})


# -- settling: asking what became of an attempt --


async def _settle(run: JobRun, seen: Seen) -> None:
    """Find out what became of the last attempt. Returns when it may be looked at again; raises `Later` to wait."""
    manifest = registry.manifest(seen.platform)
    ready = (seen.sent_at or clock.now()) + timedelta(seconds=settings().settle_seconds)
    if not seen.token and clock.now() < ready and not _was_set_back(seen):
        raise Later(ready, "Waiting until a slow answer would have had its effect.")
    if not manifest.can(Capability.SETTLE):
        await _cannot_ask(run, seen, manifest, f"{manifest.title} cannot be asked what became of a post.")
        return
    try:
        parcel = await looking.parcel(seen)
        link = await channels.open_link(run.actor, seen.channel_id, seen=seen.channel)
        found = await ask(seen, link, parcel)
    except ProductError as error:
        await _asking_failed(run, seen, error)
        return
    await _found(run, seen, found, manifest)


async def _found(run: JobRun, seen: Seen, found: Any, manifest: Manifest) -> None:
    """Act on what the platform said about the last attempt."""
    match found:
        case Published() if await _is_another(run, seen, found):
            await _cannot_ask(run, seen, manifest, "The post with these words that is there is another one.")
        case Published():
            await record(run, seen, found, number=seen.attempt)
        case Pending():
            if clock.now() - (seen.sent_at or clock.now()) > PENDING_AT_MOST:
                await _to_person(run, seen, f"{manifest.title} has been working on it for more than an hour.")
                return
            await _pending(seen, seen.attempt, found)
            raise Later.in_(PENDING_SECONDS, found.message or "The platform is working on it.")
        case NotThere() if _was_set_back(seen):
            why = "The clock of this machine was set back since, so the time of the call is not known."
            await _cannot_ask(run, seen, manifest, why)
        case NotThere():
            await _not_there(run, seen)
        case CannotTell():
            await _cannot_ask(run, seen, manifest, found.reason)


async def ask(seen: Seen, link: Link, parcel: Any) -> Any:
    """Only asks (and finishes what is pending at most once)."""
    adapter = registry.require(seen.platform, Capability.SETTLE)
    return await adapter.settle(link, parcel, seen.token, _since(seen))


def _was_set_back(seen: Seen) -> bool:
    """Whether the call is later than the present: then nobody knows when it really was."""
    return seen.sent_at is not None and seen.sent_at > clock.now() + CLOCK_STEP


def _since(seen: Seen) -> datetime:
    """The first instant at which the platform may have got it."""
    first = min(seen.started_at, seen.sent_at or seen.started_at)
    return min(first, seen.whole.post.created_at, clock.now()) if _was_set_back(seen) else first


async def _is_another(run: JobRun, seen: Seen, found: Published) -> bool:
    """Whether what the platform found by its words is known already as the outcome of another delivery."""
    if not found.remote_id:
        return False
    async with database().reading() as session:
        known = await queries.find_by_remote(session, run.actor, seen.channel_id, found.remote_id)
    return known is not None and known.id != seen.id


async def _not_there(run: JobRun, seen: Seen) -> None:
    if seen.attempt >= MOST_ATTEMPTS:
        await _to_person(run, seen, f"It was sent {seen.attempt} times and never arrived.")
        return
    async with database().writing() as session:
        await _end_attempt(session, seen, seen.attempt, AttemptOutcome.NOT_THERE)
        await session.execute(
            update(Delivery)
            .where(Delivery.id == seen.id, Delivery.attempt == seen.attempt, Delivery.state == DeliveryState.SENDING)
            .values(state=DeliveryState.SCHEDULED, token="", settles=0)
        )


async def _cannot_ask(run: JobRun, seen: Seen, manifest: Manifest, reason: str) -> None:
    """A platform that keeps our key tells a second call from a first by itself; any other needs a person."""
    key_holds = manifest.idempotent and -CLOCK_STEP < clock.now() - seen.started_at < KEY_HOLDS
    if not key_holds or seen.attempt >= MOST_ATTEMPTS:
        await _to_person(run, seen, reason)


async def _asking_failed(run: JobRun, seen: Seen, error: ProductError) -> None:
    decision = policy.decide(error, seen.settles + 1)
    async with database().writing() as session:
        await session.execute(update(Delivery).where(Delivery.id == seen.id).values(settles=Delivery.settles + 1))
        if not isinstance(error, NotUsable):
            await channels.note_failure(session, run.actor, seen.channel_id, error)
    if decision.at is not None and seen.settles + 1 < MOST_SETTLES:
        raise Later(decision.at, f"The platform could not be asked yet: {error.detail}")
    await _to_person(run, seen, error.detail)


async def _to_person(run: JobRun, seen: Seen, reason: str) -> None:
    problem = {
        "code": "outcome_unknown",
        "detail": f"Nobody can tell whether this post is public: its answer was lost. {reason}",
        "next_step": "Look at the account. Then say “it is there” with its link, or “send again”.",
    }
    async with database().writing() as session:
        delivery = await queries.get_delivery(session, run.actor, seen.id, lock=True)
        if delivery.state == DeliveryState.SENDING and delivery.attempt == seen.attempt:
            await records.stopped(session, run.actor, delivery, DeliveryState.NEEDS_PERSON, problem, is_unknown=True)
