"""What surrounds every page: navigation, the person, the workspaces. `main` fills it, the layout draws it."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class NavItem:
    """One place to go. `badge` counts what waits there; `urgent` gives the count its warm colour."""

    label: str
    href: str
    icon: str
    badge: int = 0
    urgent: bool = False

    def holds(self, path: str) -> bool:
        """Whether a path is this place or lies below it."""
        return path == self.href or (self.href != "/" and path.startswith(self.href.rstrip("/") + "/"))


@dataclass(frozen=True, slots=True)
class NavSection:
    """A group of places; an empty label draws no heading."""

    label: str
    items: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    name: str
    role: str
    email: str = ""
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace."""

    id: str
    name: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Notice:
    """One line behind the bell."""

    text: str
    href: str
    icon: str = "bell"
    tone: str = "neutral"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything that the layout needs beside the page itself.

    `workspaces` are the others that this person may switch to (POST `switch_url` with field `workspace_id`).
    `settings_tabs` stand among the tabs of the settings. `dock` holds up to five places for small screens; left out, the first five of the sections.
    """

    sections: tuple[NavSection, ...]
    user: Person
    workspace: Place
    workspaces: tuple[Place, ...] = ()
    dock: tuple[NavItem, ...] = ()
    notices: tuple[Notice, ...] = ()
    create: tuple[NavItem, ...] = ()
    account_url: str = "/settings/account"
    switch_url: str = "/workspace"
    sign_out_url: str = "/sign-out"
    search_url: str = "/search"
    live_topics: str = ""
    settings_tabs: tuple[NavItem, ...] = ()

    def more_settings(self, path: str) -> list[tuple[str, str, bool]]:
        """Tabs of the settings that modules above accounts have: (label, address, whether it is shown now)."""
        return [(item.label, item.href, item.holds(path)) for item in self.settings_tabs]

    @property
    def dock_items(self) -> tuple[NavItem, ...]:
        """The places of the phone dock."""
        return self.dock or tuple(item for section in self.sections for item in section.items)[:5]


async def shell_of(request: Request) -> Shell:
    """The shell that `main` wired as `app.state.shell` (a plain or an async function of the request)."""
    made = request.app.state.shell(request)
    shell: Shell = await made if inspect.isawaitable(made) else made
    return shell
