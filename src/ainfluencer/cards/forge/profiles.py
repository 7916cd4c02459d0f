"""Questions about profiles and the verbs on them: shipped ones are read-only, those of the workspace come and go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ainfluencer.cards.forge import shipped
from ainfluencer.cards.forge.models import ForgeConfig, ForgePrompt
from ainfluencer.cards.forge.profile_shapes import ConfigDraft, ConfigProfile, PromptDraft, PromptProfile, PromptVersion
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.errors import Conflict, InvalidInput, LimitReached, NotFound
from ainfluencer.core.ids import new_id
from ainfluencer.integrations.manifest import Capability
from ainfluencer.makers import registry

MOST = 200
KEPT_VERSIONS = 20
BEST, OFFLINE = "best", "offline"
_Row = TypeVar("_Row", ForgeConfig, ForgePrompt)
_Draft = TypeVar("_Draft", ConfigDraft, PromptDraft)


async def list_configs(session: AsyncSession, actor: Actor) -> list[ConfigProfile]:
    """The shipped config profiles, then those of the workspace by name."""
    actor.require(Right.READ)
    rows = await session.scalars(
        select(ForgeConfig).where(ForgeConfig.workspace_id == actor.workspace_id).order_by(ForgeConfig.name)
    )
    return [*shipped.CONFIGS, *(_config(row) for row in rows)]


async def list_prompts(session: AsyncSession, actor: Actor) -> list[PromptProfile]:
    """The shipped prompt profiles, then those of the workspace by name."""
    actor.require(Right.READ)
    rows = await session.scalars(
        select(ForgePrompt).where(ForgePrompt.workspace_id == actor.workspace_id).order_by(ForgePrompt.name)
    )
    return [*shipped.PROMPTS, *(_prompt(row) for row in rows)]


async def get_config(session: AsyncSession, actor: Actor, key: str) -> ConfigProfile:
    """A config profile by id or name, or `NotFound`."""
    for one in await list_configs(session, actor):
        if key in {one.id, one.name}:
            return one
    raise NotFound(f"There is no config profile “{key[:80]}”.", "Choose one of the list, such as “basic”.")


async def get_prompt(session: AsyncSession, actor: Actor, key: str) -> PromptProfile:
    """A prompt profile by id or name, or `NotFound`."""
    for one in await list_prompts(session, actor):
        if key in {one.id, one.name}:
            return one
    raise NotFound(f"There is no prompt profile “{key[:80]}”.", "Choose one of the list, such as “default”.")


async def create_config(session: AsyncSession, actor: Actor, draft: ConfigDraft) -> ConfigProfile:
    """A new config profile of the workspace."""
    actor.require(Right.CREATE)
    _check_maker(draft.maker)
    await _check_name(session, actor, ForgeConfig, draft.name)
    row = ForgeConfig(id=new_id(), workspace_id=actor.workspace_id, **draft.model_dump())
    session.add(row)
    await session.flush()
    return _config(row)


async def change_config(session: AsyncSession, actor: Actor, key: str, draft: ConfigDraft) -> ConfigProfile:
    """Put new values into a config profile."""
    row = await _own(session, actor, ForgeConfig, key)
    _check_maker(draft.maker)
    await _check_name(session, actor, ForgeConfig, draft.name, apart=row.id)
    for name, value in draft.model_dump().items():
        setattr(row, name, value)
    row.rev += 1
    await session.flush()
    return _config(row)


async def delete_config(session: AsyncSession, actor: Actor, key: str) -> None:
    """Delete a config profile of the workspace."""
    await session.delete(await _own(session, actor, ForgeConfig, key))
    await session.flush()


async def create_prompt(session: AsyncSession, actor: Actor, draft: PromptDraft) -> PromptProfile:
    """A new prompt profile; steps that it leaves out are those of “default”."""
    actor.require(Right.CREATE)
    await _check_name(session, actor, ForgePrompt, draft.name)
    row = ForgePrompt(
        id=new_id(), workspace_id=actor.workspace_id, name=draft.name, description=draft.description, prompts=_whole(draft.prompts), version=1, history=[]
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return _prompt(row)


async def change_prompt(session: AsyncSession, actor: Actor, key: str, draft: PromptDraft) -> PromptProfile:
    """Put new prompts into a profile; changed prompts make a new version, and the one before is kept."""
    row = await _own(session, actor, ForgePrompt, key)
    await _check_name(session, actor, ForgePrompt, draft.name, apart=row.id)
    prompts = _whole({**row.prompts, **draft.prompts})
    if prompts != row.prompts:
        before = {"version": row.version, "at": clock.now().isoformat(), "prompts": row.prompts}
        row.history = [*row.history, before][-KEPT_VERSIONS:]
        row.prompts, row.version = prompts, row.version + 1
    row.name, row.description = draft.name, draft.description
    await session.flush()
    return _prompt(row)


async def delete_prompt(session: AsyncSession, actor: Actor, key: str) -> None:
    """Delete a prompt profile of the workspace with its versions."""
    await session.delete(await _own(session, actor, ForgePrompt, key))
    await session.flush()


async def prompt_versions(session: AsyncSession, actor: Actor, key: str) -> list[PromptVersion]:
    """The versions before the present one, newest first; shipped profiles have none."""
    found = await get_prompt(session, actor, key)
    if found.is_shipped:
        return []
    row = await session.get_one(ForgePrompt, found.id)
    return [PromptVersion.model_validate(one) for one in reversed(row.history)]


async def duplicate_config(session: AsyncSession, actor: Actor, key: str, name: str = "") -> ConfigProfile:
    """A copy that can be changed, also of a shipped profile."""
    source = await get_config(session, actor, key)
    known = {one.name for one in await list_configs(session, actor)}
    values = source.model_dump(exclude={"id", "is_shipped"}) | {"name": name.strip() or _free(source.name, known)}
    return await create_config(session, actor, _drafted(ConfigDraft, values))


async def duplicate_prompt(session: AsyncSession, actor: Actor, key: str, name: str = "") -> PromptProfile:
    """A copy that can be changed, also of a shipped profile."""
    source = await get_prompt(session, actor, key)
    known = {one.name for one in await list_prompts(session, actor)}
    chosen = name.strip() or _free(source.name, known)
    values = {"name": chosen, "description": source.description, "prompts": source.prompts}
    return await create_prompt(session, actor, _drafted(PromptDraft, values))


def exported(profile: ConfigProfile | PromptProfile) -> dict[str, Any]:
    """A profile as a file that another workspace can import."""
    kind = "config" if isinstance(profile, ConfigProfile) else "prompt"
    return {"kind": f"forge_{kind}_profile", **profile.model_dump(exclude={"id", "is_shipped", "version"})}


async def imported(session: AsyncSession, actor: Actor, value: Mapping[str, Any]) -> ConfigProfile | PromptProfile:
    """A profile out of an exported file. A name that is taken gets a number; nothing is overwritten."""
    kind = value.get("kind")
    inner = {key: one for key, one in value.items() if key != "kind"}
    if kind == "forge_config_profile":
        config = _drafted(ConfigDraft, inner)
        known = {one.name for one in await list_configs(session, actor)}
        return await create_config(session, actor, config.model_copy(update={"name": _unused(config.name, known)}))
    if kind == "forge_prompt_profile":
        prompt = _drafted(PromptDraft, inner)
        known = {one.name for one in await list_prompts(session, actor)}
        return await create_prompt(session, actor, prompt.model_copy(update={"name": _unused(prompt.name, known)}))
    raise InvalidInput(
        "This is not a profile of the forge.", "Choose a file that was exported from here.", field="kind"
    )


def _drafted(kind: type[_Draft], values: Mapping[str, Any]) -> _Draft:
    """A draft of plain values; `InvalidInput` names the field at fault."""
    try:
        return kind.model_validate(values)
    except ValidationError as e:
        first = e.errors()[0]
        raise InvalidInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.", field=str(first["loc"][0])) from None


async def _own(session: AsyncSession, actor: Actor, table: type[_Row], key: str) -> _Row:
    """A row of the workspace by id or name; `Conflict` for a shipped profile, `NotFound` otherwise."""
    actor.require(Right.CREATE)
    mine = (table.id == key) | (table.name == key)
    question = select(table).where(table.workspace_id == actor.workspace_id, mine)
    # On PostgreSQL two who save at once wait for each other, so that no version is lost.
    row = await session.scalar(question.with_for_update().execution_options(populate_existing=True))
    if row is not None:
        return row
    known = shipped.CONFIGS if table is ForgeConfig else shipped.PROMPTS
    if any(key in {one.id, one.name} for one in known):
        raise Conflict(
            f"“{key}” comes with the product and stays as it is.",
            "Duplicate it and change the copy.",
            code="profile_shipped",
        )
    raise NotFound("There is no such profile.")


async def _check_name(session: AsyncSession, actor: Actor, table: type[_Row], name: str, *, apart: str = "") -> None:
    known = shipped.CONFIGS if table is ForgeConfig else shipped.PROMPTS
    same = select(table.id).where(table.workspace_id == actor.workspace_id, table.name == name, table.id != apart)
    if any(name in {one.id, one.name} for one in known) or await session.scalar(same):
        raise Conflict(
            f"There is a profile called “{name}” already.", "Choose another name.", code="name_taken", field="name"
        )
    count = await session.scalar(select(func.count()).where(table.workspace_id == actor.workspace_id)) or 0
    if count >= MOST and not apart:
        raise LimitReached(f"A workspace keeps {MOST} profiles.", "Delete one that nobody uses.")


def _check_maker(maker: str) -> None:
    if maker in {BEST, OFFLINE}:
        return
    able = [one.slug for one in registry.able(Capability.TEXT)]
    if maker not in able:
        raise InvalidInput(
            f"There is no text maker called “{maker}”.", f"Use best, offline, {', '.join(able)}.", field="maker"
        )


def _whole(prompts: Mapping[str, str]) -> dict[str, str]:
    """Every step's prompt, checked: a step that is not known, or a prompt without its matter, is refused."""
    base = shipped.PROMPTS[0].prompts
    unknown = sorted(set(prompts) - set(base))
    if unknown:
        raise InvalidInput(
            f"There is no step called “{unknown[0][:40]}”.", f"Known: {', '.join(base)}.", field="prompts"
        )
    for step, text in prompts.items():
        if len(text) > 20_000:
            raise InvalidInput(f"The prompt “{step}” is longer than 20,000 characters.", field=f"prompts.{step}")
        missing = [name for name in shipped.VARIABLES[step] if f"${{{name}}}" not in text]
        if missing:
            raise InvalidInput(
                f"The prompt “{step}” lacks ${{{missing[0]}}}.",
                "Put the variable where its text belongs.",
                field=f"prompts.{step}",
            )
        strange = set(re.findall(r"\$\{(\w*)\}", text)) - shipped.KNOWN
        if strange:
            raise InvalidInput(
                f"There is no variable ${{{min(strange)}}}.",
                f"Known: {', '.join(sorted(shipped.KNOWN))}.",
                field=f"prompts.{step}",
            )
    return {**base, **prompts}


def filled(prompt: str, values: Mapping[str, str]) -> str:
    """A prompt with its variables filled in; what the values themselves hold is never read as a variable."""
    return re.sub(r"\$\{(\w+)\}", lambda match: values.get(match.group(1), ""), prompt)


def _free(name: str, known: set[str]) -> str:
    return _unused(f"{name[:75]} copy", known)


def _unused(name: str, known: set[str]) -> str:
    if name not in known:
        return name
    return next(f"{name[:74]} {n}" for n in range(2, MOST + 10) if f"{name[:74]} {n}" not in known)


def _config(row: ForgeConfig) -> ConfigProfile:
    return ConfigProfile.model_validate(row, from_attributes=True)


def _prompt(row: ForgePrompt) -> PromptProfile:
    found = PromptProfile.model_validate(row, from_attributes=True)
    return found.model_copy(update={"prompts": {**shipped.PROMPTS[0].prompts, **found.prompts}})
