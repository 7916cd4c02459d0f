"""The engine's own refusals."""

from __future__ import annotations

from ainfluencer.core.errors import Conflict, InvalidInput


class NotCancellable(Conflict):
    """The job has ended already, or belongs to something that must be cancelled instead."""

    code = "not_cancellable"
    default_next_step = "Look at the job's present state."


class NotFinished(InvalidInput):
    """The job has no result, because it has not been completed."""

    code = "not_completed"
    status = 400
    default_next_step = "Wait until the job is completed, or look at its log."


class NoResult(InvalidInput):
    """The job was completed and left no result."""

    code = "no_result"
    status = 400
    default_next_step = "Look at the job's log for what it did."


class FormatUnavailable(InvalidInput):
    """A job of this kind cannot be downloaded in that format."""

    code = "format_unavailable"
    status = 400
    default_next_step = "Choose one of the formats that are named."


class AlreadyRunning(Conflict):
    """Another process holds this data folder or this worker name."""

    code = "already_running"
    default_next_step = "Use the one that runs, or stop it first."
