"""How long this process was kept from running: seconds that nobody who answers it, or in it, is to blame for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_EVERY_SECONDS = 0.05


class Stalls:
    """Sleeps for moments, and adds up by how much it wakes too late."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._late = 0.0
        self._due = self._loop.time()

    @property
    def seconds(self) -> float:
        """In all, and to this moment: what came meanwhile may be looked at before the sleeper has woken."""
        return self._late + max(0.0, self._loop.time() - self._due)

    async def watch(self) -> None:
        """Without end."""
        while True:
            self._due = self._loop.time() + _EVERY_SECONDS
            await asyncio.sleep(_EVERY_SECONDS)
            self._late += max(0.0, self._loop.time() - self._due)


@asynccontextmanager
async def stalls_noted() -> AsyncIterator[Stalls]:
    """They are noted meanwhile."""
    stalls = Stalls()
    watching = asyncio.create_task(stalls.watch())
    # It looks at the clock once before anything else happens.
    await asyncio.sleep(0)
    try:
        yield stalls
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
