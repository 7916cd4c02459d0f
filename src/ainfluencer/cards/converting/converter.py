"""The front door of converting: a card that was opened, a target, and the file that comes out, with its report."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from ainfluencer.cards.converting import assets, books, versions
from ainfluencer.cards.converting.losses import Loss, WouldLose
from ainfluencer.cards.converting.textgen import textgen_yaml
from ainfluencer.cards.editing import transport
from ainfluencer.cards.editing.document import Document
from ainfluencer.cards.editing.editor import base_of
from ainfluencer.cards.errors import CardRefused, Reason
from ainfluencer.cards.opening import OpenCard
from ainfluencer.cards.reading import archives as zips
from ainfluencer.cards.reading import limits, numbers
from ainfluencer.cards.reading.values import Container, Notes, Payload
from ainfluencer.cards.saving import archives
from ainfluencer.cards.saving import png as pictures
from ainfluencer.core.errors import InvalidInput

VERSIONS = {"v1": 1, "v2": 2, "v3": 3}
SUFFIXES = {".json": "json", ".png": "png", ".apng": "png", ".charx": "charx", ".yaml": "yaml", ".yml": "yaml"}
_NO_LETTER = re.compile(r"[\ud800-\udfff]")
_MENDED = {"control_characters", "trailing_comma", "text_after_json", "number_odd"}
SAME = {
    "json": {Container.JSON},
    "png": {Container.PNG, Container.APNG},
    "charx": {Container.CHARX},
    "yaml": {Container.YAML},
}


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: `version` 1, 2 or 3 (0: as it is), `container` json, png, charx or yaml."""

    container: str
    version: int = 0
    layout: str = ""  # of a lorebook

    @property
    def spec(self) -> str:
        """v1, v2, v3, or the layout of a lorebook."""
        return self.layout or f"v{self.version}"


@dataclass(slots=True)
class Converted:
    """The new file, what readers of it will miss, and what else there is to say."""

    data: bytes
    target: Target
    name: str = ""
    losses: list[Loss] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)


def target_of(word: str, output: str, container: Container) -> Target:
    """The target that a word (v1, v2, v3, json, png, charx, yaml or none) and the name of the output mean together."""
    by_name = SUFFIXES.get(PurePath(output).suffix.lower(), "")
    if word in VERSIONS:
        kept = next((name for name, kinds in SAME.items() if container in kinds and name != "yaml"), "json")
        if kept == "charx" and word != "v3":
            kept = "json"
        wanted = Target(by_name or kept, VERSIONS[word])
    else:
        wanted = Target(word or by_name)
    if word in SAME and by_name and by_name != word:
        raise InvalidInput(f"--to {word} does not fit the name {PurePath(output).name}.", "Leave one of the two out.")
    if not wanted.container:
        raise InvalidInput(
            "It is not clear what the card should become.", "Say --to v1, v2, v3, json, png, charx or yaml."
        )
    if wanted.container == "yaml" and wanted.version:
        raise InvalidInput("That YAML has no version.", "Leave out --to, or write a JSON file.")
    if wanted.container == "charx":
        if wanted.version not in {0, 3}:
            raise InvalidInput("A CharX archive holds a V3 card.", "Use --to v3, or another kind of file.")
        return replace(wanted, version=3)
    return wanted


def convert(
    opened: OpenCard, target: Target, *, picture: bytes | None = None, allow_loss: bool = False, limit_losses: int = 500
) -> Converted:
    """The card in another form. Without `allow_loss` nothing is lost: `WouldLose` says what would be.

    Between containers of the same version the card's text stays as it is, to the last byte.
    """
    payload = opened.payload
    root = _loaded(payload)
    version = target.version or (versions.rank_of(root) if target.container != "yaml" else 1)
    target = replace(target, version=version)
    is_there = payload.container in SAME[target.container] and version == versions.rank_of(root)
    if is_there and versions.is_proper(root, version) and picture is None and _is_plain(payload):
        return Converted(opened.data, target, opened.card.name)
    if picture is not None:
        _check_picture(payload.container, target)
    if payload.module_lore and target.container != "charx":
        root = {**root, "data": {**root["data"], "character_book": books.of_risu(payload.module_lore)}}
    made = Converted(b"", target, opened.card.name)
    if target.container == "yaml":
        made.data, made.losses = textgen_yaml(root)
        files = assets.taken(opened.data, payload, root)
        made.losses += [*assets.lost(files, "YAML"), *assets.lost_members(files, "YAML")]
    else:
        _into(opened, root, picture, made)
    made.losses = made.losses[:limit_losses]
    if made.losses and not allow_loss:
        raise WouldLose(made.losses, _title(target))
    if len(made.data) > limits.MAX_FILE:  # base64 makes the files of an archive a third larger
        raise CardRefused(
            Reason.TOO_LARGE,
            f"As {_title(target)} it would have {len(made.data) // 1_000_000} MB; no reader of ours takes more than"
            f" {limits.MAX_FILE // 1_000_000}.",
            "Convert it to CharX, or take some files out first.",
        )
    return made


