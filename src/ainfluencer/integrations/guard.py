"""The address guard: names are resolved once, every address is judged, and the judged address is the one connected to."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from weakref import WeakKeyDictionary

import httpcore
import httpx

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(httpcore.ConnectError):
    """The host is, or resolves to, an address that this connection may not reach."""


class AddressForbidden(AddressRefused):
    """An address that no setting opens: link-local (where clouds keep credentials), multicast, unspecified."""


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries (mapped, 6to4, NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def may_connect(text: str, *, allow_private: bool) -> bool:
    """Whether that address may be reached.

    Private networks and loopback only with `allow_private`. Link-local addresses (where clouds keep their
    credentials, 169.254.169.254), multicast and unspecified ones never.
    """
    address = _embedded(ipaddress.ip_address(text.split("%", 1)[0]))
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv4Address) and address == ipaddress.IPv4Address("255.255.255.255"):
        return False
    return allow_private or address.is_global


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections only to judged addresses, so that a name cannot change its mind between check and use."""

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, judge, connect to the first address that answers."""
        addresses = await self._resolve(host, port, timeout)
        if not all(may_connect(a, allow_private=True) for a in addresses):
            raise AddressForbidden(f"{host} is an address that is never reached")
        if not all(may_connect(a, allow_private=self._allow_private) for a in addresses):
            raise AddressRefused(f"{host} is an address that may not be reached")
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as e:
                failure = e
        raise failure

    async def connect_unix_socket(self, *_args: Any, **_kwargs: Any) -> httpcore.AsyncNetworkStream:
        """Never: no service of ours is reached that way."""
        raise AddressRefused("sockets in the file system are not reached")

    async def sleep(self, seconds: float) -> None:
        """Between connection attempts."""
        await asyncio.sleep(seconds)

    @staticmethod
    async def _resolve(host: str, port: int, limit: float | None) -> list[str]:
        try:
            async with asyncio.timeout(limit):
                found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError as e:
            raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time") from e
        except (OSError, UnicodeError) as e:
            raise httpcore.ConnectError(f"the name {host} does not resolve") from e
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a pool that uses the guarded backend."""

    def __init__(self, *, allow_private: bool) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=15.0,
            network_backend=GuardedBackend(allow_private=allow_private),
        )


_TLS: list[ssl.SSLContext] = []


def _tls() -> ssl.SSLContext:
    # Reading the certificate store takes tens of milliseconds, so it is done once.
    if not _TLS:
        _TLS.append(httpx.create_ssl_context())
    return _TLS[0]


_POOLS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, httpx.AsyncClient]] = WeakKeyDictionary()


def new_client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """An httpx client with nothing of its own: no redirects, no environment, no cookies kept, no time limits."""
    # One client serves many connections, so what one service sets must not be kept for another.
    jar = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(cookies=jar, transport=transport, follow_redirects=False, trust_env=False, timeout=None)  # noqa: S113 - limits are set per request


def pool(*, allow_private: bool) -> httpx.AsyncClient:
    """The shared client of the running event loop; guarded and open connections are never mixed."""
    clients = _POOLS.setdefault(asyncio.get_running_loop(), {})
    if allow_private not in clients:
        clients[allow_private] = new_client(GuardedTransport(allow_private=allow_private))
    return clients[allow_private]


async def close_pools() -> None:
    """Close every pooled connection of the running event loop; the next call opens new ones."""
    for client in _POOLS.pop(asyncio.get_running_loop(), {}).values():
        await client.aclose()
