"""The files that travel with a card: taken out of one container, put into another (CharX members, Risu's PNG chunks)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from ainfluencer.cards.converting.losses import Loss
from ainfluencer.cards.converting.versions import DEFAULT_ASSETS
from ainfluencer.cards.reading import archives, limits, png
from ainfluencer.cards.reading.values import Container, Notes, Payload
from ainfluencer.core.errors import InvalidInput

_RISU = re.compile(r"chara-ext-asset_:?(.+)", re.IGNORECASE)
_FOLDERS = {
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif", "apng", "avif"), "images"),
    **dict.fromkeys(("mp3", "ogg", "wav", "flac", "m4a", "opus"), "audio"),
    **dict.fromkeys(("mp4", "webm", "mkv", "mov"), "video"),
    **dict.fromkeys(("ttf", "otf", "woff", "woff2"), "fonts"),
    **dict.fromkeys(("safetensors", "ckpt", "onnx"), "ai"),
}


@dataclass(slots=True)
class Files:
    """What lies beside the card's text: the picture, files by the uri that names them, members that nothing names."""

    picture: bytes | None = None
    by_uri: dict[str, bytes] = field(default_factory=dict)
    loose: list[str] = field(default_factory=list)


def taken(data: bytes, payload: Payload, card: dict[str, Any]) -> Files:
    """The files of a card, limits applied. What an asset names and the file does not hold is left out."""
    if payload.container in {Container.CHARX, Container.JPEG_CHARX}:
        return _from_archive(data, payload, card)
    if payload.container in {Container.PNG, Container.APNG}:
        return Files(payload.picture, _from_chunks(data))
    return Files(payload.picture)


