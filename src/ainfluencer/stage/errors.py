"""The Stage's own refusals."""

from __future__ import annotations

from ainfluencer.core.errors import NotSignedIn


class BadStageToken(NotSignedIn):
    """The token is not one that this instance signed, or its workspace is gone."""

    code = "stage_token"
    default_next_step = "Connect the character to the Stage again."
