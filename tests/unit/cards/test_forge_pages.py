"""The pages of the forge, as a browser without scripts meets them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from ainfluencer.cards import service as library
from ainfluencer.cards.forge import pages
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine.models import Job, JobLog
from ainfluencer.makers import service as makers
from tests.support.pages import browsing, page_app
from tests.support.text_servers import TextServer
from tests.unit.cards.forge_support import IDEA, NOTES, STORY, begun, done
from tests.unit.cards.test_forge_translating import V3, answer


@pytest.fixture
async def browser(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    async with browsing(page_app(pages.router), owner) as made:
        yield made


async def test_the_form_shows_both_profiles_in_words(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/cards/forge")).text
    assert "World-focused cards" in page
    assert "60K tokens" in page
    assert "Generate" in page
    other = (
        await browser.get(
            "/cards/forge/details",
            params={"config_profile": "careful", "prompt_profile": "novel"},
            headers={"hx-request": "true"},
        )
    ).text
    assert "0.3" in other
    assert "<html" not in other


async def test_a_form_without_a_source_comes_back_with_the_reason(db: Database, browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/cards/forge",
        data={"mode": "create", "config_profile": "offline", "prompt_profile": "default"},
        files={"source": ("", b"")},
    )
    assert answer.status_code == 422
    assert "nothing to forge from" in answer.text


async def test_an_idea_becomes_a_card_on_its_page(db: Database, browser: httpx.AsyncClient) -> None:
    form = {
        "mode": "create",
        "source_text": IDEA,
        "config_profile": "offline",
        "prompt_profile": "default",
        "greetings": "2",
    }
    answer = await browser.post("/cards/forge", data=form, files={"source": ("", b""), "card": ("", b"")})
    assert answer.status_code == 303, answer.text[-800:]
    path = answer.headers["location"]
    assert "Waiting for its turn" in (await browser.get(path)).text
    job_id = path.rsplit("/", 1)[1]
    async with db.writing() as session:
        workspace_id = (await session.get_one(Job, job_id)).workspace_id
        lines = [
            {
                "workspace_id": workspace_id,
                "job_id": job_id,
                "level": "progress",
                "message": f"Part {n} of 300",
                "details": {},
            }
            for n in range(1, 301)
        ]
        await session.execute(insert(JobLog), lines)
    assert "Part 300 of 300" in (await browser.get(path)).text

    class Asked:
        job = Job(id=job_id)

    asked: Any = Asked()
    await done(db, asked)
    page = (await browser.get(path)).text
    assert "talks to gulls" in page
    assert "Keep as a card" in page
    assert "every 2s" not in page


async def test_a_source_names_its_people_on_the_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/cards/forge/names",
        data={"source_text": ""},
        files={"source": ("s.txt", STORY.encode())},
        headers={"hx-request": "true"},
    )
    assert 'data-forge-name="Anna Reed"' in answer.text


async def test_each_passage_opens_on_its_quotation(db: Database, owner: Actor, browser: httpx.AsyncClient) -> None:
    job = await begun(owner, NOTES)
    await done(db, job)
    async with db.writing() as session:
        (await session.get_one(Job, job.job.id)).usage = {"completion_tokens": 16}  # of the built-in model
    page = (await browser.get(f"/cards/forge/{job.job.id}")).text
    assert "unknown" not in page
    assert "<q>Every morning he winds forty-one clocks by hand.</q>" in page
    again = await browser.post(f"/cards/forge/{job.job.id}/fields", data={"name": "first_mes"})
    assert again.status_code == 303
    kept = await browser.post(f"/cards/forge/{job.job.id}/card")
    assert kept.headers["location"].startswith("/cards/")


async def test_a_profile_is_copied_changed_and_kept_with_its_mistakes(browser: httpx.AsyncClient) -> None:
    made = await browser.post("/cards/forge/profiles/config/basic/copies")
    path = made.headers["location"]
    values = {
        "name": "mine",
        "maker": "best",
        "temperature": "0.4",
        "top_p": "1",
        "max_tokens": "100000",
        "timeout_seconds": "60",
        "retries": "0",
    }
    assert (await browser.post(path, data=values)).status_code == 303
    assert "mine" in (await browser.get("/cards/forge/profiles")).text
    wrong = await browser.post(path, data=values | {"max_tokens": "100001"})
    assert wrong.status_code == 422
    assert "100001" in wrong.text
    assert (await browser.post(f"{path}/deletion")).status_code == 303
    assert (await browser.post("/cards/forge/profiles/config/basic", data=values)).status_code == 422


async def test_changed_prompts_show_their_earlier_versions(browser: httpx.AsyncClient) -> None:
    path = (await browser.post("/cards/forge/profiles/prompts/default/copies")).headers["location"]
    assert (await browser.post(path, data={"name": "mine", "focus": "Be brief."})).status_code == 303
    assert (await browser.post(path, data={"name": "mine", "focus": ""})).status_code == 303
    page = (await browser.get(path)).text
    assert "Earlier versions" in page
    assert "saved as version 3" in page  # an emptied prompt is empty
    assert (await browser.post(f"{path}/copies", data={"name": "x" * 81})).status_code == 422
    broken = await browser.post(path, data={"name": "mine", "write": "Write something."})
    assert broken.status_code == 422
    assert "lacks" in broken.text


async def test_a_card_of_the_library_is_translated_from_its_page(
    db: Database, owner: Actor, browser: httpx.AsyncClient
) -> None:
    async with db.writing() as session:
        card_id = (await library.add(session, owner, json.dumps(V3).encode(), "anna.json")).row.id
    form = (await browser.get("/cards/forge", params={"mode": "translate", "card": card_id})).text
    assert f'name="library_card_id" value="{card_id}"' in form
    assert 'value="translate" checked' in form
    values = {"mode": "translate", "library_card_id": card_id, "config_profile": "basic", "prompt_profile": "default"}
    small = await browser.post("/cards/forge", data=values | {"translate_to": "de"})
    assert small.status_code == 422
    assert "135 million parameters" in small.text
    assert card_id in small.text
    async with TextServer(answer) as server:
        async with db.writing() as session:
            await makers.connect(session, owner, "openai_text", {"base_url": f"{server.url}/v1"})
        nothing = await browser.post("/cards/forge", data=values)
        assert "Say into which language" in nothing.text
        kept = {"translate_to": "Deutsch", "keys": "add", "keep_words": "lamp, harbour", "translate_notes": "true"}
        path = (await browser.post("/cards/forge", data=values | kept)).headers["location"]
        asked: Any = SimpleNamespace(job=Job(id=path.rsplit("/", 1)[1]))
        result = await done(db, asked)
        page = (await browser.get(path)).text
    assert "lamp" in result["description"]
    assert "ruobrah" not in json.dumps(result)
    assert "What was translated" in page
    assert "Write again" not in page
    assert f'href="{path}/file"' in page
    file = await browser.get(f"{path}/file")
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''Anna%20Reed%20%28de%29.json"
    assert file.json()["data"]["first_mes"] == result["first_mes"]


async def test_a_chosen_card_of_strangers_is_not_there(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/cards/forge", params={"mode": "nonsense", "card": "0" * 26})
    assert page.status_code == 200
    assert "library_card_id" not in page.text
    assert 'value="create" checked' in page.text
