"""Eight curated starting points for generated pictures (PRE-003). `{subject}` is where the person's words go."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from ainfluencer.core.errors import NotFound

_BAD = "blurry, low quality, jpeg artefacts, deformed hands, extra fingers, watermark, text"


class Preset(BaseModel):
    """A prompt with its settings. Steps, scale, sampler and scheduler matter to makers that know them."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    category: str
    hint: str
    prompt: str
    negative_prompt: str = _BAD
    width: int
    height: int
    steps: int = 30
    cfg: float = 6.0
    sampler: str = "dpmpp_2m"
    scheduler: str = "karras"
    batch_size: int = 1

    def settings(self) -> dict[str, object]:
        """What goes along with a request, for makers that understand it."""
        return {"steps": self.steps, "cfg": self.cfg, "sampler_name": self.sampler, "scheduler": self.scheduler}


PRESETS: tuple[Preset, ...] = (
    Preset(
        id="portrait",
        title="Portrait",
        category="people",
        hint="Head and shoulders, soft window light",
        prompt="portrait of {subject}, head and shoulders, soft window light, shallow depth of field, natural skin, 85mm",
        width=896,
        height=1152,
    ),
    Preset(
        id="fashion",
        title="Fashion",
        category="people",
        hint="Full figure, editorial",
        prompt="editorial fashion photograph of {subject}, full figure, considered outfit, clean backdrop, hard light",
        width=832,
        height=1216,
        cfg=6.5,
    ),
    Preset(
        id="product",
        title="Product",
        category="things",
        hint="One thing on a quiet ground",
        prompt="product photograph of {subject}, centred, seamless backdrop, soft box light, crisp detail, no people",
        negative_prompt=f"{_BAD}, person, hand, clutter",
        width=1024,
        height=1024,
        steps=32,
    ),
    Preset(
        id="landscape",
        title="Landscape",
        category="places",
        hint="A wide view at a good hour",
        prompt="wide landscape, {subject}, golden hour, layered distance, clear air, fine detail",
        negative_prompt=f"{_BAD}, people, frame, oversaturated",
        width=1216,
        height=832,
    ),
    Preset(
        id="artistic",
        title="Artistic",
        category="styles",
        hint="Painted, with visible strokes",
        prompt="gouache painting of {subject}, visible brush strokes, limited palette, paper texture",
        negative_prompt=f"{_BAD}, photograph, 3d render",
        width=1024,
        height=1024,
        steps=35,
        cfg=7.5,
        sampler="euler_ancestral",
        scheduler="normal",
    ),
    Preset(
        id="realistic",
        title="Realistic",
        category="styles",
        hint="An unposed photograph",
        prompt="candid photograph of {subject}, natural light, true colours, 35mm, unposed, real surroundings",
        negative_prompt=f"{_BAD}, illustration, airbrushed skin, studio",
        width=1152,
        height=896,
        steps=35,
        cfg=5.0,
        sampler="dpmpp_2m_sde",
    ),
    Preset(
        id="instagram",
        title="Feed post",
        category="formats",
        hint="4:5, reads well small",
        prompt="{subject}, one clear subject, bright even light, simple background, strong colour contrast",
        width=896,
        height=1120,
        batch_size=2,
    ),
    Preset(
        id="story",
        title="Story",
        category="formats",
        hint="9:16, room above for words",
        prompt="{subject}, vertical composition, subject in the lower half, calm empty space above",
        width=768,
        height=1344,
    ),
)


def get(preset_id: str) -> Preset:
    """One preset; `NotFound` for another word."""
    found = next((p for p in PRESETS if p.id == preset_id), None)
    if found is None:
        raise NotFound("There is no such preset.", f"Use one of: {', '.join(p.id for p in PRESETS)}.")
    return found


def of_category(category: str) -> list[Preset]:
    """All, or those of one category."""
    return [p for p in PRESETS if category in {"", p.category}]
