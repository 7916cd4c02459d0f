"""Templates as Python's bytecode, kept in the data folder: the first page draws on twelve, each page on some of its own."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from ainfluencer import __version__
from ainfluencer.core.config import settings
from ainfluencer.core.ids import new_id


class Compiled(BytecodeCache):
    """Jinja compares the text of a template with what was compiled. Where nothing can be kept, it is compiled anew."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read it, if it is there."""
        with suppress(OSError), _file(bucket).open("rb") as file:
            bucket.load_bytecode(file)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, in a data folder that exists."""
        target = _file(bucket)
        part = target.with_suffix(f".{new_id()}")
        with suppress(OSError):
            if settings().data.is_dir():
                _make(target.parent)
                with part.open("wb") as file:
                    bucket.write_bytecode(file)
                part.replace(target)


def _file(bucket: Bucket) -> Path:
    return settings().data / "cache" / f"templates-{_maker()}" / f"{bucket.key}.bin"


def _make(folder: Path) -> None:
    """The folder; those of earlier versions go."""
    if not folder.is_dir():
        for old in folder.parent.glob("templates-*"):
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(parents=True)


@cache
def _maker() -> str:
    """One word for what, besides its text, decides how a template is compiled."""
    sources = [Path(__file__).with_name(name).read_bytes() for name in ("templates.py", "filters.py")]
    return hashlib.sha256(b"\0".join([__version__.encode(), jinja2.__version__.encode(), *sources])).hexdigest()[:16]
