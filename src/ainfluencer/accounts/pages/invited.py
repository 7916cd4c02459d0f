"""What one-time links lead to (an invitation, a new password, a verified address), and the letter that brings one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.access import client_of, set_cookie
from ainfluencer.accounts.models import LinkPurpose
from ainfluencer.accounts.pages.entry import ClosedPage
from ainfluencer.api import limits
from ainfluencer.core.config import settings
from ainfluencer.core.errors import Conflict, InvalidInput, LimitReached, ProductError
from ainfluencer.integrations import mail
from ainfluencer.web.deps import Read, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)

_ASK = "Links of this kind work once and not for long. Ask the person who gave it to you for a new one."


@dataclass(frozen=True, slots=True)
class InvitationPage:
    """Join a workspace: a new person with name and password, a known one with the password they have."""

    token: str
    email: str
    role: str
    workspace_name: str
    is_known: bool
    name: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "accounts/invitation.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class ForgottenPage:
    """Ask for a letter, or learn that this studio sends none. `is_asked`: the answer, the same for every address."""

    sends_mail: bool
    is_asked: bool = False
    email: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "accounts/forgotten_password.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class NewPasswordPage:
    """Set a new password."""

    token: str
    errors: dict[str, str] = field(default_factory=dict)
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "accounts/new_password.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class VerifyPage:
    """Confirm an address by a press of a button: programs that look into mail open links, too."""

    token: str
    email: str
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "accounts/verify.html"


def _used_up(request: Request) -> Response:
    return render(request, ClosedPage("This link is used up", _ASK, is_claimed=True), status=410)


@router.get("/invitation")
async def show_invitation(request: Request, session: Read, token: str = "") -> Response:
    """What one is invited to."""
    page = await _invitation(session, token)
    return render(request, page) if page else _used_up(request)


async def _invitation(
    session: Read, token: str, *, name: str = "", errors: dict[str, str] | None = None
) -> InvitationPage | None:
    link = await queries.find_link(session, token, LinkPurpose.INVITE)
    if link is None or link.workspace_id is None:
        return None
    workspace_name, is_known = await queries.describe_invitation(session, link)
    return InvitationPage(token, link.email, str(link.role), workspace_name, is_known, name, errors or {})


@router.post("/invitation")
async def accept(
    request: Request,
    session: Write,
    token: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Join, and be signed in."""
    limits.hit(request, "login")
    try:
        user, workspace = await service.accept_invitation(session, token, password=password, name=name)
    except ProductError as mistake:
        await session.rollback()
        errors = form_errors(mistake) if mistake.field else {"password": f"{mistake.detail} {mistake.next_step}"}
        page = await _invitation(session, token, name=name, errors=errors)
        return render(request, page, status=422) if page else _used_up(request)
    made = await service.open_session(session, user, client_of(request), workspace_id=workspace.id)
    flash(request, f"Welcome to {workspace.name}.", "success")
    answer = go_to(request, "/")
    set_cookie(answer, made)
    return answer


@router.get("/forgotten-password")
async def show_forgotten(request: Request) -> Response:
    """The form for the address."""
    return render(request, ForgottenPage(mail.is_on(settings())))


@router.post("/forgotten-password")
async def forgotten(request: Request, session: Write, email: Annotated[str, Form()] = "") -> Response:
    """A letter is on its way, if there is such a person; nobody learns whether there is."""
    try:
        limits.hit(request, "mail")
        await service.ask_password_letter(session, email)
    except (InvalidInput, LimitReached, Conflict) as refused:
        await session.rollback()
        page = ForgottenPage(mail.is_on(settings()), email=email, errors=form_errors(refused))
        return render(request, page, status=refused.status)
    return render(request, ForgottenPage(sends_mail=True, is_asked=True, email=email.strip()))


@router.get("/new-password")
async def show_new_password(request: Request, session: Read, token: str = "") -> Response:
    """The form for a new password."""
    link = await queries.find_link(session, token, LinkPurpose.PASSWORD_RESET)
    return render(request, NewPasswordPage(token)) if link else _used_up(request)


@router.post("/new-password")
async def new_password(
    request: Request, session: Write, token: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    """Set it; every session of the person ends."""
    limits.hit(request, "login")
    if await queries.find_link(session, token, LinkPurpose.PASSWORD_RESET) is None:
        return _used_up(request)
    try:
        await service.reset_password(session, token, password)
    except ProductError as mistake:
        await session.rollback()
        return render(request, NewPasswordPage(token, form_errors(mistake)), status=422)
    flash(request, "The new password is set. Sign in with it.", "success")
    return go_to(request, "/sign-in")


@router.get("/verify")
async def show_verify(request: Request, session: Read, token: str = "") -> Response:
    """Ask for the press of the button."""
    link = await queries.find_link(session, token, LinkPurpose.VERIFY_EMAIL)
    return render(request, VerifyPage(token, link.email)) if link else _used_up(request)


@router.post("/verify")
async def verify(request: Request, session: Write, token: Annotated[str, Form()] = "") -> Response:
    """The address is proven."""
    user = await service.verify_email(session, token)
    flash(request, f"{user.email} is verified.", "success")
    return go_to(request, "/")
