"""The letters of accounts, in plain words. Each says who asked for it, and what happens when nobody does anything."""

from __future__ import annotations

from ainfluencer.accounts.models import LinkPurpose, User
from ainfluencer.accounts.service.links import path_of
from ainfluencer.core.config import Settings
from ainfluencer.core.ids import new_id
from ainfluencer.integrations.mail import Mail

_END = "\n\n-- \nAInfluencer\n{home}\n"


def password_letter(config: Settings, user: User, token: str) -> Mail:
    """The way to a new password."""
    link = _link(config, LinkPurpose.PASSWORD_RESET, token)
    text = (
        f"Hello {user.name or user.email},\n\n"
        f"somebody asked for a new password for your account. Choose one here:\n\n{link}\n\n"
        "The link works once, within an hour. Every place where you are signed in is signed out then.\n\n"
        "If that was not you, do nothing: your password stays as it is."
    )
    return _letter(config, user.email, "A new password", text)


def verification_letter(config: Settings, user: User, token: str) -> Mail:
    """The proof that somebody reads this mail."""
    link = _link(config, LinkPurpose.VERIFY_EMAIL, token)
    text = (
        f"Hello {user.name or user.email},\n\n"
        f"an account was opened with this address. If it is yours, say so here:\n\n{link}\n\n"
        "The link works once, within three days.\n\n"
        "If you know nothing of this, do nothing."
    )
    return _letter(config, user.email, "Is this your address?", text)


def trial_letter(config: Settings, to: str) -> Mail:
    """Shows that mail arrives."""
    return _letter(config, to, "Mail works", "This letter was sent to see whether mail works. It does.")


def _link(config: Settings, purpose: LinkPurpose, token: str) -> str:
    # Never the host that a request named: whoever asks for a letter to somebody else could choose it.
    return f"{(config.public_url or config.url).rstrip('/')}{path_of(purpose, token)}"


def _letter(config: Settings, to: str, subject: str, text: str) -> Mail:
    home = (config.public_url or config.url).rstrip("/")
    return Mail(to=to, subject=subject, text=text + _END.format(home=home), id=new_id())
