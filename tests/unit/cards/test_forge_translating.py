"""A card in another language: a scripted model on a real socket, what stays, what is asked again, what is left and told."""

from __future__ import annotations

import base64
import copy
import io
import json
import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete, select

from ainfluencer.cards import opening
from ainfluencer.cards import service as library
from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.forge import profiles, service, sources
from ainfluencer.cards.forge import texts as reading
from ainfluencer.cards.forge.models import ForgeSource, ForgeStep
from ainfluencer.cards.forge.profile_shapes import ConfigDraft, PromptDraft
from ainfluencer.cards.reading import png
from ainfluencer.cards.reading.values import Notes
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import Conflict, InvalidInput, PolicyRefused, UnexpectedReply
from ainfluencer.db.session import Database
from ainfluencer.engine import exports
from ainfluencer.engine import service as jobs
from ainfluencer.engine.models import Job, JobState
from ainfluencer.makers import service as makers
from tests.support.cards import pngs
from tests.support.text_servers import TextServer
from tests.unit.cards.forge_support import STORY, begun, count, done, read

LONG = "\n\n".join(f"{{{{char}}}} keeps the lamp of the harbour, and number {n} of the boats is not in yet." for n in range(90))  # fmt: skip
ENTRIES = [
    {"keys": ["harbour", "Port Ellis"], "content": "@@depth 4\n@@role system\nThe harbour is at the end of the bay.", "extensions": {},
     "enabled": True, "insertion_order": 1.50, "use_regex": False, "name": "Harbour", "comment": "a place", "secondary_keys": ["boat"]},
    {"keys": ["/storms?/i"], "content": "{{char}}", "extensions": {"selectiveLogic": 3}, "enabled": True, "insertion_order": 9007199254740993,
     "use_regex": True, "secondary_keys": ["night"]},
    {"keys": ["storms?", "old lamp"], "content": "The old lamp is lit when the storm is near.", "extensions": {}, "enabled": True,
     "insertion_order": 3, "use_regex": True},
]  # fmt: skip
V3: dict[str, Any] = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {
        "name": "Anna Reed", "nickname": "Annie", "description": "{{char}} is the keeper of the lamp. Anna is at https://example.org/anna and she is not in.",
        "personality": "", "scenario": "{{char}}",
        "first_mes": '*{{char}} opens the window.* "Who is it?"', "mes_example": "<START>\n{{user}}: What is it with the lamp?\n{{char}}: It is the light of the harbour.",
        "alternate_greetings": ["*Annie nods at the door.* “Sit with me.”"], "group_only_greetings": ["Who of you is the captain?"], "tags": ["sea", "keeper"],
        "creator": "Bo", "creator_notes": "A woman of the sea, for all who like it slow.", "system_prompt": "Stay with the voice of {{char}}. {{original}}",
        "post_history_instructions": "Write what {{char}} does, and not what {{user}} does.", "character_version": "2", "modification_date": 5,
        "extensions": {"x": {"deep": [1.0, 1e3, -0.0]}, "depth_prompt": {"prompt": "{{char}} never leaves the lamp alone.", "depth": 4}}, "character_book": {"entries": ENTRIES, "extensions": {}},
    },
}  # fmt: skip
V2: dict[str, Any] = {**V3, "spec": "chara_card_v2", "spec_version": "2.0"}


