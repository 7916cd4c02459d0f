"""Finds adapters by scanning folders: `<package>.adapters.<slug>` with MANIFEST in it and `adapter.py` beside it."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from ainfluencer.core.errors import NotFound, Unsupported
from ainfluencer.integrations.manifest import Capability, Manifest
from ainfluencer.integrations.protocols import Adapter


@cache
def manifests(package: str) -> dict[str, Manifest]:
    """Every manifest below `package` (such as "ainfluencer.channels.adapters"), by slug, in the order of titles."""
    home = importlib.import_module(package)
    found: dict[str, Manifest] = {}
    for info in pkgutil.iter_modules(home.__path__):
        if info.ispkg:
            manifest: Manifest = importlib.import_module(f"{package}.{info.name}").MANIFEST
            found[manifest.slug] = manifest
    return dict(sorted(found.items(), key=lambda pair: pair[1].title.lower()))


def manifest(package: str, slug: str) -> Manifest:
    """One manifest, or `NotFound`."""
    try:
        return manifests(package)[slug]
    except KeyError:
        raise NotFound(f"There is no adapter called “{slug}”.", f"Known: {', '.join(manifests(package))}.") from None


@cache
def adapter(package: str, slug: str) -> Adapter:
    """The one adapter object of that slug; adapters keep no state between calls."""
    known = manifest(package, slug)
    module = importlib.import_module(f"{package}.{slug}.adapter")
    made: Adapter = module.ADAPTER
    if made.manifest is not known:
        raise TypeError(f"{package}.{slug}: the adapter's manifest is not the folder's")
    return made


def require(package: str, slug: str, capability: Capability) -> Adapter:
    """The adapter, if it declares the capability; `Unsupported` otherwise, before any call is made."""
    known = manifest(package, slug)
    if not known.can(capability):
        raise Unsupported(slug, f"{known.title} cannot do this from here: {capability} is not available.")
    return adapter(package, slug)
