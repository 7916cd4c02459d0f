"""Coming in and going out. Tokens of sessions are random, kept as hashes, and can be ended at any time."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request, Response

from ainfluencer.accounts import queries, service
from ainfluencer.accounts.access import COOKIE, client_of, drop_cookie, is_loopback, session_token, set_cookie
from ainfluencer.accounts.models import User
from ainfluencer.accounts.schemas import (
    AddressIn,
    ClaimIn,
    InvitationAcceptIn,
    LetterJobOut,
    LetterOut,
    MeOut,
    PasswordByLinkIn,
    PasswordIn,
    RegisterIn,
    SessionOut,
    SignedInOut,
    SignInIn,
    TokenIn,
    UserOut,
    WayInOut,
    WorkspaceOut,
)
from ainfluencer.accounts.service.sessions import LOCAL_LIFETIME, PROGRAM_LIFETIME, SignedIn
from ainfluencer.api import limits
from ainfluencer.api.limits import limited
from ainfluencer.api.openapi import PUBLIC
from ainfluencer.api.schemas import Page
from ainfluencer.core.actor import Right
from ainfluencer.core.errors import NotAllowed, NotSignedIn
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/auth", tags=["auth"])


def user_out(user: User) -> UserOut:
    """A user for the answer."""
    return UserOut.model_validate(user).model_copy(update={"has_password": bool(user.password_hash)})


def _signed_in(response: Response, made: SignedIn) -> SignedInOut:
    response.headers["Cache-Control"] = "no-store"
    return SignedInOut(
        access_token=made.token,
        expires_at=made.session.expires_at,
        user=user_out(made.user),
        workspace_id=made.session.workspace_id,
    )


def _token(request: Request) -> str:
    token = session_token(request)
    if not token:
        raise NotSignedIn("This needs the token of a session, not an API key.", "Sign in first.")
    return token


SessionToken = Annotated[str, Depends(_token)]


@router.post("/register", status_code=201, openapi_extra=PUBLIC, dependencies=[Depends(limited("register"))])
async def register(body: RegisterIn, request: Request, response: Response, session: Write) -> SignedInOut:
    """Sign up, where the owner has opened registration. Answers like a sign-in."""
    user, workspace = await service.register(session, email=body.email, password=body.password, name=body.name)
    made = await service.open_session(
        session, user, client_of(request), lifetime=PROGRAM_LIFETIME, workspace_id=workspace.id
    )
    return _signed_in(response, made)


@router.post("/sign-in", openapi_extra=PUBLIC)
async def sign_in(body: SignInIn, request: Request, response: Response, session: Write) -> SignedInOut:
    """A session for a program, good for 24 hours and renewed by /refresh. Ten tries a minute per address and account."""
    limits.hit(request, "login", f"{limits.address(request.scope)} {body.email.strip().lower()}")
    user = await service.check_password(body.email, body.password)
    return _signed_in(
        response, await service.open_session(session, user, client_of(request), lifetime=PROGRAM_LIFETIME)
    )


@router.post("/refresh", openapi_extra=PUBLIC, dependencies=[Depends(limited("refresh"))])
async def refresh(request: Request, response: Response, session: Write) -> SignedInOut:
    """A new token for the session whose token is sent; the old one stops working at once."""
    made = await service.refresh(session, _token(request))
    if COOKIE in request.cookies:
        set_cookie(response, made)
    return _signed_in(response, made)


@router.post("/sign-out", status_code=204)
async def sign_out(who: Who, token: SessionToken, response: Response, session: Write) -> None:
    """End this session."""
    _ = who
    await service.sign_out(session, token)
    drop_cookie(response)


@router.post("/sign-out-everywhere", status_code=204)
async def sign_out_everywhere(who: Who, response: Response, session: Write) -> None:
    """End every session of this person, this one too. API keys stay: they are ended one by one."""
    await service.sign_out_everywhere(session, who)
    drop_cookie(response)


@router.get("/me")
async def me(who: Who, session: Read) -> MeOut:
    """Who is asking, in which workspace, and what that allows."""
    user = await queries.find_user(session, who)
    workspace = await queries.get_workspace(session, who)
    return MeOut(
        user=user_out(user) if user else None,
        workspace=WorkspaceOut(
            id=workspace.id, name=workspace.name, timezone=workspace.timezone, role=who.role, is_current=True
        ),
        rights=[right for right in Right if who.can(right)],
        via=who.via,
    )


@router.post("/way-in")
async def way_in(who: Who, request: Request, session: Write) -> WayInOut:
    """For the launcher on the same computer, with the data folder's own key: what to open in the browser."""
    if not is_loopback(request):
        raise NotAllowed("A way in is given on the computer itself only.", "Sign in with e-mail and password.")
    return WayInOut(path=await service.way_in(session, who))


