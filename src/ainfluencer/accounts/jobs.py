"""Letters as durable work: sent again while the mail server is away, each time with a fresh link."""

from __future__ import annotations

from typing import Any

from ainfluencer.accounts import letters, service
from ainfluencer.accounts.models import LinkPurpose
from ainfluencer.accounts.service import mailing
from ainfluencer.core.config import settings
from ainfluencer.db.session import database
from ainfluencer.engine import jobs
from ainfluencer.integrations import mail


@jobs.job(mailing.PASSWORD_JOB, title="A letter about a password", owned="person", background=True)
async def mail_password(run: jobs.JobRun) -> dict[str, Any]:
    """Mail a link to a new password. Its result is the same whether there was somebody to write to or not."""
    async with database().writing() as session:
        made = await service.mailed_link(session, run.payload["user_id"], LinkPurpose.PASSWORD_RESET)
    if made:
        await mail.send(settings(), letters.password_letter(settings(), *made))
    return {}


@jobs.job(mailing.VERIFICATION_JOB, title="A letter to prove an address", owned="person", background=True)
async def mail_verification(run: jobs.JobRun) -> dict[str, Any]:
    """Mail a link that proves the address."""
    async with database().writing() as session:
        made = await service.mailed_link(session, run.payload["user_id"], LinkPurpose.VERIFY_EMAIL)
    if made:
        await mail.send(settings(), letters.verification_letter(settings(), *made))
    return {"sent": made is not None}


@jobs.job(mailing.TRIAL_JOB, title="A letter to see if mail works")
async def mail_trial(run: jobs.JobRun) -> dict[str, Any]:
    """Mail a few words to an address that the owner gave."""
    letter = letters.trial_letter(settings(), run.payload["to"])
    await mail.send(settings(), letter)
    return {"to": letter.to}
