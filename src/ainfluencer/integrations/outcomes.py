"""What an outside call can come to. A lost answer is an error of its own: `core.errors.OutcomeUnknown`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Published:
    """It is there, under this id and address."""

    remote_id: str
    url: str = ""
    declared: Mapping[str, str] = field(default_factory=dict)  # how AI origin was declared: {"field": "..."} ...


@dataclass(frozen=True, slots=True)
class Pending:
    """It was accepted and is being worked on; `token` is kept before anything else is done."""

    token: str
    progress: float = 0.0  # 0..1
    message: str = ""


@dataclass(frozen=True, slots=True)
class NotThere:
    """The platform was asked and does not have it: sending again is safe."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The platform cannot be asked, or its answer decides nothing: a person must look."""

    reason: str
