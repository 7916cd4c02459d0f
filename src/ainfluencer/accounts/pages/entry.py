"""Coming in and going out: the first start, sign-in, registration, sign-out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import Form, Request
from starlette.responses import Response

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.access import client_of, drop_cookie, is_loopback, session_token, set_cookie
from ainfluencer.accounts.models import LinkPurpose
from ainfluencer.accounts.service.sessions import LOCAL_LIFETIME, PAGE_LIFETIME
from ainfluencer.api import limits
from ainfluencer.core.config import settings
from ainfluencer.core.errors import InvalidInput, LimitReached, NotAllowed, NotSignedIn, ProductError
from ainfluencer.integrations import mail
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, local_path, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class WelcomePage:
    """The first owner chooses a name, and whether to use a password."""

    token: str
    is_near: bool
    name: str = ""
    email: str = ""
    way: str = "local"
    errors: dict[str, str] = field(default_factory=dict)
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "accounts/welcome.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class ClosedPage:
    """A link that no longer works, with the way on."""

    title: str
    text: str
    is_claimed: bool
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "accounts/closed.html"


@dataclass(frozen=True, slots=True)
class SignInPage:
    """E-mail and password."""

    next_url: str
    email: str = ""
    can_register: bool = False
    is_passwordless: bool = False
    sends_mail: bool = False
    errors: dict[str, str] = field(default_factory=dict)
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "accounts/sign_in.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """Signing up, where the owner has opened it."""

    name: str = ""
    email: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    bare: ClassVar[bool] = True
    template: ClassVar[str] = "accounts/register.html"
    region: ClassVar[str] = "form"


@router.get("/welcome")
async def welcome(request: Request, session: Write, token: str = "") -> Response:
    """The link that the launcher opens: claim the instance at the first start, or enter without a password later."""
    link = await queries.find_link(session, token, LinkPurpose.FIRST_OWNER, LinkPurpose.SIGN_IN)
    if link is None:
        return await _closed(request, session)
    if link.purpose == LinkPurpose.FIRST_OWNER:
        near = is_loopback(request)
        return render(request, WelcomePage(token, near, way="local" if near else "account"))
    if not is_loopback(request):
        raise NotAllowed("This link works on the computer itself only.", "Sign in with e-mail and password.")
    if await _is_in(request):
        return go_to(request, "/")
    made = await service.sign_in_by_link(session, token, client_of(request))
    answer = go_to(request, "/")
    set_cookie(answer, made)
    return answer


async def _is_in(request: Request) -> bool:
    try:
        await request.app.state.resolve_actor(request)
    except NotSignedIn:
        return False
    return True


async def _closed(request: Request, session: Read) -> Response:
    is_claimed = await queries.is_claimed(session)
    text = (
        "Links of this kind work once and not for long. Start AInfluencer again on its own computer to get a fresh one."
    )
    return render(request, ClosedPage("This link is used up", text, is_claimed), status=410)


def _needed(**fields: str) -> None:
    for name, value in fields.items():
        if not value:
            raise InvalidInput("This is needed to sign in from elsewhere.", "Please fill it in.", field=name)


@router.post("/welcome")
async def claim(
    request: Request,
    session: Write,
    token: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    way: Annotated[str, Form()] = "local",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """The person becomes the owner and is signed in."""
    is_local = way == "local"
    if is_local and not is_loopback(request):
        raise NotAllowed("Without a password the studio can be used on its own computer only.", "Choose a password.")
    if await queries.find_link(session, token, LinkPurpose.FIRST_OWNER) is None:
        return await _closed(request, session)
    try:
        if not is_local:
            _needed(email=email, password=password)
        user, workspace = await service.claim(
            session, token, name=name, email="" if is_local else email, password="" if is_local else password
        )
    except InvalidInput as mistake:
        await session.rollback()
        again = WelcomePage(token, is_loopback(request), name, email, way, form_errors(mistake))
        return render(request, again, status=422)
    made = await service.open_session(
        session,
        user,
        client_of(request),
        lifetime=LOCAL_LIFETIME if is_local else PAGE_LIFETIME,
        is_local=is_local,
        workspace_id=workspace.id,
    )
    answer = go_to(request, "/")
    set_cookie(answer, made)
    return answer


async def _sign_in_page(
    session: Read, next_url: str, email: str = "", errors: dict[str, str] | None = None
) -> SignInPage:
    workspace = await queries.find_first_workspace(session)
    how = await queries.setting_of(session, workspace.id, "people.registration") if workspace else "closed"
    return SignInPage(
        local_path(next_url),
        email,
        how != "closed",
        not await queries.has_passwords(session),
        mail.is_on(settings()),
        errors or {},
    )


@router.get("/sign-in")
async def show_sign_in(request: Request, session: Read, next: str = "/") -> Response:  # noqa: A002 - the query's name
    """The form; whoever is signed in already goes on."""
    return go_to(request, next) if await _is_in(request) else render(request, await _sign_in_page(session, next))


@router.post("/sign-in")
async def sign_in(
    request: Request,
    session: Write,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next_url: Annotated[str, Form()] = "/",
) -> Response:
    """Open a session for this browser."""
    try:
        limits.hit(request, "login", f"{limits.address(request.scope)} {email.strip().lower()}")
        user = await service.check_password(email, password)
        made = await service.open_session(session, user, client_of(request))
    except (NotSignedIn, NotAllowed, LimitReached) as refused:
        await session.rollback()
        page = await _sign_in_page(session, next_url, email, {"": f"{refused.detail} {refused.next_step}"})
        return render(request, page, status=429 if isinstance(refused, LimitReached) else 422)
    answer = go_to(request, local_path(next_url))
    set_cookie(answer, made)
    return answer


@router.get("/register")
async def show_register(request: Request) -> Response:
    """The form to sign up."""
    return render(request, RegisterPage())


@router.post("/register")
async def register(
    request: Request,
    session: Write,
    name: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
) -> Response:
    """Make the person, where registration is open."""
    limits.hit(request, "register")
    try:
        user, workspace = await service.register(session, email=email, password=password, name=name)
    except ProductError as mistake:
        await session.rollback()
        return render(request, RegisterPage(name, email, form_errors(mistake)), status=422)
    made = await service.open_session(session, user, client_of(request), workspace_id=workspace.id)
    answer = go_to(request, "/")
    set_cookie(answer, made)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, session: Write) -> Response:
    """End this browser's session."""
    token = session_token(request)
    if token:
        await service.sign_out(session, token)
    flash(request, "You are signed out.")
    answer = go_to(request, "/sign-in")
    drop_cookie(answer)
    return answer


@router.post("/workspace")
async def switch(request: Request, who: Who, session: Write, workspace_id: Annotated[str, Form()] = "") -> Response:
    """Go on in another workspace."""
    await service.switch_workspace(session, who, session_token(request), workspace_id)
    return go_to(request, "/")
