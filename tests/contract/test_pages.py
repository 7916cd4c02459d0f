"""Every page, on an empty workspace and on one that has everything: what a browser, a keyboard and a reader need."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import event

from ainfluencer.db.session import database
from ainfluencer.web import security
from tests.contract.conftest import Worlds
from tests.support.clients import token_for
from tests.support.crawl import Element, Page, Route, known, local, routes
from tests.support.seeding import World

PAGES = [
    one
    for one in routes()
    if one.kind == "page" and one.method == "GET" and one.path != "/live" and not one.path.startswith("/media/")
]
STATEMENTS = 12
MORE_STATEMENTS: dict[str, tuple[int, str]] = {
    "/": (15, "home looks into every module once"),
    "/insights": (14, "one for each number that is shown"),
    "/inbox/{conversation_id}": (21, "the list and the conversation beside it each ask for their posts and faces"),
}
"""Pages that may ask the database more often than the others, each with its reason."""

DECLARED: dict[str, set[int]] = {
    "/welcome": {410},  # a link that works once: the right ones are walked in tests/unit/accounts
    "/invitation": {410},
    "/new-password": {410},
    "/verify": {410},
    "/operations/backups/{name}": {404},  # nobody has made one
    "/characters/import/{token}": {404},  # nobody has dropped a file
    "/characters/import/{token}/picture": {404},
    "/operations/jobs/{job_id}/log": {303},  # leads to the job's page when that is not there
}
"""Pages that refuse here, and rightly."""

NOBODYS = {"archetype", "slug", "name", "pack_id", "verb", "form", "width"}
"""Path parameters that name nothing of a workspace."""

BROWSER = {"accept": "text/html"}
HTMX = BROWSER | {"hx-request": "true", "hx-request-type": "partial"}
FIELDS = ("input", "select", "textarea")
NEEDS_NO_LABEL = {"hidden", "submit", "button", "image", "reset"}


@asynccontextmanager
async def browser(worlds: Worlds, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """The owner's browser: its cookie, and nothing else."""
    cookies = {security.SESSION_COOKIE: await token_for(world.actor)}
    transport = httpx.ASGITransport(app=worlds.app, client=("127.0.0.1", 50000), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers=BROWSER, cookies=cookies
    ) as client:
        yield client


def is_html(answer: httpx.Response) -> bool:
    """A page or a part of one, not data or a file."""
    return str(answer.headers.get("content-type", "")).startswith("text/html")


# -- each page --


@pytest.fixture(params=["full", "empty"])
def world(request: pytest.FixtureRequest, worlds: Worlds) -> World:
    """A workspace with one of everything, and one with nothing."""
    found: World = getattr(worlds, request.param)
    return found


@pytest.mark.parametrize("route", PAGES, ids=str)
async def test_a_page_is_whole(worlds: Worlds, world: World, route: Route) -> None:
    is_strange = world is worlds.empty and bool(set(route.parameters) - NOBODYS)
    ids = worlds.full.ids
    async with browser(worlds, world) as client:
        answer = await client.get(route.fill(ids), params=route.ask(ids) if world is worlds.full else {})
    good = {404} if is_strange else {200, 303, 307}
    if world is worlds.empty and route.query:
        good |= {303, 422}
    if world is worlds.empty and route.path.startswith("/operations"):
        good |= {403}  # the machine is the business of the first workspace
    assert answer.status_code in good | DECLARED.get(route.path, set()), f"{answer.status_code} {headline(answer)}"
    if answer.status_code in {303, 307}:
        assert known(local(answer.headers["location"])), answer.headers["location"]
    elif is_html(answer) and "<html" in answer.text:
        check_page(answer)


def headline(answer: httpx.Response) -> str:
    """What a page says first, for the message of a failed test."""
    return " ".join(one.text.strip() for one in Page(answer.text).all("h1", "p"))[:300]


def check_page(answer: httpx.Response) -> None:
    """What holds for every whole page."""
    page = Page(answer.text)
    (root,) = page.all("html")
    assert root.get("lang")
    headings = page.all("h1")
    assert len(headings) == 1, [one.text.strip() for one in headings]
    assert headings[0].text.strip()
    (title,) = [one for one in page.all("title") if not one.inside("svg")]
    assert title.text.strip()
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "'unsafe-" not in policy
    assert page.all("main"), "no <main>"
    wrong = [*inline(page), *unnamed(page), *dangling(page), *unsafe_forms(page), *twice(page)]
    assert not wrong, "\n".join(wrong)


