"""The pages of posts: list, review, one post and the composer, as people of different roles see them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI, Request

from ainfluencer.core import clock
from ainfluencer.core.actor import Actor, Role
from ainfluencer.db.session import Database
from ainfluencer.publishing import queries, service
from ainfluencer.publishing.models import Delivery
from ainfluencer.publishing.pages import router as pages
from ainfluencer.web import errors, security
from ainfluencer.web.shell import Person, Place, Shell
from ainfluencer.writing import service as writing
from ainfluencer.writing.schemas import Candidate, Written
from tests.support import posting
from tests.support.clients import client_for, small_app, token_for
from tests.support.doubles import Platform
from tests.support.people import add_person, second_workspace

HTMX = {"hx-request": "true"}


async def bare_shell(request: Request) -> Shell:
    """A frame without menus."""
    del request
    return Shell(user=Person(name="Ada", role="owner"), workspace=Place(id="w", name="Harbour"), sections=())


@pytest.fixture
def app(platform: Platform) -> FastAPI:
    assert platform
    made = small_app(pages)
    made.state.shell = bare_shell
    made.state.error_page = errors.page
    return made


async def browser(app: FastAPI, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(app, cookies={security.SESSION_COOKIE: await token_for(actor)}) as made:
        made.headers["accept"] = "text/html"
        drawn = await made.get("/posts")
        found = re.search(r'name="csrf" content="([0-9a-f]+)"', drawn.text)
        assert found, drawn.text[:400]
        made.headers[security.CSRF_HEADER] = found.group(1)
        yield made


@pytest.fixture
async def client(app: FastAPI, owner: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """Ada's browser."""
    async for made in browser(app, owner):
        yield made


@pytest.fixture
async def channel(db: Database, owner: Actor, platform: Platform) -> str:
    return await posting.add_channel(db, owner, "quay", platform.server.url)


async def drafted(db: Database, actor: Actor, character_id: str) -> str:
    """The id of a draft with three candidates."""
    told = tuple(
        Candidate(caption=f"Words {n}", hashtags=(f"tag{n}",), score=0.9 - n / 10, source="her own words")
        for n in range(3)
    )
    async with db.writing() as session:
        return (await writing.record(session, actor, character_id, Written(candidates=told, chosen=0))).id


# --- the list ---