def listed(card: dict[str, Any]) -> list[dict[str, Any]]:
    """The card's asset objects, those of a V2 card that wait for its way back to V3 included."""
    inner = card.get("data")
    found = inner.get("assets") if isinstance(inner, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _from_archive(data: bytes, payload: Payload, card: dict[str, Any]) -> Files:
    archive = archives.Archive(data, Notes())
    files = Files(payload.picture if payload.container is Container.CHARX or payload.picture != data else None)
    read: dict[str, bytes] = {}
    for asset in listed(card):
        uri = str(asset.get("uri", ""))
        member = archives.member_of(uri, archive.infos)
        if member:
            files.by_uri[uri] = read[member] = read[member] if member in read else archive.read(member)
    files.loose = [name for name in payload.members if name not in read and name != "card.json"]
    return files


def _from_chunks(data: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for uri, place in chunk_places(data).items():
        try:
            found[uri] = base64.b64decode(data[place.start : place.end])
        except binascii.Error:
            continue
    return found


@dataclass(frozen=True, slots=True)
class ChunkPlace:
    """Where a PNG has the base64 of an asset: its chunk's keyword, and the bytes of the value."""

    keyword: str
    start: int
    end: int


def chunk_places(data: bytes) -> dict[str, ChunkPlace]:
    """The chunks of a PNG that hold assets, by the uri that names them. Of several with one name the last counts."""
    found: dict[str, ChunkPlace] = {}
    for piece in png.chunks(data):
        if piece.kind != b"tEXt" or not piece.is_whole or len(found) >= limits.MAX_TEXT_CHUNKS:
            continue
        keyword = data[piece.start : piece.start + 80].split(b"\0", 1)[0].decode("latin-1")
        if match := _RISU.fullmatch(keyword):
            start = piece.start + len(keyword.encode("latin-1")) + 1
            found[f"__asset:{match[1]}"] = ChunkPlace(keyword, start, piece.end - 4)
    return found


def into_archive(card: dict[str, Any], files: Files) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """The V3 card with uris that name archive members, and those members. The picture becomes the main icon."""
    members: dict[str, bytes] = {}
    assets: list[dict[str, Any]] = []
    for asset in listed(card):
        uri = str(asset.get("uri", ""))
        content = files.by_uri.get(uri)
        if content is None and uri == "ccdefault:" and asset.get("type") == "icon" and files.picture:
            content = files.picture
        assets.append(
            {**asset, "uri": f"embeded://{stored(members, asset, content)}"} if content is not None else asset
        )
    if files.picture and not any(one.get("type") == "icon" for one in assets):
        main = {**DEFAULT_ASSETS[0], "ext": kind_of(files.picture)}
        assets.insert(0, {**main, "uri": f"embeded://{stored(members, main, files.picture)}"})
    if not assets:
        return card, []
    return {**card, "data": {**card["data"], "assets": assets}}, list(members.items())


def stored(members: dict[str, bytes], asset: dict[str, Any], content: bytes) -> str:
    """Put a file under a plain ASCII name of its own and answer it."""
    kind = _plain(str(asset.get("type", ""))) or "other"
    ext = _plain(str(asset.get("ext", "")).lower()) or "bin"
    stem = _plain(PurePosixPath(str(asset.get("name", ""))).stem) or "file"
    folder = f"assets/{kind}/{_FOLDERS.get(ext, 'other')}"
    name, number = f"{folder}/{stem}.{ext}", 1
    while members.get(name, content) != content:
        number += 1
        name = f"{folder}/{stem}-{number}.{ext}"
    members[name] = content
    return name


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-")[:60]


def into_chunks(card: dict[str, Any], files: Files) -> tuple[dict[str, Any], list[tuple[str, bytes]]]:
    """The card with uris that name chunks as Risu writes them, and the chunks. The main icon is the picture itself."""
    chunks: list[tuple[str, bytes]] = []
    assets: list[dict[str, Any]] = []
    for asset in listed(card):
        content = files.by_uri.get(str(asset.get("uri", "")))
        if content is None:
            assets.append(asset)
        elif content == files.picture and asset.get("type") == "icon":
            assets.append({**asset, "uri": "ccdefault:", "ext": "png"})
        else:
            chunks.append((f"chara-ext-asset_:{len(chunks)}", base64.b64encode(content)))
            assets.append({**asset, "uri": f"__asset:{len(chunks) - 1}"})
    if not chunks and assets == listed(card):
        return card, []
    return {**card, "data": {**card["data"], "assets": assets}}, chunks


def lost(files: Files, target: str) -> Iterable[Loss]:
    """The files that a target without room for files leaves behind; the picture itself is the reader's to keep."""
    for uri, content in files.by_uri.items():
        if content != files.picture:
            yield Loss("asset_file", "data.assets", f"{uri[:80]} ({len(content):,} bytes) does not fit into {target}.")


def lost_members(files: Files, target: str) -> Iterable[Loss]:
    """Members of an archive that belong to one program and that no asset names."""
    for name in files.loose:
        yield Loss("archive_member", name[:80], f"This member of the archive does not fit into {target}.")


def kind_of(picture: bytes) -> str:
    """png, jpg, webp or gif by the first bytes; unknown otherwise."""
    heads = ((b"\x89PNG", "png"), (b"\xff\xd8", "jpg"), (b"GIF8", "gif"))
    if picture[:4] == b"RIFF" and picture[8:12] == b"WEBP":
        return "webp"
    return next((name for head, name in heads if picture.startswith(head)), "unknown")


def _has_pixels(picture: bytes) -> bool:
    """Whether there is a place before the pixels for the chunks of a card."""
    return any(piece.kind in {b"IDAT", b"IEND"} for piece in png.chunks(picture))


def as_png(picture: bytes) -> bytes:
    """A picture of any kind as PNG; one that is PNG already stays as it is. `InvalidInput` when it cannot be read."""
    if picture.startswith(png.SIGNATURE) and _has_pixels(picture):
        return picture
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(picture)) as image:
            out = BytesIO()
            image.convert("RGBA" if "A" in image.getbands() else "RGB").save(out, "PNG")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise InvalidInput(
            "The picture of this card cannot be read.", "Give another one: --picture FILE.", code="picture_unreadable"
        ) from None
    return out.getvalue()
