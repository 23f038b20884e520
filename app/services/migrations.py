"""Brings stored data to the shape that this version expects, once, whoever starts first."""

import asyncio
import hashlib
import importlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from app.clock import Clock
from app.errors import Unavailable
from app.models.migrations import AppliedMigration, MigrationState

LEASE = "migrations"
LEASE_LIFETIME = timedelta(seconds=10)
_POLL_SECONDS = 0.2


class MigrationStore(Protocol):
    """Where migrations are recorded, and the database that they change."""

    db: Any

    async def applied(self) -> list[AppliedMigration]:
        """What was applied, oldest first."""
        ...

    async def add(self, name: str, checksum: str, at: datetime) -> None:
        """Record that a migration was applied."""
        ...

    async def remove(self, name: str) -> None:
        """Record that a migration was taken back."""
        ...


class Leases(Protocol):
    """Lets one process at a time through."""

    async def acquire(self, name: str, owner: str, lifetime: timedelta) -> bool:
        """Take or keep the lease."""
        ...

    async def release(self, name: str, owner: str) -> None:
        """Give it back."""
        ...


class MigrationChanged(Exception):
    """A migration that was applied has another text now; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One change of stored data."""

    name: str
    checksum: str
    up: Callable[[Any], Awaitable[None]]
    down: Callable[[Any], Awaitable[None]]


def find_migrations(package: str = "migrations") -> list[Migration]:
    """All migrations of the package, in the order in which they are applied."""
    module = importlib.import_module(package)
    folder = Path(str(module.__file__)).parent
    return [_load(package, path) for path in sorted(folder.glob("m[0-9]*_*.py"))]


def _load(package: str, path: Path) -> Migration:
    module = importlib.import_module(f"{package}.{path.stem}")
    return Migration(path.stem, hashlib.sha256(path.read_bytes()).hexdigest(), module.up, module.down)


class MigrationService:
    """Applies, takes back and lists migrations."""

    def __init__(self, store: MigrationStore, leases: Leases, clock: Clock, migrations: Sequence[Migration]) -> None:
        self._store = store
        self._leases = leases
        self._clock = clock
        self._migrations = migrations

    async def status(self) -> list[MigrationState]:
        """Every migration that this version knows, oldest first.

        Raises:
            Unavailable: the database is away.
        """
        applied = {row.name: row for row in await self._store.applied()}
        return [_state(migration, applied.get(migration.name)) for migration in self._migrations]

    async def up(self) -> list[str]:
        """Apply what is pending and return the names; waits while another process does the same.

        Raises:
            MigrationChanged: the text of an applied migration has changed; nothing was done.
            Unavailable: the database is away.
        """
        if not _pending(await self.status()):
            return []
        async with self._lease():
            pending = {state.name for state in _pending(await self.status())}
            for migration in self._migrations:
                if migration.name in pending:
                    await migration.up(self._store.db)
                    await self._store.add(migration.name, migration.checksum, self._clock.now())
        return sorted(pending)

    async def down(self, steps: int = 1) -> list[str]:
        """Take back the last `steps` migrations and return their names.

        Raises:
            Unavailable: the database is away.
        """
        async with self._lease():
            applied = {row.name for row in await self._store.applied()}
            last = [migration for migration in reversed(self._migrations) if migration.name in applied][:steps]
            for migration in last:
                await migration.down(self._store.db)
                await self._store.remove(migration.name)
        return [migration.name for migration in last]

    @asynccontextmanager
    async def _lease(self) -> AsyncIterator[None]:
        owner = uuid.uuid4().hex
        while not await self._leases.acquire(LEASE, owner, LEASE_LIFETIME):  # noqa: ASYNC110 - no event crosses processes
            await asyncio.sleep(_POLL_SECONDS)
        renewal = asyncio.create_task(self._renew(owner), name="migration-lease")
        try:
            yield
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)
            await self._leases.release(LEASE, owner)

    async def _renew(self, owner: str) -> None:
        while True:
            await asyncio.sleep(LEASE_LIFETIME.total_seconds() / 3)
            with suppress(Unavailable):
                await self._leases.acquire(LEASE, owner, LEASE_LIFETIME)


def _state(migration: Migration, applied: AppliedMigration | None) -> MigrationState:
    if applied is None:
        return MigrationState(migration.name, None, is_changed=False)
    return MigrationState(migration.name, applied.applied_at, applied.checksum != migration.checksum)


def _pending(states: Sequence[MigrationState]) -> list[MigrationState]:
    changed = [state.name for state in states if state.is_changed]
    if changed:
        raise MigrationChanged(
            f"{', '.join(changed)} was applied with another text than it has now. Applied migrations are history: "
            "restore the file, and put the change into a new migration."
        )
    return [state for state in states if state.is_pending]