def asked_for(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The texts of a request."""
    words = body["messages"][0]["content"]
    found: list[dict[str, Any]] = json.loads(re.search(r"TEXTS:\n(\[.*?\n\])", words, re.DOTALL).group(1))  # type: ignore[union-attr]
    return found


def german(text: str) -> str:
    """Every word turned round, with the commonest word of the other language where it is short."""
    return re.sub(r"[^\W\d_]+", lambda word: "und" if len(word[0]) < 4 else word[0][::-1], text)


def answer(body: dict[str, Any], change: Callable[[str], str] = german) -> str:
    return json.dumps({"texts": [{"number": one["number"], "text": change(one["text"])} for one in asked_for(body)]})


@pytest.fixture
async def server(db: Database, owner: Actor) -> AsyncIterator[TextServer]:
    """A connected model that translates well."""
    async with TextServer(answer) as made:
        async with db.writing() as session:
            await makers.connect(session, owner, "openai_text", {"base_url": f"{made.url}/v1"})
            priced = ConfigDraft(name="priced", retries=0, input_price=10, output_price=20)
            await profiles.create_config(session, owner, priced)
        yield made


async def translated(db: Database, actor: Actor, card: Any, **options: Any) -> dict[str, Any]:
    data = card if isinstance(card, bytes) else json.dumps(card, indent=2).encode()
    given = sources.Read(data, "anna.json", reading.read(data, "anna.json"))
    options = {"translate_to": "de", "config": "priced", **options}
    return await done(db, await begun(actor, card=given, **options))


async def file_of(db: Database, actor: Actor, form: str = "card") -> bytes:
    """A download of the last job."""
    async with db.reading() as session:
        row = await session.scalar(select(Job).order_by(Job.id.desc()).limit(1))
        assert row
        return (await exports.download(session, actor, row, form))[0]


def states(result: dict[str, Any]) -> dict[str, str]:
    return {one["field"]: one["state"] for one in result["translation"]}


async def test_every_text_is_translated_and_nothing_else_is_touched(
    db: Database, owner: Actor, server: TextServer
) -> None:
    result = await translated(db, owner, V3)
    data = json.loads(await file_of(db, owner))["data"]
    assert data["description"].startswith("{{char}} und und")
    assert "Anna und und https://example.org/anna" in data["description"]
    assert data["first_mes"] == '*{{char}} snepo und wodniw.* "und und und?"'
    assert data["mes_example"].startswith("<START>\n{{user}}: tahW")
    assert data["alternate_greetings"] == ["*Annie sdon und und rood.* “und htiw und.”"]
    assert data["group_only_greetings"] != V3["data"]["group_only_greetings"]
    assert data["system_prompt"].endswith("{{char}}. {{original}}")
    assert data["creator_notes"] == V3["data"]["creator_notes"]
    assert data["creator_notes_multilingual"] == {"de": german(V3["data"]["creator_notes"])}
    entries = data["character_book"]["entries"]
    assert entries[0]["content"].startswith("@@depth 4\n@@role system\nund ruobrah")
    assert data["extensions"]["depth_prompt"]["prompt"].startswith("{{char}} reven")
    data["extensions"]["depth_prompt"]["prompt"] = V3["data"]["extensions"]["depth_prompt"]["prompt"]
    same = ("name", "nickname", "scenario", "tags", "creator", "extensions", "personality")
    assert {name: data[name] for name in same} == {name: V3["data"][name] for name in same}
    assert [{k: v for k, v in one.items() if k != "content"} for one in entries] == [
        {k: v for k, v in one.items() if k != "content"} for one in ENTRIES
    ]
    assert data["modification_date"] > 5
    assert states(result)["description"] == "translated"
    assert "scenario" not in states(result)  # a macro alone is not sent
    assert "{{" not in json.dumps([asked_for(body) for body in server.bodies])
    assert "Ann" not in json.dumps([asked_for(body) for body in server.bodies])


async def test_the_text_of_what_is_not_touched_stays_to_the_last_byte(
    db: Database, owner: Actor, server: TextServer
) -> None:
    odd = json.dumps(V2, indent=3).replace('"x": {', '"x":   {').replace("1000.0", "1e3").replace('"Bo"', '"B\\u006f"')
    await translated(db, owner, odd.encode())
    made = (await file_of(db, owner)).decode()
    for kept in ('"x":   {', "1e3", "-0.0", "9007199254740993", '"B\\u006f"', '"insertion_order": 1.5,'):
        assert kept in made
    assert opening.open_card(made.encode()).card.spec == "v2"
    assert "creator_notes_multilingual" not in made


async def test_a_picture_keeps_its_pixels_and_its_version(db: Database, owner: Actor, server: TextServer) -> None:
    picture = pngs.png(pngs.text("Title", b"mine"), pngs.text("chara", pngs.b64(V2)))
    result = await translated(db, owner, picture)
    made = await file_of(db, owner)
    async with db.reading() as session:
        row = await session.scalar(select(Job))
        assert row
        assert (await exports.download(session, owner, row, "card"))[2].endswith(".png")
    assert opening.open_card(made).card.spec == "v2"
    assert b"mine" in made
    assert result["metadata"]["container"] == "png"
    assert b"mine" in await file_of(db, owner, "png")
    assert json.loads(await file_of(db, owner, "v3"))["data"]["first_mes"] == result["first_mes"]


async def test_the_file_that_came_goes_after_a_day_and_the_words_stay(
    db: Database, owner: Actor, server: TextServer
) -> None:
    await translated(db, owner, V3)
    assert await count(db, ForgeSource) == 1
    async with db.writing() as session:
        await session.execute(delete(ForgeSource))
    with pytest.raises(Conflict) as gone:
        await file_of(db, owner)
    assert gone.value.reason == "input_gone"
    assert "snepo" in json.loads(await file_of(db, owner, "v3"))["data"]["first_mes"]


async def test_a_lost_macro_is_asked_for_once_more_with_the_fault(
    db: Database, owner: Actor, server: TextServer
) -> None:
    def forgetful(body: dict[str, Any]) -> str:
        is_again = "is missing" in body["messages"][0]["content"]
        return answer(body, german if is_again else lambda text: german(text).replace("⟦0⟧", ""))

    server.write = forgetful
    result = await translated(db, owner, V3)
    assert "{{char}}" in result["description"]
    assert len(server.bodies) == 2
    assert set(states(result).values()) <= {"translated", "kept"}
    assert "- text 0: ⟦0⟧ is missing." in server.bodies[1]["messages"][0]["content"]


async def test_a_model_that_counts_from_one_is_understood(db: Database, owner: Actor, server: TextServer) -> None:
    def counting(body: dict[str, Any]) -> str:
        found = json.loads(answer(body))
        return json.dumps({"texts": [{**one, "number": one["number"] + 1} for one in found["texts"]]})

    server.write = counting
    result = await translated(db, owner, V3)
    assert len(server.bodies) == 1
    assert set(states(result).values()) <= {"translated", "kept"}


async def test_what_does_not_come_back_whole_twice_stays_and_is_told(
    db: Database, owner: Actor, server: TextServer
) -> None:
    server.write = lambda body: answer(body, lambda text: german(text).replace("*", "", 1))
    result = await translated(db, owner, V3)
    assert result["first_mes"] == V3["data"]["first_mes"]
    assert states(result)["first_mes"] == "left"
    assert states(result)["description"] == "translated"
    assert any(note.startswith("First message: It stays in its language") for note in result["metadata"]["notes"])


async def test_a_long_text_goes_in_parts_and_a_part_may_stay(db: Database, owner: Actor, server: TextServer) -> None:
    card = copy.deepcopy(V3)
    card["data"]["description"] = LONG
    server.write = lambda body: answer(body, lambda text: "" if "number 40 " in text else german(text))
    result = await translated(db, owner, card, chunk_tokens=900)
    assert states(result)["description"] == "partly"
    assert "number 40 of the boats" in result["description"]
    assert "rebmun 80 und" in result["description"]
    assert result["description"].count("\n\n") == LONG.count("\n\n")
    assert len(server.bodies) > 4


async def test_lore_keys_are_added_behind_those_that_are_there(db: Database, owner: Actor, server: TextServer) -> None:
    result = await translated(db, owner, V3, keys="add")
    entries = result["character_book"]["entries"]
    assert entries[0]["keys"] == ["harbour", "Port Ellis", "ruobrah", "troP sillE"]
    assert entries[0]["secondary_keys"] == ["boat", "taob"]
    assert entries[1]["keys"] == ["/storms?/i"]
    assert entries[1]["secondary_keys"] == ["night"]  # “and all”: one more would be one too many
    assert entries[2]["keys"] == ["storms?", "old lamp", "und pmal"]


async def test_words_that_are_to_be_kept_are_kept(db: Database, owner: Actor, server: TextServer) -> None:
    result = await translated(db, owner, V3, keep_words=["harbour", "lamp"])
    assert "the keeper of the lamp" not in result["description"]
    assert "lamp" in result["description"]
    assert "harbour" in result["character_book"]["entries"][0]["content"]


async def test_notes_of_an_older_card_are_translated_when_asked(db: Database, owner: Actor, server: TextServer) -> None:
    kept = await translated(db, owner, V2)
    assert (kept["creator_notes"], states(kept)["creator_notes"]) == (V2["data"]["creator_notes"], "kept")
    asked = await translated(db, owner, V2, translate_notes=True)
    assert asked["creator_notes"] == german(V2["data"]["creator_notes"])


async def test_a_text_in_the_language_already_is_skipped_and_told(
    db: Database, owner: Actor, server: TextServer
) -> None:
    card = copy.deepcopy(V3)
    card["data"]["scenario"] = (
        "Sie ist nicht zu Hause, aber das Licht ist an, und er wartet mit dem Hund auf der Treppe."
    )
    result = await translated(db, owner, card)
    assert result["scenario"] == card["data"]["scenario"]
    assert states(result)["scenario"] == "already"
    assert any("Scenario" in note and "German" in note for note in result["metadata"]["notes"])


async def test_a_card_in_the_language_already_asks_nobody(db: Database, owner: Actor, server: TextServer) -> None:
    result = await translated(db, owner, V3, translate_to="English", fields=["description", "first_mes"])
    assert not server.bodies
    assert result["changes"] == []
    assert result["metadata"]["cost"] == 0
    assert "Nothing was translated; the card is as it was." in result["metadata"]["notes"]


async def test_a_flat_card_of_the_first_version_stays_one(db: Database, owner: Actor, server: TextServer) -> None:
    flat = {"name": "Anna", "description": "She is the keeper of the lamp.", "personality": "", "scenario": "", "first_mes": "Who is it?", "mes_example": "", "fav": 1.0}  # fmt: skip
    await translated(db, owner, flat)
    made = json.loads(await file_of(db, owner))
    assert list(made) == list(flat)
    assert made["first_mes"] == "und und und?"


async def test_a_card_of_odd_types_keeps_them_where_nothing_is_translated(
    db: Database, owner: Actor, server: TextServer
) -> None:
    odd = copy.deepcopy(V2)
    lamps = {str(n): {"key": ["lamp"], "content": "The lamp of the house is on.", "order": n} for n in range(7)}
    odd["data"] |= {"tags": "sea, keeper", "character_book": {"entries": lamps}, "alternate_greetings": "Who is it?"}
    result = await translated(db, owner, odd, keys="add")
    data = json.loads(await file_of(db, owner))["data"]
    assert data["tags"] == "sea, keeper"
    assert data["character_book"]["entries"]["3"]["key"] == ["lamp", "pmal"]
    assert data["character_book"]["entries"]["3"]["content"] == german("The lamp of the house is on.")
    assert data["alternate_greetings"] == ["und und und?"]
    assert "14 texts." in json.dumps(result["translation"])


@pytest.mark.parametrize("container", ["charx", "yaml", "twice"])
async def test_every_container_comes_back_as_it_was(
    db: Database, owner: Actor, server: TextServer, container: str
) -> None:
    if container == "twice":
        data = pngs.png(pngs.text("chara", pngs.b64(V2)), pngs.text("ccv3", pngs.b64(V3)))
    elif container == "yaml":
        data = b"name: Ada\ngreeting: Who is it at the door of the house?\ncontext: She is the keeper of the lamp.\n"
    else:
        data = converter.convert(opening.open_card(json.dumps(V3).encode()), Target("charx"), allow_loss=True).data
    await translated(db, owner, data)
    made = await file_of(db, owner)
    opened = opening.open_card(made)
    assert opened.payload.container.value == container.replace("twice", "png")
    assert "und" in opened.card.first_mes
    if container == "twice":
        texts, _ = png.text_chunks(made, Notes(), keywords=frozenset({"chara", "ccv3"}))
        assert len({json.loads(base64.b64decode(one.value))["data"]["first_mes"] for one in texts}) == 1
        assert len(texts) == 2


async def test_a_card_in_a_file_that_is_only_read_becomes_a_picture(
    db: Database, owner: Actor, server: TextServer
) -> None:
    exif = Image.Exif()
    exif[0x9286] = json.dumps(V2).encode()
    out = io.BytesIO()
    Image.new("RGB", (30, 30), "teal").save(out, "WEBP", exif=exif)
    result = await translated(db, owner, out.getvalue())
    made = opening.open_card(await file_of(db, owner))
    assert (made.payload.container.value, made.card.spec) == ("png", "v2")
    assert "und" in made.card.first_mes
    assert any("is a PNG" in note for note in result["metadata"]["notes"])


async def test_what_is_kept_twice_is_changed_twice(db: Database, owner: Actor, server: TextServer) -> None:
    mirrored = {**V2, "first_mes": V2["data"]["first_mes"], "creatorcomment": "x"}
    await translated(db, owner, mirrored)
    made = json.loads(await file_of(db, owner))
    assert made["first_mes"] == made["data"]["first_mes"] != V2["data"]["first_mes"]
    assert made["creatorcomment"] == "x"


async def test_tokens_and_cost_are_counted_and_the_prompt_can_be_changed(
    db: Database, owner: Actor, server: TextServer
) -> None:
    async with db.writing() as session:
        mine = "Into ${language}, in rhyme.\nTEXTS:\n${source}"
        await profiles.create_prompt(session, owner, PromptDraft(name="rhymes", prompts={"translate": mine}))
    result = await translated(db, owner, V3, prompt="rhymes", instruction="Say Sie.")
    words = server.bodies[0]["messages"][0]["content"]
    assert words.startswith("Into German, in rhyme.")
    assert words.endswith("ALSO: Say Sie.")
    assert result["metadata"]["prompt_tokens"] == 7 * len(server.bodies)
    assert result["metadata"]["cost"] == pytest.approx((7 * 10 + 5 * 20) * len(server.bodies) / 1_000_000)


async def test_a_translation_goes_on_where_it_was_cut_off(db: Database, owner: Actor, server: TextServer) -> None:
    card = copy.deepcopy(V3)
    card["data"]["description"] = LONG
    job = await begun(
        owner, card=read(json.dumps(card), "anna.json"), translate_to="de", config="priced", chunk_tokens=900
    )
    server.write = lambda body: "nonsense" if len(server.bodies) > 3 else answer(body)
    with pytest.raises(UnexpectedReply):
        await done(db, job)
    kept, before = await count(db, ForgeStep), [asked_for(body) for body in server.bodies[:3]]
    assert kept == 3
    server.write = answer
    async with db.writing() as session:
        row = await session.get_one(Job, job.job.id)
        row.state = JobState.FAILED
        job.job.id = (await jobs.retry(session, owner, row.id)).id
    result = await done(db, job)
    assert result["metadata"]["steps_taken_up"] == kept
    after = [asked_for(body) for body in server.bodies[4:]]
    assert not [texts for texts in after if texts in before]
    assert states(result)["description"] == "translated"


async def test_a_forged_card_is_translated_in_turn(db: Database, owner: Actor, server: TextServer) -> None:
    job = await begun(owner, STORY, name="Anna Reed", greetings=1)
    await done(db, job)
    result = await done(db, await begun(owner, based_on=job.job.id, translate_to="de", config="priced"))
    assert result["name"] == "Anna Reed"
    assert "und" in result["description"]


async def test_both_languages_stand_in_the_library(db: Database, owner: Actor, server: TextServer) -> None:
    async with db.writing() as session:
        first = await library.add(session, owner, json.dumps(V3).encode(), "anna.json")
        card_id = first.row.id
    job = await begun(owner, library_card_id=card_id, translate_to="de", config="priced")
    await done(db, job)
    new_id, outcome = await service.keep_as_card(owner, job.job.id)
    assert (outcome, new_id != card_id) == ("added", True)
    assert await service.keep_as_card(owner, job.job.id) == (new_id, "skipped")


@pytest.mark.parametrize(
    ("options", "texts", "field"),
    [
        ({"translate_to": "Klingon"}, (), "translate_to"),
        ({"mode": "translate"}, (), "translate_to"),
        ({"mode": "create", "translate_to": "de"}, (), "translate_to"),
        ({"translate_to": "de"}, (STORY,), "source"),
        ({"translate_to": "de", "config": "offline"}, (), "translate_to"),
    ],
)
async def test_what_cannot_be_translated_is_refused_before_it_waits(
    db: Database, owner: Actor, server: TextServer, options: dict[str, Any], texts: tuple[str, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await begun(owner, *texts, **{"config": "priced", **options}, card=read(json.dumps(V3), "anna.json"))
    assert refused.value.field == field
    assert await count(db, Job) == 0


async def test_without_a_larger_model_the_way_out_is_named(db: Database, owner: Actor) -> None:
    with pytest.raises(InvalidInput) as refused:
        await begun(owner, card=read(json.dumps(V3), "anna.json"), translate_to="de", config="basic")
    assert refused.value.reason == "needs_larger_model"
    assert "Ollama" in refused.value.next_step


async def test_a_sexual_card_of_a_minor_is_not_sent_to_anybody(db: Database, owner: Actor, server: TextServer) -> None:
    bad = copy.deepcopy(V3)
    bad["data"]["description"] = "Anna is a 15-year-old girl who has sex. Explicit: her naked body, nipples."
    bad["data"]["tags"] = ["nsfw"]
    with pytest.raises(PolicyRefused):
        await translated(db, owner, bad)
    assert not server.bodies
