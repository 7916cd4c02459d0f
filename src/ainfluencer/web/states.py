"""One map of states to words, tones and icons, so that a state looks the same on every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is shown; `tone` is one of neutral, primary, info, success, warning, error, iris."""

    label: str
    tone: str
    icon: str


_LOOKS: Final = {
    # posts and variants
    "draft": Look("Draft", "neutral", "pencil-line"),
    "in_review": Look("In review", "info", "eye"),
    "approved": Look("Approved", "success", "check"),
    "scheduled": Look("Scheduled", "primary", "calendar-clock"),
    "publishing": Look("Publishing", "info", "send"),
    "sending": Look("Sending", "info", "send"),
    "published": Look("Published", "success", "check-check"),
    "partly_published": Look("Partly published", "warning", "circle-dashed"),
    "failed": Look("Failed", "error", "circle-x"),
    "rejected": Look("Rejected", "error", "thumbs-down"),
    "needs_person": Look("Needs you", "warning", "hand"),
    "withdrawn": Look("Withdrawn", "neutral", "undo-2"),
    "cancelled": Look("Cancelled", "neutral", "ban"),
    # jobs and runs
    "waiting": Look("Waiting", "neutral", "hourglass"),
    "queued": Look("Queued", "neutral", "hourglass"),
    "pending": Look("Pending", "neutral", "hourglass"),
    "running": Look("Running", "primary", "loader-circle"),
    "done": Look("Done", "success", "check"),
    "completed": Look("Done", "success", "check"),
    "stopped": Look("Stopped", "neutral", "circle-stop"),
    # weeks and their slots
    "planned": Look("Planned", "neutral", "calendar"),
    "writing": Look("Writing", "iris", "pen-line"),
    "picturing": Look("Drawing", "iris", "brush"),
    "checking": Look("Checking", "iris", "scan-search"),
    "making": Look("Being made", "primary", "loader-circle"),
    "ready": Look("Ready", "success", "check"),
    "unfilled": Look("To be filled", "info", "calendar-plus"),
    # channels, makers, programs
    "connected": Look("Connected", "success", "plug"),
    "login_expired": Look("Sign in again", "warning", "key-round"),
    "paused": Look("Paused", "neutral", "pause"),
    "not_connected": Look("Not connected", "neutral", "unplug"),
    "unreachable": Look("Unreachable", "error", "wifi-off"),
    "installed": Look("Installed", "success", "hard-drive"),
    "missing": Look("Missing", "warning", "package-x"),
    "idle": Look("Idle", "neutral", "moon"),
    # characters, consent, people
    "active": Look("Active", "success", "circle-dot"),
    "archived": Look("Archived", "neutral", "archive"),
    "synthetic": Look("Synthetic", "iris", "sparkles"),
    "expired": Look("Expired", "warning", "calendar-x"),
    "invited": Look("Invited", "info", "mail"),
    # conversations
    "sent": Look("Sent", "success", "check"),
    "open": Look("Open", "info", "message-circle"),
    "answered": Look("Answered", "success", "reply"),
    "closed": Look("Closed", "neutral", "check"),
    # ratings
    "safe": Look("Safe", "success", "shield-check"),
    "suggestive": Look("Suggestive", "warning", "shield-alert"),
    "adult": Look("Adult", "error", "shield-ban"),
}


def look_of(state: object) -> Look:
    """The look of a state word (a plain string or a StrEnum); an unknown word is shown as it is, neutral."""
    word = str(state)
    return _LOOKS.get(word) or Look(word.replace("_", " ").capitalize(), "neutral", "circle")


def all_states() -> tuple[str, ...]:
    """Every known state word, for the pattern page."""
    return tuple(_LOOKS)
