"""The pages of profiles: both lists, one of each kind with its form, copies, files in and out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from fastapi import File, Form, Request, UploadFile
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from ainfluencer.cards.forge import profiles, shipped
from ainfluencer.cards.forge.profile_shapes import ConfigDraft, ConfigProfile, PromptDraft, PromptProfile, PromptVersion
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput
from ainfluencer.integrations.manifest import Capability
from ainfluencer.makers import queries as makers
from ainfluencer.web.deps import Read, Who, Write
from ainfluencer.web.errors import form_errors
from ainfluencer.web.render import flash, go_to, render
from ainfluencer.web.routing import Router

router = Router(include_in_schema=False)
_LARGEST = 500_000
_NUMBERS = ("temperature", "top_p", "max_tokens", "seed", "timeout_seconds", "retries", "input_price", "output_price")


@dataclass(frozen=True, slots=True)
class ProfilesPage:
    """Both lists."""

    configs: Sequence[ConfigProfile]
    prompts: Sequence[PromptProfile]
    template: ClassVar[str] = "cards/forge_profiles.html"


@dataclass(frozen=True, slots=True)
class ConfigPage:
    """One config profile and its form."""

    profile: ConfigProfile
    values: Mapping[str, Any]
    makers: Sequence[tuple[str, str]]
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "cards/forge_config.html"
    region: ClassVar[str] = "form"


@dataclass(frozen=True, slots=True)
class PromptPage:
    """One prompt profile, its form and its earlier versions."""

    profile: PromptProfile
    values: Mapping[str, str]
    history: Sequence[PromptVersion]
    hints: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    template: ClassVar[str] = "cards/forge_prompt.html"
    region: ClassVar[str] = "form"


def _hints() -> dict[str, str]:
    """What each step's prompt must hold, in words."""
    return {
        step: f"Must hold {' and '.join(f'${{{name}}}' for name in needs)}."
        if needs
        else "Stands where another prompt says ${focus}."
        for step, needs in shipped.VARIABLES.items()
    }


@router.get("/cards/forge/profiles")
async def show_profiles(request: Request, session: Read, actor: Who) -> Response:
    """Who writes, and what is asked: two separate choices."""
    actor.require(Right.CREATE)
    return render(
        request, ProfilesPage(await profiles.list_configs(session, actor), await profiles.list_prompts(session, actor))
    )


@router.post("/cards/forge/profiles/imports")
async def bring_profile(request: Request, session: Write, actor: Who, file: Annotated[UploadFile, File()]) -> Response:
    """A profile out of an exported file."""
    try:
        value = json.loads(await file.read(_LARGEST))
    except (ValueError, RecursionError):
        raise InvalidInput(
            "The file is not valid JSON.", "Choose a file that was exported from here.", field="file"
        ) from None
    made = await profiles.imported(session, actor, value if isinstance(value, dict) else {})
    flash(request, f"“{made.name}” is here.", "success")
    return go_to(request, "/cards/forge/profiles")


@router.get("/cards/forge/profiles/config/{config_id}")
async def show_config(request: Request, session: Read, actor: Who, config_id: str) -> Response:
    """One config profile."""
    actor.require(Right.CREATE)
    found = await profiles.get_config(session, actor, config_id)
    return render(request, ConfigPage(found, found.model_dump(), await _makers(session, actor)))


async def _makers(session: AsyncSession, actor: Actor) -> list[tuple[str, str]]:
    views = [one for one in await makers.list_makers(session, actor) if one.manifest.can(Capability.TEXT)]
    named = [(one.manifest.slug, one.manifest.title + ("" if one.is_usable else " (not connected)")) for one in views]
    return [
        (profiles.BEST, "The best one that is connected"),
        (profiles.OFFLINE, "Offline: rules and the built-in model"),
        *named,
    ]


