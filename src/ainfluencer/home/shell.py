"""Fills the frame around every page: navigation, counts, the person, the workspaces."""

from __future__ import annotations

from starlette.requests import Request

from ainfluencer.accounts import queries as accounts
from ainfluencer.core.actor import Actor, Right
from ainfluencer.db.session import database
from ainfluencer.inbox import queries as inbox
from ainfluencer.publishing import queries as publishing
from ainfluencer.web.shell import NavItem, NavSection, Notice, Person, Place, Shell


async def of(request: Request) -> Shell:
    """The shell for whoever is signed in; every page asks once."""
    actor: Actor = await request.app.state.resolve_actor(request)
    async with database().reading() as session:
        to_review = await publishing.count_waiting(session, actor)
        unread = await inbox.count_unread(session, actor)
        places = [m.workspace for m in await accounts.list_workspaces(session, actor)]
        # Somebody with hundreds of workspaces may have this one beyond the end of the list.
        here = next((place for place in places if place.id == actor.workspace_id), None)
        here = here or await accounts.get_workspace(session, actor)
        user = await accounts.find_user(session, actor)
    return Shell(
        sections=sections(actor, to_review=to_review, unread=unread),
        user=Person(name=user.name if user else actor.name, role=actor.role, email=user.email if user else ""),
        workspace=Place(id=here.id, name=here.name, timezone=here.timezone),
        workspaces=tuple(Place(id=place.id, name=place.name) for place in places if place is not here),
        dock=(
            NavItem("Home", "/", "layout-dashboard"),
            NavItem("Characters", "/characters", "users-round"),
            NavItem("Review", "/posts", "list-checks", badge=to_review, urgent=True),
            NavItem("Calendar", "/calendar", "calendar-days"),
            NavItem("Inbox", "/inbox", "inbox", badge=unread),
        ),
        notices=_notices(to_review, unread),
        create=(
            NavItem("A week", "/weeks/new", "calendar-plus"),
            NavItem("A character", "/characters/new", "user-round-plus"),
            NavItem("A picture", "/studio", "image-plus"),
            NavItem("A post", "/posts/new", "square-pen"),
        )
        if actor.can(Right.CREATE)
        else (),
        live_topics="jobs,posts,inbox",  # a page adds its own
        settings_tabs=(NavItem("Makers", "/settings/makers", "wand-sparkles"),) if actor.can(Right.MANAGE) else (),
    )


def sections(actor: Actor, *, to_review: int, unread: int) -> tuple[NavSection, ...]:
    """The side bar. A place that the role cannot use is left out rather than refused later."""
    manage = (NavItem("Operations", "/operations", "activity"),) if actor.can(Right.MANAGE) else ()
    return (
        NavSection("", (NavItem("Home", "/", "layout-dashboard"),)),
        NavSection(
            "Create",
            (
                NavItem("Characters", "/characters", "users-round"),
                NavItem("Cards", "/cards", "id-card"),
                NavItem("Studio", "/studio", "wand-sparkles"),
                NavItem("Library", "/library", "images"),
            ),
        ),
        NavSection(
            "Publish",
            (
                NavItem("Posts", "/posts", "list-checks", badge=to_review, urgent=True),
                NavItem("Calendar", "/calendar", "calendar-days"),
                NavItem("Channels", "/channels", "radio-tower"),
                NavItem("Stage", "/stage", "theater"),
            ),
        ),
        NavSection(
            "Listen",
            (
                NavItem("Inbox", "/inbox", "inbox", badge=unread),
                NavItem("Insights", "/insights", "chart-no-axes-combined"),
            ),
        ),
        NavSection("System", (*manage, NavItem("Settings", "/settings", "settings"))),
    )


def _notices(to_review: int, unread: int) -> tuple[Notice, ...]:
    found = []
    if to_review:
        found.append(Notice(f"{to_review} posts wait for you", "/posts?state=in_review", "list-checks", tone="warning"))
    if unread:
        found.append(Notice(f"{unread} unread in the inbox", "/inbox", "inbox", tone="info"))
    return tuple(found)
