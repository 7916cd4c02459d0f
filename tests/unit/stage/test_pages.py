"""The Stage as people see it: feed, threads, profiles, and visitors who play the audience."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from ainfluencer.accounts.models import Workspace
from ainfluencer.channels.adapters.stage.adapter import ADAPTER
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.errors import NotAllowed
from ainfluencer.db.session import Database
from ainfluencer.engine import events
from ainfluencer.integrations.values import Parcel
from ainfluencer.stage import audience, queries, service, visitors
from ainfluencer.stage.models import StagePost
from ainfluencer.stage.pages import router
from ainfluencer.stage.schemas import NewStagePost, Profile
from tests.support import stage
from tests.support.pages import HTMX, browsing, page_app
from tests.support.people import add_person, second_workspace


async def write(
    db: Database, owner: Actor, text: str, *, key: str = "", handle: str = "marina", under: str = ""
) -> StagePost:
    """A post of the character with that handle."""
    async with db.writing() as session:
        profile = Profile(handle=handle, name=handle.capitalize(), bio="Waves.")
        account = await service.sign_in(session, owner.workspace_id, handle.ljust(26, "0"), profile)
        new = NewStagePost(text=text, in_reply_to=under)
        made, _ = await service.post(session, account, key or text, new)
    return made


@pytest.fixture
async def client(db: Database, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    assert db
    async with browsing(page_app(router), owner) as made:
        yield made


async def test_an_empty_stage_leads_on(client: httpx.AsyncClient) -> None:
    page = await client.get("/stage")
    assert page.status_code == 200
    assert page.text.count("<h1") == 1
    assert "The Stage is empty" in page.text
    assert "/weeks/new" in page.text
    assert "Everyone here is synthetic." in page.text


async def test_the_feed_shows_posts_with_their_latest_words(
    client: httpx.AsyncClient, db: Database, owner: Actor
) -> None:
    post = await write(db, owner, "Low <i>tide</i>.")
    for number in range(3):
        await write(db, owner, f"Answer {number}", handle="rui", under=post.id)
    page = await client.get("/stage")
    assert "Low &lt;i&gt;tide&lt;/i&gt;." in page.text
    assert "Synthetic" in page.text
    assert "All 3 comments" in page.text
    assert "Answer 2" in page.text
    assert "Answer 0" not in page.text
    assert page.text.count("data-stage-post") == 1  # answers are no posts of the feed


async def test_filter_and_older_posts(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    for number in range(14):
        await write(db, owner, f"Note {number:02d}")
    await write(db, owner, "From Rui", handle="rui")
    page = await client.get("/stage?who=rui")
    assert "From Rui" in page.text
    assert "Note 13" not in page.text
    first = await client.get("/stage?who=marina")
    assert "Note 02" in first.text
    assert "Note 01" not in first.text
    last = first.text.split("before=")[1][:26]
    more = await client.get(f"/stage?before={last}&who=marina", headers=HTMX)
    assert "<html" not in more.text
    assert "Note 01" in more.text
    assert "Note 02" not in more.text
    assert (await client.get("/stage?who=nobody")).status_code == 404


async def test_what_is_new_arrives_while_somebody_watches(
    client: httpx.AsyncClient, db: Database, owner: Actor
) -> None:
    first = await write(db, owner, "Known")
    async with events.subscribe(owner.workspace_id, frozenset({"stage"})) as heard:
        new = await write(db, owner, "Fresh")
        news = await heard.next(1)
    assert news is not None
    assert news.data == {"what": "post", "post_id": new.id, "root_id": new.id}
    part = await client.get(f"/stage/fresh?after={first.id}", headers=HTMX)
    assert "Fresh" in part.text
    assert "Known" not in part.text
    assert f"after={new.id}" in part.text


async def test_a_thread_puts_answers_below_what_they_answer(
    client: httpx.AsyncClient, db: Database, owner: Actor
) -> None:
    post = await write(db, owner, "Who is up?")
    one = await write(db, owner, "I am.", handle="rui", under=post.id)
    await write(db, owner, "So am I.", handle="noor", under=post.id)
    await write(db, owner, "Good morning, Rui.", under=one.id)
    page = await client.get(f"/stage/posts/{post.id}")
    places = [page.text.index(t) for t in ("I am.", "Good morning, Rui.", "So am I.")]
    assert places == sorted(places)
    assert page.text.count("data-deep") == 1
    assert (await client.get(f"/stage/posts/{one.id}")).text.count("Who is up?") >= 1


async def test_a_visitor_likes_and_takes_it_back(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    post = await write(db, owner, "Like me.")
    for wanted, number in (("true", 1), ("true", 1), ("false", 0)):
        part = await client.post(f"/stage/posts/{post.id}/likes", data={"wanted": wanted}, headers=HTMX)
        assert f'hx-target="#pulse-{post.id}"' in part.text
        async with db.reading() as session:
            assert (await queries.metrics(session, owner.workspace_id, [post.id]))[post.id].likes == number


async def test_what_a_visitor_says_reaches_the_character(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    made = await stage.character(db, owner)
    link = stage.link(stage.stage_app(), owner, made.id)
    await ADAPTER.check(link)
    sent = await ADAPTER.publish(link, Parcel(key="k1", text="Cold water, warm coffee."))
    part = await client.post(f"/stage/posts/{sent.remote_id}/comments", data={"text": "Hello there"}, headers=HTMX)
    assert "Hello there" in part.text
    assert "Visitor" in part.text
    (heard,) = (await ADAPTER.pull(link, "")).items
    assert (heard.kind, heard.text, heard.author) == ("comment", "Hello there", "Ada (visitor)")


async def test_empty_and_long_comments_are_redrawn(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    post = await write(db, owner, "Say something.")
    for text, headers in (("  ", HTMX), ("x" * 301, {})):
        page = await client.post(f"/stage/posts/{post.id}/comments", data={"text": text}, headers=headers)
        assert page.status_code == 422
        assert 'aria-invalid="true"' in page.text
    async with db.reading() as session:
        assert await visitors.find_visitor(session, owner) is None


async def test_profiles(client: httpx.AsyncClient, db: Database, owner: Actor) -> None:
    post = await write(db, owner, "On my profile.")
    await write(db, owner, "Under it.", handle="rui", under=post.id)
    page = await client.get("/stage/@marina")
    assert "On my profile." in page.text
    assert "made-up character" in page.text
    assert "Under it." in (await client.get("/stage/@rui?tab=comments")).text
    followed = await client.post("/stage/@marina/followers", data={"wanted": "true"})
    assert followed.status_code == 303
    assert "Ada (visitor)" in (await client.get("/stage/@marina?tab=followers")).text
    await client.post("/stage/@marina/followers", data={"wanted": "false"})
    assert "Nobody here yet" in (await client.get("/stage/@marina?tab=followers")).text
    assert (await client.get("/stage/@nobody")).status_code == 404
    assert (await client.get("/stage/@marina?tab=secrets")).status_code == 404


async def test_viewers_watch_only(workspace: Workspace, db: Database, owner: Actor) -> None:
    post = await write(db, owner, "Look.")
    viewer = await add_person(db, workspace, "Vera", Role.VIEWER)
    async with browsing(page_app(router), viewer) as client:
        page = await client.get(f"/stage/posts/{post.id}")
        assert "Say it" not in page.text
        assert "/likes" not in page.text
        assert (await client.post(f"/stage/posts/{post.id}/likes")).status_code == 403
    async with db.writing() as session:
        with pytest.raises(NotAllowed):
            await visitors.visitor(session, viewer)


async def test_nobody_acts_for_a_visitor(db: Database, owner: Actor) -> None:
    post = await write(db, owner, "Who comes by?")
    async with db.writing() as session:
        me = await visitors.visitor(session, owner)
        await audience.ensure_people(session, owner.workspace_id)
        for wave in range(5):
            plan = await audience.plan(session, post, wave)
            assert me.id not in {*plan.likes, *plan.follows, *plan.commenters}


async def test_another_workspace_sees_none_of_it(db: Database, owner: Actor) -> None:
    post = await write(db, owner, "Ours.")
    async with browsing(page_app(router), await second_workspace(db)) as client:
        assert "Ours." not in (await client.get("/stage")).text
        assert (await client.get(f"/stage/posts/{post.id}")).status_code == 404
        assert (await client.post(f"/stage/posts/{post.id}/likes")).status_code == 404
        assert (await client.get("/stage/@marina")).status_code == 404