@router.get("/sessions")
async def list_sessions(who: Who, session: Read) -> Page[SessionOut]:
    """Where this person is signed in."""
    return Page(items=[SessionOut.model_validate(row) for row in await queries.list_sessions(session, who)])


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(session_id: str, who: Who, session: Write) -> None:
    """End one of one's own sessions."""
    await service.end_session(session, who, session_id)


@router.post("/password", status_code=204)
async def change_password(body: PasswordIn, who: Who, token: SessionToken, request: Request, session: Write) -> None:
    """Change one's own password; every other session ends."""
    limits.hit(request, "login", f"password {who.user_id}")
    await service.change_password(
        session, who, present=body.present, password=body.password, email=body.email or "", keep_token=token
    )


@router.post("/claims", status_code=201, openapi_extra=PUBLIC, dependencies=[Depends(limited("register"))])
async def claim(body: ClaimIn, request: Request, response: Response, session: Write) -> SignedInOut:
    """Become the owner with the one-time link that was printed at the first start."""
    is_local = not body.password and not body.email
    if is_local and not is_loopback(request):
        raise NotAllowed(
            "Without a password the product can be used on its own computer only.",
            "Give an e-mail address and a password.",
        )
    user, workspace = await service.claim(
        session, body.token, name=body.name, email=body.email or "", password=body.password
    )
    made = await service.open_session(
        session,
        user,
        client_of(request),
        lifetime=LOCAL_LIFETIME if is_local else PROGRAM_LIFETIME,
        is_local=is_local,
        workspace_id=workspace.id,
    )
    return _signed_in(response, made)


@router.post("/invitations", status_code=201, openapi_extra=PUBLIC, dependencies=[Depends(limited("login"))])
async def accept_invitation(
    body: InvitationAcceptIn, request: Request, response: Response, session: Write
) -> SignedInOut:
    """Join a workspace with the link of an invitation."""
    user, workspace = await service.accept_invitation(session, body.token, password=body.password, name=body.name)
    made = await service.open_session(
        session, user, client_of(request), lifetime=PROGRAM_LIFETIME, workspace_id=workspace.id
    )
    return _signed_in(response, made)


@router.post("/password-letters", status_code=202, openapi_extra=PUBLIC, dependencies=[Depends(limited("mail"))])
async def ask_password_letter(body: AddressIn, session: Write) -> None:
    """A letter with a link to a new password, if there is such a person: the answer is the same either way.

    409 with `mail_off` where the instance sends no mail. Three a minute for an address, one in five minutes for a person.
    """
    await service.ask_password_letter(session, body.email)


@router.post("/verification-letters", status_code=202)
async def ask_verification_letter(who: Who, request: Request, session: Write) -> LetterOut:
    """A letter to oneself that proves the address. `is_sent` is false when one was sent in the last five minutes."""
    limits.hit(request, "mail", f"verification {who.user_id}")
    return LetterOut(is_sent=await service.ask_verification_letter(session, who))


@router.post("/trial-letters", status_code=202)
async def ask_trial_letter(body: AddressIn, who: Who, request: Request, session: Write) -> LetterJobOut:
    """A letter that shows whether mail arrives; owners only. Follow it at its job."""
    limits.hit(request, "mail", f"trial {who.user_id}")
    return LetterJobOut(job_id=(await service.ask_trial_letter(session, who, body.email)).id)


@router.post("/password-resets", status_code=204, openapi_extra=PUBLIC, dependencies=[Depends(limited("login"))])
async def reset_password(body: PasswordByLinkIn, session: Write) -> None:
    """Set a new password with the link of a letter, or that the owner handed over; every session of the person ends."""
    await service.reset_password(session, body.token, body.password)


@router.post("/verifications", status_code=204, openapi_extra=PUBLIC, dependencies=[Depends(limited("login"))])
async def verify(body: TokenIn, session: Write) -> None:
    """Prove an e-mail address with the link that was sent there."""
    await service.verify_email(session, body.token)


@router.put("/workspace/{workspace_id}", status_code=204)
async def switch_workspace(workspace_id: str, who: Who, token: SessionToken, session: Write) -> None:
    """Go on in another workspace of the same person; this session only."""
    await service.switch_workspace(session, who, token, workspace_id)
