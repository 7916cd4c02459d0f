"""The nine job endpoints of every kind of job, and the stream of news."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import structlog
from fastapi import Query, Response, status
from fastapi.responses import StreamingResponse

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import NotFound
from ainfluencer.db.session import database
from ainfluencer.engine import events, exports, queries, service
from ainfluencer.engine.models import TERMINAL, JobState
from ainfluencer.engine.queries import JobFilter
from ainfluencer.engine.schemas import JobAnswer, JobDetail, JobPage, JobView, LogPage, LogView, ResultAnswer
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2", tags=["jobs"])
log = structlog.get_logger("engine")

MANY_JOBS = 1000
KEEP_ALIVE_SECONDS = 15.0
_STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get("/jobs")
async def list_jobs(
    session: Read,
    actor: Who,
    kind: str = "",
    state: Annotated[list[JobState] | None, Query()] = None,
    subject: Annotated[str, Query(description="kind:id, or only the kind")] = "",
    background: Annotated[bool, Query(description="also work that happens by itself and often")] = False,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JobPage:
    """Jobs, newest first. Background work is left out unless it, its kind or its subject is asked for."""
    about, _, subject_id = subject.partition(":")
    wanted = JobFilter(kind=kind, states=tuple(state or ()), subject=(about, subject_id), background=background)
    page = await queries.list_jobs(session, actor, wanted, cursor=cursor, limit=limit)
    if not cursor and page.next_cursor and (count := await queries.count_jobs(session, actor)) > MANY_JOBS:
        log.warning("many jobs are kept", workspace=actor.workspace_id, count=count)
    return JobPage(items=[JobView.of(job) for job in page.items], next_cursor=page.next_cursor or None)


@router.get("/jobs/{job_id}")
async def show_job(job_id: str, session: Read, actor: Who) -> JobDetail:
    """One job, with progress, usage, timings and the first lines of its log."""
    job = await queries.get(session, actor, job_id)
    lines = await queries.list_logs(session, actor, job_id, limit=200)
    return JobDetail(job=JobView.of(job), logs=[LogView.of(line) for line in lines.items])


@router.post("/jobs/{job_id}/cancel")
async def cancel_job(job_id: str, session: Write, actor: Who) -> JobAnswer:
    """Cancel, atomically: 404 unknown, 409 not cancellable."""
    return JobAnswer(job=JobView.of(await service.cancel(session, actor, job_id)))


@router.get("/jobs/{job_id}/result")
async def job_result(job_id: str, session: Read, actor: Who) -> ResultAnswer:
    """The result of a completed job; 400 while there is none."""
    job = await queries.get(session, actor, job_id)
    return ResultAnswer(job_id=job.id, result=exports.result_of(job))


@router.delete("/jobs/{job_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_job(job_id: str, session: Write, actor: Who) -> None:
    """Delete a job that has ended."""
    await service.delete(session, actor, job_id)


@router.post("/jobs/{job_id}/retry", status_code=status.HTTP_201_CREATED)
async def retry_job(job_id: str, session: Write, actor: Who) -> JobAnswer:
    """A new job with the same configuration."""
    return JobAnswer(job=JobView.of(await service.retry(session, actor, job_id)))


@router.get("/jobs/{job_id}/logs", response_model=LogPage)
async def job_logs(
    job_id: str,
    session: Read,
    actor: Who,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    follow: Annotated[bool, Query(description="answer as server-sent events, until the job ends")] = False,
) -> LogPage | Response:
    """The log, oldest first; with `follow` as a live stream."""
    job = await queries.get(session, actor, job_id)
    if follow:
        await queries.list_logs(session, actor, job_id, cursor=cursor, limit=1)  # refuses what is no cursor
        return StreamingResponse(
            _follow(actor, job.id, cursor), media_type="text/event-stream", headers=_STREAM_HEADERS
        )
    page = await queries.list_logs(session, actor, job_id, cursor=cursor, limit=limit)
    items = [LogView.of(line) for line in page.items]
    more = page.next_cursor if len(items) == limit else None
    return LogPage(items=items, next_cursor=more, cursor=page.next_cursor, state=job.state)


@router.get("/jobs/{job_id}/download/{form}")
async def download_job(job_id: str, form: str, session: Read, actor: Who) -> Response:
    """The result as a file: json for every kind, more where the kind has more; 400 names what there is."""
    job = await queries.get(session, actor, job_id)
    data, mime, name = await exports.download(session, actor, job, form)
    return Response(data, media_type=mime, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/jobs/{job_id}/export")
async def export_job(
    job_id: str, session: Read, actor: Who, form: Annotated[str, Query(alias="format")] = "json"
) -> Response:
    """Everything that is known of the job, with timings, usage and debug data: json, yaml or csv."""
    job = await queries.get(session, actor, job_id)
    data = await asyncio.to_thread(exports.export, job, await queries.every_log(session, actor, job_id), form)
    head = {"Content-Disposition": f'attachment; filename="job-{job.id}.{form}"'}
    return Response(data, media_type=exports.MIMES[form], headers=head)


@router.get("/events", tags=["events"])
async def stream_events(
    actor: Who, topics: Annotated[str, Query(description="names separated by commas; job:* for every job")] = ""
) -> StreamingResponse:
    """News of the workspace as server-sent events; ends when the server stops."""
    actor.require(Right.READ)
    wanted = frozenset(name for name in topics.split(",") if name)
    return StreamingResponse(
        _stream(actor.workspace_id, wanted), media_type="text/event-stream", headers=_STREAM_HEADERS
    )


async def _stream(workspace_id: str, topics: frozenset[str]) -> AsyncIterator[str]:
    async with events.subscribe(workspace_id, topics) as subscription:
        yield "retry: 2000\n\n"  # once this is read, nothing that happens is missed
        while True:
            try:
                news = await subscription.next(KEEP_ALIVE_SECONDS)
            except events.Closed:
                return
            yield _event(news.topic, news.data) if news else ": still here\n\n"


async def _follow(actor: Actor, job_id: str, cursor: str) -> AsyncIterator[str]:
    """The log from `cursor` on, read from the rows whenever there is news, until the job has ended."""
    topics = frozenset({f"job:{job_id}", f"job:{job_id}:log"})
    async with events.subscribe(actor.workspace_id, topics) as subscription:
        while True:
            try:
                async with database().reading() as session:
                    job = await queries.get(session, actor, job_id)
                    page = await queries.list_logs(session, actor, job_id, cursor=cursor, limit=1000)
            except NotFound:  # deleted meanwhile
                yield _event("end", {"id": job_id, "state": "deleted"})
                return
            cursor = page.next_cursor
            for line in page.items:
                yield _event("log", LogView.of(line).model_dump(mode="json"))
            if job.state in TERMINAL and not page.items:
                yield _event("end", {"id": job.id, "state": str(job.state)})
                return
            if page.items:
                continue
            try:
                if await subscription.next(KEEP_ALIVE_SECONDS) is None:
                    yield ": still here\n\n"
            except events.Closed:
                return


def _event(topic: str, data: dict[str, Any]) -> str:
    return f"event: {topic}\ndata: {json.dumps(data, default=str, ensure_ascii=False)}\n\n"
