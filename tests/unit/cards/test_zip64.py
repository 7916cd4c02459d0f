"""Archives in the zip64 form, as streaming writers make them also for small cards."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest

from ainfluencer.cards import opening
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.reading import limits
from ainfluencer.cards.saving.archives import with_card
from tests.support.cards import cards


def charx(monkeypatch: pytest.MonkeyPatch, files: int = 1, before: bytes = b"") -> bytes:
    """A CharX whose sizes, offsets and counts all stand in zip64 records."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 10)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 0)
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(files):
            archive.writestr(f"assets/icon/images/{number}.png", b"picture %d, with some more bytes" % number)
        archive.writestr("card.json", json.dumps(cards.v3(name="Mira")))
        archive.comment = b"packed by a stream"
    monkeypatch.undo()
    return before + out.getvalue()


def test_a_zip64_archive_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = charx(monkeypatch)
    assert b"PK\x06\x06" in data
    assert opening.open_card(data, "mira.charx").card.name == "Mira"


@pytest.mark.parametrize("before", [b"", b"\xff\xd8 a picture \xff\xd9"])
def test_an_edit_leaves_a_plain_archive_with_everything_in_it(monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    data = charx(monkeypatch, files=3, before=before)
    written = with_card(data, json.dumps(cards.v3(name="Ada")).encode())
    assert written.startswith(before)
    assert b"PK\x06\x06" not in written
    with zipfile.ZipFile(BytesIO(written)) as archive:
        assert archive.testzip() is None
        assert archive.comment == b"packed by a stream"
        assert [archive.read(f"assets/icon/images/{n}.png") for n in range(3)] == [
            b"picture %d, with some more bytes" % n for n in range(3)
        ]
        assert json.loads(archive.read("card.json"))["data"]["name"] == "Ada"


def test_a_zip64_archive_of_too_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = charx(monkeypatch, files=3)
    monkeypatch.setattr(limits, "MAX_ZIP_ENTRIES", 3)
    with pytest.raises(CardRefused) as refusal:
        opening.open_card(data, "mira.charx")
    assert refusal.value.reason == Reason.ZIP_MANY


@pytest.mark.parametrize("cut", [20, 60, 100, 160])
def test_a_cut_zip64_archive_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    with pytest.raises(CardRefused):
        opening.open_card(charx(monkeypatch)[:-cut], "mira.charx")
