"""What other modules may do with channels."""

from ainfluencer.channels.service.connecting import (
    clean_form,
    connect,
    disconnect,
    ensure_built_in,
    merged,
    pause,
    probe,
    resume,
    update,
)
from ainfluencer.channels.service.doctor import Checkup, check
from ainfluencer.channels.service.links import (
    keep_cursor,
    limits,
    link,
    make_link,
    note_failure,
    note_success,
    note_use,
    open_link,
)

__all__ = [
    "Checkup",
    "check",
    "clean_form",
    "connect",
    "disconnect",
    "ensure_built_in",
    "keep_cursor",
    "limits",
    "link",
    "make_link",
    "merged",
    "note_failure",
    "note_success",
    "note_use",
    "open_link",
    "pause",
    "probe",
    "resume",
    "update",
]
