"""A process that rolls up views until it is done or killed."""

import asyncio
import sys

from app.repositories.mongo import Mongo
from tests.integration.episodes.metrics_house import MetricsHouse


async def roll_up(uri: str, database: str) -> None:
    await MetricsHouse(Mongo(uri, database)).rollups.run()


if __name__ == "__main__":
    asyncio.run(roll_up(*sys.argv[1:]))
