"""How each provider is set up: an admin's settings over its policy's defaults."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock
from app.errors import FieldError, Invalid
from app.models.licensing.provider_setups import ProviderChange, StoredSetup
from app.models.licensing.providers import CacheTtl, ProviderName, ProviderPolicy, ProviderSetup, RateLimit
from app.services.licensing.access.credentials import CredentialVault
from app.services.licensing.access.public_addresses import address_fault

READ_EVERY = timedelta(seconds=1)

# While the database is away, what was known last goes on: without a database nobody can be called, and nobody can
# change anything, but answers that are kept can be given.
_READ_WITHIN_SECONDS = 0.5


class SetupStore(Protocol):
    """What admins have set; credentials are sealed."""

    async def all(self) -> Mapping[ProviderName, StoredSetup]:
        """What was set; without the providers for which nothing was."""
        ...

    async def change(self, name: ProviderName, change: ProviderChange, at: datetime, by: str) -> StoredSetup:
        """Set field by field, so that of two changes at once both stay."""
        ...

    async def reseal(self, name: ProviderName, credential: str, old: str, new: str) -> bool:
        """Replace a sealed credential, unless somebody has changed it since."""
        ...


class ProviderSetupService:
    """Set-ups as they are, at most `READ_EVERY` old while the database is there; a change made here is seen at once.

    Providers that need credentials are enabled, and configured as soon as those are set. The others are off until an
    admin enables them, so that nothing is called before somebody says so.
    """

    def __init__(
        self,
        store: SetupStore,
        policies: Mapping[ProviderName, ProviderPolicy],
        vault: CredentialVault,
        clock: Clock,
        *,
        private_allowed: bool,
    ) -> None:
        """`private_allowed` is whether a provider may be at a private address, or be spoken to without TLS."""
        self._store = store
        self._policies = policies
        self._vault = vault
        self._clock = clock
        self._private_allowed = private_allowed
        self._known: dict[ProviderName, ProviderSetup] = {}
        self._read_at: datetime | None = None
        self._reading: asyncio.Task[None] | None = None
        # A read that began before a change must not hide it.
        self._lock = asyncio.Lock()

    async def get(self, name: ProviderName) -> ProviderSetup:
        """The set-up of one; credentials in the clear.

        Raises:
            Unavailable: the database is away.
        """
        return (await self._current())[name]

    async def all(self) -> Sequence[ProviderSetup]:
        """All, in the order of `ProviderName`.

        Raises:
            Unavailable: the database is away.
        """
        known = await self._current()
        return [known[name] for name in ProviderName if name in known]

    async def change(self, name: ProviderName, change: ProviderChange, by: str) -> ProviderSetup:
        """Change what is named and leave the rest; `by` is the admin's user id.

        Raises:
            Invalid: an address that may not be called, or credentials that the provider does not have.
            Conflict: there is no key to seal credentials with.
            Unavailable: the database is away.
        """
        policy = self._policies[name]
        self.check(name, change)
        sealed = {
            credential: None if secret is None else self._vault.seal(_label(name, credential), secret)
            for credential, secret in change.credentials.items()
        }
        async with self._lock:
            stored = await self._store.change(name, replace(change, credentials=sealed), self._clock.now(), by)
            self._known[name] = self._to_setup(policy, stored)
            return self._known[name]

    def check(self, name: ProviderName, change: ProviderChange) -> None:
        """Come back when the change can be made.

        Raises:
            Invalid: an address that may not be called, or credentials that the provider does not have.
            Conflict: there is no key to seal credentials with.
        """
        faults = list(self._faults(self._policies[name], change))
        if faults:
            raise Invalid("The request is not valid", faults)
        if any(change.credentials.values()):
            self._vault.require_key()

    async def reseal(self) -> int:
        """Seal all credentials with the newest key; returns how many were not. Then older keys are needed no more.

        Raises:
            Unavailable: the database is away.
        """
        resealed = 0
        for name, stored in (await self._store.all()).items():
            for credential, sealed in stored.credentials.items():
                label = _label(name, credential)
                secret = None if self._vault.is_newest(sealed) else self._vault.open(label, sealed)
                if secret is not None:
                    resealed += await self._store.reseal(name, credential, sealed, self._vault.seal(label, secret))
        return resealed

    async def close(self) -> None:
        """Read no more."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    async def _current(self) -> Mapping[ProviderName, ProviderSetup]:
        if self._is_old():
            reading = self._read()
            # Whoever waits does so for one and the same read, and for no longer than it takes when all is well.
            await asyncio.wait({reading}, timeout=_READ_WITHIN_SECONDS if self._read_at else None)
            if self._read_at is None:
                reading.result()
        return self._known

    def _read(self) -> asyncio.Task[None]:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._learn(), name="provider-setups")
            self._reading.add_done_callback(_look_at)
        return self._reading

    async def _learn(self) -> None:
        async with self._lock:
            now, stored = self._clock.now(), await self._store.all()
            self._known = {
                name: self._to_setup(policy, stored.get(name, StoredSetup())) for name, policy in self._policies.items()
            }
            self._read_at = now

    def _is_old(self) -> bool:
        return self._read_at is None or not timedelta(0) <= self._clock.now() - self._read_at < READ_EVERY

    def _to_setup(self, policy: ProviderPolicy, stored: StoredSetup) -> ProviderSetup:
        return ProviderSetup(
            policy=policy,
            enabled=bool(policy.required_credentials) if stored.enabled is None else stored.enabled,
            base_url=stored.base_url or policy.base_url,
            credentials=dict(self._opened(policy.name, stored.credentials)),
            rate_limit=_rate_limit(policy.rate_limit, stored.rate_limit),
            cache_ttl=CacheTtl(**{kind.value: ttl for kind, ttl in stored.cache_ttl.items()}),
            version=stored.version,
            updated_at=stored.updated_at,
        )

    def _opened(self, name: ProviderName, sealed: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for credential, one in sealed.items():
            secret = self._vault.open(_label(name, credential), one)
            if secret is not None:
                yield credential, secret

    def _faults(self, policy: ProviderPolicy, change: ProviderChange) -> Iterator[FieldError]:
        if change.base_url:
            yield from self._address_faults("baseUrl", change.base_url)
        names = (*policy.required_credentials, *policy.optional_credentials)
        for credential, secret in change.credentials.items():
            if credential not in names:
                has = f"it has {', '.join(names)}" if names else "it has none"
                yield FieldError(f"credentials.{credential}", f"{policy.title} has no such credential; {has}")
            elif credential.endswith("Url") and secret is not None:
                yield from self._address_faults(f"credentials.{credential}", secret)

    def _address_faults(self, field: str, address: str) -> Iterator[FieldError]:
        fault = address_fault(address, private_allowed=self._private_allowed)
        if fault is not None:
            yield FieldError(field, fault)


_LIMITS: Mapping[str, Callable[[RateLimit, int | None], RateLimit]] = {
    "perMinute": lambda limit, calls: replace(limit, per_minute=calls),
    "perHour": lambda limit, calls: replace(limit, per_hour=calls),
    "perDay": lambda limit, calls: replace(limit, per_day=calls),
}


def _rate_limit(default: RateLimit, stored: Mapping[str, int | None]) -> RateLimit:
    for window, calls in stored.items():
        default = _LIMITS[window](default, calls)
    return default


def _label(name: ProviderName, credential: str) -> str:
    return f"{name.value}.{credential}"


def _look_at(task: asyncio.Task[None]) -> None:
    """Those who waited for it may have gone; an error that nobody looks at would be reported as a fault."""
    if not task.cancelled():
        task.exception()
