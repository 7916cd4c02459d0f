"""Letters over SMTP to a real server: encrypted, signed in, refused, and never with the password in the open."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest

from ainfluencer.core.config import Settings
from ainfluencer.core.errors import (
    InvalidInput,
    LoginExpired,
    NotConnected,
    OutsideError,
    RateLimited,
    Rejected,
    Unreachable,
)
from ainfluencer.integrations import mail
from ainfluencer.integrations.mail import Mail, Server
from tests.support.mail_servers import PASSWORD, USER, certificate, mail_server

LETTER = Mail("ada@harbour.example", "Grüße vom Hafen", "Schönes Wetter.\n.\nOn a line of its own.", "01abc")


def config(url: str, sender: str = "Harbour <studio@harbour.example>") -> Settings:
    return replace(Settings(), smtp_url=url, mail_from=sender)


def signed_in(scheme: str, port: int, password: str = PASSWORD, ca: Path | None = None) -> str:
    known = f"{quote(USER, safe='')}:{quote(password, safe='')}"
    return f"{scheme}://{known}@127.0.0.1:{port}" + (f"?ca={quote(str(ca))}" if ca else "")


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with mail_server() as box:
        await mail.send(config(box.url), LETTER)
    (got,) = box.letters
    assert got["To"] == "ada@harbour.example"
    assert got["From"] == "Harbour <studio@harbour.example>"
    assert got["Subject"] == "Grüße vom Hafen"
    assert got["Message-ID"] == "<01abc@harbour.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert box.text().replace("\r\n", "\n").strip() == LETTER.text


async def test_starttls_then_sign_in(tmp_path: Path) -> None:
    context, authority = certificate(tmp_path)
    async with mail_server(tls=context, sign_in=True) as box:
        await mail.send(config(signed_in("smtp", box.port, ca=authority)), LETTER)
        assert len(box.letters) == 1
        with pytest.raises(LoginExpired) as refused:
            await mail.send(config(signed_in("smtp", box.port, "wrong", ca=authority)), LETTER)
    assert "wrong" not in f"{refused.value.detail}{refused.value.next_step}"


async def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    context, authority = certificate(tmp_path)
    async with mail_server(tls=context, implicit=True) as box:
        await mail.send(config(f"smtps://127.0.0.1:{box.port}?ca={quote(str(authority))}"), LETTER)
        assert len(box.letters) == 1
        assert await asyncio.to_thread(
            mail.check, config(f"smtps://127.0.0.1:{box.port}?ca={quote(str(authority))}")
        ) == (f"127.0.0.1:{box.port}")


async def test_a_strange_certificate_is_refused(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    async with mail_server(tls=context) as box:
        with pytest.raises(NotConnected, match="not trusted"):
            await mail.send(config(box.url), LETTER)
    assert box.letters == []


async def test_a_password_does_not_leave_this_computer_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "is_here", property(lambda _self: False))
    async with mail_server(sign_in=True) as box:
        with pytest.raises(NotConnected, match="no encryption"):
            await mail.send(config(signed_in("smtp", box.port)), LETTER)


@pytest.mark.parametrize(
    ("answer", "kind"), [("451 Come back later", RateLimited), ("554 This looks like spam", Rejected)]
)
async def test_codes_say_whether_to_try_again(answer: str, kind: type[OutsideError]) -> None:
    async with mail_server() as box:
        box.answers = [answer]
        with pytest.raises(kind, match=answer[:3]):
            await mail.send(config(box.url), LETTER)
        await mail.send(config(box.url), LETTER)
    assert len(box.letters) == 1


async def test_an_unknown_mailbox_is_for_good() -> None:
    async with mail_server() as box:
        box.refused_to = LETTER.to
        with pytest.raises(Rejected, match="No such mailbox"):
            await mail.send(config(box.url), LETTER)


async def test_a_server_that_is_away_is_tried_again() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}"):
        await mail.send(config(f"smtp://127.0.0.1:{port}"), LETTER)


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://h:port", "smtp:h"])
async def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(InvalidInput, match="mail server"):
        await mail.send(config(url), LETTER)


async def test_without_server_or_sender_nothing_is_tried() -> None:
    with pytest.raises(NotConnected, match="sends no mail"):
        await mail.send(config(""), LETTER)
    with pytest.raises(NotConnected, match="no sender"):
        await mail.send(config("smtp://127.0.0.1:9", sender=""), LETTER)


def test_ports_and_quoted_signs() -> None:
    assert mail.server_of("smtp://mail.example.org").port == 587
    assert mail.server_of("smtps://mail.example.org").port == 465
    server = mail.server_of(signed_in("smtp", 25))
    assert (server.user, server.password) == (USER, PASSWORD)
    assert PASSWORD not in repr(server)


async def test_no_line_of_a_subject_becomes_a_header() -> None:
    async with mail_server() as box:
        with pytest.raises(ValueError, match="linefeed"):
            await mail.send(config(box.url), replace(LETTER, subject="Hello\nBcc: all@example.org"))
    assert box.letters == []
