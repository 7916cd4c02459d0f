"""The small model's sentence: the grammar that binds it and the rules that throw most of it away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ainfluencer.core import config
from ainfluencer.core.actor import Actor
from ainfluencer.db.session import Database
from ainfluencer.integrations.guard import close_pools
from ainfluencer.makers.service import link_for
from ainfluencer.writing import sentences, service
from ainfluencer.writing.schemas import PostBrief
from tests.conftest import MODELS
from tests.support.sheets import MIRA

OPENING = "With black coffee, the trick is to "


def faults(rest: str) -> tuple[str, ...]:
    return sentences.faults(OPENING + rest, OPENING, MIRA)


def test_a_plain_sentence_passes() -> None:
    assert faults("pour it slowly and look out of the window.") == ()


@pytest.mark.parametrize(
    ("rest", "fault"),
    [
        ("pour it slowly and look out of the", "unfinished"),
        ("pour it slowly and look out of the.", "unfinished"),
        ("be.", "unfinished"),
        ("enjoy a moment of pure magic in the cup.", "worn-out"),
        ("make one for my husband before the rain.", "people who are not on the card"),
        ("pour it slowly and then pour it slowly.", "repeats"),
        ("make the coffee strong and drink it hot.", "repeats"),
        ("drink 3 cups before the tide comes in.", "odd letters"),
        ("drink it before you tell me about it.", "mixes I and you"),
        ("talk about politics before the tide comes in.", "boundary"),
    ],
)
def test_what_is_thrown_away(rest: str, fault: str) -> None:
    assert any(fault in found for found in faults(rest)), faults(rest)


def test_mended() -> None:
    assert sentences.mended("With tea, the  trick is to wait ,.") == "With tea, the trick is to wait."


def test_the_grammar_quotes_its_opening() -> None:
    assert '\\"' in sentences.grammar('With "tea", ')


@pytest.mark.model
async def test_the_real_model_adds_a_sentence_or_says_why_not(db: Database, owner: Actor) -> None:
    config.use(replace(config.settings(), data=MODELS))
    try:
        assert (await link_for(owner, "embedded")).folder == MODELS / "models"
        written = await service.write_post(owner, MIRA, PostBrief(theme="black coffee", seed=5))
    finally:
        await close_pools()
    assert written.chosen == 0
    spoke = [c for c in written.candidates if "one sentence" in c.source]
    assert spoke or any("small model" in note for note in written.notes)
