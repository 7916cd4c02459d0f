"""The forge with a model that writes freely: a scripted server on a real socket, proofs, repairs, prices, stops and resumptions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ainfluencer.cards.forge import jobs as forge_jobs
from ainfluencer.cards.forge import profiles, service
from ainfluencer.cards.forge.models import ForgeSource, ForgeStep
from ainfluencer.cards.forge.profile_shapes import ConfigDraft
from ainfluencer.core import clock
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict, InvalidInput, PolicyRefused, RateLimited, UnexpectedReply
from ainfluencer.db.session import Database
from ainfluencer.engine import service as jobs
from ainfluencer.engine.models import Job, JobState
from ainfluencer.engine.run import Cancelled
from ainfluencer.makers import service as makers
from tests.support.platforms.server import answer
from tests.support.text_servers import TextServer
from tests.unit.cards.forge_support import STORY, begun, count, done, read, started

FIELDS: dict[str, Any] = {
    "description": "{{char}} was a tall, quiet woman with red hair. {{char}} once sailed around the moon.",
    "personality": "Quiet.",
    "scenario": "{{user}} meets {{char}} in Port Ellis.",
    "first_mes": "*{{char}} opens the window.* Who goes there?",
    "alternate_greetings": ["*{{char}} lifts the lamp.* You again.", "*{{char}} nods.* Sit."],
    "mes_example": "<START>\n{{user}}: Hello.\n{{char}}: Good evening.",
    "tags": ["harbour"],
    "system_prompt": "",
    "creator_notes": "A woman by the sea.",
}
CLAIMS = {
    "claims": [
        {"kind": "skill", "text": "Anna lights the big lamp.", "quote": "I light the big lamp"},
        {"kind": "fact", "text": "Anna owns a dragon.", "quote": "Anna owned a dragon"},
    ],
    "lines": [],
    "entities": [
        {
            "name": "Port Ellis",
            "kind": "place",
            "text": "A port.",
            "quote": "Port Ellis lay at the end of a narrow bay.",
        }
    ],
}
BOOK = {
    "entries": [
        {"name": "Port Ellis", "kind": "place", "keys": ["Port Ellis"], "content": "A port at the end of a narrow bay."}
    ]
}


def script(body: dict[str, Any]) -> str:
    """What a good model answers to each kind of prompt."""
    words = body["messages"][0]["content"]
    if "collect what it says" in words:
        return json.dumps(CLAIMS)
    if "lorebook entries" in words:
        return f"Here you are:\n```json\n{json.dumps(BOOK)}\n```"
    if "Revise a character card" in words:
        return json.dumps({"personality": "Funny, in her way."})
    if "Hold each statement" in words:
        return json.dumps({"verdicts": [{"number": 0, "verdict": "supported", "quote": "she never said this"}]})
    return json.dumps(FIELDS)


@pytest.fixture
async def server(db: Database, owner: Actor) -> AsyncIterator[TextServer]:
    """A connected model that writes well."""
    async with TextServer(script) as made:
        async with db.writing() as session:
            await makers.connect(session, owner, "openai_text", {"base_url": f"{made.url}/v1"})
            await profiles.create_config(
                session, owner, ConfigDraft(name="priced", retries=1, input_price=10, output_price=20)
            )
        yield made


async def test_a_model_reads_every_part_and_what_it_made_up_is_told(
    db: Database, owner: Actor, server: TextServer
) -> None:
    result = await done(db, await begun(owner, STORY, name="Anna Reed", config="priced"))
    origins = {one["text"]: one["origin"] for one in result["evidence"]}
    assert origins["{{char}} was a tall, quiet woman with red hair."] == "source"
    assert origins["{{char}} once sailed around the moon."] == "model"
    assert result["metadata"]["claims_dropped"] == 2  # the dragon, once in each chapter
    assert "dragon" not in json.dumps(result["material"])
    assert [entry["name"] for entry in result["character_book"]["entries"]] == ["Port Ellis"]
    assert result["metadata"]["writes_freely"]


async def test_tokens_and_cost_are_counted(db: Database, owner: Actor, server: TextServer) -> None:
    job = await begun(owner, STORY, name="Anna Reed", config="priced")
    result = await done(db, job)
    asked = len(server.bodies)
    about = result["metadata"]
    assert (about["prompt_tokens"], about["completion_tokens"]) == (7 * asked, 5 * asked)
    assert about["cost"] == pytest.approx((7 * 10 + 5 * 20) * asked / 1_000_000)
    async with db.reading() as session:
        row = await session.get_one(Job, job.job.id)
    assert row.usage["prompt_tokens"] == 7 * asked


async def test_a_price_that_nobody_gave_is_unknown(db: Database, owner: Actor, server: TextServer) -> None:
    result = await done(db, await begun(owner, STORY, name="Anna Reed", config="basic"))
    assert result["metadata"]["cost"] == "unknown"


async def test_a_retry_goes_on_where_the_job_was_cut_off(db: Database, owner: Actor, server: TextServer) -> None:
    job = await begun(owner, STORY, name="Anna Reed", config="priced", chunk_tokens=300)
    good, server.write = (
        server.write,
        lambda body: "nonsense" if "Write a character card" in body["messages"][0]["content"] else script(body),
    )
    with pytest.raises(UnexpectedReply):
        await done(db, job)
    read = len(server.bodies)
    kept = await count(db, ForgeStep)
    assert kept > 1
    server.write = good
    async with db.writing() as session:
        row = await session.get_one(Job, job.job.id)
        row.state = JobState.FAILED
        job.job.id = (await jobs.retry(session, owner, row.id)).id
    result = await done(db, job)
    assert result["metadata"]["steps_taken_up"] == kept
    asked = [body["messages"][0]["content"] for body in server.bodies[read:]]
    assert not [words for words in asked if "collect what it says" in words]


async def test_an_answer_that_cannot_be_used_is_asked_for_again_with_the_fault(
    db: Database, owner: Actor, server: TextServer
) -> None:
    answers = ['{"description": "too', ""]

    def stumbling(body: dict[str, Any]) -> str:
        is_write = "Write a character card" in body["messages"][0]["content"]
        return answers.pop(0) if is_write and len(answers) > 1 else script(body)

    server.write = stumbling
    result = await done(db, await begun(owner, STORY, name="Anna Reed", config="priced"))
    assert result["description"] == FIELDS["description"]
    again = [body for body in server.bodies if len(body["messages"]) == 3]
    assert "could not be used" in again[0]["messages"][2]["content"]


async def test_an_instruction_changes_what_it_says_and_nothing_else(
    db: Database, owner: Actor, server: TextServer
) -> None:
    first = await done(db, job := await begun(owner, STORY, name="Anna Reed", config="priced"))
    second = await done(
        db, await begun(owner, mode="revise", based_on=job.job.id, instruction="make her funnier", config="priced")
    )
    assert second["personality"] == "Funny, in her way."
    assert {name: second[name] for name in ("description", "first_mes", "tags")} == {
        name: first[name] for name in ("description", "first_mes", "tags")
    }


async def test_what_was_asked_in_vain_is_counted_too(db: Database, owner: Actor, server: TextServer) -> None:
    server.write = lambda _: '{"shrug": [1]}'
    job = await begun(owner, STORY, name="Anna Reed", config="priced")
    with pytest.raises(UnexpectedReply) as refused:
        await done(db, job)
    assert "none of its fields" in refused.value.detail
    async with db.reading() as session:
        usage = (await session.get_one(Job, job.job.id)).usage
    assert usage == {"prompt_tokens": 14, "completion_tokens": 10, "cost_cents": pytest.approx(0.034)}


async def test_a_job_tried_again_twice_comes_to_its_end_twice(db: Database, owner: Actor, server: TextServer) -> None:
    job = await begun(owner, STORY, name="Anna Reed", config="priced")
    async with db.writing() as session:
        (await session.get_one(Job, job.job.id)).state = JobState.FAILED
        twins = [await jobs.retry(session, owner, job.job.id) for _ in range(2)]
    runs = [await started(db, service.Begun(one, clock.now(), 0)) for one in twins]
    made = await asyncio.gather(*(forge_jobs.forge(run) for run in runs))
    assert [one and one["first_mes"] for one in made] == [FIELDS["first_mes"]] * 2


async def test_a_model_that_asks_to_wait_is_not_pressed(db: Database, owner: Actor, server: TextServer) -> None:
    server.fails, server.refusal = 100, answer({"error": "slow down"}, 429, retry_after="900")
    with pytest.raises(RateLimited) as asked:
        await done(db, await begun(owner, STORY, name="Anna Reed", config="priced"))
    assert asked.value.until  # the engine puts the job back until then
    assert len(server.asked) == 1


async def test_a_verdict_whose_quotation_is_not_there_is_not_believed(
    db: Database, owner: Actor, server: TextServer
) -> None:
    card = {
        "spec": "chara_card_v2",
        "spec_version": "2.0",
        "data": {"name": "Anna Reed", "description": "Anna Reed flies a red balloon over Paris."},
    }
    result = await done(
        db, await begun(owner, STORY, mode="check", card=read(json.dumps(card), "card.json"), config="priced")
    )
    (verdict,) = result["verdicts"]
    assert verdict["verdict"] == "not_in_source"
    assert "card" not in result


async def test_a_cancelled_job_asks_nobody(db: Database, owner: Actor, server: TextServer) -> None:
    job = await begun(owner, STORY, name="Anna Reed", config="priced")
    run = await started(db, job)
    async with db.writing() as session:
        await jobs.cancel(session, owner, job.job.id)
    with pytest.raises(Cancelled):
        await forge_jobs.forge(run)
    assert not server.bodies
    assert await count(db, ForgeSource) == 1  # a retry needs what came along


async def test_a_job_that_takes_too_long_ends_with_what_to_do(db: Database, owner: Actor, server: TextServer) -> None:
    server.fails = 100  # it waits longer and longer between its tries
    with pytest.raises(Conflict) as late:
        await done(db, await begun(owner, STORY, name="Anna Reed", config="priced", timeout_seconds=1))
    assert late.value.reason == "forge_timeout"


async def test_strict_validation_refuses_a_card_with_faults(db: Database, owner: Actor, server: TextServer) -> None:
    only = {"fields": ["description"], "config": "priced", "name": "Anna Reed", "repair": False}
    lenient = await done(db, await begun(owner, STORY, **only))
    assert [one["field"] for one in lenient["findings"] if one["code"] == "forge_field_empty"] == ["first_mes"]
    with pytest.raises(InvalidInput) as refused:
        await done(db, await begun(owner, STORY, validation_mode="strict", **only))
    assert refused.value.reason == "card_invalid"


@pytest.mark.parametrize(("mode", "mended"), [("none", False), ("lenient", True), ("strict", True)])
async def test_each_way_of_validation_does_what_it_says(
    db: Database, owner: Actor, server: TextServer, mode: str, mended: bool
) -> None:
    """The tag that stands twice has a safe fix; what has none is asked for once, unless nothing is to be mended."""
    faulty = FIELDS | {"tags": ["harbour", "Harbour "], "first_mes": " " * 12}

    def stumbling(body: dict[str, Any]) -> str:
        words = body["messages"][0]["content"]
        if "have faults" in words:
            return json.dumps({"first_mes": FIELDS["first_mes"]})
        return json.dumps(faulty) if "Write a character card" in words else script(body)

    server.write = stumbling
    result = await done(db, await begun(owner, STORY, name="Anna Reed", config="priced", validation_mode=mode))
    assert (result["tags"] == ["harbour"]) is mended
    assert bool(result["first_mes"].strip()) is mended
    codes = {one["code"] for one in result["findings"]}
    assert ({"tag_duplicate", "forge_field_empty"} <= codes) is not mended
    assert any("have faults" in body["messages"][0]["content"] for body in server.bodies) is mended


async def test_a_sexual_card_of_a_minor_is_never_made(db: Database, owner: Actor, server: TextServer) -> None:
    bad = FIELDS | {
        "description": "{{char}} is a 15-year-old girl who has sex. Explicit: her naked body, nipples.",
        "tags": ["nsfw"],
    }
    server.write = lambda body: json.dumps(bad) if "Write a" in body["messages"][0]["content"] else script(body)
    with pytest.raises(PolicyRefused):
        await done(db, await begun(owner, STORY, name="Anna Reed", config="priced"))
