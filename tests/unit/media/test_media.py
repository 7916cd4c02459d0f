"""Probing, storing, thumbnails and provenance of pictures."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select

from ainfluencer.accounts.models import Workspace
from ainfluencer.core import config
from ainfluencer.core.actor import Actor, Role
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import InvalidInput, LimitReached, NotAllowed, NotConnected, NotFound
from ainfluencer.db.session import Database
from ainfluencer.media import probe, provenance, queries, service, storage, thumbnails
from ainfluencer.media.models import MediaFile
from tests.conftest import person


def picture(width: int = 200, height: int = 120, form: str = "PNG", seed: int = 1) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, form)
    return out.getvalue()


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4) + kind + body


def movie() -> bytes:
    large = (1).to_bytes(4) + b"free" + (20).to_bytes(8) + b"1234"
    return box(b"ftyp", b"mp42") + large + box(b"moov", b"x" * 40) + (0).to_bytes(4) + b"mdat" + b"y" * 99


@pytest.mark.parametrize(
    "data", [box(b"ftyp", b"mp42"), movie()[:60], box(b"ftyp") + b"\0" * 2000, box(b"ftyp") + b"\0\0\0\4moov"]
)
def test_probe_refuses_a_video_without_content_or_cut_off(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="broken or cut off"):
        probe.probe(data)


def test_a_refusal_names_nothing_in_memory() -> None:
    with pytest.raises(InvalidInput) as refused:
        probe.open_image(b"<svg/>")
    assert "object at" not in refused.value.detail


@pytest.mark.parametrize(("form", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_probe_reads_size_and_kind(form: str, mime: str) -> None:
    found = probe.probe(picture(form=form))
    assert (found.mime, found.kind, found.width, found.height) == (mime, "image", 200, 120)
    assert len(found.phash) == 16
    assert found.colour.startswith("#")


@pytest.mark.parametrize("data", [b"", picture()[:100], b"\x89PNG\r\n\x1a\n" + b"x" * 50])
def test_probe_refuses_broken_pictures(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        probe.probe(data)
    assert refusal.value.next_step


def test_probe_refuses_a_picture_that_would_fill_the_memory() -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    with pytest.raises(InvalidInput, match=r"too large|safely"):
        probe.probe(out.getvalue())


def test_probe_names_other_kinds() -> None:
    assert probe.probe(movie()).kind == "video"
    assert probe.probe(b"plain text").kind == "other"


def test_fingerprints_tell_pictures_apart() -> None:
    one, same, other = (probe.probe(picture(seed=s)).phash for s in (1, 1, 2))
    assert probe.distance(one, same) == 0
    assert probe.distance(one, other) > 6


async def test_the_same_content_is_stored_once(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        first = await service.store(session, owner, picture(), filename="a.png")
        second = await service.store(session, owner, picture(), filename="b.png")
    assert first.id == second.id
    async with db.reading() as session:
        assert await session.scalar(select(func.count()).select_from(MediaFile)) == 1
    assert storage.path_of(first.sha256, first.mime).read_bytes() == picture()


async def test_a_file_is_not_seen_from_another_workspace(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        file = await service.store(session, owner, picture())
    stranger = Actor(workspace_id="0" * 26, role=owner.role)
    async with db.reading() as session:
        with pytest.raises(NotFound):
            await queries.get(session, stranger, file.id)
        assert await queries.get_many(session, stranger, [file.id]) == {}


async def test_a_viewer_stores_nothing(db: Database, owner: Actor) -> None:
    async with db.reading() as session:
        workspace = await session.get_one(Workspace, owner.workspace_id)
    viewer = await person(db, workspace, "Vera", Role.VIEWER)
    async with db.writing() as session:
        with pytest.raises(NotAllowed):
            await service.store(session, viewer, picture())


def test_a_full_disk_is_refused_and_leaves_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "RESERVE_BYTES", 10**18)
    with pytest.raises(LimitReached) as refusal:
        storage.put(picture(), "image/png")
    assert refusal.value.reason == "disk_full"
    assert not [p for p in (settings.data / "media").rglob("*") if p.is_file()]


def test_missing_bytes_are_named(settings: Settings) -> None:
    with pytest.raises(NotFound) as refusal:
        storage.path_of("f" * 64, "image/png")
    assert refusal.value.reason == "media_missing"


async def test_thumbnails_are_smaller_and_kept(db: Database, owner: Actor) -> None:
    async with db.writing() as session:
        file = await service.store(session, owner, picture(800, 400))
    path = thumbnails.thumbnail(file, 320)
    with Image.open(path) as small:
        assert small.size == (320, 160)
    before = path.stat().st_mtime_ns
    assert thumbnails.thumbnail(file, 320).stat().st_mtime_ns == before
    with pytest.raises(InvalidInput):
        thumbnails.thumbnail(file, 333)


@pytest.mark.parametrize(("form", "mime"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")])
def test_a_signed_picture_says_how_it_was_made(settings: Settings, form: str, mime: str) -> None:
    signed = provenance.sign(picture(form=form), mime, title="Wave", source_type="algorithmicMedia", agent="Poster")
    found = provenance.read(signed, mime)
    assert (found.state, found.source_type, found.xmp_source_type) == (
        "Trusted",
        "algorithmicMedia",
        "algorithmicMedia",
    )
    assert found.agent == "Poster"
    assert provenance.has_manifest(signed)
    assert probe.probe(signed).width == 200


def test_one_flipped_byte_is_found(settings: Settings) -> None:
    signed = bytearray(
        provenance.sign(picture(), "image/png", title="Wave", source_type="algorithmicMedia", agent="Poster")
    )
    signed[len(signed) // 2] ^= 1
    assert provenance.read(bytes(signed), "image/png").state == "Invalid"


def test_an_unsigned_picture_has_no_manifest(settings: Settings) -> None:
    assert provenance.read(picture(), "image/png").has_manifest is False


@pytest.mark.parametrize("url", ["nonsense://bucket/x", "gdrive://folder"])
def test_a_media_store_that_cannot_be_spoken_to_is_named(settings: Settings, url: str) -> None:
    config.use(replace(settings, media_url=url))
    with pytest.raises(NotConnected, match="AINFLUENCER_MEDIA_URL") as refused:
        storage.put(b"bytes", "image/png")
    assert "s3fs" in refused.value.next_step
