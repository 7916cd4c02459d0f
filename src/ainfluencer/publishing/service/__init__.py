"""What other modules may do with posts."""

from ainfluencer.publishing.service.choosing import choose_candidate, reopen
from ainfluencer.publishing.service.posts import create_post, delete, edit
from ainfluencer.publishing.service.resolving import mark_posted, resolve_unknown
from ainfluencer.publishing.service.review import approve, approve_many, reject, submit
from ainfluencer.publishing.service.scheduling import cancel, publish_now, reschedule, retry, schedule
from ainfluencer.publishing.service.withdrawing import still_live, withdraw

__all__ = [
    "approve",
    "approve_many",
    "cancel",
    "choose_candidate",
    "create_post",
    "delete",
    "edit",
    "mark_posted",
    "publish_now",
    "reject",
    "reopen",
    "reschedule",
    "resolve_unknown",
    "retry",
    "schedule",
    "still_live",
    "submit",
    "withdraw",
]
