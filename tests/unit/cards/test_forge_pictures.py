"""Pictures as a source of the forge: what a model that sees is sent, and what becomes of its words."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from ainfluencer.cards.forge import api as forge
from ainfluencer.cards.forge import looking, service, sources, texts
from ainfluencer.cards.forge.models import ForgeStep
from ainfluencer.cards.forge.options import Options
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.session import Database
from ainfluencer.engine.models import Job
from ainfluencer.makers import service as makers
from tests.support.clients import client_for, small_app
from tests.support.text_servers import TextServer
from tests.unit.cards.forge_support import NOTES, count, done
from tests.unit.cards.test_forge_writing import script

SEEN = [
    "The character has long red hair.",
    "The character wears a green oilskin coat.",
    "The character looks like Emma Example, a famous actress.",
    "  ",
]


def picture(width: int = 2400, height: int = 1200, form: str = "JPEG", **more: Any) -> bytes:
    out = io.BytesIO()
    mode = "RGBA" if form in {"PNG", "WEBP"} else "RGB"
    Image.new(mode, (width, height), "red").save(out, form, **more)
    return out.getvalue()


def seeing(body: dict[str, Any]) -> str:
    content = body["messages"][0]["content"]
    return json.dumps({"statements": SEEN}) if isinstance(content, list) else script(body)


@pytest.fixture
async def server(db: Database, owner: Actor) -> AsyncIterator[TextServer]:
    """A connected model; whether it sees is up to its connection."""
    async with TextServer(seeing) as made:
        yield made


async def connect(db: Database, actor: Actor, server: TextServer, *, sees: bool) -> None:
    async with db.writing() as session:
        values = {"base_url": f"{server.url}/v1", "sees_pictures": "yes" if sees else "no"}
        await makers.connect(session, actor, "openai_text", values)


async def begun(
    actor: Actor, db: Database, *files: tuple[bytes, str], config: str = "basic", **options: Any
) -> service.Begun:
    read = tuple(sources.Read(data, name, texts.read(data, name)) for data, name in files)
    wanted = await service.looked(actor, service.Request(Options(**options), config=config, texts=read))
    async with db.writing() as session:
        return await service.begin(session, actor, wanted)


def sent(server: TextServer) -> list[bytes]:
    """The pictures that were sent."""
    parts = [part for body in server.bodies for part in body["messages"][0]["content"] if isinstance(part, dict)]
    urls = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    assert all(url.startswith("data:image/jpeg;base64,") for url in urls)
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


async def test_a_picture_is_sent_small_and_without_its_metadata(db: Database, owner: Actor, server: TextServer) -> None:
    await connect(db, owner, server, sees=True)
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "home, sweet home"  # turned by 90 degrees; a description
    await done(db, await begun(owner, db, (picture(exif=exif), "anna.jpg"), name="Anna"))
    (data,) = sent(server)
    with Image.open(io.BytesIO(data)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (512, 1024))
        assert not shown.getexif()
    words = server.bodies[0]["messages"][0]["content"][0]["text"]
    assert "beginning with “Anna”" in words
    assert "Never say or guess who somebody is" in words
    assert server.bodies[0]["response_format"]["json_schema"]["schema"]["properties"].keys() == {"statements"}


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_is_see_through_is_shown_on_white(form: str) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, form)
    with Image.open(io.BytesIO(looking.shown(out.getvalue()).data)) as shown:
        assert shown.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("name", ["Anna", ""])
async def test_what_it_sees_is_used_with_its_words_as_the_proof(
    db: Database, owner: Actor, server: TextServer, name: str
) -> None:
    await connect(db, owner, server, sees=True)
    result = await done(db, await begun(owner, db, (picture(), "anna.jpg"), name=name))
    (hair,) = [one for one in result["material"]["claims"] if "red hair" in one["text"]]
    assert hair["text"] == f"{result['name']} has long red hair."
    assert hair["quote"] == f"{name or 'The character'} has long red hair."
    assert hair["where"] == "picture anna.jpg"
    assert "Emma" not in json.dumps(result["material"])
    assert result["metadata"]["claims_dropped"] >= 1
    assert looking.SYNTHETIC in result["metadata"]["notes"]
    assert looking.SYNTHETIC in result["creator_notes"]


async def test_a_picture_stands_beside_notes_and_is_looked_at_once(
    db: Database, owner: Actor, server: TextServer
) -> None:
    await connect(db, owner, server, sees=True)
    job = await begun(owner, db, (NOTES.encode(), "notes.md"), (picture(), "a.jpg"))
    result = await done(db, job)
    assert result["name"] == "Tomas Harrow"
    assert any("green oilskin" in one["text"] for one in result["material"]["claims"])
    asked = len(sent(server))
    async with db.reading() as session:
        steps = list(await session.scalars(select(ForgeStep.name)))
    assert (asked, steps.count("look")) == (1, 1)


async def test_without_anybody_who_sees_it_is_refused_before_it_waits(
    db: Database, owner: Actor, server: TextServer
) -> None:
    await connect(db, owner, server, sees=False)
    for config in ("basic", "offline"):
        with pytest.raises(InvalidInput) as refused:
            await begun(owner, db, (picture(), "face.jpg"), config=config)
        assert refused.value.reason == "picture_unseen"
        assert "Ollama" in refused.value.next_step
    assert await count(db, Job) == 0
    assert not server.bodies


async def test_a_picture_that_was_not_asked_about_does_not_slip_through(db: Database, owner: Actor) -> None:
    read = sources.Read(picture(), "a.jpg", texts.read(picture(), "a.jpg"))
    async with db.writing() as session:
        with pytest.raises(InvalidInput):
            await service.begin(session, owner, service.Request(Options(), texts=(read,)))


async def test_the_api_says_who_sees_and_takes_the_file(db: Database, owner: Actor, server: TextServer) -> None:
    async with client_for(small_app(forge.router), owner) as client:
        refused = await client.post("/api/v2/files", files={"file": ("face.png", picture(form="PNG"))})
        assert (refused.status_code, refused.json()["code"]) == (422, "picture_unseen")
        await connect(db, owner, server, sees=True)
        made: httpx.Response = await client.post("/api/v2/files", files={"file": ("face.png", picture(form="PNG"))})
        assert (made.status_code, made.json()["kind"]) == (201, "picture")
        models = {one["maker"]: one["sees_pictures"] for one in (await client.get("/api/v2/models")).json()["items"]}
        assert models == {"openai_text": True, "embedded": False}
        begun_job = await client.post(
            "/api/v2/generation/generate", json={"files": [made.json()["id"]], "name": "Anna"}
        )
        assert begun_job.status_code == 200, begun_job.text


async def test_a_model_that_says_nothing_of_use_ends_the_job_with_what_to_do(
    db: Database, owner: Actor, server: TextServer
) -> None:
    await connect(db, owner, server, sees=True)
    server.write = lambda _body: json.dumps({"statements": ["This is a famous singer."]})
    with pytest.raises(InvalidInput, match="nothing of the picture"):
        await done(db, await begun(owner, db, (picture(), "face.jpg")))
