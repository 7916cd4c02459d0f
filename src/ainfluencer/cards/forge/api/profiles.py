"""Config profiles (who writes, and how) and prompt profiles (what is asked): two separate choices."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from ainfluencer.cards.forge import profiles
from ainfluencer.cards.forge.profile_shapes import (
    ConfigDraft,
    ConfigProfile,
    PromptDraft,
    PromptProfile,
    PromptVersion,
)
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.routing import Router

router = Router(prefix="/api/v2/profiles", tags=["forge"])


class ConfigPage(BaseModel):
    """Config profiles, the shipped ones first."""

    items: list[ConfigProfile]
    next_cursor: str | None = None


class PromptPage(BaseModel):
    """Prompt profiles, the shipped ones first."""

    items: list[PromptProfile]
    next_cursor: str | None = None


class CopyIn(BaseModel):
    """The name of a copy; empty takes “… copy”."""

    name: str = Field("", max_length=80)


@router.get("/config")
async def list_configs(session: Read, actor: Who) -> ConfigPage:
    """Every config profile with model, temperature, top-p, longest answer, seed, time, tries and prices."""
    return ConfigPage(items=await profiles.list_configs(session, actor))


@router.post("/config", status_code=201)
async def create_config(body: ConfigDraft, session: Write, actor: Who) -> ConfigProfile:
    """A new config profile."""
    return await profiles.create_config(session, actor, body)


@router.get("/config/{config_id}")
async def show_config(config_id: str, session: Read, actor: Who) -> ConfigProfile:
    """One config profile, by id or name."""
    return await profiles.get_config(session, actor, config_id)


@router.put("/config/{config_id}")
async def change_config(config_id: str, body: ConfigDraft, session: Write, actor: Who) -> ConfigProfile:
    """New values; 409 for a shipped profile."""
    return await profiles.change_config(session, actor, config_id, body)


@router.delete("/config/{config_id}", status_code=204)
async def delete_config(config_id: str, session: Write, actor: Who) -> None:
    """Delete it; 409 for a shipped profile."""
    await profiles.delete_config(session, actor, config_id)


@router.post("/config/{config_id}/copies", status_code=201)
async def copy_config(config_id: str, body: CopyIn, session: Write, actor: Who) -> ConfigProfile:
    """A copy that can be changed."""
    return await profiles.duplicate_config(session, actor, config_id, body.name)


@router.get("/config/{config_id}/export")
async def export_config(config_id: str, session: Read, actor: Who) -> dict[str, Any]:
    """The profile as a file for another workspace."""
    return profiles.exported(await profiles.get_config(session, actor, config_id))


@router.get("/prompts")
async def list_prompts(session: Read, actor: Who) -> PromptPage:
    """Every prompt profile with its short description, prompts and version."""
    return PromptPage(items=await profiles.list_prompts(session, actor))


@router.post("/prompts", status_code=201)
async def create_prompt(body: PromptDraft, session: Write, actor: Who) -> PromptProfile:
    """A new prompt profile; steps that are left out are those of “default”."""
    return await profiles.create_prompt(session, actor, body)


@router.get("/prompts/{prompt_id}")
async def show_prompt(prompt_id: str, session: Read, actor: Who) -> PromptProfile:
    """One prompt profile, by id or name."""
    return await profiles.get_prompt(session, actor, prompt_id)


@router.put("/prompts/{prompt_id}")
async def change_prompt(prompt_id: str, body: PromptDraft, session: Write, actor: Who) -> PromptProfile:
    """New prompts, as a new version; 409 for a shipped profile."""
    return await profiles.change_prompt(session, actor, prompt_id, body)


@router.delete("/prompts/{prompt_id}", status_code=204)
async def delete_prompt(prompt_id: str, session: Write, actor: Who) -> None:
    """Delete it with its versions; 409 for a shipped profile."""
    await profiles.delete_prompt(session, actor, prompt_id)


@router.get("/prompts/{prompt_id}/history")
async def list_versions(prompt_id: str, session: Read, actor: Who) -> dict[str, Any]:
    """The versions before the present one, newest first."""
    found: list[PromptVersion] = await profiles.prompt_versions(session, actor, prompt_id)
    return {"items": found, "next_cursor": None}


@router.post("/prompts/{prompt_id}/copies", status_code=201)
async def copy_prompt(prompt_id: str, body: CopyIn, session: Write, actor: Who) -> PromptProfile:
    """A copy that can be changed."""
    return await profiles.duplicate_prompt(session, actor, prompt_id, body.name)


@router.get("/prompts/{prompt_id}/export")
async def export_prompt(prompt_id: str, session: Read, actor: Who) -> dict[str, Any]:
    """The profile as a file for another workspace."""
    return profiles.exported(await profiles.get_prompt(session, actor, prompt_id))


@router.post("/imports", status_code=201)
async def import_profile(body: dict[str, Any], session: Write, actor: Who) -> ConfigProfile | PromptProfile:
    """A profile out of an exported file; a name that is taken gets a number."""
    return await profiles.imported(session, actor, body)
