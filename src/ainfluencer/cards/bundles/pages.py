"""Pages of bundles: what can be had and from where, whose keys are known, one bundle with its cards, and a new one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote

from fastapi import File, Form, Query, Request, UploadFile
from pydantic import ValidationError
from starlette.responses import Response

from ainfluencer.cards import intake
from ainfluencer.cards.bundles import MOST_CARDS, folders, opened, packing, sources, trust
from ainfluencer.cards.bundles.schemas import (
    FINGERPRINT,
    Bringing,
    BundleCard,
    BundleOut,
    KeyIn,
    KeyOut,
    OfferOut,
    Packing,
    SourceOut,
)
from ainfluencer.cards.library.keeping import OnSame
from ainfluencer.cards.library.pages.bulk import MOST_FIELDS
from ainfluencer.cards.library.pages.index import ON_SAME
from ainfluencer.characters import queries as characters
from ainfluencer.characters.queries import Face
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.engine import exports as job_files
from ainfluencer.engine import queries as jobs
from ainfluencer.engine.models import Job
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors, understood
from ainfluencer.web.filters import plural
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

SHOWN = 300
"""Cards of a bundle that its page shows one by one (the others come with “all”), and offers of one look."""


@dataclass(frozen=True, slots=True)
class IndexPage:
    """What the sources offer, what lies open, and whose keys are known."""

    offers: tuple[OfferOut, ...]
    more: int
    opened: tuple[BundleOut, ...]
    sources: tuple[SourceOut, ...]
    keys: tuple[KeyOut, ...]
    q: str
    source: str
    own_folder: str
    can_create: bool
    can_manage: bool
    template: ClassVar[str] = "cards/bundles/index.html"
    region: ClassVar[str] = "offers"

    @property
    def options(self) -> list[tuple[str, str]]:
        """The sources as choices of a filter."""
        return [(one.id, one.address) for one in self.sources]


@dataclass(frozen=True, slots=True)
class ShowPage:
    """One bundle with its cards."""

    bundle: BundleOut
    cards: tuple[BundleCard, ...]
    can_create: bool
    can_manage: bool
    on_same: tuple[tuple[str, str, str], ...] = ON_SAME
    template: ClassVar[str] = "cards/bundles/show.html"

    @property
    def is_usable(self) -> bool:
        """Whether anything of it may come into the library."""
        return self.bundle.trust != "blocked" and any(not card.problem for card in self.bundle.cards)


@dataclass(frozen=True, slots=True)
class FormPage:
    """A new bundle: its words, and the characters and cards that go in."""

    people: tuple[Face, ...]
    ids: tuple[str, ...]
    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "cards/bundles/form.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class PackingPage:
    """How far a bundle is, and the file."""

    job: Job
    result: dict[str, Any]
    template: ClassVar[str] = "cards/bundles/packing.html"
    region: ClassVar[str] = "progress"


@router.get("/cards/bundles")
async def index(
    request: Request, session: Read, actor: Who, q: Annotated[str, Query(max_length=200)] = "", source: str = ""
) -> Response:
    """Offers of every source as they were when it was last looked at: drawing this page asks nobody outside."""
    known = await trust.known(session, actor)
    offers = await sources.list_offers(session, actor, known, q=q, source_id=source)
    page = IndexPage(
        offers=tuple(offers[:SHOWN]),
        more=max(0, len(offers) - SHOWN),
        opened=tuple(await opened.list_opened(session, actor, known)),
        sources=tuple(await sources.list_sources(session, actor)),
        keys=tuple(await trust.list_keys(session, actor)),
        q=q,
        source=source,
        own_folder=str(folders.own(actor)) if actor.can(Right.OWN) else "",
        can_create=actor.can(Right.CREATE),
        can_manage=actor.can(Right.MANAGE),
    )
    return render(request, page)


@router.post("/cards/bundles")
async def open_file(request: Request, actor: Who, file: Annotated[UploadFile | None, File()] = None) -> Response:
    """Check a bundle that was dropped, and show what is in it."""
    actor.require(Right.CREATE)
    if file is None or not file.filename:
        raise InvalidInput("There is no file.", "Choose a .cardbundle file.", field="file")
    data, filename = await intake.uploaded(file, "")
    return go_to(request, f"/cards/bundles/{await opened.open_bundle(actor, data, filename)}")


# -- sources --


@router.post("/cards/bundles/sources")
async def add_source(request: Request, actor: Who, address: Annotated[str, Form()] = "") -> Response:
    """Keep a source, once it could be read."""
    made = await sources.add(actor, address)
    flash(request, f"{plural(made.offers, 'bundle')} found there.", "success")
    return go_to(request, "/cards/bundles")


@router.post("/cards/bundles/sources/{source_id}/refreshment")
async def refresh_source(request: Request, actor: Who, source_id: str) -> Response:
    """Look at a source again."""
    found = await sources.refresh(actor, source_id)
    told = found.problem or f"{plural(found.offers, 'bundle')} found there."
    flash(request, told, "warning" if found.problem else "success")
    return go_to(request, "/cards/bundles")


@router.post("/cards/bundles/sources/{source_id}/removal")
async def remove_source(request: Request, session: Write, actor: Who, source_id: str) -> Response:
    """Let go of a source."""
    await sources.remove(session, actor, source_id)
    flash(request, "The source is gone. Cards that came from it stay.", "info")
    return go_to(request, "/cards/bundles")


@router.post("/cards/bundles/sources/{source_id}/openings")
async def open_offer(request: Request, actor: Who, source_id: str, url: Annotated[str, Form()]) -> Response:
    """Fetch and check what a source offers."""
    return go_to(request, f"/cards/bundles/{await opened.open_offer(actor, source_id, url)}")


# -- keys --


@router.post("/cards/bundles/keys")
async def decide_key(
    request: Request,
    session: Write,
    actor: Who,
    fingerprint: Annotated[str, Form()],
    state: Annotated[Literal["trusted", "blocked"], Form()],
    label: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Trust or block a key, from the list or from a bundle's page."""
    fingerprint = fingerprint.strip().lower()
    if not re.fullmatch(FINGERPRINT, fingerprint):
        raise InvalidInput(
            "That is no fingerprint of a key.", "It has six groups of four, such as 1a2b-3c4d-….", field="fingerprint"
        )
    wanted = KeyIn(fingerprint=fingerprint, label=label.strip()[:120], state=state)
    await trust.decide(session, actor, wanted)
    flash(request, "The key is trusted." if state == "trusted" else "The key is blocked.", "success")
    return go_to(request, f"/cards/bundles/{quote(back, safe='')}" if back else "/cards/bundles")


