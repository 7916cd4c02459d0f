"""What a bundle and an offer say of themselves; needs neither a database nor the library."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class About(BaseModel):
    """What its maker says of a bundle. `licence` is a short name such as CC-BY-4.0."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1, max_length=120)
    description: str = Field("", max_length=2000)
    author: str = Field("", max_length=120)
    licence: str = Field("", max_length=60)
    homepage: str = Field("", max_length=300, pattern=r"^(?:https?://[^\s]+)?$")


class Offer(BaseModel):
    """One bundle that can be had. `url` is an address or a path; `problem` says why it cannot be had."""

    model_config = ConfigDict(frozen=True)

    url: str = Field(max_length=2000)
    name: str = Field("", max_length=120)
    description: str = Field("", max_length=2000)
    author: str = Field("", max_length=120)
    licence: str = Field("", max_length=60)
    fingerprint: str = Field("", max_length=60)
    sha256: str = Field("", max_length=64)
    bytes: int = 0
    cards: int = 0
    problem: str = ""
