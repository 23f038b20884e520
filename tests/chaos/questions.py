"""An admin who asks for statistics without end, and remembers how each question was answered."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from app.models.identity import Role
from tests.serving import bearer

ANALYTICS = "/api/stats/analytics"
QUESTIONS = tuple(
    (path, {"timeRange": time_range} | of)
    for path in (ANALYTICS, f"{ANALYTICS}/timeseries")
    for time_range in ("7d", "1y")
    for of in ({}, {"bots": "include"}, {"trackId": "track-1"}, {"artistId": "artist-1"})
)


@dataclass
class Questions:
    """Two at a time, until the block ends; 0 is a connection that broke off."""

    address: str
    pause: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    unexpected: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def asked(self) -> AsyncIterator[None]:
        """They are asked meanwhile."""
        headers = bearer("admin", Role.ADMIN)
        async with httpx.AsyncClient(base_url=self.address, headers=headers, timeout=30) as api:
            asking = [asyncio.create_task(self._ask(api, start)) for start in (0, len(QUESTIONS) // 2)]
            try:
                yield
                assert not any(task.done() for task in asking)
            finally:
                for task in asking:
                    task.cancel()
                await asyncio.gather(*asking, return_exceptions=True)

    async def _ask(self, api: httpx.AsyncClient, start: int) -> None:
        for path, query in itertools.islice(itertools.cycle(QUESTIONS), start, None):
            began = asyncio.get_running_loop().time()
            try:
                answer = await api.get(path, params=query)
            except httpx.TransportError:
                self.statuses[0] += 1
            else:
                self.statuses[answer.status_code] += 1
                if answer.status_code not in {200, 503}:
                    self.unexpected.append(answer.text)
            self.slowest = max(self.slowest, asyncio.get_running_loop().time() - began)
            await asyncio.sleep(self.pause)
