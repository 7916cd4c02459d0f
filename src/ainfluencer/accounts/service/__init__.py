"""Verbs of accounts. They change rows and leave the commit to the edge; those named `check_…` open their own session."""

from __future__ import annotations

from ainfluencer.accounts.preferences import declare
from ainfluencer.accounts.service.audit import record
from ainfluencer.accounts.service.first_start import (
    claim,
    cli_actor,
    ensure_cli_key,
    ensure_first_workspace,
    first_link,
    sign_in_link,
    way_in,
)
from ainfluencer.accounts.service.keys import create_key, revoke_key
from ainfluencer.accounts.service.links import use_link
from ainfluencer.accounts.service.mailing import (
    ask_password_letter,
    ask_trial_letter,
    ask_verification_letter,
    mailed_link,
)
from ainfluencer.accounts.service.passwords import check_password, hash_password
from ainfluencer.accounts.service.people import (
    accept_invitation,
    change_role,
    invite,
    register,
    remove,
    revoke_invitation,
)
from ainfluencer.accounts.service.preferences import set_setting, set_settings
from ainfluencer.accounts.service.recovery import (
    change_name,
    change_password,
    reset_link,
    reset_password,
    verification_link,
    verify_email,
)
from ainfluencer.accounts.service.sessions import (
    end_session,
    open_session,
    purge,
    refresh,
    sign_in_by_link,
    sign_out,
    sign_out_everywhere,
    switch_workspace,
)
from ainfluencer.accounts.service.workspaces import change_workspace, create_workspace

__all__ = [
    "accept_invitation",
    "ask_password_letter",
    "ask_trial_letter",
    "ask_verification_letter",
    "change_name",
    "change_password",
    "change_role",
    "change_workspace",
    "check_password",
    "claim",
    "cli_actor",
    "create_key",
    "create_workspace",
    "declare",
    "end_session",
    "ensure_cli_key",
    "ensure_first_workspace",
    "first_link",
    "hash_password",
    "invite",
    "mailed_link",
    "open_session",
    "purge",
    "record",
    "refresh",
    "register",
    "remove",
    "reset_link",
    "reset_password",
    "revoke_invitation",
    "revoke_key",
    "set_setting",
    "set_settings",
    "sign_in_by_link",
    "sign_in_link",
    "sign_out",
    "sign_out_everywhere",
    "switch_workspace",
    "use_link",
    "verification_link",
    "verify_email",
    "way_in",
]
