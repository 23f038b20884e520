"""Keys that an issuer publishes and rotates (JWKS), kept at hand so that a request hardly ever waits for the issuer."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from cachetools import TTLCache

from app.clock import Clock
from app.errors import Unavailable
from app.metrics import JWKS_FETCHES
from app.services.identity.key_ring import KeyRing
from app.services.identity.keys import VerificationKey

log = structlog.get_logger(__name__)


class JwksFetcher(Protocol):
    """Gets the issuer's JWKS document; may raise anything, which counts as a failed fetch."""

    async def __call__(self) -> bytes:
        """The document as sent."""
        ...


@dataclass(frozen=True, slots=True)
class JwksTiming:
    """How fresh the keys are kept."""

    refresh_after: timedelta = timedelta(minutes=10)
    """Older keys still serve, while newer ones are fetched beside the requests."""
    trust_for: timedelta = timedelta(hours=24)
    """Keys that could not be refreshed for so long are not believed any more."""
    between_fetches: timedelta = timedelta(seconds=30)
    """What a stream of invented kids can cost the issuer: one fetch in this time."""
    between_attempts_without_keys: timedelta = timedelta(seconds=5)
    absent_for: timedelta = timedelta(minutes=2)
    """How long a kid that a fresh document lacks is taken for non-existent."""
    deadline: timedelta = timedelta(seconds=5)
    """The longest that a fetch takes, and so the longest that a request waits here."""


_TIMING = JwksTiming()
_MAX_ABSENT = 1000


class JwksKeys:
    """A key source over a JWKS.

    At most one fetch is in flight, however many requests want one; a request that goes away while it waits leaves the
    fetch to the others. A key that the issuer withdrew is refused from the next fetch on.
    """

    def __init__(
        self, fetch: JwksFetcher, clock: Clock, algorithms: Collection[str], timing: JwksTiming = _TIMING
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._algorithms = frozenset(algorithms)
        self._timing = timing
        self._ring: KeyRing | None = None
        self._attempted_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._absent: TTLCache[str, None] = TTLCache(
            _MAX_ABSENT, timing.absent_for.total_seconds(), timer=lambda: clock.now().timestamp()
        )

    async def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:
        """The key named `kid`, or the only one for a token that names none.

        Raises:
            Unavailable: no document could be had for 24 hours, or ever.
        """
        if algorithm not in self._algorithms:
            return None
        ring = await self._usable_ring()
        key = ring.find(kid)
        if key is not None or kid is None or kid in self._absent:
            return key
        return await self._find_in_newer(ring, kid)

    async def aclose(self) -> None:
        """Stop a fetch that is in flight."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])

    async def _usable_ring(self) -> KeyRing:
        ring = self._trusted_ring()
        if ring is None:
            await self._refetch(self._timing.between_attempts_without_keys)
            ring = self._trusted_ring()
        elif self._clock.now() - ring.fetched_at >= self._timing.refresh_after:
            self._start_fetch(self._timing.between_fetches)
        if ring is None:
            raise Unavailable("The keys that tokens are checked with cannot be had at present", self._next_attempt_in())
        return ring

    def _trusted_ring(self) -> KeyRing | None:
        ring = self._ring
        if ring is None or self._clock.now() - ring.fetched_at >= self._timing.trust_for:
            return None
        return ring

    def _next_attempt_in(self) -> timedelta:
        waited = self._clock.now() - (self._attempted_at or self._clock.now())
        return self._timing.between_attempts_without_keys - waited

    async def _find_in_newer(self, known: KeyRing, kid: str) -> VerificationKey | None:
        await self._refetch(self._timing.between_fetches)
        ring = self._ring
        if ring is None or ring is known:
            return None
        key = ring.find(kid)
        if key is None:
            self._absent[kid] = None
        return key

    async def _refetch(self, interval: timedelta) -> None:
        fetching = self._start_fetch(interval)
        if fetching is not None:
            await asyncio.wait([fetching])  # unlike `await`, it leaves the fetch alone when the waiter is cancelled

    def _start_fetch(self, interval: timedelta) -> asyncio.Task[None] | None:
        if self._fetching is not None and not self._fetching.done():
            return self._fetching
        now = self._clock.now()
        if self._attempted_at is not None and now - self._attempted_at < interval:
            return None
        self._attempted_at = now
        self._fetching = asyncio.create_task(self._replace_ring(), name="jwks-fetch")
        return self._fetching

    async def _replace_ring(self) -> None:
        try:
            async with asyncio.timeout(self._timing.deadline.total_seconds()):
                document = await self._fetch()
            self._ring = KeyRing.parse(document, self._algorithms, self._clock.now())
        except Exception as error:  # noqa: BLE001 - whatever went wrong, the keys at hand stay
            JWKS_FETCHES.labels("failed").inc()
            log.warning("jwks_fetch_failed", error_type=type(error).__name__, reason=str(error))
        else:
            JWKS_FETCHES.labels("done").inc()
