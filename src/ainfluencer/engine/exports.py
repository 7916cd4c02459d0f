"""A job with everything that is known of it, as JSON, YAML or CSV; and downloads of its result."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core.actor import Actor
from ainfluencer.engine import jobs
from ainfluencer.engine.errors import FormatUnavailable, NoResult, NotFinished
from ainfluencer.engine.models import Job, JobLog, JobState
from ainfluencer.engine.schemas import JobView, LogView

MIMES = {"json": "application/json", "yaml": "application/yaml", "csv": "text/csv; charset=utf-8"}


def result_of(job: Job) -> dict[str, Any]:
    """The result, or `NotFinished` / `NoResult` (both 400)."""
    if job.state != JobState.COMPLETED:
        raise NotFinished(f"The job is not completed yet: it is {job.state}.")
    if job.result is None:
        raise NoResult("The job was completed, and no result is available.")
    return job.result


def formats_of(job: Job) -> list[str]:
    """Names of the formats that the job can be downloaded in."""
    return ["json", *jobs.formats_of(job.kind)]


async def download(session: AsyncSession, actor: Actor, job: Job, name: str) -> tuple[bytes, str, str]:
    """The result in that format, made in memory: (bytes, mime, file name). `FormatUnavailable` names what there is."""
    if name not in formats_of(job):
        raise FormatUnavailable(
            f"A job of the kind {job.kind} cannot be downloaded as “{name[:40]}”.",
            f"Available: {', '.join(formats_of(job))}.",
        )
    result = result_of(job)
    made = jobs.formats_of(job.kind).get(name)
    stem = f"{job.kind.replace('.', '-')}-{job.id}"
    if made is None:
        return (
            json.dumps(result, ensure_ascii=False, indent=2).encode("utf-8", "replace"),
            "application/json",
            f"{stem}.json",
        )
    suffix = made.suffix if isinstance(made.suffix, str) else made.suffix(job)
    return await made.make(session, actor, job), made.mime, f"{stem}{suffix}"


def export(job: Job, lines: Sequence[JobLog], form: str) -> bytes:
    """The job, its timings, usage, configuration, result and log. `form`: json, yaml or csv."""
    if form not in MIMES:
        raise FormatUnavailable(f"There is no export as “{form[:40]}”.", f"Available: {', '.join(MIMES)}.")
    if form == "csv":
        return _csv(job, lines)
    whole = _whole(job, lines)
    if form == "json":
        return json.dumps(whole, ensure_ascii=False, indent=2).encode("utf-8", "replace")
    out = io.StringIO()
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.dump(whole, out)
    return out.getvalue().encode("utf-8", "replace")


def _whole(job: Job, lines: Sequence[JobLog]) -> dict[str, Any]:
    view = JobView.of(job).model_dump(mode="json")
    waited = (job.started_at - job.created_at).total_seconds() if job.started_at else None
    return {
        "job": view,
        "metrics": {"waited_seconds": waited, "run_seconds": view["seconds"], **job.usage},
        "debug": {
            "payload": job.payload,
            "worker": job.worker,
            "rev": job.rev,
            "attempt": job.attempt,
            "failures": job.failures,
            "crashes": job.crashes,
            "partition": job.partition,
        },
        "result": job.result,
        "logs": [LogView.of(line).model_dump(mode="json") for line in lines],
    }


def _csv(job: Job, lines: Sequence[JobLog]) -> bytes:
    """One table: the job's fields as rows of the section "job", then metrics, debug, and one row per log line."""
    whole = _whole(job, lines)
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["section", "name", "value", "at", "level"])
    for section in ("job", "metrics", "debug"):
        for name, value in whole[section].items():
            table.writerow([section, name, _cell(value), "", ""])
    table.writerow(["result", "", _cell(whole["result"]), "", ""])
    for line in whole["logs"]:
        table.writerow(["log", line["number"], _cell(line["message"]), line["at"], line["level"]])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    """A cell that no spreadsheet runs as a formula."""
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text[:1] in {"=", "+", "@", "\t", "\r"} or (text[:1] == "-" and not _is_number(text)) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
