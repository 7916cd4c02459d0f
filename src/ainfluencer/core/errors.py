"""The closed set of refusals. HTML, JSON and the command line render the same code and next step."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar


class ProductError(Exception):
    """A refusal that a person can act on.

    Args:
        detail: one or two plain sentences: what happened.
        next_step: one sentence: what to do now.
        code: a stable machine word; the class's own code when left out.
        field: the name of the form or JSON field at fault, if one is.

    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    default_next_step: ClassVar[str] = "Try again; if it happens again, look at the log of this run."

    def __init__(self, detail: str, next_step: str = "", *, code: str = "", field: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.next_step = next_step or self.default_next_step
        self.reason = code or self.code
        self.field = field


class InvalidInput(ProductError):
    """What was sent cannot be used as it is."""

    code = "invalid_input"
    status = 422
    default_next_step = "Correct the value and send it again."


class NotFound(ProductError):
    """There is no such thing, or not for this actor."""

    code = "not_found"
    status = 404
    default_next_step = "Check the address, or go back to the list."


class NotSignedIn(ProductError):
    """Nobody is signed in, or the session or key has ended."""

    code = "not_signed_in"
    status = 401
    default_next_step = "Sign in, or send an API key."


class NotAllowed(ProductError):
    """The actor's role or key does not allow it."""

    code = "not_allowed"
    status = 403
    default_next_step = "Ask an owner or manager of the workspace."


class Conflict(ProductError):
    """The thing has changed, exists already, or is in a state that does not allow this."""

    code = "conflict"
    status = 409
    default_next_step = "Reload and look at the present state."


class LimitReached(ProductError):
    """Too much or too often; `until` says when it may go on, where that is known."""

    code = "limit_reached"
    status = 429
    default_next_step = "Wait a little and try again."

    def __init__(
        self, detail: str, next_step: str = "", *, code: str = "", field: str = "", until: datetime | None = None
    ) -> None:
        super().__init__(detail, next_step, code=code, field=field)
        self.until = until


class PolicyRefused(ProductError):
    """A rule of the product (consent, label, rating, platform policy) forbids it."""

    code = "policy_refused"
    status = 409
    default_next_step = "Read the rule that is named and change the request."


class OutsideError(ProductError):
    """A service outside this process failed; `slug` names it."""

    code = "outside_error"
    status = 502
    default_next_step = "Check the connection's page."

    def __init__(self, slug: str, detail: str, next_step: str = "", *, code: str = "") -> None:
        super().__init__(detail, next_step, code=code)
        self.slug = slug


class NotConnected(OutsideError):
    """There are no usable credentials or settings for it."""

    code = "not_connected"
    default_next_step = "Connect it on its page."


class LoginExpired(OutsideError):
    """The outside service no longer accepts the credentials."""

    code = "login_expired"
    default_next_step = "Sign in to it again on its page."


class PermissionMissing(OutsideError):
    """The credentials are good but lack a permission."""

    code = "permission_missing"
    default_next_step = "Grant the permission that is named and reconnect."


class Unsupported(OutsideError):
    """The adapter does not declare this capability."""

    code = "unsupported"
    default_next_step = "Choose something that can do this."


class Rejected(OutsideError):
    """The service understood and refused; nothing was created there."""

    code = "rejected"
    default_next_step = "Change what the service objects to and try again."


class RateLimited(OutsideError):
    """The service wants us to wait until `until` (aware UTC)."""

    code = "rate_limited"
    default_next_step = "It is tried again by itself at the time shown."

    def __init__(self, slug: str, detail: str, next_step: str = "", *, until: datetime | None = None) -> None:
        super().__init__(slug, detail, next_step)
        self.until = until


class Unreachable(OutsideError):
    """No connection was made, so nothing can have happened there."""

    code = "unreachable"
    default_next_step = "Check the network and whether the service runs; it is tried again by itself."


class OutcomeUnknown(OutsideError):
    """The request may have had its effect. It is asked about, never repeated blindly."""

    code = "outcome_unknown"
    default_next_step = "The service is asked what happened; if it cannot say, you decide."


class UnexpectedReply(OutsideError):
    """The service answered something that its documentation does not promise."""

    code = "unexpected_reply"
    default_next_step = "This is ours to mend: keep the log of this run and report it."
