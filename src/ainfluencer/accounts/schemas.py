"""Shapes of forms, the API and settings. Passwords arrive here as text and leave as nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ainfluencer.core import clock
from ainfluencer.core.actor import Right, Role
from ainfluencer.core.errors import InvalidInput

PASSWORD_MIN = 10
PASSWORD_MAX = 256  # argon2 hashes any length; an upper limit keeps a request from costing seconds

_EMAIL = re.compile(r"[^@\s,;<>\"()\[\]\\]{1,64}@[^@\s,;<>\"()\[\]\\]{1,189}")


def clean_email(text: str) -> str:
    """The address in lower case, or `InvalidInput`. Only its shape is checked: the proof is the link that it gets."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email) or email.endswith("."):
        raise InvalidInput(f"“{text[:60]}” is not an e-mail address.", "Write it like ada@example.org.", field="email")
    return email


def clean_password(password: str, *, email: str = "", name: str = "") -> str:
    """The password, or `InvalidInput` when it is too short, too long or a copy of the name or address."""
    if len(password) < PASSWORD_MIN:
        raise InvalidInput(
            f"The password is too short: it needs at least {PASSWORD_MIN} characters.",
            "Choose a longer one; a few words in a row are easy to remember.",
            field="password",
            code="password_too_short",
        )
    if len(password) > PASSWORD_MAX:
        raise InvalidInput(
            f"The password is longer than {PASSWORD_MAX} characters.", field="password", code="password_too_long"
        )
    if password.strip().lower() in {email.lower(), name.lower()} or len(set(password)) < 4:
        raise InvalidInput(
            "The password is too easy to guess.", "Choose one that is not your name and not one character repeated.",
            field="password", code="password_too_easy",
        )  # fmt: skip
    return password


def clean_name(text: str, field: str = "name", most: int = 80) -> str:
    """A name on one line without control characters, 1 to `most` characters; `InvalidInput` otherwise."""
    name = " ".join(text.split())
    if not name or len(name) > most or not name.isprintable():
        raise InvalidInput(f"A name has 1 to {most} characters on one line.", field=field)
    return name


def _pydantic(check: Callable[[str], str]) -> AfterValidator:
    def run(value: str) -> str:
        try:
            return check(value)
        except InvalidInput as error:
            raise ValueError(error.detail) from None

    return AfterValidator(run)


Email = Annotated[str, StringConstraints(max_length=254), _pydantic(clean_email)]
Name = Annotated[str, StringConstraints(max_length=400), _pydantic(clean_name)]
Password = Annotated[str, Field(max_length=PASSWORD_MAX, json_schema_extra={"format": "password"})]
Token = Annotated[str, StringConstraints(min_length=20, max_length=100, strip_whitespace=True)]


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from, for the list of sessions and the audit trail."""

    ip: str = ""
    user_agent: str = ""


# -- settings of a workspace --


@dataclass(frozen=True, slots=True)
class Preference:
    """A switch or value that a workspace can change. Modules declare theirs with `accounts.service.declare`.

    `kind`: switch (bool), number (int, with `least` and `most`), text, choice (one of `choices`), url (http or https,
    or empty), zone (IANA time zone). `right` is what changing it needs; `needs_reason` asks for a recorded sentence.
    """

    key: str
    kind: str
    default: Any
    title: str
    sentence: str
    right: Right = Right.MANAGE
    choices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # what a page shows for the choices; the choices themselves when left out
    least: int = 0
    most: int = 1_000_000
    needs_reason: bool = False

    def check(self, value: Any) -> Any:
        """The value in its proper form, or `InvalidInput` that names this key."""
        return _CHECKS[self.kind](self, value)

    def refuse(self, wish: str) -> InvalidInput:
        """The refusal of a value that does not fit."""
        return InvalidInput(f"“{self.title}” must be {wish}.", field=self.key)


def _switch(preference: Preference, value: Any) -> bool:
    if not isinstance(value, bool):
        raise preference.refuse("on or off (true or false)")
    return value


def _number(preference: Preference, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not preference.least <= value <= preference.most:
        raise preference.refuse(f"a whole number from {preference.least} to {preference.most}")
    return value


def _text(preference: Preference, value: Any) -> str:
    if not isinstance(value, str) or len(value) > 2000:
        raise preference.refuse("a text of up to 2000 characters")
    return value.strip()


def _choice(preference: Preference, value: Any) -> str:
    if not isinstance(value, str) or value not in preference.choices:
        raise preference.refuse(f"one of {', '.join(preference.choices)}")
    return value


def _url(preference: Preference, value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"|https?://[^\s/@]+(/\S*)?", value.strip()) or len(value) > 500:
        raise preference.refuse("an address that begins with http:// or https:// and carries no password")
    return value.strip()


def _zone(preference: Preference, value: Any) -> str:
    if not isinstance(value, str):
        raise preference.refuse("the name of a time zone such as Europe/Berlin")
    return clock.zone(value).key


_CHECKS: dict[str, Callable[[Preference, Any], Any]] = {
    "switch": _switch, "number": _number, "text": _text, "choice": _choice, "url": _url, "zone": _zone,
}  # fmt: skip


class SettingOut(BaseModel):
    """One setting with its present value."""

    key: str
    kind: str
    title: str
    sentence: str
    value: Any
    default: Any
    choices: list[str]
    labels: list[str]
    least: int | None = None
    most: int | None = None
    needs_reason: bool
    can_change: bool


class SettingsIn(BaseModel):
    """Values by key; keys that are left out stay as they are. `reason` is recorded with every change."""

    model_config = ConfigDict(extra="forbid")

    values: dict[str, Any]
    reason: str = Field(default="", max_length=500)


# -- people and what lets them in --


class UserOut(BaseModel):
    """A person as others in the workspace see them."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    email: str
    name: str
    is_active: bool
    is_verified: bool
    has_password: bool = False
    created_at: datetime
    last_seen_at: datetime | None


