"""A process that rolls up what is marked, or goes on with a backfill, until it is done or killed."""

import asyncio
import sys

from app.repositories.mongo import Mongo
from tests.integration.stats.rollup_house import house


async def roll_up(uri: str, database: str, what: str) -> None:
    at_house = house(Mongo(uri, database))
    if what == "marks":
        await at_house.rollups.run()
    else:
        await at_house.backfills.advance()
        await at_house.backfills.idle()


if __name__ == "__main__":
    asyncio.run(roll_up(*sys.argv[1:]))
