"""Posts to receivers over HTTP: once, without following anybody anywhere, and without caring what they answer."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import httpx

from app import __version__
from app.models.licensing.webhooks import Posted
from app.services.licensing.access.public_addresses import address_fault
from app.services.licensing.providers.outbound_guard import (
    PrivateAddress,
    Resolve,
    guarded_client,
    guarded_transport,
    resolve,
)

ATTEMPT_SECONDS = 10.0

# Read so that the receiver sees its answer taken and the connection can be used again; what is longer is cut off.
_MOST_ANSWER_BYTES = 4 * 1024
_ANSWER_SECONDS = 1.0
_REDIRECTS = range(300, 400)
_HEADERS = {"User-Agent": f"Playledger/{__version__}", "Accept-Encoding": "identity"}


class HttpReceivers:
    """One client for all receivers, which connects to addresses of the public internet only, unless told otherwise."""

    def __init__(self, *, private_allowed: bool, resolve: Resolve = resolve, seconds: float = ATTEMPT_SECONDS) -> None:
        """`seconds` bounds an attempt as a whole."""
        self._private_allowed = private_allowed
        self._resolve = resolve
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        """Send it once; what goes wrong is told in words of ours, and nothing of what the receiver wrote."""
        # Again at each attempt: what was allowed when it was set need not be any more.
        fault = address_fault(url, private_allowed=self._private_allowed, plain=False)
        if fault is not None:
            return Posted(None, f"the address {fault}")
        try:
            async with asyncio.timeout(self._seconds):
                return await self._post(url, headers, body)
        except (TimeoutError, httpx.TimeoutException):
            return Posted(None, "no answer in time")
        except httpx.ConnectError as error:
            is_private = isinstance(error.__cause__, PrivateAddress)
            return Posted(None, "the address leads to a private one" if is_private else "no connection")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            return Posted(None, "the connection broke off, or what came back is not HTTP")

    async def close(self) -> None:
        """Let go of all connections."""
        if self._client is not None:
            await self._client.aclose()

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted:
        sent = {**_HEADERS, **headers}
        async with self._connected().stream("POST", url, headers=sent, content=body) as answer:
            await _read_a_little(answer)
            status = answer.status_code
        if status in _REDIRECTS:
            return Posted(status, "redirects are not followed")
        return Posted(status, None if answer.is_success else f"answered {status}")

    def _connected(self) -> httpx.AsyncClient:
        """Made when it is first needed: reading the trusted certificates takes 20 ms."""
        if self._client is None:
            tls = httpx.create_ssl_context(trust_env=False)
            transport = guarded_transport(tls, private_allowed=self._private_allowed, resolve=self._resolve)
            self._client = guarded_client(transport, self._seconds)
        return self._client


async def _read_a_little(answer: httpx.Response) -> None:
    """The status has told all; what becomes of the rest changes nothing."""
    size = 0
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(_ANSWER_SECONDS):
            async for chunk in answer.aiter_raw():
                size += len(chunk)
                if size > _MOST_ANSWER_BYTES:
                    return
