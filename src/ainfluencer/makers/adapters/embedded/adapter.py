"""Text by the built-in model: the same OpenAI-compatible wire as any server, but the server is ours and starts on demand."""

from __future__ import annotations

import asyncio
import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ainfluencer.core.errors import NotConnected, Unreachable, Unsupported
from ainfluencer.integrations import openai_wire
from ainfluencer.integrations.protocols import Made, MakeRequest
from ainfluencer.integrations.values import Account, Link, ModelInfo, TextMade, TextRequest
from ainfluencer.makers.adapters.embedded import MANIFEST
from ainfluencer.makers.adapters.embedded.process import Address, TextProcess

if TYPE_CHECKING:
    from ainfluencer.integrations.client import OutsideClient

PROCESS = TextProcess(MANIFEST.slug)
_FIX = "Run `ainfluencer models install smollm2`, or connect Ollama."


class Embedded:
    """The model files lie below `link.folder`; the running child is this module's PROCESS."""

    manifest = MANIFEST

    async def check(self, link: Link) -> Account:
        """The model file must be whole and start."""
        model = await asyncio.to_thread(model_file, link)
        async with PROCESS.using(model) as address:
            client = _client(link, address)
            await openai_wire.list_models(client, address.key)
        return Account(remote_id=model.stem, handle=model.stem, title=f"{model.stem}, built in")

    async def make(self, link: Link, request: MakeRequest) -> Made:
        """Write it; when the child has died, start it once more. Raises `Unsupported` for anything but text."""
        if not isinstance(request, TextRequest):
            raise Unsupported(link.slug, "The built-in model writes text only.")
        model = await asyncio.to_thread(model_file, link, request.model)
        try:
            return await self._once(link, request, model)
        except Unreachable:
            if PROCESS.is_running:
                raise
            return await self._once(link, request, model)

    async def models(self, link: Link) -> tuple[ModelInfo, ...]:
        """Every .gguf file below the models folder."""
        return tuple(ModelInfo(file.stem, size_bytes=file.stat().st_size) for file in model_files(link))

    @staticmethod
    async def _once(link: Link, request: TextRequest, model: Path) -> TextMade:
        extra: dict[str, Any] = {"grammar": request.grammar} if request.grammar else {}
        async with PROCESS.using(model) as address:
            client = _client(link, address)
            return await openai_wire.chat(client, address.key, request, model=model.stem, extra=extra)


def _client(link: Link, address: Address) -> OutsideClient:
    from ainfluencer.integrations.client import OutsideClient

    return OutsideClient(link.slug, address.url, allow_private=True)


def model_files(link: Link) -> list[Path]:
    """The model files below the link's folder, those of packs first."""
    if link.folder is None or not link.folder.is_dir():
        return []
    found = [
        f for f in link.folder.rglob("*.gguf") if not any(p.startswith(".") for p in f.relative_to(link.folder).parts)
    ]
    return sorted(found, key=lambda f: (not (f.parent / "pack.json").exists(), f.name))


def model_file(link: Link, name: str = "") -> Path:
    """The file to run. `NotConnected` with the exact command when it is missing or damaged."""
    wanted = name or link.settings.get("model", "")
    files = model_files(link)
    matching = [f for f in files if wanted in {"", f.stem, f.name}]
    if not matching:
        if wanted and files:
            known = ", ".join(f.stem for f in files)
            raise NotConnected(link.slug, f"There is no model file called “{wanted[:80]}”.", f"Known here: {known}.")
        raise NotConnected(link.slug, "The built-in model's file is not installed yet.", _FIX)
    problem = _problem(matching[0], matching[0].stat().st_mtime_ns)
    if problem:
        raise NotConnected(link.slug, problem, _FIX)
    return matching[0]


@lru_cache(maxsize=8)
def _problem(file: Path, _changed_at: int) -> str:
    """What is wrong with a model file, read once for each change of it; '' when nothing is."""
    with file.open("rb") as stream:
        if stream.read(4) != b"GGUF":
            return f"{file.name} is not a GGUF model file."
        receipt = file.parent / "pack.json"
        if not receipt.exists():
            return ""
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    try:
        pinned = json.loads(receipt.read_text("utf-8"))["files"][file.name]["sha256"]
    except (ValueError, KeyError, TypeError):
        return f"The receipt beside {file.name} cannot be read."
    return "" if digest == pinned else f"{file.name} is damaged: it differs from what was installed."


ADAPTER = Embedded()
