"""Profiles: shipped ones stay, copies change, versions are kept, files go in and out, nobody sees another workspace's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from ainfluencer.accounts.models import Workspace
from ainfluencer.cards.forge import profiles, shipped
from ainfluencer.cards.forge.profile_shapes import ConfigDraft, PromptDraft
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import Conflict, InvalidInput, NotFound
from ainfluencer.db.session import Database
from tests.conftest import person


async def test_the_shipped_profiles_are_the_ones_that_are_promised(db: Database, owner: Actor) -> None:
    async with db.reading() as session:
        basic = await profiles.get_config(session, owner, "basic")
        default = await profiles.get_prompt(session, owner, "default")
    assert (basic.temperature, basic.max_tokens, basic.is_shipped) == (0.8, 60_000, True)
    assert default.description.startswith("World-focused")


@pytest.mark.parametrize(("tokens", "is_good"), [(100_000, True), (60_000, True), (100_001, False), (0, False)])
def test_up_to_a_hundred_thousand_tokens_are_taken(tokens: int, *, is_good: bool) -> None:
    if is_good:
        assert ConfigDraft(name="x", max_tokens=tokens).max_tokens == tokens
    else:
        with pytest.raises(ValidationError):
            ConfigDraft(name="x", max_tokens=tokens)


async def test_a_shipped_profile_stays_and_its_copy_changes(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        with pytest.raises(Conflict):
            await profiles.change_config(session, owner, "basic", ConfigDraft(name="mine"))
        with pytest.raises(Conflict):
            await profiles.delete_prompt(session, owner, "default")
        copy = await profiles.duplicate_config(session, owner, "basic")
        changed = await profiles.change_config(session, owner, copy.id, ConfigDraft(name="mine", temperature=0.2))
        found = await profiles.get_config(session, owner, "mine")
    assert copy.name == "basic copy"
    assert (changed.temperature, found.id) == (0.2, copy.id)


@pytest.mark.parametrize("kind", ["config", "prompt"])
async def test_a_copy_of_a_long_name_has_a_name_that_fits(db: Database, owner: Actor, kind: str) -> None:
    draft = {"config": ConfigDraft, "prompt": PromptDraft}[kind](name="x" * 80, description="a\0b")
    create, copy = (getattr(profiles, f"{verb}_{kind}") for verb in ("create", "duplicate"))
    async with db.writing() as session:
        made = await create(session, owner, draft)
        names = {(await copy(session, owner, made.id)).name for _ in range(2)}
        with pytest.raises(InvalidInput) as refused:
            await copy(session, owner, made.id, "y" * 81)
    assert (made.description, len(names), refused.value.field) == ("ab", 2, "name")


async def test_a_name_is_given_once(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        await profiles.create_config(session, owner, ConfigDraft(name="mine"))
        for taken in ("mine", "basic"):
            with pytest.raises(Conflict):
                await profiles.create_config(session, owner, ConfigDraft(name=taken))


async def _saved(db: Database, actor: Actor, key: str, words: str) -> int:
    async with db.writing() as session:
        return (
            await profiles.change_prompt(session, actor, key, PromptDraft(name="mine", prompts={"focus": words}))
        ).version


async def test_changed_prompts_make_a_version_and_the_one_before_is_kept(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        mine = await profiles.create_prompt(session, owner, PromptDraft(name="mine", prompts={"focus": "Be brief."}))
        assert mine.prompts["write"] == shipped.PROMPTS[0].prompts["write"]
        again = await profiles.change_prompt(
            session, owner, mine.id, PromptDraft(name="mine", prompts={"focus": "Be long."})
        )
        same = await profiles.change_prompt(
            session, owner, mine.id, PromptDraft(name="mine", prompts={"focus": "Be long."})
        )
        history = await profiles.prompt_versions(session, replace(owner, role=Role.VIEWER), mine.id)
    assert (again.version, same.version) == (2, 2)
    saved = await asyncio.gather(*(_saved(db, owner, mine.id, words) for words in ("One.", "Two.")))
    assert sorted(saved) == [3, 4]
    assert [one.prompts["focus"] for one in history] == ["Be brief."]


@pytest.mark.parametrize(
    ("prompts", "field"),
    [
        ({"write": "Write about ${name}."}, "prompts.write"),
        ({"write": "${name} ${claims} ${secret}"}, "prompts.write"),
        ({"sing": "la"}, "prompts"),
    ],
    ids=["without its matter", "with an unknown variable", "for an unknown step"],
)
async def test_a_prompt_that_cannot_work_is_refused(
    db: Database, owner: Actor, prompts: dict[str, str], field: str
) -> None:
    async with db.writing() as session:
        with pytest.raises(InvalidInput) as refused:
            await profiles.create_prompt(session, owner, PromptDraft(name="mine", prompts=prompts))
    assert refused.value.field == field


async def test_what_goes_out_comes_in_again_beside_the_first(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        config = await profiles.create_config(session, owner, ConfigDraft(name="mine", seed=7, input_price=1.5))
        prompt = await profiles.create_prompt(session, owner, PromptDraft(name="mine"))
        made: list[Any] = [await profiles.imported(session, owner, profiles.exported(one)) for one in (config, prompt)]
    assert [one.name for one in made] == ["mine 2", "mine 2"]
    assert (made[0].seed, made[0].input_price) == (7, 1.5)
    assert made[1].prompts == prompt.prompts


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"kind": "x"},
        {"kind": "forge_config_profile", "name": ""},
        {"kind": "forge_config_profile", "name": "x", "maker": "nobody"},
    ],
)
async def test_a_file_that_is_no_profile_is_refused(db: Database, owner: Actor, value: dict[str, Any]) -> None:
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await profiles.imported(session, owner, value)


async def test_profiles_belong_to_their_workspace(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        other = Workspace(name="Elsewhere", timezone="UTC")
        session.add(other)
        await session.flush()
    stranger = await person(db, other, "Bo", Role.OWNER)
    async with db.writing() as session:
        mine = await profiles.create_config(session, owner, ConfigDraft(name="mine"))
        with pytest.raises(NotFound):
            await profiles.get_config(session, stranger, mine.id)
        with pytest.raises(NotFound):
            await profiles.delete_config(session, stranger, mine.id)


def test_a_cost_is_known_only_with_both_prices() -> None:
    priced = shipped.CONFIGS[0].model_copy(update={"input_price": 1.0, "output_price": 4.0})
    assert priced.cost(1_000_000, 500_000) == 3.0
    assert shipped.CONFIGS[0].cost(10, 10) is None


def test_what_a_source_says_is_never_read_as_a_variable() -> None:
    assert profiles.filled("${name}: ${source}", {"name": "Ada", "source": "${name}"}) == "Ada: ${name}"