class PersonOut(BaseModel):
    """A user with the role in this workspace."""

    user: UserOut
    role: Role
    joined_at: datetime


class WorkspaceOut(BaseModel):
    """A workspace that the caller belongs to."""

    id: str
    name: str
    timezone: str
    role: Role
    is_current: bool


class SignedInOut(BaseModel):
    """A session for programs. Send the token as `Authorization: Bearer`; it is shown only here."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the scheme's name
    expires_at: datetime
    user: UserOut
    workspace_id: str


class MeOut(BaseModel):
    """Who is asking, where, and what that allows."""

    user: UserOut | None
    workspace: WorkspaceOut
    rights: list[Right]
    via: str


class SignInIn(BaseModel):
    """What signs in. No rules beyond size: a wrong password is a wrong password, however it looks."""

    email: Annotated[str, Field(max_length=254)]
    password: Password


class RegisterIn(BaseModel):
    """A new person, where registration is open."""

    email: Email
    password: Password
    name: Name


class ClaimIn(BaseModel):
    """The first owner takes the instance. Without e-mail and password: only this computer, no password."""

    token: Token
    name: Name
    email: Email | None = None
    password: Password = ""


class TokenIn(BaseModel):
    """A one-time link's token."""

    token: Token


class LetterOut(BaseModel):
    """Whether a letter is on its way."""

    is_sent: bool


class LetterJobOut(BaseModel):
    """The job that sends it."""

    job_id: str


class AddressIn(BaseModel):
    """Where a letter goes."""

    email: str = Field(max_length=254)


class PasswordByLinkIn(BaseModel):
    """A new password by a reset link."""

    token: Token
    password: Password


class InvitationAcceptIn(BaseModel):
    """A person accepts an invitation: with name and new password, or with the password they already have here."""

    token: Token
    password: Password
    name: str = Field(default="", max_length=80)


class PasswordIn(BaseModel):
    """A change of one's own password. `present` is not needed by somebody who has none yet."""

    present: Password = ""
    password: Password
    email: Email | None = Field(default=None, description="Set together with the first password.")


class InvitationIn(BaseModel):
    """Whom to invite as what."""

    email: Email
    role: Role


class InvitationOut(BaseModel):
    """An invitation that nobody has used yet."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    email: str
    role: Role
    created_at: datetime
    expires_at: datetime


class LinkOut(BaseModel):
    """A one-time link to hand over; shown only here."""

    path: str
    expires_at: datetime


class WayInOut(BaseModel):
    """The path that the launcher opens in the browser."""

    path: str


class RoleIn(BaseModel):
    """A new role."""

    role: Role


class SessionOut(BaseModel):
    """One place where the caller is signed in."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    ip: str
    user_agent: str
    is_local: bool


class KeyIn(BaseModel):
    """A new API key. It can do what its scopes name and its maker may do, whichever is less."""

    name: Name
    scopes: Annotated[list[Right], Field(min_length=1)]
    expires_at: datetime | None = None


class KeyOut(BaseModel):
    """An API key without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    prefix: str
    scopes: list[Right]
    user_id: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKeyOut(BaseModel):
    """A new key with its secret, which is shown only here."""

    key: KeyOut
    secret: str


class AuditOut(BaseModel):
    """One thing that somebody did."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    created_at: datetime
    actor_id: str | None
    actor_name: str
    via: str
    action: str
    subject_kind: str
    subject_id: str
    details: dict[str, Any]


class WorkspaceIn(BaseModel):
    """A workspace's name and time zone; what is left out stays."""

    name: Name | None = None
    timezone: Annotated[str, Field(max_length=64)] | None = None
