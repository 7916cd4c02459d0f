"""Shapes of recipes and of what a run prepared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class PosterText(BaseModel):
    """The words on a designed picture. `items` are list lines, or one carousel page each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kicker: str = Field("", max_length=120)
    title: str = Field("", max_length=600)
    body: str = Field("", max_length=1200)
    items: tuple[str, ...] = Field((), max_length=8)
    attribution: str = Field("", max_length=120)

    @classmethod
    def cut(cls, *, kicker: str, title: str, body: str, items: Sequence[str], attribution: str) -> PosterText:
        """These words, each as long as a picture takes it."""
        return cls(
            kicker=kicker[:120],
            title=title[:600],
            body=body[:1200],
            items=tuple(items[:8]),
            attribution=attribution[:120],
        )


class PosterRecipe(PosterText):
    """What a designed picture is made from. Files are named by id, so that the recipe can be made again."""

    kind: Literal["poster"] = "poster"
    format: Literal["quote", "carousel", "story", "list", "look_board"] = "quote"
    width: Literal[1080] = 1080
    height: Literal[1080, 1350, 1920] = 1350
    mood: str = Field("calm", max_length=20)
    picture_file_id: str = ""
    use_picture: bool = True  # the character's own picture, where the layout has a place for it
    seed: int = Field(0, ge=0, le=2**31)
    variant: str = Field("", max_length=40)
    avoid_variants: tuple[str, ...] = ()

    @property
    def text(self) -> PosterText:
        """Its words alone."""
        return PosterText(**{name: getattr(self, name) for name in PosterText.model_fields})


class ImageRecipe(BaseModel):
    """What a generated picture is made from (IMG-001)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["image"] = "image"
    prompt: str = Field(min_length=1, max_length=4000)
    negative_prompt: str = Field("", max_length=4000)
    width: int = Field(1024, ge=64, le=4096)
    height: int = Field(1024, ge=64, le=4096)
    seed: int | None = Field(None, ge=0)
    count: int = Field(1, ge=1, le=8)
    model: str = ""
    settings: dict[str, Any] = {}


Recipe = Annotated[PosterRecipe | ImageRecipe, Field(discriminator="kind")]
_RECIPE: TypeAdapter[Recipe] = TypeAdapter(Recipe)
BESIDE = frozenset({"category", "alt_text", "redraws"})
"""What a run's recipe keeps beside the recipe itself."""


def recipe_of(asked: Mapping[str, Any]) -> PosterRecipe | ImageRecipe:
    """The recipe as a run keeps it, without what is said beside it."""
    return _RECIPE.validate_python({k: v for k, v in asked.items() if k not in BESIDE})


class NewRun(BaseModel):
    """A request for a run."""

    character_id: str | None = None
    title: str = Field("", max_length=200)
    maker: str = Field("", max_length=40)
    category: Literal["post", "story", "reel", "short", "message"] = "post"
    alt_text: str = Field("", max_length=2000)
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Prepared:
    """One produced file, signed and ready to be stored."""

    data: bytes
    mime: str
    width: int
    height: int
    source_type: str
    maker: str
    recipe: dict[str, Any]
    text_boxes: list[dict[str, Any]] = field(default_factory=list)
