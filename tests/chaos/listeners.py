"""A crowd that listens, remembers what was acknowledged, and comes back when it was not."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import aiohttp

from tests.serving import token
from tests.waiting import eventually

SONGS = "/api/audio/copyright-free"


@dataclass
class Crowd:
    """Users who each view every song once, in the order of the numbers, until told to stop."""

    address: str
    songs: list[str]
    width: int = 24
    name: str = "user"
    acknowledged: set[tuple[str, str]] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    stopping: bool = False
    _next: int = 0

    async def listen(self) -> None:
        """Send until stopped; a call that failed is sent again by its user, as an app would."""
        timeout = aiohttp.ClientTimeout(total=30)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            await asyncio.gather(*(self._listener(session) for _ in range(self.width)))

    async def _listener(self, session: aiohttp.ClientSession) -> None:
        while not self.stopping:
            number, self._next = self._next, self._next + 1
            user, song = f"{self.name}-{number // len(self.songs)}", self.songs[number % len(self.songs)]
            while not await self._view(session, user, song) and not self.stopping:
                await asyncio.sleep(0.2)

    async def progress(self, views: int = 100) -> None:
        """Wait until so many more are acknowledged; more than could have been on their way before."""
        enough = len(self.acknowledged) + max(views, 2 * self.width)
        await eventually(lambda: len(self.acknowledged) > enough)

    async def _view(self, session: aiohttp.ClientSession, user: str, song: str) -> bool:
        headers = {"Authorization": f"Bearer {token(user)}"}
        began = asyncio.get_running_loop().time()
        try:
            async with session.post(f"{self.address}{SONGS}/{song}/view", headers=headers) as answer:
                content = await answer.json()
                self.statuses[answer.status] += 1
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.statuses[0] += 1
            return False
        finally:
            self.slowest = max(self.slowest, asyncio.get_running_loop().time() - began)
        if answer.status == 200 and content["data"]["hasViewed"]:
            self.acknowledged.add((user, song))
            return True
        return False
