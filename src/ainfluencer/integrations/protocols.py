"""The methods of an adapter. Each optional one is tied to a capability of the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias, runtime_checkable

from ainfluencer.integrations.manifest import Manifest
from ainfluencer.integrations.outcomes import CannotTell, NotThere, Pending, Published
from ainfluencer.integrations.values import (
    Account,
    ImageRequest,
    Link,
    MediaMade,
    ModelInfo,
    Parcel,
    PosterRequest,
    Pulled,
    Reading,
    TextMade,
    TextRequest,
)

Settled: TypeAlias = Published | Pending | NotThere | CannotTell
MakeRequest: TypeAlias = TextRequest | ImageRequest | PosterRequest
Made: TypeAlias = TextMade | tuple[MediaMade, ...]


@runtime_checkable
class Adapter(Protocol):
    """Every adapter: its manifest, and a live test before settings are saved."""

    manifest: Manifest

    async def check(self, link: Link) -> Account:
        """Ask the service who we are. Raises `NotConnected`, `LoginExpired`, `PermissionMissing`, `Unreachable`."""
        ...


class Channel(Adapter, Protocol):
    """A connected account. Only `publish` is compulsory; the rest is declared."""

    async def publish(self, link: Link, parcel: Parcel) -> Published | Pending:
        """Send it once. A lost answer is raised as `OutcomeUnknown`, a refusal as `Rejected`."""
        ...

    async def settle(self, link: Link, parcel: Parcel, token: str, since: datetime) -> Settled:
        """SETTLE: only ask what became of an earlier attempt (and finish a pending one at most once)."""
        ...

    async def withdraw(self, link: Link, remote_id: str) -> None:
        """WITHDRAW: delete it there; no error when it is gone already."""
        ...

    async def pull(self, link: Link, cursor: str) -> Pulled:
        """PULL: what came in since `cursor` ('' = the latest page), oldest first. An item may come twice, never not."""
        ...

    async def reply(self, link: Link, parcel: Parcel) -> Published | Pending:
        """REPLY: answer `parcel.in_reply_to`, with the same key rule as `publish`."""
        ...

    async def measure(self, link: Link, remote_ids: Sequence[str]) -> tuple[Reading, ...]:
        """MEASURE: counters of our posts; ids that are gone are left out."""
        ...

    async def refresh(self, link: Link) -> Mapping[str, str]:
        """REFRESH: new secrets in place of ageing ones; raises `LoginExpired` only when they are dead for good.

        The answer replaces the secrets of the same names. `fresh_until` in it (an ISO instant) says until when they
        last; it is kept beside them and is no secret.
        """
        ...


class Maker(Adapter, Protocol):
    """Something that generates. `make` may run long; cancelling the task cancels the work."""

    async def make(self, link: Link, request: MakeRequest) -> Made:
        """Make it. Raises `Unsupported` for a kind of request that the manifest does not declare."""
        ...

    async def models(self, link: Link) -> tuple[ModelInfo, ...]:
        """MODELS: what can be named in a request."""
        ...

    async def sees(self, link: Link, model: str) -> bool:
        """SEE: whether that model ('' = the one of the settings) can be shown pictures."""
        ...
