"""What a week is about: subjects with something behind them, lists of the card's own, days of nothing but own words."""

from __future__ import annotations

import random

from ainfluencer.characters.schemas import CharacterSheet, Look, Material, MaterialKind, Persona
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.writing import banks, own_lists, service
from ainfluencer.writing.material import own_words
from ainfluencer.writing.schemas import PostBrief, PostFormat
from ainfluencer.writing.subjects import subjects
from tests.support.sheets import BARE, fact, quote

SAID = (
    "Every chart is a long letter from somebody who came home.",
    "A rope that nobody trusts is only a rumour.",
    "I never lend my umbrella twice in one winter.",
    "The fog is honest: it tells you that you cannot see.",
    "Nobody ever regrets the second lamp.",
    "People who whistle on a bridge always want something.",
    "When the bell rings twice, I put the kettle on.",
    "I keep one drawer for keys that open nothing.",
)


def stated(label: str, values: str) -> Material:
    return Material(kind=MaterialKind.FACT, text=f"{label}: {values}", source="card: description (attributes)")


def sheet(*material: Material, **changes: object) -> CharacterSheet:
    return BARE.model_copy(update={"material": material, **changes})


def test_lists_of_the_card_become_lists_to_post() -> None:
    made = sheet(
        stated("Likes", "cold tea, her brother's boat, brass polish, fog"),
        stated("Personality", "shy, kind, exact, treats strangers like guests, careful (with lamps)"),
        stated("Dislikes", "hurry, noise"),
        stated("Era", "one, two, three"),
    )
    found = {one.kind: one.items for one in own_lists.own_lists(made)}
    assert found == {"likes": ("Cold tea", "Brass polish", "Fog"), "traits": ("Shy", "Kind", "Exact", "Careful")}


def test_what_is_not_fit_to_post_is_not_listed() -> None:
    made = sheet(stated("Likes", "naked swims, {{user}}, tea, fog"), boundaries=("never talks about fog",))
    assert own_lists.own_lists(made) == ()


async def test_a_list_of_the_card_is_posted_with_its_source(db: Database, owner: Actor) -> None:
    made = sheet(stated("Likes", "cold tea, brass polish, fog"), quote(f'"{SAID[0]}"'))
    brief = PostBrief(theme="what I like", format=PostFormat.LIST, seed=2)
    best = (await service.write_post(owner, made, brief)).candidates[0]
    assert best.poster.items == ("Cold tea", "Brass polish", "Fog")
    assert "own words (card: description (attributes))" in best.source
    assert not best.needs_person


async def test_beside_a_list_of_the_card_stands_what_the_character_says_of_themselves(
    db: Database, owner: Actor
) -> None:
    made = sheet(
        stated("Personality", "shy, kind, exact"),
        quote('"I am shy, kind and exact on most days."'),
        quote('"The fog is honest: it tells you that you cannot see."'),
        quote('"I keep one drawer for keys that open nothing."'),
    )
    brief = PostBrief(theme="me, in a few words", format=PostFormat.LIST, seed=2)
    best = (await service.write_post(owner, made, brief)).candidates[0]
    assert best.poster.items == ("Shy", "Kind", "Exact")
    assert best.caption.split("\n\n")[1] == "I keep one drawer for keys that open nothing."


async def test_a_day_of_own_words_holds_nothing_else(db: Database, owner: Actor) -> None:
    made = sheet(*(quote(f'"{line}"') for line in SAID))
    brief = PostBrief(theme=banks.voice().about, format=PostFormat.CAROUSEL, seed=2)
    best = (await service.write_post(owner, made, brief)).candidates[0]
    assert set(best.poster.items) <= set(SAID)
    assert len(best.poster.items) == 3
    assert best.caption.split("\n\n")[0] in SAID


def test_a_card_with_much_to_say_simply_speaks_on_some_days() -> None:
    talkative = sheet(*(quote(f'"{line}"') for line in SAID), persona=Persona(topics=("charts", "fog", "old bridges")))
    week = service.themes(talkative, 7, seed=3)
    assert 1 <= sum(theme.title == banks.voice().about for theme in week) <= 3
    assert banks.voice().about not in {theme.title for theme in service.themes(BARE, 7, seed=3)}


def test_subjects_with_nothing_behind_them_come_last() -> None:
    made = sheet(
        fact("Ada mends the ropes of the old ferry."),
        persona=Persona(topics=("quaternions", "the ferry", "gardening", "zymurgy", "ropes")),
    )
    found = subjects(made, own_words(made), random.Random(1))
    assert [one.title for one in found if not one.is_strong] == [one.title for one in found[-2:]]
    assert {"quaternions", "zymurgy"} == {one.title for one in found[-2:]}


def test_a_thin_card_gets_topics_that_lie_beside_its_own() -> None:
    made = sheet(persona=Persona(topics=("artificial minds",)))
    week = service.themes(made, 7, seed=1)
    assert len({theme.title for theme in week}) >= 4
    titles = {theme.title for theme in week}
    assert titles & {banks.topics("en")[name].about for name in banks.topics("en")["minds"].beside}


def test_the_same_short_list_is_not_posted_twice_in_a_week() -> None:
    made = sheet(persona=Persona(topics=("cats", "foxes", "birds")), look=Look(colours=("red",)))
    for seed in range(6):
        lists = [t.title for t in service.themes(made, 10, seed) if t.format is PostFormat.LIST]
        fields = [found.topic for title in lists if (found := banks.by_words(title))]
        assert len(fields) == len(set(fields))


async def test_what_has_nothing_of_its_own_is_left_to_a_person(db: Database, owner: Actor) -> None:
    written = await service.write_post(owner, BARE, PostBrief(theme="Zymurgical quandaries"))
    assert written.chosen is None
    assert "no topic of ours knows" in written.candidates[0].needs_person


async def test_a_text_with_a_stray_mark_is_held(db: Database, owner: Actor) -> None:
    from ainfluencer.writing.finish import objections  # noqa: PLC0415 - the rule itself
    from ainfluencer.writing.schemas import PosterWords  # noqa: PLC0415

    brief = PostBrief(theme="fog")
    for caption in ("*smiles* The fog is early.", 'The fog will not find you."', "Well “then, fog."):
        assert "holds a stray mark" in objections(BARE, brief, caption, PosterWords(title="Fog"))
    assert objections(BARE, brief, "The fog “early” again.", PosterWords(title="Fog, again")) == ()
