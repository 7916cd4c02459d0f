"""A real mail server (aiosmtpd) on this machine, with accounts and TLS where a test wants them."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ainfluencer.core import clock

USER, PASSWORD = "studio@harbour.example", "p@ss word/1"  # with letters that an address must quote


@dataclass
class Box:
    """What arrived, and what the server answers to the next letters instead of taking them."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refused_to: str = ""

    @property
    def url(self) -> str:
        """Without a sign-in."""
        return f"smtp://127.0.0.1:{self.port}"

    def text(self, number: int = -1) -> str:
        """The words of one letter."""
        part = self.letters[number].get_body(("plain",))
        assert part
        return str(part.get_content())

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.refused_to and address == self.refused_to:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.letters.append(BytesParser(_class=EmailMessage, policy=default).parsebytes(envelope.content))
        self.recipients += envelope.rcpt_tos
        return "250 Taken"


def _sign_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@asynccontextmanager
async def mail_server(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, sign_in: bool = False
) -> AsyncIterator[Box]:
    """A server; `tls` is offered as STARTTLS, or spoken from the first byte with `implicit`."""
    box = Box()
    options: dict[str, Any] = {"hostname": "localhost", "enable_SMTPUTF8": True}
    if sign_in:
        options |= {"authenticator": _sign_in, "auth_required": True, "auth_require_tls": bool(tls) and not implicit}
    if tls and not implicit:
        options["tls_context"] = tls
    loop = asyncio.get_running_loop()

    def speak() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it warns of a sign-in without TLS, which a test wants
            return SMTP(box, loop=loop, **options)

    server = await loop.create_server(speak, "127.0.0.1", 0, ssl=tls if implicit else None)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A certificate for 127.0.0.1 that signs itself: the server's context, and the file that a client may trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Harbour")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(clock.now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    authority, both = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(authority.read_bytes() + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, authority