def inline(page: Page) -> Iterator[str]:
    """Scripts and styles that the content policy stops."""
    for one in page.elements:
        if one.tag == "style" and not one.inside("svg"):
            yield f"<style> inside <{one.above[-1].tag}>"
        if one.tag == "script" and not one.get("src") and one.get("type") != "application/json":
            yield f"inline script: {one.text[:60]}"
        for name in one.attributes:
            if name == "style" or re.fullmatch(r"on[a-z]+", name):
                yield f"<{one.tag} {name}={one.get(name)[:60]!r}>"


def unnamed(page: Page) -> Iterator[str]:
    """What a screen reader could not name."""
    labelled = {one.get("for") for one in page.all("label")}
    for one in page.all(*FIELDS):
        if one.tag == "input" and one.get("type") in NEEDS_NO_LABEL:
            continue
        named = one.get("aria-label") or one.get("aria-labelledby") or one.get("id") in labelled or one.inside("label")
        if not named:
            yield f"<{one.tag} name={one.get('name')!r} id={one.get('id')!r}> has no label"
    for one in page.all("img"):
        if "alt" not in one.attributes:
            yield f"<img src={one.get('src')[:60]!r}> has no alt"
    for one in page.all("button", "a"):
        if one.tag == "a" and "href" not in one.attributes:
            continue
        pictures = any(inner.get("alt") or inner.get("aria-label") for inner in page.elements if one in inner.above)
        if not (
            one.text.strip() or one.get("aria-label") or one.get("title") or one.get("aria-labelledby") or pictures
        ):
            yield f"<{one.tag} {one.attributes}> says nothing"


def dangling(page: Page) -> Iterator[str]:
    """Names of elements and addresses that lead nowhere."""
    ids = page.ids()
    for one in page.elements:
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "popovertarget"):
            for target in one.get(name).split():
                if target not in ids:
                    yield f"<{one.tag} {name}={target!r}>: no such id"
        aim = one.get("hx-target")
        if aim.startswith("#") and aim[1:] not in ids:
            yield f"<{one.tag} hx-target={aim!r}>: no such id"
        if one.tag == "a" and one.get("href").startswith("#") and one.get("href")[1:] not in {*ids, ""}:
            yield f"<a href={one.get('href')!r}>: no such id"
        yield from (f"<{one.tag} {how}>: no such address" for how in lost(one))


def lost(one: Element) -> Iterator[str]:
    """Addresses of an element that no route answers."""
    asked = [("GET", name) for name in ("href", "hx-get", "src", "data-url")]
    asked += [("POST", "hx-post"), ("DELETE", "hx-delete"), ("PUT", "hx-put"), ("PATCH", "hx-patch")]
    if one.tag == "form" or one.get("formaction"):
        method = (one.get("formmethod") or one.get("method") or "get").upper()
        if one.tag != "form":
            method = (getattr(one.inside("form"), "get", lambda _: "post")("method") or "get").upper()
        asked.append((method, "formaction" if one.get("formaction") else "action"))
    for method, name in asked:
        path = local(one.get(name))
        if path and not path.startswith("/static/") and not known(path, method):
            yield f"{name}={one.get(name)!r} ({method})"


def unsafe_forms(page: Page) -> Iterator[str]:
    """Forms that change something and carry no token."""
    for form in page.all("form"):
        if (form.get("method") or "get").lower() == "post":
            names = [one.get("name") for one in page.elements if form in one.above]
            if "csrf" not in names:
                yield f"<form action={form.get('action')!r}> has no csrf"


def twice(page: Page) -> Iterator[str]:
    """Ids that two elements have."""
    seen: set[str] = set()
    for one in page.elements:
        name = one.get("id")
        if name and name in seen and not one.inside("template"):
            yield f"the id {name!r} stands twice"
        seen.add(name)


