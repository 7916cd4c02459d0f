"""A worker is killed with SIGKILL while it forges: what was kept is not asked for again, and the job comes to its end."""

from __future__ import annotations

import asyncio
import copy
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ainfluencer.cards.forge import profiles, service
from ainfluencer.cards.forge.models import ForgeSource, ForgeStep
from ainfluencer.cards.forge.profile_shapes import ConfigDraft
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine.models import Job, JobState
from ainfluencer.makers import service as makers
from tests.support.text_servers import TextServer
from tests.unit.cards.forge_support import STORY, begun, count, read
from tests.unit.cards.test_forge_translating import LONG, V3, answer
from tests.unit.cards.test_forge_writing import script

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL"),
    pytest.mark.parametrize("db", ["sqlite"], indirect=True),
    pytest.mark.timeout(300),  # each worker is a process of its own that starts an engine
]
ROOT = Path(__file__).parents[3]
POINTS = ["keep.before@2", "keep.after@2"]


async def played(db: Database, points: list[str]) -> dict[str, int]:
    """How each worker ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.forge_killing", str(db.config.data), json.dumps(points)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    lines = (line.split() for line in out.decode().splitlines() if line.startswith("ended "))
    return {point: int(end) for _, point, end in lines}


async def connect(db: Database, actor: Actor, server: TextServer) -> None:
    async with db.writing() as session:
        await makers.connect(session, actor, "openai_text", {"base_url": f"{server.url}/v1"})
        await profiles.create_config(
            session, actor, ConfigDraft(name="priced", retries=0, input_price=10, output_price=20)
        )


async def ended(db: Database, job: service.Begun) -> Job:
    async with db.reading() as session:
        return await session.get_one(Job, job.job.id)


def prompts(server: TextServer) -> Counter[str]:
    """How often each prompt was sent."""
    return Counter(body["messages"][0]["content"] for body in server.bodies)


async def test_a_card_is_forged_through_two_kills(db: Database, owner: Actor) -> None:
    async with TextServer(script) as server:
        await connect(db, owner, server)
        job = await begun(owner, STORY, name="Anna Reed", config="priced", chunk_tokens=300)
        ends = await played(db, POINTS)
    row = await ended(db, job)
    assert ends == {**dict.fromkeys(POINTS, -9), "end": 0}
    assert (row.state, row.error) == (JobState.COMPLETED, None)
    assert row.result is not None
    asked = prompts(server)
    # Rules gather first: the first worker died with the answer to its first prompt in hand, and nothing else was lost.
    assert sorted(asked.values()) == [*[1] * (len(asked) - 1), 2]
    assert row.result["metadata"]["steps_taken_up"] == 3
    assert row.result["metadata"]["prompt_tokens"] == 7 * len(asked)
    assert row.result["first_mes"] == "*{{char}} opens the window.* Who goes there?"
    assert await count(db, ForgeSource) == 0


async def test_a_translation_goes_on_through_kills(db: Database, owner: Actor) -> None:
    card: dict[str, Any] = copy.deepcopy(V3)
    card["data"]["description"] = LONG
    async with TextServer(answer) as server:
        await connect(db, owner, server)
        given = read(json.dumps(card), "anna.json")
        job = await begun(owner, card=given, translate_to="de", config="priced", chunk_tokens=1500)
        ends = await played(db, ["keep.after@2"])
    row = await ended(db, job)
    assert ends == {"keep.after@2": -9, "end": 0}
    assert row.state == JobState.COMPLETED
    assert row.result is not None
    asked = prompts(server)
    assert set(asked.values()) == {1}
    assert row.result["metadata"]["steps_taken_up"] == 2
    assert await count(db, ForgeStep) == len(asked) > 3
    assert {one["state"] for one in row.result["translation"]} == {"translated", "kept"}
