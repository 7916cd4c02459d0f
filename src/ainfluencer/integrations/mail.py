"""Mail, out only, by SMTP (RFC 5321). The server and the sender stand in the settings; nothing else here speaks SMTP."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from ainfluencer.core import clock
from ainfluencer.core.config import Settings
from ainfluencer.core.errors import InvalidInput, LoginExpired, NotConnected, RateLimited, Rejected, Unreachable

SLUG = "mail"
TIMEOUT_SECONDS = 20
_HELP = "Correct AINFLUENCER_SMTP_URL, such as smtp://user:password@mail.example.org:587."


@dataclass(frozen=True, slots=True)
class Mail:
    """One letter in plain text. `id` is unique and stays the same when it is sent again."""

    to: str
    subject: str
    text: str
    id: str


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over. `ca_file`: a certificate authority of one's own, as PEM."""

    host: str
    port: int
    is_tls: bool  # from the first byte; otherwise STARTTLS where the server offers it
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    @property
    def is_here(self) -> bool:
        """Whether it runs on this computer, where nobody listens in."""
        return self.host in {"localhost", "127.0.0.1", "::1"}


def is_on(config: Settings) -> bool:
    """Whether this instance sends mail at all."""
    return bool(config.smtp_url)


def server_of(url: str) -> Server:
    """The server of `smtp://…` (port 587, STARTTLS) or `smtps://…` (port 465, TLS); `InvalidInput` for anything else."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidInput("The address of the mail server cannot be read.", _HELP) from None
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise InvalidInput("The address of the mail server is not an smtp:// or smtps:// address.", _HELP)
    is_tls = parts.scheme == "smtps"
    ca_file = parse_qs(parts.query).get("ca", [""])[0]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, port or (465 if is_tls else 587), is_tls, user, password, ca_file)


async def send(config: Settings, mail: Mail) -> None:
    """Hand one letter to the server.

    Raises:
        NotConnected: no server or no sender is set, or the connection would not be safe.
        LoginExpired: the server refuses the sign-in.
        Unreachable, RateLimited: try again later; sending the same letter twice does no harm.
        Rejected: the server takes no mail for this address, or from this sender.

    """
    server, letter = server_of(_url(config)), _letter(config, mail)
    await asyncio.to_thread(_send, server, letter)


def check(config: Settings) -> str:
    """Whom the server says it is, after signing in; the same errors as `send`. Blocking."""
    server = server_of(_url(config))
    _sender(config, server)
    with _troubles(server), _open(server) as connection:
        connection.noop()
    return f"{server.host}:{server.port}"


def _url(config: Settings) -> str:
    if not is_on(config):
        raise NotConnected(SLUG, "This instance sends no mail.", "Set AINFLUENCER_SMTP_URL and AINFLUENCER_MAIL_FROM.")
    return config.smtp_url


def _sender(config: Settings, server: Server) -> str:
    sender = config.mail_from or (server.user if "@" in server.user else "")
    if "@" not in parseaddr(sender)[1]:
        raise NotConnected(
            SLUG, "Mail has no sender.", "Set AINFLUENCER_MAIL_FROM, such as Studio <studio@example.org>."
        )
    return sender


def _letter(config: Settings, mail: Mail) -> EmailMessage:
    server = server_of(config.smtp_url)
    sender = _sender(config, server)
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, mail.to, mail.subject
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = f"<{mail.id}@{parseaddr(sender)[1].partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes, please
    letter.set_content(mail.text)
    return letter


def _send(server: Server, letter: EmailMessage) -> None:
    with _troubles(server), _open(server) as connection:
        connection.send_message(letter)


@contextmanager
def _open(server: Server) -> Iterator[smtplib.SMTP]:
    """A connection, encrypted where possible, signed in where a user is set. A password never goes out in clear."""
    context = ssl.create_default_context(cafile=server.ca_file or None)
    made: smtplib.SMTP = (
        smtplib.SMTP_SSL(server.host, server.port, "localhost", timeout=TIMEOUT_SECONDS, context=context)
        if server.is_tls
        else smtplib.SMTP(server.host, server.port, "localhost", timeout=TIMEOUT_SECONDS)
    )
    with made as connection:
        connection.ehlo()
        is_safe = server.is_tls
        if not is_safe and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
            is_safe = True
        if server.user:
            if not is_safe and not server.is_here:
                raise NotConnected(
                    SLUG,
                    f"{server.host} offers no encryption, so the password was not sent.",
                    "Use smtps:// or a server with STARTTLS.",
                )
            connection.login(server.user, server.password)
        yield connection


@contextmanager
def _troubles(server: Server) -> Iterator[None]:
    """What smtplib raises, as errors of the closed set; no reply of the server is repeated with a password in it."""
    try:
        yield
    except smtplib.SMTPAuthenticationError:
        raise LoginExpired(SLUG, f"{server.host} refuses the sign-in.", _HELP) from None
    except smtplib.SMTPNotSupportedError as e:
        raise NotConnected(SLUG, f"{server.host} cannot do what is needed: {e}.", _HELP) from None
    except smtplib.SMTPRecipientsRefused as e:
        raise _refusal(server, *next(iter(e.recipients.values()))) from None
    except smtplib.SMTPServerDisconnected:
        raise Unreachable(SLUG, f"{server.host} hung up.", "It is tried again by itself.") from None
    except smtplib.SMTPResponseException as e:
        raise _refusal(server, e.smtp_code, e.smtp_error) from None
    except ssl.SSLCertVerificationError as e:
        raise NotConnected(
            SLUG,
            f"The certificate of {server.host} is not trusted: {e.verify_message}.",
            "Use the name that stands in the certificate, or add ?ca=FILE with its authority to AINFLUENCER_SMTP_URL.",
        ) from None
    except (OSError, socket.gaierror) as e:
        raise Unreachable(
            SLUG, f"{server.host}:{server.port} cannot be reached: {e.strerror or type(e).__name__}.", _HELP
        ) from None


def _refusal(server: Server, code: int, said: bytes | str) -> Rejected | RateLimited:
    """Codes from 400 on are for now, those from 500 on for good (RFC 5321, section 4.2.1)."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    detail = f"{server.host} answered {code}: {' '.join(text.split())[:200]}"
    if code < 500:
        return RateLimited(SLUG, detail)
    return Rejected(SLUG, detail, "Check the address and AINFLUENCER_MAIL_FROM.")
