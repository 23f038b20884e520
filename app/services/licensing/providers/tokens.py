"""Keeps the access token of an OAuth2 client-credentials grant, one fetch for all who wait."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from app.models.licensing.providers import ProviderPolicy, ProviderSetup
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call, Outbound, Reply
from app.services.licensing.providers.answers import read
from app.services.licensing.providers.asking import UNAUTHORIZED
from app.services.licensing.providers.fields import AsSent, Number, Wire

Monotonic = Callable[[], float]
"""Seconds of a clock that never goes back."""

_SENDABLE = re.compile(r"[\x21-\x7e]{1,8192}")
_MARGIN_SECONDS = 60.0
_MARGIN_SHARE = 0.1
_LEAST_SAID_SECONDS = 60.0
"""What is believed of a token whose life is not said."""


class _TokenAnswer(Wire):
    access_token: AsSent = None
    expires_in: Number = None


@dataclass(frozen=True, slots=True)
class _Held:
    grant: Call = field(repr=False)
    token: str = field(repr=False)
    until: float


class Tokens:
    """Tokens of one provider, in memory; renewed a minute (or a tenth of their life) before they expire."""

    def __init__(self, outbound: Outbound, policy: ProviderPolicy, monotonic: Monotonic = time.monotonic) -> None:
        self._outbound = outbound
        self._policy = policy
        self._monotonic = monotonic
        self._held: _Held | None = None
        self._fetches: dict[str, asyncio.Task[str]] = {}

    async def send(
        self,
        setup: ProviderSetup,
        grant: Call,
        call: Call,
        *,
        background: bool = False,
        is_refused: Callable[[Reply], bool] = lambda _: True,
    ) -> Reply:
        """Make the call with a token; once more with a new one when the answer is 401, and `is_refused` agrees.

        Raises:
            QuotaExceeded: see `Outbound`.
            ProviderFailed: see `Outbound`; also when there is no token to be had.
        """
        token = await self._token(setup, grant)
        reply = await self._outbound.send(setup, _bearing(call, token), background=background)
        if reply.status != UNAUTHORIZED or not is_refused(reply):
            return reply
        self._forget(token)
        token = await self._token(setup, grant)
        return await self._outbound.send(setup, _bearing(call, token), background=background)

    async def _token(self, setup: ProviderSetup, grant: Call) -> str:
        held = self._held
        if held is not None and held.grant == grant and self._monotonic() < held.until:
            return held.token
        key = repr(grant)
        fetch = self._fetches.get(key)
        if fetch is None:
            fetch = self._fetches[key] = asyncio.create_task(self._fetch(setup, grant))
            fetch.add_done_callback(lambda done: self._fetched(key, done))
        # Shielded: whoever began may be cancelled while others wait.
        return await asyncio.shield(fetch)

    async def _fetch(self, setup: ProviderSetup, grant: Call) -> str:
        asked_at = self._monotonic()
        answer = read(self._policy, await self._outbound.send(setup, grant), _TokenAnswer)
        token = answer.access_token or ""
        if _SENDABLE.fullmatch(token) is None:
            raise ProviderFailed(self._policy.name, f"{self._policy.title} sent a token that cannot be used")
        self._held = _Held(grant, token, asked_at + _lifetime(answer.expires_in))
        return token

    def _fetched(self, key: str, fetch: asyncio.Task[str]) -> None:
        self._fetches.pop(key, None)
        if not fetch.cancelled():
            fetch.exception()  # seen, also when nobody waits any more

    def _forget(self, token: str) -> None:
        # Another call may have renewed it already.
        if self._held is not None and self._held.token == token:
            self._held = None


def _lifetime(said: float | None) -> float:
    seconds = said if said is not None and said > 0 else _LEAST_SAID_SECONDS
    return seconds - min(_MARGIN_SECONDS, seconds * _MARGIN_SHARE)


def _bearing(call: Call, token: str) -> Call:
    return replace(
        call,
        headers={**(call.headers or {}), "Authorization": f"Bearer {token}"},
        accepts=call.accepts | {UNAUTHORIZED},
    )
