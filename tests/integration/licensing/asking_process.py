"""A process that asks one question many times at once, when it is told to, and says how often the provider was called.

Writes "ready", reads a line, asks, and writes one line of JSON.
"""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.search_pages import SearchRequest
from app.repositories.mongo import Mongo
from tests.licensing.cache_house import UNHURRIED, CacheHouse, SetClock
from tests.licensing.fake_provider import FakeProvider, policy, track

REQUEST = SearchRequest(SearchFilter(query="track"), ProviderName.SOUNDSTRIPE, limit=5)


@dataclass
class SlowProvider(FakeProvider):
    """Takes a while, so that all who ask do so while it does."""

    seconds: float = 0.5

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        found = await super().search(setup, wanted, page)
        await asyncio.sleep(self.seconds)
        return found


async def main(uri: str, database: str, searches: int, seconds: float, claim: float) -> None:
    mongo = Mongo(uri, database)
    await mongo.ping()
    asked = SlowProvider(policy(), [track(number) for number in range(50)], seconds=seconds)
    timing = replace(UNHURRIED, claim=timedelta(seconds=claim))
    house = CacheHouse(mongo, SetClock(), {ProviderName.SOUNDSTRIPE: asked}, timing=timing, patience=timing.patience)
    await say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    found = await asyncio.gather(*(house.search.search(REQUEST) for _ in range(searches)))
    await house.cache.close()
    mongo.close()
    sources = Counter(one.answer.source.value for one in found)
    await say(json.dumps({"calls": len(asked.calls), "sources": sources}))


async def say(line: str) -> None:
    await asyncio.to_thread(sys.stdout.write, line + "\n")
    await asyncio.to_thread(sys.stdout.flush)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5])))
