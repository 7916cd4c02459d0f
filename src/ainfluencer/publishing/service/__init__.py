"""What other modules may do with posts."""

from ainfluencer.publishing.service.choosing import choose_candidate, reopen
from ainfluencer.publishing.service.due import DueRun, held_late, run_due
from ainfluencer.publishing.service.postponing import free_time
from ainfluencer.publishing.service.posts import create_post, delete, edit
from ainfluencer.publishing.service.redrawing import change_picture_words, draw_again, keep_picture
from ainfluencer.publishing.service.resolving import mark_posted, resolve_unknown
from ainfluencer.publishing.service.review import approve, approve_many, reject, submit
from ainfluencer.publishing.service.scheduling import cancel, publish_now, retry, schedule
from ainfluencer.publishing.service.withdrawing import still_live, withdraw

__all__ = [
    "DueRun",
    "approve",
    "approve_many",
    "cancel",
    "change_picture_words",
    "choose_candidate",
    "create_post",
    "delete",
    "draw_again",
    "edit",
    "free_time",
    "held_late",
    "keep_picture",
    "mark_posted",
    "publish_now",
    "reject",
    "reopen",
    "resolve_unknown",
    "retry",
    "run_due",
    "schedule",
    "still_live",
    "submit",
    "withdraw",
]
