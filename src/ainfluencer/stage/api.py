"""The Stage's own HTTP API, as a small platform would have it. Accounts sign in with a token that this instance signed."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, File, Form, Header, Query, Response, UploadFile

from ainfluencer.accounts import queries as accounts
from ainfluencer.core import crypto
from ainfluencer.core.config import settings
from ainfluencer.core.errors import InvalidInput, NotFound
from ainfluencer.stage import queries, service
from ainfluencer.stage.errors import BadStageToken
from ainfluencer.stage.models import StageAccount, StagePost
from ainfluencer.stage.schemas import (
    MAX_ALT,
    AccountOut,
    Metrics,
    NewStagePost,
    NotificationPage,
    Profile,
    StagePostOut,
    UploadOut,
)
from ainfluencer.web.deps import Read, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/stage/api", tags=["stage"])

PURPOSE = "built-in channel"  # what `channels` signs a built-in connection's token for


def _bearer(authorization: str) -> tuple[str, str]:
    """Workspace and character that a token was signed for."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token:
        raise BadStageToken("The Stage needs a token.")
    try:
        workspace_id, _, character_id = crypto.unsign(token, PURPOSE).partition(":")
    except InvalidInput:
        raise BadStageToken("The Stage does not know this token.") from None
    return workspace_id, character_id


async def _account(session: Read, authorization: Annotated[str, Header()] = "") -> StageAccount:
    return await service.sign_in(session, *_bearer(authorization), None)


Me = Annotated[StageAccount, Depends(_account)]


def _url(path: str) -> str:
    config = settings()
    return f"{config.public_url.rstrip('/') or config.url}{path}"


async def _account_out(session: Read, account: StageAccount) -> AccountOut:
    followers, following, posts = await queries.follow_counts(session, account)
    return AccountOut(
        id=account.id,
        handle=account.handle,
        name=account.name,
        bio=account.bio,
        url=_url(f"/stage/@{account.handle}"),
        followers=followers,
        following=following,
        posts=posts,
    )


@router.put("/me")
async def open_account(profile: Profile, session: Write, authorization: Annotated[str, Header()] = "") -> AccountOut:
    """Open the account of the token, or change what it says of itself."""
    workspace_id, character_id = _bearer(authorization)
    try:
        await accounts.get_workspace(session, service.platform_actor(workspace_id))
    except NotFound:
        raise BadStageToken("The token's workspace is gone.") from None
    return await _account_out(session, await service.sign_in(session, workspace_id, character_id, profile))


@router.get("/me")
async def me(session: Read, account: Me) -> AccountOut:
    """Who the token is."""
    return await _account_out(session, account)


@router.put("/me/avatar", status_code=204)
async def avatar(
    file: Annotated[UploadFile, File()], session: Write, authorization: Annotated[str, Header()] = ""
) -> None:
    """The account's picture."""
    account = await service.sign_in(session, *_bearer(authorization), None)
    await service.set_avatar(session, account, await file.read())


@router.post("/media", status_code=201)
async def upload(
    file: Annotated[UploadFile, File()],
    session: Write,
    alt_text: Annotated[str, Form(max_length=MAX_ALT)] = "",
    authorization: Annotated[str, Header()] = "",
) -> UploadOut:
    """Upload a picture for a later post."""
    account = await service.sign_in(session, *_bearer(authorization), None)
    return UploadOut(id=(await service.upload(session, account, await file.read(), alt_text)).id)


@router.post("/posts", status_code=201)
async def post(
    new: NewStagePost,
    session: Write,
    response: Response,
    idempotency_key: Annotated[str, Header(max_length=80)] = "",
    authorization: Annotated[str, Header()] = "",
) -> StagePostOut:
    """Publish; the same Idempotency-Key again answers 200 with the same post."""
    account = await service.sign_in(session, *_bearer(authorization), None)
    made, is_new = await service.post(session, account, idempotency_key, new)
    if is_new and made.parent_id is None:
        await service.invite_reactions(session, made)
    if not is_new:
        response.status_code = 200
    return _post_out(made)


def _post_out(made: StagePost) -> StagePostOut:
    return StagePostOut(
        id=made.id,
        url=_url(f"/stage/posts/{made.root_id or made.id}"),
        text=made.text,
        ai_made=made.ai_made,
        created_at=made.created_at,
        in_reply_to=made.parent_id,
    )


@router.get("/posts")
async def find(key: str, session: Read, account: Me) -> list[StagePostOut]:
    """The post that was sent with this key, if it arrived."""
    found = await queries.find_by_key(session, account, key)
    return [_post_out(found)] if found else []


@router.get("/posts/metrics")
async def metrics(ids: Annotated[list[str], Query(max_length=100)], session: Read, account: Me) -> list[Metrics]:
    """Counters of several posts; those that are gone are left out."""
    return list((await queries.metrics(session, account.workspace_id, ids)).values())


@router.delete("/posts/{post_id}", status_code=204)
async def withdraw(post_id: str, session: Write, authorization: Annotated[str, Header()] = "") -> None:
    """Take a post back."""
    account = await service.sign_in(session, *_bearer(authorization), None)
    await service.withdraw(session, account, post_id)


@router.get("/notifications")
async def notifications(session: Read, account: Me, cursor: str = "") -> NotificationPage:
    """What happened since the cursor."""
    items, last = await queries.notifications(session, account, cursor)
    return NotificationPage(items=items, cursor=last)
