"""The built-in model: which file is run, and a child that starts on demand, leaves when idle and never outlives us."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from ainfluencer.core import config
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import NotConnected
from ainfluencer.integrations.client import OutsideClient
from ainfluencer.integrations.guard import close_pools
from ainfluencer.integrations.values import Link, TextMade, TextRequest
from ainfluencer.makers.adapters.embedded.adapter import ADAPTER, PROCESS, model_file, model_files
from ainfluencer.makers.adapters.embedded.process import TextProcess
from ainfluencer.operations.packs import models_folder
from tests.conftest import MODELS


def link(folder: Path, **settings: str) -> Link:
    return Link("embedded", OutsideClient("embedded"), settings, {}, folder=folder)


def gguf(folder: Path, name: str, data: bytes = b"GGUF weights") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def receipt(folder: Path, name: str, digest: str) -> None:
    (folder / "pack.json").write_text(json.dumps({"files": {name: {"sha256": digest}}}))


def test_a_missing_file_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(NotConnected) as refused:
        model_file(link(tmp_path / "models"))
    assert "ainfluencer models install" in refused.value.next_step


def test_files_of_packs_come_first_and_others_can_be_named(tmp_path: Path) -> None:
    pack = gguf(tmp_path / "z-pack", "packed.gguf")
    receipt(tmp_path / "z-pack", "packed.gguf", hashlib.sha256(b"GGUF weights").hexdigest())
    own = gguf(tmp_path / "mine", "own.gguf")
    gguf(tmp_path / ".part-1", "half.gguf")
    assert model_files(link(tmp_path)) == [pack, own]
    assert model_file(link(tmp_path)) == pack
    assert model_file(link(tmp_path, model="own")) == own
    with pytest.raises(NotConnected, match="no model file called"):
        model_file(link(tmp_path), "unheard-of")


def test_a_damaged_file_is_not_run(tmp_path: Path) -> None:
    gguf(tmp_path / "pack", "a.gguf")
    receipt(tmp_path / "pack", "a.gguf", "0" * 64)
    with pytest.raises(NotConnected, match="damaged"):
        model_file(link(tmp_path))
    gguf(tmp_path / "other", "b.gguf", b"<!DOCTYPE html>")
    with pytest.raises(NotConnected, match="not a GGUF"):
        model_file(link(tmp_path), "b")


@pytest.fixture
def process(settings: Settings) -> Iterator[TextProcess]:
    made = TextProcess("embedded")
    yield made
    made.stop()


def test_a_file_that_cannot_be_loaded_is_a_clear_refusal(process: TextProcess, tmp_path: Path) -> None:
    with pytest.raises(NotConnected, match="cannot be loaded"):
        process.enter(gguf(tmp_path, "broken.gguf", b"GGUF and then nothing"))
    assert not process.is_running


def test_a_missing_system_library_is_named(process: TextProcess) -> None:
    refused = process._refusal(Path("m.gguf"), 3, "missing-library: libgomp.so.1: cannot open shared object file")
    assert "libgomp1" in refused.next_step


# --- with the real model --------------------------------------------------------------------------------------


@pytest.fixture
async def real(settings: Settings) -> AsyncIterator[Link]:
    config.use(replace(settings, text_idle_seconds=3600))
    yield link(models_folder(MODELS))
    PROCESS.stop()
    await close_pools()


ASK = TextRequest(({"role": "user", "content": "Write about the sea."},), max_tokens=12, seed=3)


@pytest.mark.model
async def test_it_writes_inside_a_grammar(real: Link) -> None:
    made = await ADAPTER.make(
        real, replace(ASK, grammar='root ::= "The sea " [a-z ]{5,20} "."', candidates=2, max_tokens=30)
    )
    assert isinstance(made, TextMade)
    assert all(
        text.startswith("The sea ") and text == text.lower().replace("the sea", "The sea", 1) for text in made.texts
    )
    assert made.completion_tokens > 0
    assert len(made.texts) == 2


@pytest.mark.model
async def test_it_starts_again_after_a_crash_and_leaves_when_idle(real: Link) -> None:
    await ADAPTER.check(real)
    first = PROCESS.pid
    os.kill(first, signal.SIGKILL)
    psutil.Process(first).wait(5)
    config.use(replace(config.settings(), text_idle_seconds=0))
    made = await ADAPTER.make(real, ASK)
    assert isinstance(made, TextMade)
    for _ in range(50):
        if not PROCESS.is_running:
            break
        await asyncio.sleep(0.1)
    assert not PROCESS.is_running


@pytest.mark.model
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_the_child_dies_with_a_killed_parent(settings: Settings) -> None:
    model = model_file(link(models_folder(MODELS)))
    code = (
        "import sys, time; from pathlib import Path; from ainfluencer.makers.adapters.embedded.process import TextProcess\n"
        f"p = TextProcess('embedded'); p.enter(Path({str(model)!r})); print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent.stdout:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        child.wait(10)
    assert not child.is_running()
