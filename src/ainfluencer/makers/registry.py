"""The makers that this product knows, found by scanning the adapters folder."""

from __future__ import annotations

from typing import cast

from ainfluencer.integrations import registry
from ainfluencer.integrations.manifest import Capability, Manifest
from ainfluencer.integrations.protocols import Maker

PACKAGE = "ainfluencer.makers.adapters"


def manifests() -> dict[str, Manifest]:
    """Every maker's manifest by slug."""
    return registry.manifests(PACKAGE)


def manifest(slug: str) -> Manifest:
    """One manifest, or `NotFound`."""
    return registry.manifest(PACKAGE, slug)


def adapter(slug: str) -> Maker:
    """The maker of that slug, or `NotFound`."""
    return cast("Maker", registry.adapter(PACKAGE, slug))


def able(capability: Capability) -> list[Manifest]:
    """Makers that can do this, best quality first."""
    found = [m for m in manifests().values() if m.can(capability)]
    return sorted(found, key=lambda m: (-m.quality, m.slug))
