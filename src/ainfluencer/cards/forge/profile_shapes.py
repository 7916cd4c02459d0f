"""Profiles as pages, the API and files have them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from ainfluencer.cards.storing import storable

MAX_TOKENS = 100_000
_Words = Annotated[str, BeforeValidator(storable)]
_Name = Annotated[_Words, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


class ConfigDraft(BaseModel):
    """What a config profile sets. `maker`: a slug, “best” (the best one connected) or “offline” (rules, then the built-in model)."""

    model_config = ConfigDict(extra="forbid")

    name: _Name
    description: _Words = Field("", max_length=1000)
    maker: _Words = Field("best", max_length=40)
    model: _Words = Field("", max_length=200, description="empty: the maker's own choice")
    temperature: float = Field(0.8, ge=0, le=2)
    top_p: float = Field(0.95, gt=0, le=1)
    max_tokens: int = Field(8_000, ge=16, le=MAX_TOKENS, description="longest answer of one step")
    seed: int | None = Field(None, ge=0, le=2**31 - 1)
    timeout_seconds: int = Field(3_600, ge=1, le=86_400, description="for the whole job")
    retries: int = Field(
        2, ge=0, le=10, description="of one step, when the maker cannot be reached or answers nonsense"
    )
    input_price: float | None = Field(None, ge=0, le=10_000, description="money for a million tokens read")
    output_price: float | None = Field(None, ge=0, le=10_000, description="money for a million tokens written")


class ConfigProfile(ConfigDraft):
    """A config profile with its id. Shipped ones cannot be changed."""

    model_config = ConfigDict(extra="ignore")

    id: str
    is_shipped: bool = False

    def cost(self, prompt_tokens: float, completion_tokens: float) -> float | None:
        """Money for these tokens; None when a price is not known."""
        if self.input_price is None or self.output_price is None:
            return None
        return round((prompt_tokens * self.input_price + completion_tokens * self.output_price) / 1_000_000, 6)


class PromptDraft(BaseModel):
    """What a prompt profile sets: a short description, and the prompt of each step with its ${variables}."""

    model_config = ConfigDict(extra="forbid")

    name: _Name
    description: _Words = Field("", max_length=1000)
    prompts: dict[str, _Words] = Field(default_factory=dict)


class PromptProfile(PromptDraft):
    """A prompt profile with its id and version. Shipped ones cannot be changed."""

    model_config = ConfigDict(extra="ignore")

    id: str
    version: int = 1
    is_shipped: bool = False


class PromptVersion(BaseModel):
    """A version before the present one."""

    version: int
    at: str
    prompts: dict[str, Any]
