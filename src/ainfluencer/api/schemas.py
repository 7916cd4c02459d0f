"""The shapes that every route shares: a problem, a page, the state of health."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from ainfluencer.db.paging import DEFAULT_LIMIT, MAX_LIMIT

T = TypeVar("T")


class FieldProblem(BaseModel):
    """What is wrong with one field; `field` is a path such as `traits.humor` or `items.0.name`."""

    field: str
    message: str
    code: str = "invalid"


class Problem(BaseModel):
    """Every refusal, as RFC 9457 describes it, with our own code and next step (application/problem+json)."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str = Field(description="The kind of refusal in a few words; the same for every refusal with this status.")
    status: int
    detail: str = Field(description="What happened, in one or two sentences for a person.")
    code: str = Field(description="A stable word for programs.")
    next_step: str = Field(description="What to do now.")
    errors: list[FieldProblem] = Field(default_factory=list)
    request_id: str = Field(description="Name this when you ask for help; the log has the same id.")


class Page(BaseModel, Generic[T]):
    """One page of a list. Pass `next_cursor` as `cursor` to get the next; it is null on the last page."""

    items: Sequence[T]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """`limit` and `cursor` of the query string."""

    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many items at most.")] = DEFAULT_LIMIT
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")] = None


Paged = Annotated[Paging, Depends()]


@dataclass(frozen=True, slots=True)
class Health:
    """What one check found. A check that is not `critical` makes the answer `degraded`, never unavailable."""

    ok: bool
    detail: str = ""
    critical: bool = False


HealthCheck = Callable[[], Awaitable[Health]]


class CheckOut(BaseModel):
    """One line of the health answer."""

    ok: bool
    detail: str = ""


class HealthOut(BaseModel):
    """The health answer; needs no login, so it names no path, address or person."""

    name: str = "ainfluencer"
    status: str = Field(description="ok or degraded")
    version: str
    checks: dict[str, CheckOut]


class InfoOut(BaseModel):
    """What this API is and where to go on."""

    name: str = "ainfluencer"
    version: str
    api: str = "v2"
    health: str = "/api/v2/health"
    openapi: str
    sign_in: str = "/api/v2/auth/sign-in"
    links: dict[str, Any] = Field(default_factory=dict, description="First path of every group, by its tag.")
