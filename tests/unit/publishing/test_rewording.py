"""Other words for a post on the page of review and over the API."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.engine import jobs
from ainfluencer.engine.models import Job, JobState
from ainfluencer.publishing import api
from ainfluencer.publishing.models import Post
from tests.support import posting
from tests.support.clients import client_for, small_app
from tests.support.doubles import Platform
from tests.support.redrawing import QUOTES, designed_post, run_job
from tests.unit.publishing.test_pages import HTMX, app, browser

__all__ = ["app"]
API = "/api/v2/posts"


@pytest.fixture(autouse=True)
def known_jobs() -> None:
    jobs.load_all()


@pytest.fixture
async def client(app: FastAPI, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async for made in browser(app, owner):
        yield made


@pytest.fixture
async def program(platform: Platform, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's script."""
    assert platform
    async with client_for(small_app(api.router), owner) as made:
        yield made


@pytest.fixture
async def post(db: Database, owner: Actor, mira: str, platform: Platform) -> Post:
    channel = await posting.add_channel(db, owner, "quay", platform.server.url)
    return await designed_post(db, owner, mira, channel)


async def test_the_page_says_that_the_picture_is_being_drawn(
    client: httpx.AsyncClient, db: Database, owner: Actor, post: Post
) -> None:
    taken = await client.post(f"/posts/review/{post.id}/candidate", data={"index": "1"}, headers=HTMX)
    assert "The picture gets the new words" in taken.text
    assert f"/posts/{post.id}/drawing/cancellation" in taken.text
    again = await client.get(f"/posts/review/{post.id}/region", headers=HTMX)
    assert f"/posts/review/{post.id}/region?" in again.text
    assert "not there yet" in again.text
    assert "hx-push-url" not in again.headers
    await run_job(db, (await posting.post_now(db, owner, post.id)).drawing_job_id)
    ready = (await client.get(f"/posts/review/{post.id}/region", headers=HTMX)).text
    assert "The picture gets the new words" not in ready
    assert QUOTES[1] in ready
    assert "not there yet" not in ready


async def test_a_picture_that_was_not_drawn_is_drawn_again_or_kept(
    client: httpx.AsyncClient, db: Database, owner: Actor, post: Post
) -> None:
    await client.post(f"/posts/review/{post.id}/candidate", data={"index": "1"}, headers=HTMX)
    job_id = (await posting.post_now(db, owner, post.id)).drawing_job_id
    async with db.writing() as session:
        job = await session.get_one(Job, job_id)
        job.state, job.error = JobState.FAILED, {"detail": "No font can draw this.", "next_step": "Install one."}
    for page in ("/posts/review", f"/posts/{post.id}"):
        told = (await client.get(page)).text
        assert "No font can draw this. Install one." in told
        assert "Draw it again" in told
    assert (await client.post(f"/posts/{post.id}/drawing")).status_code == 303
    assert (await posting.post_now(db, owner, post.id)).drawing_job_id != job_id
    kept = await client.post(f"/posts/{post.id}/drawing/cancellation")
    assert kept.status_code == 303
    assert (await posting.post_now(db, owner, post.id)).drawing_job_id == ""


async def test_the_words_on_the_picture_are_edited_with_the_others(
    client: httpx.AsyncClient, db: Database, owner: Actor, post: Post
) -> None:
    form = (await client.get("/posts/review?edit=1")).text
    assert "On the picture" in form
    assert f"{QUOTES[0]}</textarea>" in form
    words = {"caption": post.caption, "hashtags": "sea", "kicker": "", "body": "", "attribution": "Mira"}
    same = await client.post(f"/posts/review/{post.id}/words", data={**words, "title": QUOTES[0]}, headers=HTMX)
    assert same.status_code == 200
    assert (await posting.post_now(db, owner, post.id)).drawing_job_id == ""
    kept = await client.post(f"/posts/review/{post.id}/words", data={**words, "title": "Gulls first."}, headers=HTMX)
    assert "The picture gets the new words" in kept.text
    refused = await client.post(f"/posts/review/{post.id}/words", data={**words, "title": "x" * 601}, headers=HTMX)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert "x" * 601 in refused.text
    assert (await posting.post_now(db, owner, post.id)).caption == post.caption


async def test_a_program_chooses_among_the_texts(
    program: httpx.AsyncClient, db: Database, owner: Actor, post: Post
) -> None:
    listed = (await program.get(f"{API}/{post.id}/candidates")).json()["items"]
    assert [one["is_taken"] for one in listed] == [True, False, False]
    assert [one["index"] for one in listed] == [0, 1, 2]
    chosen = await program.post(f"{API}/{post.id}/candidate", json={"index": 2})
    assert chosen.status_code == 202
    assert chosen.json()["drawing_job_id"]
    asked = (await program.get(f"{API}/{post.id}/picture-words")).json()
    assert (asked["text"]["title"], asked["drawing_job_id"]) == (QUOTES[0], chosen.json()["drawing_job_id"])
    await run_job(db, chosen.json()["drawing_job_id"])
    drawn = (await program.get(f"{API}/{post.id}/picture-words")).json()
    assert (drawn["text"]["title"], drawn["drawing_job_id"]) == (QUOTES[2], None)
    assert (await program.post(f"{API}/{post.id}/candidate", json={"index": 9})).status_code == 422


async def test_a_program_changes_the_words_on_the_picture(
    program: httpx.AsyncClient, db: Database, owner: Actor, post: Post
) -> None:
    where = f"{API}/{post.id}"
    sent = await program.put(f"{where}/picture-words", json={"title": "Gulls first.", "alt_text": "Said plainly."})
    assert sent.status_code == 202
    assert (await program.post(f"{where}/drawing")).status_code == 409
    assert (await program.delete(f"{where}/drawing")).json()["drawing_job_id"] is None
    assert (await program.delete(f"{where}/drawing")).status_code == 409
    again = (await program.put(f"{where}/picture-words", json={"title": "Gulls first.", "alt_text": "Plain."})).json()
    await run_job(db, again["drawing_job_id"])
    item = (await program.get(where)).json()["items"][0]
    assert item["alt_text"] == "Plain."
    assert (await program.put(f"{where}/picture-words", json={"titel": "?"})).status_code == 422


async def test_a_post_by_hand_has_nothing_to_choose_from(
    program: httpx.AsyncClient, db: Database, owner: Actor, mira: str
) -> None:
    plain = await posting.add_post(db, owner, mira, [])
    assert (await program.get(f"{API}/{plain.id}/candidates")).json() == {"items": []}
    assert (await program.get(f"{API}/{plain.id}/picture-words")).json()["text"] is None
    assert (await program.post(f"{API}/{plain.id}/candidate", json={"index": 0})).status_code == 422
