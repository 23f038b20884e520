"""A process that rolls up views, and dies after so many writes of buckets."""

import asyncio
import sys

from app.repositories.mongo import Mongo
from tests.chaos.dying import die_after
from tests.integration.episodes.metrics_house import MetricsHouse


async def roll_up(uri: str, database: str) -> None:
    await MetricsHouse(Mongo(uri, database)).rollups.run()


def main(uri: str, database: str, writes: str) -> None:
    die_after("episode_buckets", int(writes))
    asyncio.run(roll_up(uri, database))


if __name__ == "__main__":
    main(*sys.argv[1:])
