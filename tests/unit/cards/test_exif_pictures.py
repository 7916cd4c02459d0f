"""Cards in the EXIF comment of a PNG, as Backyard AI and Faraday wrote them, and comments that are no card."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from ainfluencer.cards import opening, service
from ainfluencer.cards.converting import converter
from ainfluencer.cards.converting.converter import Target
from ainfluencer.cards.errors import CardRefused
from ainfluencer.cards.reading import png
from ainfluencer.cards.reading.values import Notes
from ainfluencer.core.actor import Actor
from ainfluencer.core.errors import InvalidInput
from ainfluencer.db.session import Database
from tests.support.cards import cards, pngs
from tests.unit.cards.test_library_keeping import added, edited

BACKYARD: dict[str, Any] = {
    "version": 4,
    "character": {
        "aiName": "mira-lind",
        "aiDisplayName": "Mira",
        "aiPersona": "{character} keeps a lighthouse and is patient with {user}.",
        "scenario": "A harbour at night.",
        "basePrompt": "Write as {character}.",
        "customDialogue": "#{user}: Cold?\n#{character}: Only in the mornings.",
        "firstMessage": "The fog is coming in.",
        "isNSFW": False,
        "loreItems": [{"id": "1", "key": "lamp, light", "value": "The lamp turns every nine seconds.", "order": "a"}],
        "Chat": [],
    },
}


def picture(comment: bytes, chunks: bytes = b"") -> bytes:
    """A PNG with this EXIF comment."""
    out, exif = BytesIO(), Image.Exif()
    exif[0x9286] = comment
    Image.new("RGB", (32, 48), "teal").save(out, "PNG", exif=exif)
    whole = out.getvalue()
    return whole[:-12] + chunks + pngs.END


def backyard(**changes: Any) -> bytes:
    whole = BACKYARD | {"character": BACKYARD["character"] | changes}
    return picture(base64.b64encode(json.dumps(whole).encode()))


def kinds(data: bytes) -> list[bytes]:
    return [piece.kind for piece in png.chunks(data)]


def test_a_picture_of_backyard_is_a_card() -> None:
    opened = opening.open_card(backyard(), "mira.png")
    card = opened.card
    assert (opened.payload.container.value, card.spec, card.name) == ("png+exif", "v2", "Mira")
    assert card.description == "{{char}} keeps a lighthouse and is patient with {{user}}."
    assert card.mes_example == "<START>\n{{user}}: Cold?\n{{char}}: Only in the mornings."
    assert (card.first_mes, card.system_prompt) == ("The fog is coming in.", "Write as {{char}}.")
    assert card.book is not None
    assert [(one.keys, one.content) for one in card.book.entries] == [
        (("lamp", "light"), "The lamp turns every nine seconds.")
    ]


def test_its_chats_are_left_out_and_told() -> None:
    opened = opening.open_card(backyard(Chat=[{"ChatItems": [{"input": "Hi", "output": "Hello"}]}]))
    assert [note.code for note in opened.payload.notes] == ["chats_left_out"]


@pytest.mark.parametrize("changes", [{"firstMessage": None, "loreItems": None, "Chat": None}, {"Chat": [1, {}]}])
def test_missing_parts_are_empty(changes: dict[str, Any]) -> None:
    assert opening.open_card(backyard(**changes)).card.name == "Mira"


def test_another_tools_card_in_the_comment_is_read_too() -> None:
    card = opening.open_card(picture(json.dumps(cards.v2(name="Ada")).encode())).card
    assert (card.spec, card.name) == ("v2", "Ada")


@pytest.mark.parametrize(
    "comment",
    [b"Taken on a rainy day", b"masterpiece, portrait\nSteps: 20, Seed: 1", json.dumps({"prompt": {"1": {}}}).encode()],
)
def test_other_comments_are_no_card_and_stay(comment: bytes) -> None:
    data = picture(comment)
    with pytest.raises(CardRefused) as refusal:
        opening.open_card(data)
    assert refusal.value.reason == "png_no_card"
    card = opening.open_card(json.dumps(cards.v2()).encode(), "ada.json")
    made = converter.convert(card, Target("png"), picture=data)
    assert b"eXIf" in kinds(made.data)


def test_a_card_chunk_counts_more_than_the_comment() -> None:
    chunk = pngs.text("chara", pngs.b64(cards.v2(name="Chunk")))
    opened = opening.open_card(picture(base64.b64encode(json.dumps(BACKYARD).encode()), chunk))
    assert opened.card.name == "Chunk"
    editor = opened.editor()
    editor.set("name", "Edited")
    saved = opened.saved(editor, Notes())
    assert opening.open_card(saved).card.name == "Edited"
    assert b"eXIf" not in kinds(saved), "another program would read the old card there"


def test_it_is_converted_and_not_changed_in_place() -> None:
    data = backyard()
    opened = opening.open_card(data, "mira.png")
    editor = opened.editor()
    editor.set("name", "Mira Lind")
    with pytest.raises(InvalidInput):
        opened.saved(editor, Notes())
    made = converter.convert(opened, Target("png"))
    assert b"eXIf" not in kinds(made.data)
    assert opening.open_card(made.data).payload.container.value == "png"
    with Image.open(BytesIO(data)) as before, Image.open(BytesIO(made.data)) as after:
        assert before.tobytes() == after.tobytes()


async def test_the_library_keeps_the_file_and_edits_a_png(db: Database, owner: Actor) -> None:
    data = backyard()
    card_id = await added(db, owner, data, "mira.png")
    assert await edited(db, owner, card_id, name="Mira Lind") == 2
    async with db.reading() as session:
        first = await service.version_file(session, owner, card_id, 1)
        now = await service.read(session, owner, card_id)
    assert first.data == data
    assert (now.opened.card.name, now.opened.payload.container.value) == ("Mira Lind", "png")
