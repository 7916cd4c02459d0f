"""Which folders of the server a page may look into: the workspace's own, and those that the settings name."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from ainfluencer.core.actor import Actor, Right
from ainfluencer.core.config import settings
from ainfluencer.core.errors import NotAllowed


def is_far(address: str) -> bool:
    """Whether an address lies on the web and not on this machine."""
    return address.lower().startswith(("http://", "https://"))


def host_of(address: str) -> str:
    """The server that an address names; empty where it names none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # brackets that nothing closes
        return ""


def own(actor: Actor) -> Path:
    """The folder for bundles that every workspace has."""
    return settings().data / "bundles" / actor.workspace_id


def allowed(actor: Actor) -> list[Path]:
    """Every folder that may be looked into, the workspace's own first."""
    named = [Path(one.strip()) for one in settings().bundle_folders.split(os.pathsep) if one.strip()]
    return [own(actor), *(one for one in named if one.is_absolute())]


def checked(actor: Actor, address: str) -> Path:
    """The folder or file at that place, for owners and inside an allowed folder only; links lead nowhere else.

    `NotAllowed` says the same whether there is something at that place or not.
    """
    actor.require(Right.OWN)
    return inside(actor, address)


def inside(actor: Actor, address: str) -> Path:
    """The same for a file that an owner's list named already. `NotAllowed` outside of the allowed folders."""
    roots = [one.resolve() for one in allowed(actor)]
    if not own(actor).exists():
        own(actor).mkdir(parents=True)
    try:
        found = Path(address).resolve()
    except (OSError, ValueError, RuntimeError):  # a null character, or links in a circle
        found = Path()
    if not Path(address).is_absolute() or not any(found.is_relative_to(root) for root in roots):
        raise NotAllowed(
            "Pages look only into folders that are set aside for bundles.",
            f"Put the bundles into {own(actor)}, or name their folder in the setting bundle_folders.",
            code="folder_not_allowed",
        )
    return found
