"""Connects to public addresses only: the very address that was checked is the one that is connected to."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address

import httpcore
import httpx

from app.services.licensing.access.public_addresses import is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]

CONNECT_SECONDS = 3.0
CONNECTIONS = 20
"""To one provider, from one process."""


class PrivateAddress(httpcore.ConnectError):
    """A host leads to an address that is not of the public internet; nothing was sent.

    The client shows it as the cause of its own `ConnectError`.
    """


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as the system knows them.

    Raises:
        OSError: there are none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """A name is looked up once for each connection, so it cannot lead elsewhere between the check and the connection.

    One private address among several is enough to refuse: no provider's name leads to both.
    """

    def __init__(self, resolve: Resolve = resolve, network: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the base
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers.

        Raises:
            PrivateAddress: one of them is not public.
            httpcore.ConnectError: none answers.
            httpcore.ConnectTimeout: none answers in time.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._connect(host, port, local_address, socket_options)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None

    async def _connect(
        self, host: str, port: int, local_address: str | None, socket_options: Iterable[SocketOption] | None
    ) -> httpcore.AsyncNetworkStream:
        failure = httpcore.ConnectError("The name has no address")
        for address in await self._public_addresses(host, port):
            try:
                return await self._network.connect_tcp(
                    address, port, local_address=local_address, socket_options=socket_options
                )
            except httpcore.ConnectError as error:
                failure = error
        raise failure

    async def _public_addresses(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        if not all(is_public(ip_address(address)) for address in addresses):
            raise PrivateAddress
        return addresses


class _PublicTransport(httpx.AsyncHTTPTransport):
    """The client's own transport over another network, for which it has no argument."""

    def __init__(self, tls: ssl.SSLContext, limits: httpx.Limits, network: httpcore.AsyncNetworkBackend) -> None:
        super().__init__(verify=tls, limits=limits, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=network,
        )


def guarded_transport(
    tls: ssl.SSLContext, *, private_allowed: bool, connections: int = CONNECTIONS, resolve: Resolve = resolve
) -> httpx.AsyncHTTPTransport:
    """What connects to public addresses only, unless private ones are allowed."""
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections // 2)
    if private_allowed:
        return httpx.AsyncHTTPTransport(verify=tls, limits=limits, trust_env=False)
    return _PublicTransport(tls, limits, PublicNetwork(resolve))


def guarded_client(transport: httpx.AsyncBaseTransport, seconds: float) -> httpx.AsyncClient:
    """A client that follows no redirect, keeps no cookie, and asks no proxy, which would look names up by itself."""
    return httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
