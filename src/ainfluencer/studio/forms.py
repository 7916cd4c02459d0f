"""The studio's two forms as flat fields, and the runs that they ask for."""

from __future__ import annotations

import secrets
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ainfluencer.core.errors import InvalidInput
from ainfluencer.studio.models import Run
from ainfluencer.studio.schemas import ImageRecipe, NewRun, PosterRecipe

MOODS = ("calm", "bright", "bold", "tender", "playful", "night", "serious")
SIZES = (("1080", "Square"), ("1350", "Portrait 4:5"), ("1920", "Story 9:16"))
SHAPES = (("1024x1024", "Square"), ("896x1120", "Portrait 4:5"), ("768x1344", "Story 9:16"), ("1216x832", "Landscape"))


class PosterForm(BaseModel):
    """A poster as it is filled in; numbers are text until they are read."""

    model_config = ConfigDict(extra="ignore")

    character: str = ""
    format: str = "quote"
    kicker: str = ""
    title: str = ""
    body: str = ""
    items: str = ""
    attribution: str = ""
    mood: str = "calm"
    height: str = ""
    seed: str = ""
    use_picture: str = ""
    alt_text: str = ""
    variant_quote: str = ""
    variant_list: str = ""
    variant_carousel: str = ""
    variant_story: str = ""
    variant_look_board: str = ""

    @property
    def variant(self) -> str:
        """The layout that is chosen for the format that is chosen."""
        return str(getattr(self, f"variant_{self.format}", ""))

    def new_run(self) -> NewRun:
        """The run of this form. Raises `InvalidInput` or pydantic's `ValidationError`, each with the field."""
        lines = tuple(line.strip() for line in self.items.splitlines() if line.strip())
        if not (self.title.strip() or self.body.strip() or lines):
            raise InvalidInput("There are no words yet.", "Write a title, a text or some lines.", field="title")
        recipe = PosterRecipe.model_validate(
            {
                "format": self.format,
                "height": number("height", self.height) or (1920 if self.format == "story" else 1350),
                "title": self.title.strip(),
                "body": self.body.strip(),
                "items": lines,
                "kicker": self.kicker.strip(),
                "attribution": self.attribution.strip(),
                "mood": self.mood if self.mood in MOODS else "calm",
                "seed": fresh_seed(self.seed),
                "variant": self.variant,
                "use_picture": bool(self.use_picture),
            }
        )
        return NewRun(
            character_id=self.character or None,
            title=(self.title or self.body or lines[0]).strip()[:120],
            category="story" if self.format == "story" else "post",
            alt_text=self.alt_text.strip(),
            recipe=recipe,
        )


class PictureForm(BaseModel):
    """A generated picture as it is filled in."""

    model_config = ConfigDict(extra="ignore")

    character: str = ""
    maker: str = ""
    preset: str = ""
    prompt: str = ""
    negative_prompt: str = ""
    size: str = "1024x1024"
    seed: str = ""
    count: str = "1"
    alt_text: str = ""
    steps: str = Field("", max_length=8)
    cfg: str = Field("", max_length=8)
    sampler_name: str = Field("", max_length=40)
    scheduler: str = Field("", max_length=40)

    def new_run(self) -> NewRun:
        """The run of this form. Raises `InvalidInput` or pydantic's `ValidationError`, each with the field."""
        if not self.prompt.strip():
            raise InvalidInput("There is no description yet.", "Say what the picture shows.", field="prompt")
        wide, _, high = self.size.partition("x")
        extra: dict[str, Any] = {"steps": number("steps", self.steps), "cfg": _decimal("cfg", self.cfg)}
        extra |= {"sampler_name": self.sampler_name.strip(), "scheduler": self.scheduler.strip()}
        recipe = ImageRecipe.model_validate(
            {
                "prompt": self.prompt.strip(),
                "negative_prompt": self.negative_prompt.strip(),
                "width": number("size", wide) or 1024,
                "height": number("size", high) or 1024,
                "seed": fresh_seed(self.seed),
                "count": number("count", self.count) or 1,
                "settings": {name: value for name, value in extra.items() if value},
            }
        )
        return NewRun(
            character_id=self.character or None,
            title=self.prompt.strip()[:120],
            maker=self.maker,
            alt_text=self.alt_text.strip(),
            recipe=recipe,
        )


def number(field: str, text: str) -> int:
    """A whole number, 0 for nothing; `InvalidInput` for anything else."""
    if not text.strip():
        return 0
    if not text.strip().isdecimal():
        raise InvalidInput("This is not a whole number.", "Use digits only, or leave it empty.", field=field)
    return int(text)


def _decimal(field: str, text: str) -> float:
    try:
        return float(text) if text.strip() else 0.0
    except ValueError:
        raise InvalidInput("This is not a number.", "Write it like 6.5, or leave it empty.", field=field) from None


def fresh_seed(text: str) -> int:
    """The seed that is written, or a new one."""
    return min(number("seed", text), 2**31 - 1) if text.strip() else secrets.randbelow(2**31)


def poster_of(run: Run) -> PosterForm:
    """The form of an earlier run, to change it."""
    asked = run.recipe
    form = PosterForm(
        character=run.character_id or "",
        items="\n".join(asked.get("items") or ()),
        height=str(asked.get("height", "")),
        seed=str(asked.get("seed", "")),
        use_picture="on" if asked.get("use_picture", True) else "",
        **{k: str(asked.get(k, "")) for k in ("format", "kicker", "title", "body", "attribution", "mood", "alt_text")},
    )
    return form.model_copy(update={f"variant_{form.format}": str(asked.get("variant", ""))})


def picture_form_of(run: Run) -> PictureForm:
    """The same for a generated picture."""
    asked, extra = run.recipe, run.recipe.get("settings") or {}
    return PictureForm(
        character=run.character_id or "",
        maker=run.maker,
        size=f"{asked.get('width')}x{asked.get('height')}",
        **{k: str(asked.get(k) or "") for k in ("prompt", "negative_prompt", "seed", "count", "alt_text")},
        **{k: str(extra.get(k, "")) for k in ("steps", "cfg", "sampler_name", "scheduler")},
    )
