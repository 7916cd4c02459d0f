"""The platforms that channels can be connected to, found in `adapters/`."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import cast

from ainfluencer.integrations import registry
from ainfluencer.integrations.grades import GradeReport
from ainfluencer.integrations.grades import grade as grade_of
from ainfluencer.integrations.manifest import Access, Capability, Manifest
from ainfluencer.integrations.protocols import Channel

PACKAGE = "ainfluencer.channels.adapters"


def manifests() -> dict[str, Manifest]:
    """Every platform by slug, in the order of titles."""
    return registry.manifests(PACKAGE)


def manifest(slug: str) -> Manifest:
    """One platform, or `NotFound`."""
    return registry.manifest(PACKAGE, slug)


def built_in() -> list[Manifest]:
    """The platforms inside this product: they need no form and no account."""
    return [m for m in manifests().values() if m.access == Access.BUILT_IN]


def adapter(slug: str) -> Channel:
    """The adapter of that platform, or `NotFound`."""
    return cast("Channel", registry.adapter(PACKAGE, slug))


def require(slug: str, capability: Capability) -> Channel:
    """The adapter of that platform if it declares the capability, else `Unsupported` before any call."""
    return cast("Channel", registry.require(PACKAGE, slug, capability))


def folder(slug: str) -> Path:
    """Where the platform's adapter, samples, picture and set-up text lie."""
    known = manifest(slug)
    return Path(str(import_module(f"{PACKAGE}.{known.slug}").__file__)).parent


@lru_cache(maxsize=64)
def grade(slug: str) -> GradeReport:
    """How far the platform's adapter is proven; computed once a process, since code does not change while it runs."""
    return grade_of(folder(slug))


def setup_text(slug: str) -> str:
    """How a person obtains access, in Markdown."""
    path = folder(slug) / "setup.md"
    return path.read_text("utf-8") if path.exists() else ""


def icon(slug: str) -> bytes:
    """The platform's glyph as SVG; empty when it has none."""
    path = folder(slug) / "icon.svg"
    return path.read_bytes() if path.exists() else b""