@pytest.mark.parametrize("route", PAGES, ids=str)
async def test_a_page_gives_its_region_to_htmx(worlds: Worlds, route: Route) -> None:
    async with browser(worlds, worlds.full) as client:
        address, query = route.fill(worlds.full.ids), route.ask(worlds.full.ids)
        whole = await client.get(address, params=query)
        part = await client.get(address, params=query, headers=HTMX)
    if whole.status_code == 303:
        assert part.status_code in {200, 204, 303}
        return
    assert part.status_code == whole.status_code, f"{part.status_code} instead of {whole.status_code}: {headline(part)}"
    if whole.status_code >= 400:
        return
    if is_html(whole) and "<html" not in part.text:
        assert part.text.strip()
        in_whole = Page(whole.text).ids()
        targets = {aim.get("hx-target").removeprefix("#") for aim in Page(part.text).all("hx-partial")}
        assert targets <= in_whole or "<html" not in whole.text, targets - in_whole


# -- what a page costs --

_IN_FRAME: ContextVar[bool] = ContextVar("in_frame", default=False)


@contextmanager
def counted(app: FastAPI) -> Iterator[list[str]]:
    """Every statement of the page itself: what the frame around it and the login ask is left out."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if not _IN_FRAME.get() and not re.match(r"(?i)\s*(pragma|begin|commit|rollback)", statement):
            said.append(statement)

    def outside(call: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Any]]:
        async def framed(request: Request) -> Any:
            token = _IN_FRAME.set(True)
            try:
                return await call(request)
            finally:
                _IN_FRAME.reset(token)

        return framed

    before = (app.state.shell, app.state.resolve_actor)
    app.state.shell, app.state.resolve_actor = outside(before[0]), outside(before[1])
    event.listen(database().engine.sync_engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        app.state.shell, app.state.resolve_actor = before
        event.remove(database().engine.sync_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("route", PAGES, ids=str)
async def test_a_page_asks_little(worlds: Worlds, route: Route) -> None:
    async with browser(worlds, worlds.full) as client:
        address, query = route.fill(worlds.full.ids), route.ask(worlds.full.ids)
        await client.get(address, params=query)  # what is read once and kept does not count
        with counted(worlds.app) as said:
            await client.get(address, params=query)
    allowed, _ = MORE_STATEMENTS.get(route.path, (STATEMENTS, ""))
    assert len(said) <= allowed, f"{len(said)} statements:\n" + "\n".join(re.sub(r"\s+", " ", s)[:160] for s in said)


# -- from page to page --


@pytest.mark.parametrize("which", ["full", "empty"])
@pytest.mark.timeout(240)
async def test_every_link_leads_somewhere(worlds: Worlds, which: str) -> None:
    """Follow every link from the first page on; one address for each route and set of query names is enough."""
    broken: list[str] = []
    async with browser(worlds, getattr(worlds, which)) as client:
        waiting, seen = [("/", "the start")], {shape("/")}
        while waiting:
            address, source = waiting.pop(0)
            answer = await client.get(address, follow_redirects=True)
            if answer.status_code >= 400:
                broken.append(f"{answer.status_code} {address} from {source}")
            if not is_html(answer):
                continue
            for link in Page(answer.text).all("a"):
                target = link.get("href")
                if local(target) and shape(target) not in seen and local(target) != "/live":
                    seen.add(shape(target))
                    waiting.append((target, address))
    assert not broken, "\n".join(broken)
    assert len(seen) > 20, sorted(seen)


def shape(url: str) -> str:
    """An address without what changes from row to row."""
    parts = urlsplit(url)
    path = next((one.path for one in routes() if one.method == "GET" and one.regex.match(parts.path)), parts.path)
    names = sorted(re.findall(r"(?:^|&)([^=&]+)=", parts.query))
    return f"{path}?{'&'.join(names)}" + (parts.query if names in (["state"], ["tab"]) else "")


@pytest.mark.parametrize("address", ["/no-such-page", "/characters/01jb0000000000000000000000", "/posts/x/y/z"])
async def test_a_page_that_is_not_there_says_so(worlds: Worlds, address: str) -> None:
    async with browser(worlds, worlds.full) as client:
        answer = await client.get(address)
    assert answer.status_code == 404
    assert is_html(answer)
    check_page(answer)


async def test_the_checks_can_fail() -> None:
    bad = Page(
        '<form method="post" action="/nowhere"><input name="a"><img src="/x.png"><a href="/lost"></a>'
        '<p style="color:red" onclick="x()" id="a"></p><p id="a"></p><script>1</script><div hx-target="#b"></div></form>'
    )
    assert len(list(inline(bad))) == 3
    assert len(list(unnamed(bad))) == 3
    assert len(list(dangling(bad))) == 4
    assert len(list(unsafe_forms(bad))) == 1
    assert len(list(twice(bad))) == 1
