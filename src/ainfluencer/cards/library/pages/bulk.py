"""Adding files and doing one thing with many cards; the jobs of both have pages that say what became of each card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from fastapi import File, Form, Request, UploadFile
from starlette.responses import Response

from ainfluencer.cards import service
from ainfluencer.cards.library import arranging, exporting, importing
from ainfluencer.cards.library.api.many import put_down
from ainfluencer.cards.library.keeping import OnSame
from ainfluencer.cards.library.schemas import AT_ONCE, Bulk, Exporting
from ainfluencer.cards.models import CardImport
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.db.session import database
from ainfluencer.engine import exports as job_files
from ainfluencer.engine import queries as jobs
from ainfluencer.engine import service as engine
from ainfluencer.engine.models import Job
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import understood
from ainfluencer.web.filters import plural
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

MOST_FIELDS = 21_000
"""Of one form: a list of cards that was scrolled far has a box for each."""

_SHOWN = 500


@dataclass(frozen=True, slots=True)
class ImportPage:
    """How far an import is, and what became of each file."""

    job: Job
    counts: dict[str, int]
    files: tuple[CardImport, ...]
    total: int  # of those that are done; `files` are the first of them
    template: ClassVar[str] = "cards/imports.html"
    region: ClassVar[str] = "progress"


@dataclass(frozen=True, slots=True)
class ExportPage:
    """How far a packing is, the zip, and what it lost."""

    job: Job
    result: dict[str, Any]
    template: ClassVar[str] = "cards/exports.html"
    region: ClassVar[str] = "progress"


@router.post("/cards/imports")
async def bring(
    request: Request,
    actor: Who,
    files: Annotated[list[UploadFile], File(default_factory=list)],
    on_same: Annotated[OnSame, Form()] = OnSame.SKIP,
) -> Response:
    """Import files as a job; a single card is taken in at once."""
    actor.require(Right.CREATE)
    given = [file for file in files if file.filename]
    if not given:
        raise InvalidInput("There is no file.", "Choose card files, or a zip of them.", field="files")
    if len(given) == 1 and not (given[0].filename or "").lower().endswith(".zip"):
        return await _one(request, actor, given[0], on_same)
    waiting = await put_down(actor, given)
    async with database().writing() as session:
        job = await importing.start(session, actor, waiting, on_same)
        job_id = job.id
    return go_to(request, f"/cards/imports/{job_id}")


async def _one(request: Request, actor: Who, file: UploadFile, on_same: OnSame) -> Response:
    examined = await service.examine_for(actor, await file.read(), file.filename or "")
    async with database().writing() as session:
        added = await service.keep(session, actor, examined, on_same=on_same)
        card_id, name, version = added.row.id, added.row.name, added.row.version
    told = {"added": f"“{name}” is in the library.", "skipped": f"“{name}” was there already."}
    flash(request, told.get(added.outcome, f"“{name}” has version {version} now."), "success")
    return go_to(request, f"/cards/{card_id}")


@router.get("/cards/imports/{job_id}")
async def imported(request: Request, session: Read, actor: Who, job_id: str) -> Response:
    """The progress of an import and its results."""
    job = await jobs.get(session, actor, job_id)
    if job.kind != importing.KIND:
        raise NotFound("There is no such import.", "Look at the list of jobs.")
    counts = await importing.outcomes(session, actor, job_id)
    refused = await importing.files(session, actor, job_id, outcome="refused", limit=_SHOWN)
    found = await importing.files(session, actor, job_id, limit=_SHOWN)
    told = [*refused, *(f for f in found if f.outcome not in {"", "opened", "refused"})][:_SHOWN]
    done = sum(number for outcome, number in counts.items() if outcome != "waiting")
    return render(request, ImportPage(job, counts, tuple(told), done))


@router.post("/cards/imports/{job_id}/cancellation")
async def cancel_import(request: Request, session: Write, actor: Who, job_id: str) -> Response:
    """Stop an import; what is in the library stays."""
    await engine.cancel(session, actor, job_id)
    flash(request, "The import was stopped. What is in the library stays.", "info")
    return go_to(request, f"/cards/imports/{job_id}")


@router.get("/cards/exports/{job_id}")
async def exported(request: Request, session: Read, actor: Who, job_id: str) -> Response:
    """The progress of a packing, its zip and its losses."""
    job = await jobs.get(session, actor, job_id)
    if job.kind != exporting.KIND:
        raise NotFound("There is no such export.", "Look at the list of jobs.")
    return render(request, ExportPage(job, dict(job.result or {})))


@router.get("/cards/exports/{job_id}/zip")
async def download(session: Read, actor: Who, job_id: str) -> Response:
    """The zip that was packed."""
    job = await jobs.get(session, actor, job_id)
    data, mime, name = await job_files.download(session, actor, job, "zip")
    return Response(data, media_type=mime, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/cards/bulk")
async def bulk(request: Request, session: Write, actor: Who) -> Response:
    """Favourite, tag, delete, take back, erase or pack what is picked."""
    async with request.form(max_fields=MOST_FIELDS) as form:
        ids = [str(one) for one in form.getlist("ids")]
        action, tags, to = (str(form.get(name, "")) for name in ("action", "tags", "to"))
    if action == "export":
        wanted = understood(Exporting, ids=ids, to=to, allow_loss=True)
        job = await exporting.start(session, actor, wanted)
        return go_to(request, f"/cards/exports/{job.id}")
    if action not in _DONE:
        raise InvalidInput("It is not clear what to do.", "Choose one of the buttons.", field="action")
    if not ids:
        raise InvalidInput("No card is picked.", "Tick some cards first.", field="ids")
    given = [tag for tag in tags.split(",") if tag.strip()]
    count = 0
    for at in range(0, len(ids), AT_ONCE):  # a list that was scrolled far has more boxes than the API takes at once
        some = understood(Bulk, ids=ids[at : at + AT_ONCE], action=action, tags=given)
        count += await arranging.do(session, actor, some)
    undo = f"/cards/bulk/restorations?{_ids(ids)}" if action == "delete" and len(ids) <= _UNDO_IDS else ""
    flash(request, f"{plural(count, 'card')} {_DONE[action]}.", "success", undo_url=undo)
    back = "/cards/bin" if action in {"restore", "erase"} else "/cards"
    answer = go_to(request, _here(request) or back)
    answer.headers["hx-trigger"] = json.dumps({"selection-clear": {}})
    return answer


def _here(request: Request) -> str:
    """The list that the person looks at, with its filters; only an address of these pages."""
    parts = urlsplit(request.headers.get("hx-current-url", ""))
    return parts.path + f"?{parts.query}" * bool(parts.query) if parts.path in {"/cards", "/cards/bin"} else ""


_UNDO_IDS = 60
_DONE = {
    "favourite": "marked", "unfavourite": "unmarked", "tag": "tagged", "untag": "untagged", "delete": "in the bin",
    "restore": "back in the library", "erase": "erased",
}  # fmt: skip


def _ids(ids: Sequence[str]) -> str:
    return "&".join(f"ids={one}" for one in ids if one.isalnum())


@router.post("/cards/bulk/restorations")
async def take_back(request: Request, session: Write, actor: Who) -> Response:
    """Undo a deletion; the ids stand in the address of the undo."""
    ids = request.query_params.getlist("ids")[:_UNDO_IDS]
    count = await arranging.do(session, actor, Bulk(ids=ids or [""], action="restore"))
    flash(request, f"{plural(count, 'card')} back in the library.", "success")
    return go_to(request, "/cards")
