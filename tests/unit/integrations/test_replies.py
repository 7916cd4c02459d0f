"""Each status, header and oddity becomes one error of the closed set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from ainfluencer.core import clock
from ainfluencer.core.errors import (
    LoginExpired,
    NotConnected,
    OutcomeUnknown,
    OutsideError,
    PermissionMissing,
    RateLimited,
    Rejected,
    UnexpectedReply,
    Unreachable,
)
from ainfluencer.integrations.replies import Refusal, Reply, raise_for, wait_until


def reply(status: int, content: bytes = b"{}", *, effect: bool = False, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply("mira", status, named, content, 0.1, effect, frozenset({"hunter22"}))


@pytest.mark.parametrize(
    ("status", "effect", "expected"),
    [
        (302, False, UnexpectedReply), (400, True, Rejected), (401, True, LoginExpired), (402, False, Rejected),
        (403, True, PermissionMissing), (404, False, Rejected), (405, False, NotConnected), (408, True, OutcomeUnknown),
        (408, False, Unreachable), (409, True, Rejected), (410, False, Rejected), (413, True, Rejected),
        (418, False, Rejected), (422, True, Rejected), (429, True, RateLimited), (500, True, OutcomeUnknown),
        (500, False, Unreachable), (502, True, OutcomeUnknown), (503, False, Unreachable),
    ],
)  # fmt: skip
def test_statuses(status: int, effect: bool, expected: type[OutsideError]) -> None:
    with pytest.raises(OutsideError) as caught:
        raise_for(reply(status, effect=effect))
    assert type(caught.value) is expected
    assert caught.value.next_step


def test_success_is_handed_back() -> None:
    good = reply(204, b"")
    assert raise_for(good) is good


def test_a_platforms_own_code_wins_over_the_status_and_brings_its_words() -> None:
    table: dict[str | int, Refusal] = {
        "expired_token": Refusal(LoginExpired, "Signed out: {said}", "Sign in."),
        404: Refusal(NotConnected, "?"),
    }
    with pytest.raises(LoginExpired, match="Signed out: old") as caught:
        raise_for(reply(400), table, code="expired_token", message="old")
    assert caught.value.next_step == "Sign in."
    with pytest.raises(NotConnected):
        raise_for(reply(404), table)
    with pytest.raises(Rejected, match="It says: too long"):
        raise_for(reply(422), table, code="other", message="too long")


def test_secrets_in_a_services_words_are_hidden() -> None:
    with pytest.raises(Rejected) as caught:
        raise_for(reply(400, b"the key hunter22 is bad"))
    assert "hunter22" not in str(caught.value)
    assert "[hidden]" in caught.value.detail


def test_a_page_or_rubbish_instead_of_data() -> None:
    page = b"<!DOCTYPE html><h1>hello</h1>"
    for odd in (page, b"", b"{", b"\xff\xfe", b"[" * 200_000):
        with pytest.raises(UnexpectedReply):
            reply(200, odd).json()
        with pytest.raises(OutcomeUnknown):
            reply(200, odd, effect=True).json()
    with pytest.raises(UnexpectedReply, match="web page") as caught:
        raise_for(reply(404, page))
    assert "hello" not in caught.value.detail
    assert reply(200, b'{"a": "\xc3\xa9"}').json() == {"a": "é"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7), ({"x_ratelimit_reset": "@600"}, 600), ({"ratelimit_reset": "#300"}, 300),
        ({"retry_after": "!90"}, 90), ({}, 60), ({"retry_after": "soon"}, 60), ({"retry_after": "-5"}, 60),
        ({"retry_after": "9999999"}, 86_400), ({"retry_after": "0"}, 1), ({"x_ratelimit_reset": "@-50"}, 1),
    ],
)  # fmt: skip
def test_when_to_come_back(headers: dict[str, str], seconds: int) -> None:
    """@ an ISO instant, # a Unix time, ! an HTTP date: so many seconds from now."""
    forms: dict[str, Callable[[datetime], str]] = {
        "@": lambda at: at.isoformat().replace("+00:00", "Z"),
        "#": lambda at: str(int(at.timestamp())),
        "!": lambda at: format_datetime(at, usegmt=True),
    }
    made = {
        name.replace("_", "-"): forms[value[0]](clock.now() + timedelta(seconds=int(value[1:])))
        if value[0] in forms
        else value
        for name, value in headers.items()
    }
    assert abs((wait_until(made) - clock.now()).total_seconds() - seconds) < 2


def test_a_throttle_carries_its_date() -> None:
    until = clock.from_now(minutes=3)
    with pytest.raises(RateLimited) as caught:
        raise_for(reply(429), until=until)
    assert caught.value.until == until
    with pytest.raises(RateLimited) as caught:
        raise_for(reply(400), {"slow": Refusal(RateLimited, "Slower.")}, code="slow")
    assert caught.value.until