@router.post("/cards/bundles/keys/{key_id}/removal")
async def forget_key(request: Request, session: Write, actor: Who, key_id: str) -> Response:
    """Let go of a decision."""
    await trust.forget(session, actor, key_id)
    flash(request, "The key is unknown again.", "info")
    return go_to(request, "/cards/bundles")


# -- a new bundle --


@router.get("/cards/bundles/new")
async def new(
    request: Request, session: Read, actor: Who, ids: Annotated[list[str], Query(default_factory=list)]
) -> Response:
    """The form of a new bundle; cards that were picked in the library come along in the address."""
    actor.require(Right.CREATE)
    people = tuple((await characters.faces(session, actor)).values())
    return render(request, FormPage(people, tuple(ids[:MOST_CARDS]), {"author": actor.name, "character_ids": []}))


@router.post("/cards/bundles/packings")
async def pack(request: Request, session: Write, actor: Who) -> Response:
    """Begin to pack; the form again with its mistakes."""
    async with request.form(max_fields=MOST_FIELDS) as form:
        has_page = bool(form.get("page"))  # the dialog of the library has none: there a mistake is told as a toast
        names = ("name", "description", "author", "licence", "homepage")
        values: dict[str, Any] = {name: str(form.get(name, "")) for name in names}
        values["ids"] = [str(one) for one in form.getlist("ids")]
        values["character_ids"] = [str(one) for one in form.getlist("character_ids")]
    try:
        job = await packing.start(session, actor, Packing.model_validate(values))
    except (ValidationError, InvalidInput) as mistake:
        if not has_page:
            raise InvalidInput(" ".join(form_errors(mistake).values()), code="bundle_words") from None
        people = tuple((await characters.faces(session, actor)).values())
        page = FormPage(people, tuple(values["ids"]), values, form_errors(mistake))
        return render(request, page, status=422)
    return go_to(request, f"/cards/bundles/packings/{job.id}")


