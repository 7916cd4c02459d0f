"""Verbs of the Stage. The caller is an account (over the API) or the simulated audience, never a studio user."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.engine import events
from ainfluencer.engine import service as engine
from ainfluencer.media import service as media
from ainfluencer.media.models import MediaFile
from ainfluencer.stage.models import StageAccount, StageFollow, StageMedia, StagePost, StageReaction
from ainfluencer.stage.schemas import MAX_IMAGE_BYTES, NewStagePost, Profile

_TRIES = 8  # to open an account while others open theirs


def platform_actor(workspace_id: str) -> Actor:
    """The Stage itself, when it stores a picture or queues a round of reactions."""
    return Actor(workspace_id=workspace_id, role=Role.CREATOR, name="The Stage", via="job")


async def sign_in(session: AsyncSession, workspace_id: str, character_id: str, profile: Profile | None) -> StageAccount:
    """The account of that character, made at its first sign-in; a given profile replaces what it says of itself."""
    wanted = select(StageAccount).where(
        StageAccount.workspace_id == workspace_id, StageAccount.character_id == character_id
    )
    for _ in range(_TRIES):
        account = await session.scalar(wanted)
        if profile is None:
            if account is None:
                raise NotFound("This account has not been opened yet.", "Send its profile first.")
            return account
        handle = await _free_handle(session, workspace_id, profile.handle, character_id)
        with suppress(IntegrityError):  # another worker opened it, or took the handle, at this very moment
            async with session.begin_nested():
                if account is None:
                    account = StageAccount(workspace_id=workspace_id, character_id=character_id)
                    session.add(account)
                account.handle, account.name, account.bio = handle, profile.name, profile.bio
            return account
    raise Conflict("Many accounts are being opened at this moment.", "Send it again.")


async def _free_handle(session: AsyncSession, workspace_id: str, wanted: str, character_id: str) -> str:
    taken = set(
        await session.scalars(
            select(StageAccount.handle).where(
                StageAccount.workspace_id == workspace_id,
                StageAccount.handle.startswith(wanted, autoescape=True),
                StageAccount.character_id.is_distinct_from(character_id),
            )
        )
    )
    handle, number = wanted, 2
    while handle in taken:
        handle, number = f"{wanted}{number}", number + 1
    return handle


async def set_avatar(session: AsyncSession, account: StageAccount, data: bytes) -> None:
    """The account's picture."""
    account.avatar_file_id = (await _store(session, account, data)).id


async def upload(session: AsyncSession, account: StageAccount, data: bytes, alt_text: str) -> StageMedia:
    """Keep a picture for a later post."""
    file = await _store(session, account, data)
    made = StageMedia(
        workspace_id=account.workspace_id, account_id=account.id, file_id=file.id, alt_text=alt_text.strip()
    )
    session.add(made)
    await session.flush()
    return made


async def _store(session: AsyncSession, account: StageAccount, data: bytes) -> MediaFile:
    if len(data) > MAX_IMAGE_BYTES:
        raise InvalidInput(f"Pictures on the Stage may have {MAX_IMAGE_BYTES // 1_000_000} MB.", "Make it smaller.")
    file = await media.store(session, platform_actor(account.workspace_id), data, name=f"stage {account.handle}")
    if file.kind != "image":
        raise InvalidInput("The Stage takes pictures only.", "Send a PNG, JPEG or WebP.")
    return file