def _is_plain(payload: Payload) -> bool:
    """Whether the card lies in its container as the container's rules want it."""
    layers = ("base64",) if payload.container in SAME["png"] else ()
    if any(note.code in _MENDED for note in payload.notes):
        return False
    return payload.wrapping == layers and payload.encoding == "utf-8" and not payload.text.startswith(b"\xef\xbb\xbf")


def _check_picture(source: Container, target: Target) -> None:
    """`InvalidInput` where a given picture has no place."""
    if target.container in {"json", "yaml"}:
        raise InvalidInput(f"{target.container.upper()} holds no picture.", "Leave out --picture.")
    if target.container == "charx" and source in {Container.CHARX, Container.JPEG_CHARX}:
        raise InvalidInput(
            "The pictures of an archive are its own files.",
            "Convert it to PNG, and from there to CharX with --picture.",
        )


def _title(target: Target) -> str:
    return {"yaml": "YAML for text-generation-webui", "charx": "CharX"}.get(
        target.container, f"V{target.version} in {target.container.upper()}"
    )


def _loaded(payload: Payload) -> dict[str, Any]:
    """The card's object with numbers that keep their spelling, where the text is strict enough."""
    if payload.container is Container.YAML:
        return payload.data
    document = _document(payload)
    try:
        found: dict[str, Any] = numbers.load(document.source(base_of(payload, document.root)))
    except ValueError:
        return payload.data
    return found


def _document(payload: Payload) -> Document:
    return Document(transport.taken(payload.text, payload.encoding).text)


def _into(opened: OpenCard, root: dict[str, Any], picture: bytes | None, made: Converted) -> None:
    files = assets.taken(opened.data, opened.payload, root)
    files.picture = picture or files.picture
    rank = made.target.version
    is_same = rank == versions.rank_of(root) and versions.is_proper(root, rank)
    card, made.losses = (root, []) if is_same else versions.converted(root, rank)
    {"json": _into_json, "png": _into_png, "charx": _into_charx}[made.target.container](opened, card, files, made)


def text_of(payload: Payload, card: dict[str, Any]) -> bytes:
    """The text of a card's object: that of the source, with only what differs written anew. Always strict JSON in UTF-8."""
    if payload.container is Container.YAML:
        return json.dumps(card, ensure_ascii=False, indent=4).encode()
    whole = _document(payload)
    document = Document(whole.source(base_of(payload, whole.root)))
    document.set((), card)
    # A byte that is no letter would make all of it unreadable as UTF-8; the reader showed it as � before.
    return _NO_LETTER.sub("\ufffd", document.strict()).encode()


def _into_json(opened: OpenCard, card: dict[str, Any], files: assets.Files, made: Converted) -> None:
    made.losses += [*assets.lost(files, "JSON"), *assets.lost_members(files, "JSON")]
    if files.picture:
        made.notes.add("picture_left_out", "JSON holds no picture; the file that you have keeps it.")
    made.data = text_of(opened.payload, card)


def _into_charx(opened: OpenCard, card: dict[str, Any], files: assets.Files, made: Converted) -> None:
    if opened.payload.container in {Container.CHARX, Container.JPEG_CHARX}:
        text = text_of(opened.payload, card)
        archive = zips.Archive(opened.data, Notes())
        made.data = archives.packed((n, text if n == "card.json" else archive.read(n)) for n in archive.infos)
        return
    card, members = assets.into_archive(card, files)
    made.data = archives.packed([("card.json", text_of(opened.payload, card)), *members])


def _into_png(opened: OpenCard, card: dict[str, Any], files: assets.Files, made: Converted) -> None:
    made.losses += assets.lost_members(files, "PNG")
    if opened.payload.container in SAME["png"] and files.picture is opened.payload.picture:
        texts = _chunk_texts(opened, card, made.target.version)
        made.data = pictures.replaced(opened.data, opened.payload, texts, made.notes)
        return
    card, chunks = assets.into_chunks(card, files)
    texts = _chunk_texts(opened, card, made.target.version)
    if not files.picture:
        made.notes.add(
            "picture_made", "The card has no picture; a plain one of one colour was made. Use --picture FILE."
        )
    name = str((card.get("data") or card).get("name", ""))
    shown = assets.as_png(files.picture) if files.picture else pictures.plain_picture(name)
    if files.picture and shown is not files.picture:
        made.notes.add("picture_converted", "The picture was converted to PNG.")
    made.data = pictures.embedded(shown, texts, tuple(chunks))


def _chunk_texts(opened: OpenCard, card: dict[str, Any], rank: int) -> dict[str, bytes]:
    """V1 and V2 lie in `chara`; V3 lies in `ccv3`, with a V2 copy in `chara` for readers that know no V3."""
    text = text_of(opened.payload, card)
    if rank < 3:
        return {"chara": text}
    copy, _ = versions.converted(card, 2)
    return {"chara": text_of(opened.payload, copy), "ccv3": text}