@router.get("/cards/bundles/packings/{job_id}")
async def packed(request: Request, session: Read, actor: Who, job_id: str) -> Response:
    """How far a bundle is, and what could not go in."""
    job = await _packing(session, actor, job_id)
    return render(request, PackingPage(job, dict(job.result or {})))


@router.get("/cards/bundles/packings/{job_id}/file")
async def download(session: Read, actor: Who, job_id: str) -> Response:
    """The bundle that was made."""
    job = await _packing(session, actor, job_id)
    data, mime, name = await job_files.download(session, actor, job, packing.FORMAT)
    name = str((job.result or {}).get("filename") or name)
    return Response(data, media_type=mime, headers={"Content-Disposition": intake.attachment(name)})


async def _packing(session: Read, actor: Who, job_id: str) -> Job:
    job = await jobs.get(session, actor, job_id)
    if job.kind != packing.KIND:
        raise NotFound("There is no such bundle in the making.", "Look at the list of jobs.")
    return job


# -- one bundle --


@router.get("/cards/bundles/{bundle_id}")
async def show(request: Request, session: Read, actor: Who, bundle_id: str) -> Response:
    """Its cards with pictures, ratings and scores, and whose it is."""
    row = await opened.get(session, actor, bundle_id)
    bundle = opened.out(row, await trust.known(session, actor))
    page = ShowPage(bundle, tuple(bundle.cards[:SHOWN]), actor.can(Right.CREATE), actor.can(Right.MANAGE))
    return render(request, page)


@router.get("/cards/bundles/{bundle_id}/pictures/{number}")
async def picture(session: Read, actor: Who, bundle_id: str, number: int) -> Response:
    """A card's picture, small and drawn anew."""
    data = await opened.picture(session, actor, bundle_id, number)
    return Response(data, media_type="image/webp", headers={"Cache-Control": "private, max-age=86400, immutable"})


@router.post("/cards/bundles/{bundle_id}/imports")
async def bring(
    request: Request,
    session: Write,
    actor: Who,
    bundle_id: str,
    *,
    numbers: Annotated[list[int], Form(default_factory=list)],
    on_same: Annotated[OnSame, Form()] = OnSame.SKIP,
    trusted: Annotated[str, Form()] = "",
    every: Annotated[str, Form()] = "",
    likeness: Annotated[Literal["", "synthetic", "own", "none"], Form()] = "",
) -> Response:
    """Bring the picked cards, or all, into the library."""
    if not numbers and not every:
        raise InvalidInput("No card is picked.", "Pick some, or bring all.", field="numbers")
    chosen = [] if every else numbers
    wanted = understood(Bringing, numbers=chosen, on_same=on_same, trust=bool(trusted), likeness=likeness)
    job = await opened.bring(session, actor, bundle_id, wanted)
    return go_to(request, f"/cards/imports/{job.id}")


@router.post("/cards/bundles/{bundle_id}/removal")
async def remove(request: Request, session: Write, actor: Who, bundle_id: str) -> Response:
    """Put an opened bundle away."""
    await opened.remove(session, actor, bundle_id)
    flash(request, "The bundle is put away. Cards that came from it stay.", "info")
    return go_to(request, "/cards/bundles")
