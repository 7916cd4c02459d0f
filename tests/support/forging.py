"""A finished job of the forge with its profiles, source and kept step, for a workspace with one of everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.forge import finishing, shipped
from ainfluencer.cards.forge.models import ForgeConfig, ForgePrompt, ForgeSource, ForgeStep
from ainfluencer.cards.forge.options import KIND, Options, Payload
from ainfluencer.core.ids import new_id
from ainfluencer.engine.models import Job, JobState
from ainfluencer.media import storage


async def forged(session: AsyncSession, own: dict[str, Any], mark: str, now: datetime) -> dict[str, str]:
    """One row of each table and a completed job; answers the ids by the names that addresses use."""
    text = f"{mark} keeps a lighthouse and talks to gulls.".encode()
    config = ForgeConfig(id=new_id(), **own, name=f"{mark} config")
    prompt = ForgePrompt(id=new_id(), **own, name=f"{mark} prompt", prompts=shipped.PROMPTS[0].prompts)
    source = ForgeSource(
        id=new_id(), **own, filename=f"{mark}.txt", kind="text", title=mark, size_bytes=len(text), characters=len(text), words=7,
        sha256=storage.sha256(text), data=text,
    )  # fmt: skip
    thread = new_id()
    step = ForgeStep(id=new_id(), **own, thread=thread, name="collect", digest="0" * 64, output={"name": mark})
    payload = Payload(
        thread=thread,
        source_ids=[source.id],
        config=shipped.CONFIGS[1].model_dump(mode="json"),
        prompt=shipped.PROMPTS[0].model_dump(mode="json"),
        template="offline · default",
    )
    fields = {
        "name": mark,
        "description": f"{mark} keeps a lighthouse.",
        "first_mes": "*{{char}} looks up.*\n\n“Sit down.”",
    }
    metadata = {
        "maker_title": "Built-in small model", "writes_freely": False, "source_words": 7, "claims": 1, "claims_dropped": 0, "notes": [],
        "score": 100, "tokens": {"permanent": 10, "worst": 20}, "prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0,
    }  # fmt: skip
    result = finishing.result_of(finishing.card_of(fields, Options()), metadata, evidence=[], material=None)
    job = Job(
        id=new_id(), **own, kind=KIND, title=f"Forge {mark}", queue="make", state=JobState.COMPLETED, handed=True, started_at=now,
        finished_at=now, payload=payload.model_dump(mode="json"), result=result.model_dump(mode="json"),
    )  # fmt: skip
    session.add_all([config, prompt, source, step, job])
    await session.flush()
    ids = {"config_id": config.id, "prompt_id": prompt.id, "source_id": source.id, "part": "steps"}
    return ids | {"cards.forge.job_id": job.id, "generation.job_id": job.id}
