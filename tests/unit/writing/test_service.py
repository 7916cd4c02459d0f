"""Writing a post: sources, candidates, the larger model's path and its failures, and what is kept."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput, NotFound, PolicyRefused
from ainfluencer.db.session import Database
from ainfluencer.integrations.guard import close_pools
from ainfluencer.makers import service as makers
from ainfluencer.writing import queries, service
from ainfluencer.writing.material import plain
from ainfluencer.writing.schemas import Line, PostBrief, PosterWords, PostFormat
from tests.support.people import second_workspace
from tests.support.sheets import BARE, MIRA
from tests.support.text_servers import Script, TextServer, post

SEA = PostBrief(theme="the harbour", angle="what it taught me", seed=3)


@pytest.fixture
async def larger(db: Database, owner: Actor) -> AsyncIterator[TextServer]:
    """A connected larger model that answers every brief well."""
    async with TextServer(lambda _body: post()) as made:
        async with db.writing() as session:
            await makers.connect(session, owner, "openai_text", {"base_url": f"{made.url}/v1"})
        yield made
    await close_pools()


def writes(server: TextServer, script: Script) -> None:
    server.write = script


async def test_the_cards_own_words_come_first(db: Database, owner: Actor) -> None:
    written = await service.write_post(owner, MIRA, SEA)
    assert written.chosen == 0
    best = written.candidates[0]
    assert "own words" in best.source
    own = [plain(s) for s in (*(m.text for m in MIRA.material), MIRA.bio, MIRA.greeting)]
    assert any(plain(best.poster.title) in text or plain(best.caption.split("\n")[0]) in text for text in own)
    assert best.reasons
    assert best.poster.title in best.alt_text
    assert 2 <= len(written.candidates) <= 3
    assert written.maker == ""
    assert "models install" in written.notes[0]


@pytest.mark.parametrize("design", PostFormat)
async def test_every_design_gets_words_that_fit(db: Database, owner: Actor, design: PostFormat) -> None:
    written = await service.write_post(
        owner, MIRA, SEA.model_copy(update={"format": design, "max_text": 280, "max_hashtags": 2})
    )
    for one in written.candidates:
        assert len(one.caption) <= 280
        assert len(one.hashtags) <= 2
        assert one.poster.title
        assert len(one.poster.title) <= (180 if design is PostFormat.QUOTE else 60)
        longest = 160 if design is PostFormat.CAROUSEL else 60
        assert all(len(item) <= longest for item in one.poster.items)
        assert not one.needs_person
    assert written.candidates[0].score >= written.candidates[-1].score


async def test_nothing_is_said_twice(db: Database, owner: Actor) -> None:
    used: list[str] = []
    for day in range(6):
        written = await service.write_post(owner, MIRA, SEA.model_copy(update={"avoid": tuple(used), "seed": day}))
        best = written.candidates[written.chosen or 0]
        said = [plain(s) for s in (best.poster.title, best.caption.split("\n\n")[0])]
        assert not set(said) & {plain(t) for t in used}
        used += [*best.caption.split("\n\n"), best.poster.title]


async def test_the_same_brief_gives_the_same_words(db: Database, owner: Actor) -> None:
    first, second = await service.write_post(owner, MIRA, SEA), await service.write_post(owner, MIRA, SEA)
    assert first == second
    other = await service.write_post(owner, MIRA, SEA.model_copy(update={"seed": 9}))
    assert other.candidates[0].caption != first.candidates[0].caption


async def test_without_words_in_a_language_a_person_is_asked(db: Database, owner: Actor) -> None:
    written = await service.write_post(owner, MIRA, SEA.model_copy(update={"language": "pt"}))
    assert written.chosen is None
    assert "language “pt”" in written.candidates[0].needs_person


async def test_a_character_without_material_still_gets_a_post(db: Database, owner: Actor) -> None:
    written = await service.write_post(owner, BARE, PostBrief(theme="baking bread"))
    assert written.chosen == 0
    assert written.candidates[0].source == "curated lines"
    board = await service.write_post(owner, BARE, PostBrief(theme="My look", format=PostFormat.LOOK_BOARD))
    assert board.chosen is None
    assert "too few words" in board.candidates[0].needs_person


async def test_refused_themes(db: Database, owner: Actor) -> None:
    with pytest.raises(PolicyRefused):
        await service.write_post(owner, MIRA, PostBrief(theme="a sexy schoolgirl"))


async def test_a_larger_model_writes_freely(db: Database, owner: Actor, larger: TextServer) -> None:
    texts = iter(range(100))
    writes(larger, lambda _body: post(f"Low tide, long shadows, number {'x' * next(texts)}. Nobody else about."))
    written = await service.write_post(owner, MIRA, SEA)
    assert (written.maker, written.chosen, len(written.candidates)) == ("openai_text", 0, 3)
    best = written.candidates[0]
    assert best.hashtags[:2] == ("#tide", "#lowtide")
    assert best.poster.title == "Low tide tells on everyone."
    system, user = larger.bodies[0]["messages"]
    assert "never talks about politics" in system["content"]
    assert "The sea does not care about your plans" in system["content"]
    assert "the harbour" in user["content"]
    assert larger.bodies[0]["response_format"]["type"] == "json_schema"


async def test_a_bad_answer_is_asked_for_again_with_the_error(db: Database, owner: Actor, larger: TextServer) -> None:
    def script(body: dict[str, Any]) -> str:
        return (
            post("The second try is a good deal better.")
            if "could not be used" in str(body["messages"])
            else '{"caption": 1}'
        )

    writes(larger, script)
    written = await service.write_post(owner, MIRA, SEA)
    assert written.candidates[0].caption == "The second try is a good deal better."
    assert "caption" in larger.bodies[-1]["messages"][-1]["content"]


@pytest.mark.parametrize("said", ["Sure! Here is a post.", json.dumps({"caption": "short"}), ""])
async def test_a_model_that_cannot_be_read_leaves_the_curated_words(
    db: Database, owner: Actor, larger: TextServer, said: str
) -> None:
    writes(larger, lambda _body: said)
    written = await service.write_post(owner, MIRA, SEA)
    assert written.chosen == 0
    assert "own words" in written.candidates[0].source
    assert any("cannot be used" in note for note in written.notes)


@pytest.mark.parametrize(
    ("caption", "reason"),
    [
        ("I am a real human being and I love the sea.", "human"),
        ("The politics of this harbour are a long story.", "boundary"),
        ("Follow the link https://example.org for more of it.", "address"),
        ("Dear {{user}}, the tide is low and so am I.", "placeholder"),
    ],
)
async def test_what_breaks_a_rule_is_kept_for_a_person_but_never_chosen(
    db: Database, owner: Actor, larger: TextServer, caption: str, reason: str
) -> None:
    writes(larger, lambda _body: post(caption))
    written = await service.write_post(owner, MIRA, SEA)
    held = [c for c in written.candidates if c.caption == caption]
    assert all(reason in c.needs_person and c.score <= 0.2 for c in held)
    assert written.chosen is not None
    assert written.candidates[written.chosen].caption != caption


async def test_thinking_out_loud_and_fences_are_cut_off(db: Database, owner: Actor, larger: TextServer) -> None:
    wrapped = f"<think>{{hm}}</think>\n```json\n{post('The tide went out and took the noise along. #tide #sea')}\n```"
    writes(larger, lambda _body: wrapped)
    best = (await service.write_post(owner, MIRA, SEA)).candidates[0]
    assert best.caption == "The tide went out and took the noise along."
    assert "#sea" in best.hashtags


async def test_captions_in_a_platforms_budget(db: Database, owner: Actor) -> None:
    written = await service.caption(owner, MIRA, "twitter", "sunrise at the harbour")
    assert all(len(c.caption) + sum(len(t) + 1 for t in c.hashtags) <= 280 for c in written.candidates)
    assert all(len(c.hashtags) <= 2 for c in written.candidates)


# --- short things ---------------------------------------------------------------------------------------------


async def test_comments_are_stable_and_keep_boundaries(db: Database, owner: Actor) -> None:
    first = await service.comment(owner, MIRA, "Old boats and new paint today.", "Niko")
    assert first
    assert first == await service.comment(owner, MIRA, "Old boats and new paint today.", "Niko")
    assert await service.comment(owner, MIRA, "Let us talk politics tonight.", "Niko") == ""


async def test_three_reply_drafts(db: Database, owner: Actor) -> None:
    drafts = await service.reply_drafts(owner, MIRA, [Line(author="Niko", text="How do you wax a board?")])
    assert len({d.text for d in drafts}) == 3
    assert {d.source for d in drafts} == {"curated lines"}
    assert await service.reply_drafts(owner, MIRA, []) == ()
    with pytest.raises(PolicyRefused):
        await service.reply_drafts(owner, MIRA, [Line(author="Niko", text="send nudes")])


async def test_replies_by_a_larger_model_are_checked(db: Database, owner: Actor, larger: TextServer) -> None:
    answers = iter(["Mira: “Warm the wax first.”", "I am a real human, ask me anything.", "Circles, always circles."])
    writes(larger, lambda _body: next(answers))
    drafts = await service.reply_drafts(owner, MIRA, [Line(author="Niko", text="How do you wax a board?")])
    assert [d.text for d in drafts[:2]] == ["Warm the wax first.", "Circles, always circles."]
    assert len(drafts) == 3


async def test_descriptions(db: Database, owner: Actor) -> None:
    made = await service.describe(owner, MIRA, "A morning in the harbour", max_tags=4)
    assert made.text.startswith("A morning in the harbour.")
    assert len(made.tags) == 4
    assert all(t.startswith("#") for t in made.tags)


# --- themes ---------------------------------------------------------------------------------------------------


def test_a_varied_week() -> None:
    week = service.themes(MIRA, 7, seed=1)
    assert week == service.themes(MIRA, 7, seed=1)
    assert week != service.themes(MIRA, 7, seed=2)
    assert all(a.format is not b.format and a.mood is not b.mood for a, b in itertools.pairwise(week))
    assert len({t.title for t in week}) >= 5
    assert len({t.format for t in week}) >= 4
    assert [t.format for t in week].count(PostFormat.LOOK_BOARD) <= 1
    assert "The harbour".lower() in {t.title.lower() for t in week}
    assert len(service.themes(BARE, 3)) == 3


# --- what is kept ---------------------------------------------------------------------------------------------


@pytest.fixture
async def character_id(db: Database, owner: Actor) -> str:
    from ainfluencer.characters import service as characters  # noqa: PLC0415 - only these tests need rows
    from ainfluencer.characters.schemas import CharacterDraft  # noqa: PLC0415

    async with db.writing() as session:
        made = await characters.create(session, owner, CharacterDraft(name="Mira"), picture=None)
        return made.id


async def test_a_draft_is_kept_chosen_and_edited(db: Database, owner: Actor, character_id: str) -> None:
    written = await service.write_post(owner, MIRA, SEA)
    async with db.writing() as session:
        draft = await service.record(session, owner, character_id, written, SEA)
    async with db.reading() as session:
        kept = await queries.get(session, owner, draft.id)
        assert [queries.as_candidate(row) for row in kept.candidates] == list(written.candidates)
        assert written.candidates[0].caption in await queries.recent_texts(session, owner, character_id)
    async with db.writing() as session:
        await service.choose(session, owner, draft.id, 1)
        row = await service.edit(
            session, owner, draft.id, 1, caption_text="My own words.", poster=PosterWords(title="Mine")
        )
        assert (row.caption, row.is_edited, row.poster["title"]) == ("My own words.", True, "Mine")
        assert row.source.endswith("edited by a person")
        with pytest.raises(InvalidInput):
            await service.choose(session, owner, draft.id, 7)
        with pytest.raises(PolicyRefused):
            await service.edit(session, owner, draft.id, 0, caption_text="explicit sex, at last")


async def test_drafts_are_paged_and_scoped(db: Database, owner: Actor, character_id: str) -> None:
    written = await service.write_post(owner, MIRA, SEA)
    for _ in range(3):
        async with db.writing() as session:
            await service.record(session, owner, character_id, written)
    async with db.reading() as session:
        first, cursor = await queries.list_drafts(session, owner, character_id=character_id, limit=2)
        rest, end = await queries.list_drafts(session, owner, cursor=cursor or "", limit=2)
        assert (len(first), len(rest), end) == (2, 1, None)
        stranger = await second_workspace(db)
        with pytest.raises(NotFound):
            await queries.get(session, stranger, first[0].id)
