"""Jobs of the forge, from what was given to the card that can be downloaded, without any model."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from ainfluencer.cards import opening
from ainfluencer.cards import service as library
from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.forge import jobs as forge_jobs
from ainfluencer.cards.forge import service, sources, texts
from ainfluencer.cards.forge.models import ForgeSource
from ainfluencer.cards.forge.options import Options
from ainfluencer.cards.linting import linter
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.session import Database
from ainfluencer.engine import exports
from ainfluencer.engine import service as jobs
from ainfluencer.engine.models import Job, JobState
from tests.support.cards import pngs
from tests.unit.cards.forge_support import IDEA, NOTES, STORY, begun, count, done, read


def files_below(folder: Path) -> set[Path]:
    return {one for one in folder.rglob("*") if one.is_file() and "ainfluencer.db" not in one.name}


@pytest.mark.parametrize(("text", "name"), [(IDEA, ""), (NOTES, ""), (STORY, "Anna Reed")])
async def test_every_kind_of_source_becomes_a_sound_card(db: Database, owner: Actor, text: str, name: str) -> None:
    result = await done(db, await begun(owner, text, name=name))
    opened = opening.open_card(json.dumps(result["card"]).encode())
    assert opened.card.spec == "v3"
    assert opened.card.name == result["name"] != ""
    assert opened.card.description
    assert opened.card.first_mes
    assert not [one for one in linter.lint(opened).findings if one.severity == "error"]


async def test_what_came_with_the_job_goes_with_it(db: Database, owner: Actor, tmp_path: Path) -> None:
    before = files_below(tmp_path)
    job = await begun(owner, NOTES)
    assert await count(db, ForgeSource) == 1
    await done(db, job)
    assert await count(db, ForgeSource) == 0
    async with db.reading() as session:
        row = await session.get_one(Job, job.job.id)
        for form in ("json", "v2", "v3", "png", "charx"):
            assert (await exports.download(session, owner, row, form))[0]
    assert files_below(tmp_path) == before


async def test_a_card_is_completed_and_keeps_what_it_has(db: Database, owner: Actor) -> None:
    card = {
        "spec": "chara_card_v2",
        "spec_version": "2.0",
        "data": {"name": "Anna Reed", "description": "As I wrote it.", "extensions": {"x": 1}},
    }
    result = await done(db, await begun(owner, STORY, mode="fill", card=read(json.dumps(card), "card.json")))
    assert result["description"] == "As I wrote it."
    assert result["first_mes"]
    assert result["card"]["data"]["extensions"]["x"] == 1


async def test_rules_keep_the_card_that_is_all_they_are_given(db: Database, owner: Actor) -> None:
    data = {
        "name": "Sera",
        "description": '[Sera\'s Personality= "caring", "patient", "stubborn"]\n<START>\n{{user}}: "Who are you?"\n{{char}}: *She nods.* "I guard this wood, and I wait."',
        "first_mes": "*She wakes you.*",
        "character_book": {"entries": [{"keys": ["wood"], "content": "The wood is old.", "extensions": {}, "enabled": True, "insertion_order": 1}], "extensions": {}},
    }  # fmt: skip
    given = read(json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}), "card.json")
    async with db.writing() as session:
        job = await service.begin(session, owner, service.Request(Options(), "offline", texts=(given,)))
    made = (await done(db, job))["card"]["data"]
    assert {name: made[name] for name in ("name", "description", "first_mes")} == {name: data[name] for name in ("name", "description", "first_mes")}  # fmt: skip
    assert [entry["content"] for entry in made["character_book"]["entries"]] == ["The wood is old."]
    assert made["personality"].startswith("Caring, patient, stubborn.")
    assert "I guard this wood, and I wait." in made["mes_example"]


@pytest.mark.parametrize("place", ["card", "source"])
async def test_a_new_card_is_made_of_another_one_and_a_text(db: Database, owner: Actor, place: str) -> None:
    data = {
        "name": "Anna Reed",
        "description": "{{char}} is a tall woman with red hair. Captain Moss is a smuggler. Captain Moss limps. Captain Moss laughs.",
        "personality": "Quiet and patient.",
        "scenario": "{{user}} comes in from the storm.",
        "first_mes": "*{{char}} lifts the lamp.* Who goes there?",
    }
    given = read(json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}), "card.json")
    text = read("Anna Reed loves plum cake.")
    request = service.Request(Options(), "offline", texts=(text,) if place == "card" else (given, text), card=given if place == "card" else None)  # fmt: skip
    async with db.writing() as session:
        job = await service.begin(session, owner, request)
    result = await done(db, job)
    assert (result["name"], result["scenario"]) == ("Anna Reed", data["scenario"])
    assert result["first_mes"] == data["first_mes"]
    assert result["personality"] == data["personality"]
    assert "{{char}} loves plum cake." in result["description"]
    assert "{{char}} is a smuggler" not in result["description"]


async def test_an_offline_instruction_changes_a_card(db: Database, owner: Actor) -> None:
    card = {
        "spec": "chara_card_v2",
        "spec_version": "2.0",
        "data": {"name": "Anna", "description": "Anna waits.", "tags": []},
    }
    given = read(json.dumps(card), "card.json")
    result = await done(db, await begun(owner, mode="revise", card=given, instruction="rename to Vera; add tag sea"))
    assert (result["name"], result["description"], result["tags"]) == ("Vera", "Vera waits.", ["sea"])
    with pytest.raises(InvalidInput) as refused:
        await begun(owner, mode="revise", card=given, instruction="make her funnier")
    assert refused.value.reason == "needs_larger_model"


@pytest.mark.parametrize(
    ("mode", "odd"),
    [
        ("revise", {"character_version": "2.3", "extensions": {"ainfluencer": "old"}}),
        ("revise", {"extensions": "none", "character_book": [{"keys": "sea", "content": "The sea."}]}),
        ("check", {"character_book": {"entries": {"0": {"keys": ["sea"], "content": "The sea."}}}}),
    ],
)
async def test_a_card_of_odd_types_is_changed_and_checked(
    db: Database, owner: Actor, mode: str, odd: dict[str, Any]
) -> None:
    data = {"name": "Anna", "description": "Anna mends violins in Paris.", **odd}
    given = read(json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}), "card.json")
    source = [STORY] if mode == "check" else []
    result = await done(db, await begun(owner, *source, mode=mode, card=given, instruction="add tag storm"))
    if mode == "check":
        assert result["metadata"]["counts"]["not_in_source"] >= 1
        return
    assert result["tags"][-1] == "storm"
    assert result["card"]["data"]["character_version"] == odd.get("character_version", "1.0")
    entries = (result["card"]["data"].get("character_book") or {}).get("entries", [])
    assert [one["content"] for one in entries] == (["The sea."] if "character_book" in odd else [])


async def test_halves_of_characters_and_nuls_of_a_card_stop_nothing(db: Database, owner: Actor) -> None:
    data = {"name": "An\ud83dna", "description": "Anna waits.\0", "extensions": {"x\0": "\udc00"}}
    given = read(json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}), "card.json")
    job = await begun(owner, mode="revise", card=given, instruction="add tag sto\0rm")
    assert (await done(db, job))["name"] == "An\ufffdna"
    async with db.reading() as session:
        row = await session.get_one(Job, job.job.id)
        for form in ("json", "v3", "png"):
            assert (await exports.download(session, owner, row, form))[0]
        assert [exports.export(row, [], form) for form in ("json", "yaml", "csv")]


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_changed_card_keeps_its_picture(db: Database, owner: Actor, *, is_kept: bool) -> None:
    card = {
        "spec": "chara_card_v2",
        "spec_version": "2.0",
        "data": {"name": "Anna", "description": "Anna waits.", "tags": []},
    }
    data = pngs.png(pngs.text("Title", b"mine"), pngs.text("chara", pngs.b64(card)))
    given = sources.Read(data, "anna.png", texts.read(data, "anna.png"))
    job = await begun(owner, mode="revise", card=given, instruction="add tag sea")
    await done(db, job)
    again = await begun(owner, mode="revise", based_on=job.job.id, instruction="add tag storm")
    await done(db, again)
    if not is_kept:
        async with db.writing() as session:
            await session.execute(delete(ForgeSource))
    async with db.reading() as session:
        row = await session.get_one(Job, again.job.id)
        made = (await exports.download(session, owner, row, "png"))[0]
        assert (await exports.download(session, owner, row, "v3"))[0].startswith(b"{")
    assert (b"mine" in made) is is_kept
    for version in (opening.open_card(made).card, opening.open_card(converter.convert(opening.open_card(made), Target("json", 2), allow_loss=True).data).card):  # fmt: skip
        assert version.tags == ("sea", "storm")
    card_id, _ = await service.keep_as_card(owner, again.job.id)
    async with db.reading() as session:
        assert (b"mine" in (await library.version_file(session, owner, card_id, 1)).data) is is_kept


async def test_a_finished_job_tried_again_hands_out_the_same_card(db: Database, owner: Actor) -> None:
    job = await begun(owner, NOTES)
    first = await done(db, job)
    async with db.writing() as session:
        job.job.id = (await jobs.retry(session, owner, job.job.id)).id
    assert await done(db, job) == first


async def test_what_stopped_jobs_left_goes_after_a_day_and_waiting_ones_keep_theirs(db: Database, owner: Actor) -> None:
    waits, stopped, fresh = [await begun(owner, text) for text in (NOTES, IDEA, STORY)]
    old = clock.from_now(days=-2)
    async with db.writing() as session:
        (await session.get_one(Job, stopped.job.id)).state = JobState.CANCELLED
        (await session.get_one(Job, fresh.job.id)).state = JobState.CANCELLED
        ids = [one.job.payload["source_ids"][0] for one in (waits, stopped, fresh)]
        await session.execute(update(ForgeSource).where(ForgeSource.id.in_(ids[:2])).values(created_at=old))
    await forge_jobs.clean_up()
    async with db.reading() as session:
        assert set(await session.scalars(select(ForgeSource.id))) == {ids[0], ids[2]}


async def test_a_job_of_another_kind_is_nothing_to_go_on_from(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        other = await jobs.enqueue(session, owner, "channels.check")
        other.state, other.result = JobState.COMPLETED, {"card": "x", "metadata": {}}
    with pytest.raises(InvalidInput) as refused:
        await begun(owner, based_on=other.id, fields=["scenario"])
    assert refused.value.field == "based_on"


async def test_a_field_written_again_is_another_one_and_the_rest_stays(db: Database, owner: Actor) -> None:
    job = await begun(owner, STORY, name="Anna Reed", greetings=1)
    first = await done(db, job)
    second = await done(db, await begun(owner, based_on=job.job.id, fields=["first_mes"], greetings=1, seed=1))
    assert second["first_mes"] != first["first_mes"]
    assert second["description"] == first["description"]


@pytest.mark.parametrize(
    ("options", "field"),
    [({}, "source"), ({"mode": "revise", "instruction": "x"}, "card"), ({"mode": "check"}, "card")],
)
async def test_what_cannot_end_well_is_refused_before_it_waits(
    db: Database, owner: Actor, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await begun(owner, **options)
    assert refused.value.field == field
    assert await count(db, Job) == 0


async def test_a_forged_card_goes_into_the_library_once(db: Database, owner: Actor) -> None:
    job = await begun(owner, NOTES)
    await done(db, job)
    clicks = await asyncio.gather(*(service.keep_as_card(owner, job.job.id) for _ in range(3)))
    assert sorted(outcome for _, outcome in clicks) == ["added", "skipped", "skipped"]
    assert len({card_id for card_id, _ in clicks}) == 1
