"""One archiver at a time, among all processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from uuid import uuid4

from app.errors import Conflict, Unavailable
from app.services.stats.archive_ports import Leases

LEASE = "archive"
LIFETIME = timedelta(seconds=60)


@asynccontextmanager
async def archiving_alone(leases: Leases) -> AsyncIterator[None]:
    """Hold the lease within this block. It only spares double work: a part moves on from the state that is known.

    Raises:
        Conflict: another process holds it.
        Unavailable: the database is away.
    """
    owner = uuid4().hex
    if not await leases.acquire(LEASE, owner, LIFETIME):
        raise Conflict("Another process is archiving, please try again later")
    renewal = asyncio.create_task(_renew(leases, owner), name="archive-lease")
    try:
        yield
    finally:
        renewal.cancel()
        await asyncio.gather(renewal, return_exceptions=True)
        with suppress(Unavailable):
            await leases.release(LEASE, owner)


async def _renew(leases: Leases, owner: str) -> None:
    while True:
        await asyncio.sleep(LIFETIME.total_seconds() / 3)
        with suppress(Unavailable):
            await leases.acquire(LEASE, owner, LIFETIME)
