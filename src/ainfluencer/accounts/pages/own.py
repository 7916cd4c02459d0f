"""One's own account: name, password, where one is signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, ClassVar

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.access import drop_cookie, session_token
from ainfluencer.api import limits
from ainfluencer.core.config import settings
from ainfluencer.core.crypto import digest
from ainfluencer.core.errors import NotFound, ProductError
from ainfluencer.integrations import mail
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Place:
    """A browser or program where the person is signed in."""

    id: str
    what: str
    ip: str
    used_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The person's own things."""

    name: str
    email: str
    has_password: bool
    is_verified: bool
    sends_mail: bool
    places: tuple[Place, ...]
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "accounts/account.html"
    region: ClassVar[str] = "parts"


def browser_name(user_agent: str) -> str:
    """A few words for a user agent: “Firefox on Windows”; the agent itself when it is none that we know."""
    browsers = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )
    browser = next((name for mark, name in browsers if mark in user_agent), "")
    system = next((name for mark, name in systems if mark in user_agent), "")
    if browser:
        return f"{browser} on {system}" if system else browser
    return user_agent[:60] or "A program"


async def _page(request: Request, session: Read, who: Who, errors: dict[str, str] | None = None) -> AccountPage:
    user = await queries.find_user(session, who)
    if user is None:
        raise NotFound("Nobody in person is signed in.")
    here = digest(session_token(request))
    places = [
        Place(s.id, browser_name(s.user_agent), s.ip, s.last_used_at, s.token_hash == here)
        for s in await queries.list_sessions(session, who)
    ]
    return AccountPage(
        name=user.name,
        email=user.email,
        has_password=bool(user.password_hash),
        is_verified=user.is_verified,
        sends_mail=mail.is_on(settings()),
        places=tuple(places),
        errors=errors or {},
    )


@router.get("/settings/account")
async def show(request: Request, who: Who, session: Read) -> Response:
    """The account as it is."""
    return render(request, await _page(request, session, who))


@router.post("/settings/account")
async def change_name(request: Request, who: Who, session: Write, name: Annotated[str, Form()] = "") -> Response:
    """Change one's name."""
    try:
        await service.change_name(session, who, name)
    except ProductError as mistake:
        await session.rollback()
        return render(request, await _page(request, session, who, form_errors(mistake)), status=422)
    flash(request, "Your name is saved.", "success")
    return go_to(request, "/settings/account")


@router.post("/settings/account/password")
async def change_password(
    request: Request,
    who: Who,
    session: Write,
    present: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    """Change or set the password; other sessions end."""
    try:
        limits.hit(request, "login", f"password {who.user_id}")
        await service.change_password(
            session, who, present=present, password=password, email=email, keep_token=session_token(request)
        )
    except ProductError as mistake:
        await session.rollback()
        return render(request, await _page(request, session, who, form_errors(mistake)), status=422)
    flash(request, "The password is set. You are signed out everywhere else.", "success")
    return go_to(request, "/settings/account")


@router.post("/settings/account/verification-letter")
async def ask_verification_letter(request: Request, who: Who, session: Write) -> Response:
    """A letter that proves the address."""
    limits.hit(request, "mail", f"verification {who.user_id}")
    if await service.ask_verification_letter(session, who):
        flash(request, "A letter is on its way. Its link works for three days.", "success")
    else:
        flash(request, "A letter was sent a moment ago. Look into your mail, also among the unwanted.", "info")
    return go_to(request, "/settings/account")


@router.post("/settings/account/sessions/{session_id}/end")
async def end_session(request: Request, session_id: str, who: Who, session: Write) -> Response:
    """Sign out in one other place."""
    await service.end_session(session, who, session_id)
    flash(request, "That session has ended.", "success")
    return go_to(request, "/settings/account")


@router.post("/settings/account/sessions/end")
async def end_everywhere(request: Request, who: Who, session: Write) -> Response:
    """Sign out everywhere, here too."""
    await service.sign_out_everywhere(session, who)
    flash(request, "You are signed out everywhere.")
    answer = go_to(request, "/sign-in")
    drop_cookie(answer)
    return answer
