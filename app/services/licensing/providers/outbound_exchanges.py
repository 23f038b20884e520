"""One exchange with a provider: a request, and the whole of its answer or a failure in our own words."""

import asyncio
import ssl

import httpx

from app import __version__
from app.models.licensing.provider_calls import CallFault
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.services.licensing.ports import Call, Reply
from app.services.licensing.providers.outbound_failures import CallFailed, failed_without_answer
from app.services.licensing.providers.outbound_guard import Resolve, guarded_client, guarded_transport, resolve
from app.services.licensing.providers.outbound_reading import ACCEPT_ENCODING, TooLarge, Unreadable, read_body

CALL_SECONDS = 10.0

_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": ACCEPT_ENCODING,
    "User-Agent": f"Playledger/{__version__}",
}


class Exchanges:
    """One client for each provider, with connections of its own, so that a slow one takes none from the others."""

    def __init__(self, *, private_allowed: bool, resolve: Resolve = resolve, seconds: float = CALL_SECONDS) -> None:
        """`seconds` bounds an exchange as a whole, however slowly an answer drips in."""
        self._private_allowed = private_allowed
        self._resolve = resolve
        self._seconds = seconds
        self._clients: dict[ProviderName, httpx.AsyncClient] = {}
        self._tls: ssl.SSLContext | None = None

    async def make(self, setup: ProviderSetup, call: Call, url: httpx.URL, within: float) -> Reply:
        """The answer, whatever its status; `within` may shorten the time.

        Raises:
            CallFailed: there is none, or not all of one.
        """
        try:
            async with asyncio.timeout(min(self._seconds, within)):
                return await self._answer(self._client(setup.name), call, url)
        except TooLarge:
            raise CallFailed(setup, CallFault.TOO_LARGE) from None
        except Unreadable:
            raise CallFailed(setup, CallFault.BROKEN) from None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            # Without its cause, which may hold the address with its credentials.
            raise failed_without_answer(setup, error) from None

    async def close(self) -> None:
        """End all connections."""
        clients, self._clients = self._clients, {}
        await asyncio.gather(*(client.aclose() for client in clients.values()))

    async def _answer(self, client: httpx.AsyncClient, call: Call, url: httpx.URL) -> Reply:
        headers = {**_HEADERS, **(call.headers or {})}
        async with client.stream(call.method, url, headers=headers, data=call.form, json=call.json) as answer:
            return Reply(answer.status_code, answer.headers, await read_body(answer))

    def _client(self, name: ProviderName) -> httpx.AsyncClient:
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        if name not in self._clients:
            transport = guarded_transport(self._tls, private_allowed=self._private_allowed, resolve=self._resolve)
            self._clients[name] = guarded_client(transport, self._seconds)
        return self._clients[name]
