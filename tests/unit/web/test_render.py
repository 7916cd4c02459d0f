"""Whole pages, regions, redirects, flashes."""

from __future__ import annotations

import base64
import errno
import json
from dataclasses import dataclass
from typing import ClassVar

import pytest
from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.testclient import TestClient

from ainfluencer.web.render import FLASH_COOKIE, flash, go_to, local_path, swap
from ainfluencer.web.shell import Shell
from tests.unit.web.conftest import SHELL, token_of

HTMX = {"hx-request": "true", "hx-request-type": "partial"}


def test_one_address_gives_a_page_or_its_region(client: TestClient) -> None:
    page = client.get("/_patterns/pages/index?q=tram")
    part = client.get("/_patterns/pages/index?q=tram", headers=HTMX)
    assert page.text.lstrip().startswith("<!doctype html>")
    assert "<html" not in part.text
    assert part.text.strip().startswith('<div id="results">')
    assert "Tram 28" in part.text
    assert "Kiln" not in part.text
    assert page.headers["vary"].lower().startswith("hx-request")


def test_a_full_request_of_htmx_gets_the_page(client: TestClient) -> None:
    answer = client.get("/_patterns/pages/index", headers={"hx-request": "true", "hx-request-type": "full"})
    assert "<html" in answer.text


def test_the_layout_says_where_one_is(client: TestClient) -> None:
    text = client.get("/_patterns").text
    assert text.count("<h1") == 1
    assert 'href="/_patterns" data-place="Patterns" aria-current="page"' in text
    assert "Harbour" in text
    assert "Night shift" in text
    assert 'hx-sse:connect="/live?topics=jobs"' in text


def test_a_mistake_redraws_the_form_with_its_values(client: TestClient) -> None:
    sent = {"csrf": token_of(client), "name": " ", "line": "<b>potter</b>"}
    whole = client.post("/_patterns/pages/form", data=sent)
    part = client.post("/_patterns/pages/form", data=sent, headers=HTMX)
    assert whole.status_code == part.status_code == 422
    assert "A character needs a name. Write one." in part.text
    assert 'aria-invalid="true"' in part.text
    assert 'aria-describedby="e-name"' in part.text
    assert "&lt;b&gt;potter&lt;/b&gt;" in part.text
    assert "<b>potter" not in part.text + whole.text


def test_a_flash_travels_over_a_redirect_once(client: TestClient) -> None:
    sent = {"csrf": token_of(client), "name": "Mira <i>"}
    moved = client.post("/_patterns/pages/form", data=sent)
    assert moved.status_code == 303
    assert moved.headers["location"] == "/_patterns/pages/form"
    shown = client.get("/_patterns/pages/form")
    assert "Mira &lt;i&gt; looks good." in shown.text
    assert 'action="/_patterns/undo"' in shown.text
    assert "looks good" not in client.get("/_patterns/pages/form").text


def test_htmx_is_sent_on_by_a_header(client: TestClient) -> None:
    sent = {"csrf": token_of(client), "name": "Mira"}
    moved = client.post("/_patterns/pages/form", data=sent, headers=HTMX)
    assert moved.status_code == 204
    assert moved.headers["hx-redirect"] == "/_patterns/pages/form"
    assert FLASH_COOKIE in moved.headers["set-cookie"]


def test_a_swap_carries_regions_and_toasts(client: TestClient) -> None:
    part = client.get("/_patterns/job", headers=HTMX)
    assert '<hx-partial hx-target="#job-pattern" hx-swap="outerMorph">' in part.text
    undone = client.post("/_patterns/undo", data={"csrf": token_of(client)}, headers=HTMX)
    assert json.loads(undone.headers["hx-trigger"])["toasts"]["items"] == [
        {"text": "Taken back.", "kind": "info", "undo_url": ""}
    ]


def test_a_swap_without_scripts_goes_back(client: TestClient) -> None:
    answer = client.get("/_patterns/job")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/_patterns?family=feedback"


@pytest.mark.parametrize(
    "url", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\nb"]
)
def test_nobody_is_sent_to_another_site(url: str) -> None:
    assert local_path(url) == "/"


def test_own_addresses_are_kept() -> None:
    assert local_path("/posts?state=draft#a") == "/posts?state=draft#a"


@pytest.mark.parametrize(
    "raw",
    ["%%%", base64.urlsafe_b64encode(b'[{"text":1}]').decode(), base64.urlsafe_b64encode(b'{"a":1}').decode(), "W10"],
)
def test_a_flash_cookie_that_is_not_ours_is_ignored(client: TestClient, raw: str) -> None:
    client.cookies.set(FLASH_COOKIE, raw)
    assert client.get("/_patterns").status_code == 200


@dataclass(frozen=True, slots=True)
class _Job:
    part: float
    template: ClassVar[str] = "web/patterns/_job.html"
    id: ClassVar[str] = "job-pattern"


def test_two_regions_at_once_and_back_to_the_page_left(app: FastAPI) -> None:
    @app.post("/both")
    async def both(request: Request) -> Response:
        flash(request, "Zwölf", "nonsense")
        return swap(request, _Job(0.1), _Job(0.2))

    @app.get("/away")
    async def away(request: Request) -> Response:
        return go_to(request, "https://evil.example")

    with TestClient(app, headers={"authorization": "Bearer x"}, follow_redirects=False) as client:
        answer = client.post("/both", headers=HTMX)
        assert answer.text.count("<hx-partial") == 2
        assert json.loads(answer.headers["hx-trigger"])["toasts"]["items"][0]["kind"] == "info"
        back = client.post("/both", headers={"referer": "http://testserver/posts?state=draft"})
        assert back.headers["location"] == "/posts?state=draft"
        assert client.post("/both", headers={"referer": "https://evil.example/x"}).headers["location"] == "/"
        assert client.get("/away").headers["location"] == "/"


def test_a_shell_may_be_a_plain_function_and_errors_need_none(app: FastAPI, client: TestClient) -> None:
    asked: list[str] = []

    def shell(request: Request) -> Shell:
        asked.append(request.url.path)
        return SHELL

    app.state.shell = shell
    assert client.get("/nowhere").status_code == 404
    assert asked == []
    assert client.get("/_patterns").status_code == 200
    assert asked == ["/_patterns"]


def test_what_failed_in_the_end_is_not_announced_as_done(app: FastAPI, client: TestClient) -> None:
    @app.get("/half-done")
    async def half_done(request: Request) -> None:
        flash(request, "Mira is here.")
        raise OSError(errno.ENOSPC, "No space left on device")

    page = client.get("/half-done", headers={"accept": "text/html"})
    assert page.status_code == 507
    assert "Mira is here." not in page.text
