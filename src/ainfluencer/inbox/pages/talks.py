"""Conversations: the list, the one that is open, drafts, answers that a person sends."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import InvalidInput
from ainfluencer.inbox import service
from ainfluencer.inbox.models import ConversationState
from ainfluencer.inbox.pages import reading
from ainfluencer.inbox.pages.views import DraftsRegion, LogRegion, MoreTalksPage, PaneRegion, RowRegion, Wanted
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.render import flash, is_htmx, render, swap
from ainfluencer.web.routing import Router

router = Router(prefix="/inbox", include_in_schema=False)


def _wanted(state: str = "open", character: str = "", channel: str = "", q: str = "") -> Wanted:
    known = {*ConversationState, "all"}
    return Wanted(state if state in known else "open", character[:26], channel[:26], q[:200])


Filters = Annotated[Wanted, Depends(_wanted)]


@router.get("")
async def index(
    request: Request,
    session: Read,
    actor: Who,
    wanted: Filters,
    cursor: str = "",
    at: str = "",
) -> Response:
    """The list; on a wide screen with room for a conversation beside it. `at`: the one that is open beside it."""
    actor.require(Right.READ)
    if is_htmx(request):
        listed = await reading.listed(session, actor, wanted, cursor, at[:26])
        return render(request, MoreTalksPage(listed)) if cursor else swap(request, listed)
    return render(request, await reading.page_of(session, actor, wanted, None, cursor))


@router.get("/{conversation_id}")
async def show(
    request: Request,
    session: Read,
    actor: Who,
    conversation_id: str,
    wanted: Filters,
    text: str = "",
) -> Response:
    """A conversation. `text` stands in the box already: the draft that somebody picked."""
    shown = await reading.opened(session, actor, conversation_id, text=text[: service.MAX_REPLY])
    if is_htmx(request):
        return swap(request, PaneRegion(shown, wanted))
    return render(request, await reading.page_of(session, actor, wanted, shown))


@router.get("/{conversation_id}/messages")
async def log(request: Request, session: Read, actor: Who, conversation_id: str) -> Response:
    """The messages, asked for when something came in or went out."""
    return swap(
        request, LogRegion(await reading.opened(session, actor, conversation_id)), back=f"/inbox/{conversation_id[:26]}"
    )


@router.post("/{conversation_id}/reading")
async def read(request: Request, session: Write, actor: Who, conversation_id: str) -> Response:
    """Somebody has it before their eyes; the list then shows it as read."""
    if not (actor.can(Right.CREATE) or actor.can(Right.REVIEW)):
        return Response(status_code=204)  # a viewer looks without taking it off the list of others
    talk = await service.mark_read(session, actor, conversation_id[:26])
    await session.flush()
    row = (await reading.rows_of(session, actor, [talk]))[0]
    return swap(request, RowRegion(row, talk.id, actor.can(Right.CREATE)), back=f"/inbox/{talk.id}")


@router.post("/{conversation_id}/drafts")
async def drafts(request: Request, actor: Who, conversation_id: str, session: Read) -> Response:
    """Up to three possible answers. Nothing is sent: a person picks, changes and sends."""
    found = await service.draft_replies(actor, conversation_id[:26])
    shown = await reading.opened(session, actor, conversation_id, drafts=tuple(found), has_asked=True)
    if is_htmx(request):
        return swap(request, DraftsRegion(shown))
    return render(request, await reading.page_of(session, actor, Wanted(), shown))


@router.post("/{conversation_id}/replies")
async def reply(
    request: Request, session: Write, actor: Who, conversation_id: str, text: Annotated[str, Form()] = ""
) -> Response:
    """Send what a person wrote or picked."""
    try:
        await service.send(session, actor, conversation_id[:26], text)
    except InvalidInput as mistake:
        await session.rollback()
        said = f"{mistake.detail} {mistake.next_step}".strip()
        shown = await reading.opened(session, actor, conversation_id, text=text[:10_000], error=said)
        if is_htmx(request):
            return swap(request, PaneRegion(shown, Wanted()), status=422)
        return render(request, await reading.page_of(session, actor, Wanted(), shown), status=422)
    return await _again(request, session, actor, conversation_id)


async def _again(request: Request, session: AsyncSession, actor: Actor, conversation_id: str) -> Response:
    """The row of the list, and the right pane where it shows this conversation."""
    await session.flush()
    shown = await reading.opened(session, actor, conversation_id)
    talk = shown.row.talk
    row = RowRegion(shown.row, _open_id(request), shown.can_file)
    pane = (PaneRegion(shown, Wanted()),) if _open_id(request) == talk.id else ()
    return swap(request, row, *pane, back=f"/inbox/{talk.id}")


def _open_id(request: Request) -> str:
    """The conversation that the browser's address names."""
    path = urlsplit(request.headers.get("hx-current-url", "")).path
    return path.removeprefix("/inbox/") if path.startswith("/inbox/") else ""


@router.post("/{conversation_id}/state")
async def set_state(
    request: Request, session: Write, actor: Who, conversation_id: str, state: Annotated[ConversationState, Form()]
) -> Response:
    """Put aside, or take up again."""
    talk = await service.set_state(session, actor, conversation_id[:26], state)
    is_done = state == ConversationState.DONE
    undo = f"/inbox/{talk.id}/reopening" if is_done else ""
    flash(request, f"{talk.author}: done." if is_done else f"{talk.author}: open again.", "success", undo_url=undo)
    return await _again(request, session, actor, talk.id)


@router.post("/{conversation_id}/reopening")
async def reopen(request: Request, session: Write, actor: Who, conversation_id: str) -> Response:
    """The way back after “done”."""
    talk = await service.set_state(session, actor, conversation_id[:26], ConversationState.OPEN)
    return await _again(request, session, actor, talk.id)


@router.post("/messages/{message_id}/sending")
async def send_again(request: Request, session: Write, actor: Who, message_id: str) -> Response:
    """Send an answer again that did not arrive."""
    message = await service.send_again(session, actor, message_id[:26])
    return await _again(request, session, actor, message.conversation_id)


@router.post("/messages/{message_id}/arrival")
async def confirm(request: Request, session: Write, actor: Who, message_id: str) -> Response:
    """A person looked: the answer is on the platform."""
    message = await service.confirm_sent(session, actor, message_id[:26])
    return await _again(request, session, actor, message.conversation_id)
