"""Secrets at rest, signed values, and what logs must not show."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from ainfluencer.core import clock, crypto
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import Conflict, InvalidInput


def test_a_secret_comes_back_and_is_never_stored_plain(settings: Settings) -> None:
    stored = crypto.encrypt("hunter2 🔑", "channel")
    assert "hunter2" not in stored
    assert crypto.encrypt("hunter2 🔑", "channel") != stored
    assert crypto.decrypt(stored, "channel") == "hunter2 🔑"


@pytest.mark.parametrize(
    "spoil",
    [lambda s: s[:-2] + ("AA" if s[-2:] != "AA" else "BB"), lambda s: "a1:zzzzzz:" + s.split(":")[2], lambda _: "x"],
)
def test_a_changed_secret_is_refused(settings: Settings, spoil: Callable[[str], str]) -> None:
    with pytest.raises(Conflict) as refused:
        crypto.decrypt(spoil(crypto.encrypt("secret")))
    assert refused.value.reason == "secret_unreadable"


def test_a_secret_cannot_be_moved_to_another_purpose(settings: Settings) -> None:
    with pytest.raises(Conflict):
        crypto.decrypt(crypto.encrypt("secret", "channel:1"), "channel:2")


def test_rotation_keeps_old_secrets_readable(settings: Settings) -> None:
    old = crypto.encrypt("first")
    name = crypto.rotate()
    fresh = crypto.encrypt("second")
    assert fresh.split(":")[1] == name != old.split(":")[1]
    assert (crypto.decrypt(old), crypto.decrypt(fresh)) == ("first", "second")
    assert (crypto.needs_rotation(old), crypto.needs_rotation(fresh)) == (True, False)


@pytest.mark.skipif(os.name == "nt", reason="no file modes")
def test_only_the_owner_may_read_the_key(settings: Settings) -> None:
    crypto.encrypt("x")
    assert stat.S_IMODE(crypto.key_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(crypto.key_file().parent.stat().st_mode) == 0o700


def test_threads_that_start_together_use_one_key(settings: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(crypto.encrypt, ["x"] * 16))
    assert {crypto.decrypt(s) for s in sealed} == {"x"}
    assert len({s.split(":")[1] for s in sealed}) == 1


@pytest.mark.parametrize("content", ["garbage\n", "ab:short\n", ""])
def test_a_damaged_key_file_is_said_and_not_replaced(settings: Settings, content: str) -> None:
    crypto.write_private(crypto.key_file(), content)
    with pytest.raises(Conflict, match="key file"):
        crypto.encrypt("x")
    assert crypto.key_file().read_text("utf-8") == content


def test_signed_values(settings: Settings) -> None:
    token = crypto.sign("user:1 ö", "state", until=clock.from_now(minutes=1))
    assert crypto.unsign(token, "state") == "user:1 ö"
    late = crypto.sign("user:1", "state", until=clock.from_now(minutes=-1))
    for bad in (late, token[:-1] + ("A" if token[-1] != "A" else "B"), "a.b", "", "ü.b.c.d"):
        with pytest.raises(InvalidInput):
            crypto.unsign(bad, "state")
    with pytest.raises(InvalidInput):
        crypto.unsign(token, "other")


@pytest.mark.parametrize(
    "text",
    [
        "GET / ains_mzZ7uWgFTtH4wqgtxJOjXNFSBDRLyCvNMOIZaWm580k",
        "Authorization: Bearer abc123def456ghi789",
        ["postgresql://ada:sup3rsecret@db/x", "sup3rsecret"][0],
        '{"client_secret": "sup3rsecret", "id": 1}',
        "password=sup3rsecret&x=1",
        "api_key: sup3rsecret",
        "-----BEGIN RSA PRIVATE KEY-----\nsup3rsecret\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_logs_do_not_show_secrets(text: str) -> None:
    shown = crypto.redact(text)
    assert "[hidden]" in shown
    assert "sup3rsecret" not in shown
    assert "abc123def456" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 200",
        "Basic understanding of light",
        "see https://example.org/a:b@c is fine"[:30],
        "Ada posted a picture",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert crypto.redact(text) == text


def test_events_are_redacted_by_name_and_depth() -> None:
    event = {
        "event": "hi",
        "password": "x",
        "deep": {"list": [{"access_token": "y"}, "Bearer abcdefgh12345678"]},
        "n": 1,
    }
    shown = crypto.redact_event(None, "info", event)
    assert shown == {
        "event": "hi",
        "password": "[hidden]",
        "deep": {"list": [{"access_token": "[hidden]"}, "Bearer [hidden]"]},
        "n": 1,
    }


@pytest.mark.timeout(60)  # a pattern that backtracks would need hours
def test_redaction_of_a_long_run_comes_to_an_end() -> None:
    assert crypto.redact("a" * 300_000)
