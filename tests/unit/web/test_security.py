"""Headers, hosts, origins, tokens, sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ainfluencer.core.config import Settings
from ainfluencer.web.security import SESSION_COOKIE, Guard, allowed_hosts
from tests.unit.web.conftest import token_of


def test_a_strict_policy_stands_on_every_answer(client: TestClient) -> None:
    for path in ("/_patterns", "/nowhere", "/static/style-0a1b2c3d.css"):
        policy = client.get(path).headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert client.get(path).headers["x-content-type-options"] == "nosniff"


def test_pages_are_not_kept_by_caches(client: TestClient) -> None:
    assert client.get("/_patterns").headers["cache-control"] == "no-store, private"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "localhost.evil.example:8000"])
def test_an_unknown_host_is_refused(client: TestClient, host: str) -> None:
    assert client.get("/_patterns", headers={"host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_loopback_names_are_served(client: TestClient, host: str) -> None:
    assert client.get("/_patterns", headers={"host": host}).status_code == 200


def test_configured_names_are_allowed(settings: Settings) -> None:
    made = replace(
        settings, host="0.0.0.0", public_url="https://Studio.example/x", trusted_hosts="a.example, b.example"
    )
    assert allowed_hosts(made) >= {"studio.example", "a.example", "b.example", "localhost"}
    assert "0.0.0.0" not in allowed_hosts(made)


def test_a_form_needs_the_token_of_this_browser(client: TestClient) -> None:
    token = token_of(client)
    assert client.post("/echo", data={"a": "1"}).status_code == 403
    assert client.post("/echo", data={"csrf": "0" * 64, "a": "1"}).status_code == 403
    good = client.post("/echo", data={"csrf": token, "a": "é&1"})
    assert good.status_code == 200
    assert good.text == f"csrf={token};a=é&1"
    assert client.post("/echo", data={"a": "1"}, headers={"x-csrf": token}).status_code == 200


def test_the_token_of_another_browser_is_worth_nothing(app: FastAPI, client: TestClient) -> None:
    token_of(client)
    with TestClient(app, headers={"accept": "text/html"}) as other:
        stolen = token_of(other)
    assert client.post("/echo", data={"csrf": stolen}).status_code == 403


def test_the_token_ends_with_the_session(client: TestClient) -> None:
    client.cookies.set(SESSION_COOKIE, "ains_first")
    token = token_of(client)
    assert client.post("/echo", data={"csrf": token}).status_code == 200
    client.cookies.set(SESSION_COOKIE, "ains_second")
    assert client.post("/echo", data={"csrf": token}).status_code == 403


def test_an_upload_carries_its_token_in_front(client: TestClient) -> None:
    token = token_of(client)
    big = b"x" * 300_000
    sent = client.post("/echo", data={"csrf": token}, files={"card": ("card.png", big)})
    assert sent.text == f"csrf={token};card=300000"
    assert client.post("/echo", files={"card": ("card.png", big)}).status_code == 403


def test_programs_need_no_token(client: TestClient) -> None:
    token_of(client)
    assert client.post("/api/echo", data={"a": "1"}, headers={"authorization": "Bearer aink_x"}).status_code == 200
    assert client.post("/hooks/echo", data={"a": "1"}).status_code == 200
    assert client.post("/api/echo", data={"a": "1"}).status_code == 403  # a cookie came along, so a token must too
    client.cookies.clear()
    assert client.post("/api/echo", data={"a": "1"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
)
def test_another_site_may_not_change_anything(client: TestClient, headers: dict[str, str]) -> None:
    token = token_of(client)
    answer = client.post("/echo", data={"csrf": token}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


def test_a_refusal_speaks_the_language_of_who_asks(client: TestClient) -> None:
    page = client.post("/echo", data={"a": "1"})
    assert page.headers["content-type"].startswith("text/html")
    problem = client.post("/echo", data={"a": "1"}, headers={"accept": "application/json"})
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["code"] == "csrf"
    toast = client.post("/echo", data={"a": "1"}, headers={"hx-request": "true"})
    assert toast.headers["hx-reswap"] == "none"
    assert "Reload the page" in toast.headers["hx-trigger"]


def test_a_body_over_the_limit_is_stopped(app: FastAPI, settings: Settings) -> None:
    small = Guard(app, config=replace(settings, upload_max_bytes=1000))
    with TestClient(small, headers={"accept": "text/html"}) as client:
        headers = {"authorization": "Bearer aink_x"}
        assert client.post("/echo", content=b"x" * 1_001_001, headers=headers).status_code == 413

        def chunks() -> Iterator[bytes]:
            for _ in range(40):
                yield b"x" * 50_000

        streamed = client.post(
            "/echo", content=chunks(), headers={**headers, "content-type": "application/x-www-form-urlencoded"}
        )
        assert streamed.status_code == 413
