"""Hashing and checking of passwords: argon2id, in a thread, outside transactions, equally slow for unknown users."""

from __future__ import annotations

import asyncio
import secrets
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from sqlalchemy import select

from ainfluencer.accounts.models import User
from ainfluencer.accounts.schemas import PASSWORD_MAX
from ainfluencer.core.errors import NotSignedIn
from ainfluencer.db.session import database


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def _nobody() -> str:
    """A hash that no password fits; checked against when there is no user, so that the answer takes as long."""
    return _hasher().hash(secrets.token_urlsafe(32))


async def hash_password(password: str) -> str:
    """The argon2id hash to store. Takes some tens of milliseconds on purpose: call it before the first query."""
    return await asyncio.to_thread(_hasher().hash, password)


def _verify(password: str, stored: str) -> bool:
    try:
        return _hasher().verify(password[: PASSWORD_MAX + 1], stored or _nobody())
    except PwdlibError:  # a hash of an unknown make, for example from a restored database
        return False


async def fits(password: str, stored: str) -> bool:
    """Whether the password belongs to the hash; an empty hash fits nothing and takes as long."""
    await asyncio.to_thread(_nobody)
    return await asyncio.to_thread(_verify, password, stored) and bool(stored)


async def check_password(email: str, password: str) -> User:
    """The active user with that address and password; `NotSignedIn` with one and the same sentence otherwise.

    Opens its own session, because nobody should hold a transaction while argon2 works.
    """
    async with database().reading() as session:
        user = await session.scalar(select(User).where(User.email == email.strip().lower()))
    is_right = await fits(password, user.password_hash if user else "")
    if user is None or not is_right or not user.is_active:
        raise NotSignedIn(
            "The e-mail address or the password is wrong.",
            "Try again, or choose “Forgot the password?”.",
            code="wrong_credentials",
        )
    return user