async def test_the_list_is_empty_then_full(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    assert "No posts yet" in (await client.get("/posts?state=all")).text
    asset = await posting.add_asset(db, owner, mira)
    post = await posting.add_post(db, owner, mira, [channel], asset_ids=(asset,))
    await posting.add_post(db, owner, mira, [channel], caption="Nets and knots", draft=True)
    whole = await client.get("/posts")
    assert whole.status_code == 200
    assert whole.text.count("<h1") == 1
    assert f'id="post-{post.id}"' in whole.text
    assert "Nets and knots" not in whole.text
    part = await client.get("/posts", params={"state": "draft"}, headers=HTMX)
    assert "<html" not in part.text
    assert "Nets and knots" in part.text
    for query in ({"q": "zzz"}, {"character": "nobody"}, {"channel": "none"}, {"since": "2031-01-01"}):
        assert "Nothing matches" in (await client.get("/posts", params=query)).text
    assert (await client.get("/posts", params={"since": "never", "until": "2031-01-01"})).status_code == 200


async def test_several_at_once(client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str) -> None:
    good = await posting.add_post(db, owner, mira, [channel])
    bad = await posting.add_post(db, owner, mira, [], caption="Going nowhere")
    done = await client.post("/posts/bulk", data={"ids": [good.id, bad.id], "action": "approve"})
    assert done.status_code == 303
    assert (await posting.post_now(db, owner, good.id)).state == "approved"
    assert (await posting.post_now(db, owner, bad.id)).state == "in_review"
    await client.post("/posts/bulk", data={"ids": [bad.id], "action": "reject", "reason": "Off voice"})
    rejected = await posting.post_now(db, owner, bad.id)
    assert (rejected.state, rejected.note) == ("rejected", "Off voice")
    assert (await client.post("/posts/bulk", data={"action": "approve"})).status_code == 422


# --- review ---


async def test_review_goes_from_one_to_the_next(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    soon, late = clock.from_now(hours=2), clock.from_now(hours=9)
    second = await posting.add_post(db, owner, mira, [channel], caption="The later one", due_at=late)
    first = await posting.add_post(db, owner, mira, [channel], caption="The sooner one", due_at=soon)
    drawn = (await client.get("/posts/review")).text
    assert "The sooner one" in drawn
    assert "1 of 2" in drawn
    step = await client.get("/posts/review", params={"post": second.id}, headers=HTMX)
    assert "The later one" in step.text
    assert step.headers["hx-push-url"] == f"/posts/review?post={second.id}"
    said = await client.post(f"/posts/review/{first.id}/approval", data={"done": "0"}, headers=HTMX)
    assert "The later one" in said.text
    assert "2 of 2" in said.text
    assert f"/posts/{first.id}/reopening" in said.headers["hx-trigger"]
    assert (await posting.post_now(db, owner, first.id)).state == "scheduled"
    last = await client.post(
        f"/posts/review/{second.id}/rejection", data={"done": "1", "quick": "Not true"}, headers=HTMX
    )
    assert "That was the last one" in last.text
    assert "2 posts decided" in last.text


async def test_an_undone_decision_is_reviewed_again(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    post = await posting.add_post(db, owner, mira, [channel], due_at=clock.from_now(hours=2))
    await client.post(f"/posts/{post.id}/approval")
    assert (await posting.post_now(db, owner, post.id)).state == "scheduled"
    assert (await client.post(f"/posts/{post.id}/reopening")).status_code == 303
    assert (await posting.post_now(db, owner, post.id)).state == "in_review"
    assert [d.state for d in await posting.deliveries(db, owner, post.id)] == ["cancelled"]
    async with db.reading() as session:
        assert [a.is_void for a in await queries.approvals_of(session, owner, post.id)] == [True]


async def test_another_of_the_written_texts(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    draft = await drafted(db, owner, mira)
    post = await posting.add_post(db, owner, mira, [channel], caption="Words 0", candidates_id=draft)
    drawn = (await client.get("/posts/review")).text
    assert "In the post" in drawn
    assert drawn.count("Take this") == 2
    taken = await client.post(f"/posts/review/{post.id}/candidate", data={"index": "2"}, headers=HTMX)
    assert taken.status_code == 200
    now = await posting.post_now(db, owner, post.id)
    assert (now.caption, now.hashtags) == ("Words 2", ["tag2"])
    assert (await client.post(f"/posts/review/{post.id}/candidate", data={"index": "7"})).status_code == 422


async def test_words_are_edited_in_place(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    asset = await posting.add_asset(db, owner, mira)
    post = await posting.add_post(db, owner, mira, [channel], asset_ids=(asset,))
    assert 'name="caption"' in (await client.get("/posts/review?edit=1")).text
    words = {"caption": "Newer words", "hashtags": "#sea, dusk", f"alt_{asset}": "Boats at night"}
    kept = await client.post(f"/posts/review/{post.id}/words", data=words, headers=HTMX)
    assert "Newer words" in kept.text
    assert "Boats at night" in kept.text
    assert (await posting.post_now(db, owner, post.id)).hashtags == ["sea", "dusk"]
    refused = await client.post(f"/posts/review/{post.id}/words", data={"caption": "x" * 20_001}, headers=HTMX)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    counted = await client.post(
        "/posts/counts", data={"post_id": post.id, "caption": "Four", "hashtags": ""}, headers=HTMX
    )
    assert re.search(r'class="num">\d+', counted.text)


# --- one post ---


async def test_one_post_from_review_to_public(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    asset = await posting.add_asset(db, owner, mira)
    post = await posting.add_post(db, owner, mira, [channel], asset_ids=(asset,))
    where = f"/posts/{post.id}"
    drawn = (await client.get(where)).text
    assert "A harbour at dusk" in drawn
    assert drawn.count("<h1") == 1
    approved = await client.post(f"{where}/approval", headers=HTMX)
    assert "Publish now" in approved.text
    sent = await client.post(f"{where}/publication", headers=HTMX)
    assert 'id="post"' in sent.text
    (delivery,) = await posting.deliveries(db, owner, post.id)
    await posting.deliver(db, delivery.id)
    public = (await client.get(f"{where}/region", headers=HTMX)).text
    assert "How its origin was declared" in public
    assert "Approved by Ada" in public
    assert "Withdraw" in public
    assert f"{where}/edit" not in public
    assert (await client.post(f"{where}/withdrawal", data={"reason": "Wrong day"})).status_code == 303
    assert (await posting.post_now(db, owner, post.id)).withdrawal_reason == "Wrong day"


async def test_an_unclear_outcome_is_resolved_by_a_person(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    post = await posting.add_post(db, owner, mira, [channel])
    await posting.approved(db, owner, post.id, now=True)
    (delivery,) = await posting.deliveries(db, owner, post.id)
    async with db.writing() as session:
        row = await session.get_one(Delivery, delivery.id)
        row.state, row.is_unknown = "sending", True  # type: ignore[assignment] # a string column
        told = {"code": "unknown", "detail": "No answer came.", "next_step": "Look at the account."}
        from ainfluencer.publishing.service import records  # noqa: PLC0415 - only this test stops one by hand

        await records.stopped(session, owner, row, "needs_person", told, is_unknown=True)  # type: ignore[arg-type] # as above
    drawn = (await client.get(f"/posts/{post.id}")).text
    assert "It is not there: send again" in drawn
    where = f"/posts/{post.id}/deliveries/{delivery.id}/resolution"
    refused = await client.post(where, data={"is_there": "true", "url": "nonsense"}, headers=HTMX)
    assert refused.status_code == 422
    told_so = await client.post(where, data={"is_there": "true", "url": "https://example.org/1"}, headers=HTMX)
    assert "https://example.org/1" in told_so.text
    assert (await posting.fresh(db, delivery.id)).state == "published"


async def test_rescheduling_says_what_the_clock_did(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    post = await posting.add_post(db, owner, mira, [channel], timezone="Europe/Lisbon")
    await posting.approved(db, owner, post.id)
    year = clock.now().year + 1
    moved = await client.post(f"/posts/{post.id}/schedule", data={"due_local": f"{year}-07-01T09:30"})
    assert moved.status_code == 303
    due = (await posting.post_now(db, owner, post.id)).due_at
    assert due is not None
    assert due.utcoffset() == timedelta(0)
    assert (due.hour, due.minute) == (8, 30)
    for wrong in ("", "soon"):
        assert (await client.post(f"/posts/{post.id}/schedule", data={"due_local": wrong})).status_code == 422


# --- the composer ---


async def test_composing_checks_while_one_writes(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    first, second = await posting.add_asset(db, owner, mira), await posting.add_asset(db, owner, mira, size=(60, 40))
    drawn = (await client.get(f"/posts/new?character={mira}")).text
    assert "Choose from the library" in drawn
    form = {"character_id": mira, "caption": "From the pier", "channel_ids": channel, "asset_ids": first}
    more = await client.post("/posts/composer", data=form | {"add": second}, headers=HTMX)
    assert more.text.count('name="asset_ids"') == 2
    assert "From the pier" in more.text
    less = await client.post("/posts/composer", data=form | {"remove": first}, headers=HTMX)
    assert 'name="asset_ids"' not in less.text
    ahead = await client.post("/posts/outlook", data=form | {"due_local": "never"}, headers=HTMX)
    assert "From the pier" in ahead.text
    assert "not a day and an hour" in ahead.text
    long = await client.post("/posts/outlook", data=form | {"caption": "long " * 200}, headers=HTMX)
    assert "are allowed" in long.text
    async with db.reading() as session:
        assert not (await queries.list_posts(session, owner, queries.PostFilter())).items


@pytest.mark.parametrize(("then", "state"), [("draft", "draft"), ("review", "in_review"), ("approve", "scheduled")])
async def test_a_post_is_kept(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str, then: str, state: str
) -> None:
    asset = await posting.add_asset(db, owner, mira)
    form = {
        "character_id": mira,
        "caption": "From the pier",
        "hashtags": "#sea dusk",
        "channel_ids": channel,
        f"text_{channel}": "Only here",
        "asset_ids": asset,
        f"alt_{asset}": "A pier",
        "due_local": f"{clock.now().year + 1}-05-01T10:00",
        "then": then,
    }
    made = await client.post("/posts", data=form)
    assert made.status_code == 303, made.text
    post_id = made.headers["location"].removeprefix("/posts/")
    assert (await posting.post_now(db, owner, post_id)).state == state
    assert "Only here" in (await client.get(f"/posts/{post_id}")).text
    again = (await client.get(f"/posts/{post_id}/edit")).text
    assert "A pier" in again
    assert "#sea #dusk" in again
    changed = await client.post(f"/posts/{post_id}", data=form | {"caption": "From the mole", "then": "review"})
    assert changed.status_code == 303
    now = await posting.post_now(db, owner, post_id)
    assert (now.caption, now.state) == ("From the mole", "in_review")


async def test_mistakes_keep_what_was_written(
    client: httpx.AsyncClient, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    form = {"character_id": mira, "caption": "Kept words", "channel_ids": channel, "then": "review"}
    for wrong, words in (
        ({"due_local": "soon"}, "not a day and an hour"),
        ({"then": "approve", "channel_ids": ""}, "no channel"),
        ({"caption": "x" * 20_001}, "under 20000"),
    ):
        refused = await client.post("/posts", data=form | wrong, headers=HTMX)
        assert refused.status_code == 422, wrong
        assert words in refused.text
    async with db.reading() as session:
        assert not (await queries.list_posts(session, owner, queries.PostFilter())).items


# --- roles and walls ---


async def test_a_reviewer_decides_but_does_not_write(
    app: FastAPI, db: Database, owner: Actor, mira: str, channel: str, workspace: object
) -> None:
    post = await posting.add_post(db, owner, mira, [channel])
    noor = await add_person(db, workspace, "Noor", Role.REVIEWER)  # type: ignore[arg-type] # the fixture's own type
    async for client in browser(app, noor):
        drawn = (await client.get("/posts/review")).text
        assert f"/posts/review/{post.id}/approval" in drawn
        assert "edit=1" not in drawn
        assert (await client.get("/posts/new")).status_code == 403
        assert (await client.post(f"/posts/{post.id}/approval")).status_code == 303
        shown = (await client.get(f"/posts/{post.id}")).text
        assert "Publish now" not in shown
        assert "Back to review" in shown


async def test_another_workspace_sees_nothing(
    app: FastAPI, db: Database, owner: Actor, mira: str, channel: str
) -> None:
    post = await posting.add_post(db, owner, mira, [channel])
    async for client in browser(app, await second_workspace(db)):
        assert "Nothing waits for you" in (await client.get("/posts/review")).text
        for path in ("", "/region", "/edit"):
            assert (await client.get(f"/posts/{post.id}{path}")).status_code == 404
        for deed in ("approval", "reopening", "publication", "deletion"):
            assert (await client.post(f"/posts/{post.id}/{deed}")).status_code == 404


async def test_choosing_needs_a_draft(db: Database, owner: Actor, mira: str, channel: str) -> None:
    post = await posting.add_post(db, owner, mira, [channel])
    async with db.writing() as session:
        with pytest.raises(Exception, match="Nothing was written"):
            await service.choose_candidate(session, owner, post.id, 0)