async def post(session: AsyncSession, account: StageAccount, key: str, new: NewStagePost) -> tuple[StagePost, bool]:
    """Publish once. The same key again answers with the same post; the flag says whether it is new."""
    if not key:
        raise InvalidInput("A post needs an Idempotency-Key.", "Send one with the request.", field="Idempotency-Key")
    known = await session.scalar(select(StagePost).where(StagePost.account_id == account.id, StagePost.key == key))
    if known:
        return known, False
    if not new.text.strip() and not new.media_ids:
        raise InvalidInput("A post needs words or a picture.", "Add one.")
    parent = await _parent(session, account, new.in_reply_to)
    made = StagePost(
        workspace_id=account.workspace_id,
        account_id=account.id,
        key=key,
        text=new.text.strip(),
        ai_made=new.ai_made,
        parent_id=parent.id if parent else None,
        root_id=(parent.root_id or parent.id) if parent else None,
    )
    session.add(made)
    await session.flush()
    await _attach(session, account, made, new.media_ids)
    _tell(session, made, "post")
    return made, True


def _tell(session: AsyncSession, post: StagePost, what: str) -> None:
    """After the commit, so that whoever hears it also finds it. `root_id` is the post whose card shows the change."""
    data = {"what": what, "post_id": post.id, "root_id": post.root_id or post.id}
    events.tell(session, post.workspace_id, "stage", data)


async def _parent(session: AsyncSession, account: StageAccount, post_id: str) -> StagePost | None:
    if not post_id:
        return None
    parent = await session.scalar(
        select(StagePost).where(
            StagePost.id == post_id,
            StagePost.workspace_id == account.workspace_id,
            StagePost.deleted_at.is_(None),
        )
    )
    if not parent:
        raise NotFound("The post to answer is not there.", "It may have been withdrawn.")
    return parent


async def _attach(session: AsyncSession, account: StageAccount, made: StagePost, media_ids: Sequence[str]) -> None:
    for position, media_id in enumerate(media_ids):
        item = await session.scalar(
            select(StageMedia).where(StageMedia.id == media_id, StageMedia.account_id == account.id)
        )
        if not item:
            raise InvalidInput(f"There is no uploaded picture {media_id}.", "Upload it first.", field="media_ids")
        if item.post_id:
            raise Conflict(f"The picture {media_id} is in a post already.", "Upload it again.")
        item.post_id, item.position = made.id, position


async def invite_reactions(session: AsyncSession, made: StagePost) -> None:
    """Let the audience come by: the first soon, the rest over the next hours."""
    actor = platform_actor(made.workspace_id)
    for wave, seconds in enumerate((2, 20, 120, 900, 3600)):
        await engine.enqueue(
            session,
            actor,
            "stage.audience",
            {"post_id": made.id, "wave": wave},
            key=f"stage:{made.id}:{wave}",
            run_at=clock.from_now(seconds=seconds),
            priority=8,
            title="The audience comes by",
            subject=("stage_post", made.id),
        )


async def withdraw(session: AsyncSession, account: StageAccount, post_id: str) -> None:
    """Take a post back; nothing happens when it is gone already."""
    found = await session.scalar(
        select(StagePost).where(
            StagePost.id == post_id, StagePost.account_id == account.id, StagePost.deleted_at.is_(None)
        )
    )
    if found:
        found.deleted_at = clock.now()
        _tell(session, found, "gone")


async def react(session: AsyncSession, account: StageAccount, post_id: str, kind: str) -> bool:
    """Like or repost, at most once each; True when it is new."""
    known = await session.scalar(
        select(StageReaction.id).where(
            StageReaction.post_id == post_id, StageReaction.account_id == account.id, StageReaction.kind == kind
        )
    )
    if known:
        return False
    session.add(StageReaction(workspace_id=account.workspace_id, post_id=post_id, account_id=account.id, kind=kind))
    return True


async def follow(session: AsyncSession, follower: StageAccount, followed_id: str) -> bool:
    """Follow, at most once; True when it is new. Nobody follows themselves."""
    if follower.id == followed_id:
        return False
    known = await session.scalar(
        select(StageFollow.id).where(StageFollow.follower_id == follower.id, StageFollow.followed_id == followed_id)
    )
    if known:
        return False
    session.add(StageFollow(workspace_id=follower.workspace_id, follower_id=follower.id, followed_id=followed_id))
    return True