@router.post("/cards/forge/profiles/config/{config_id}")
async def save_config(request: Request, session: Write, actor: Who, config_id: str) -> Response:
    """Save a config profile; the form again with its mistakes."""
    async with request.form() as form:
        values = {name: str(form.get(name, "")).strip() for name in ConfigDraft.model_fields}
    given = {name: value for name, value in values.items() if value or name not in _NUMBERS}
    try:
        made = await profiles.change_config(session, actor, config_id, ConfigDraft.model_validate(given))
    except (InvalidInput, ValidationError, Conflict) as mistake:
        found = await profiles.get_config(session, actor, config_id)
        page = ConfigPage(found, values, await _makers(session, actor), form_errors(mistake))
        return render(request, page, status=422)
    flash(request, f"“{made.name}” is saved.", "success")
    return go_to(request, f"/cards/forge/profiles/config/{made.id}")


@router.get("/cards/forge/profiles/prompts/{prompt_id}")
async def show_prompt(request: Request, session: Read, actor: Who, prompt_id: str) -> Response:
    """One prompt profile."""
    actor.require(Right.CREATE)
    found = await profiles.get_prompt(session, actor, prompt_id)
    history = await profiles.prompt_versions(session, actor, prompt_id)
    values = {"name": found.name, "description": found.description, **found.prompts}
    return render(request, PromptPage(found, values, history, _hints()))


@router.post("/cards/forge/profiles/prompts/{prompt_id}")
async def save_prompt(request: Request, session: Write, actor: Who, prompt_id: str) -> Response:
    """Save a prompt profile; changed prompts make a new version."""
    async with request.form() as form:
        values = {
            name: str(form.get(name, "")).replace("\r\n", "\n") for name in ("name", "description", *shipped.VARIABLES)
        }
        prompts = {name: values[name] for name in shipped.VARIABLES if name in form}
    try:
        draft = PromptDraft(name=values["name"].strip(), description=values["description"].strip(), prompts=prompts)
        made = await profiles.change_prompt(session, actor, prompt_id, draft)
    except (InvalidInput, ValidationError, Conflict) as mistake:
        found = await profiles.get_prompt(session, actor, prompt_id)
        history = await profiles.prompt_versions(session, actor, prompt_id)
        errors = {name.removeprefix("prompts."): text for name, text in form_errors(mistake).items()}
        return render(request, PromptPage(found, values, history, _hints(), errors), status=422)
    flash(request, f"“{made.name}” is saved as version {made.version}.", "success")
    return go_to(request, f"/cards/forge/profiles/prompts/{made.id}")


@router.post("/cards/forge/profiles/config/{config_id}/copies")
async def copy_config(
    request: Request, session: Write, actor: Who, config_id: str, name: Annotated[str, Form()] = ""
) -> Response:
    """A copy that can be changed."""
    made = await profiles.duplicate_config(session, actor, config_id, name)
    return go_to(request, f"/cards/forge/profiles/config/{made.id}")


@router.post("/cards/forge/profiles/prompts/{prompt_id}/copies")
async def copy_prompt(
    request: Request, session: Write, actor: Who, prompt_id: str, name: Annotated[str, Form()] = ""
) -> Response:
    """A copy that can be changed."""
    made = await profiles.duplicate_prompt(session, actor, prompt_id, name)
    return go_to(request, f"/cards/forge/profiles/prompts/{made.id}")


@router.post("/cards/forge/profiles/config/{config_id}/deletion")
async def delete_config(request: Request, session: Write, actor: Who, config_id: str) -> Response:
    """Delete it."""
    await profiles.delete_config(session, actor, config_id)
    flash(request, "The profile is deleted.", "success")
    return go_to(request, "/cards/forge/profiles")


@router.post("/cards/forge/profiles/prompts/{prompt_id}/deletion")
async def delete_prompt(request: Request, session: Write, actor: Who, prompt_id: str) -> Response:
    """Delete it."""
    await profiles.delete_prompt(session, actor, prompt_id)
    flash(request, "The profile is deleted.", "success")
    return go_to(request, "/cards/forge/profiles")
