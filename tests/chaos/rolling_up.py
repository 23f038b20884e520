"""A process that rolls up what is marked, or goes on with a backfill, and dies after so many writes to a collection."""

import asyncio
import sys

from app.repositories.mongo import Mongo
from tests.chaos.dying import die_after
from tests.integration.stats.rollup_house import house


async def roll_up(uri: str, database: str, what: str) -> None:
    at_house = house(Mongo(uri, database))
    if what == "marks":
        await at_house.rollups.run()
    else:
        await at_house.backfills.advance()
        await at_house.backfills.idle()


def main(uri: str, database: str, what: str, collection: str, writes: str) -> None:
    die_after(collection, int(writes))
    asyncio.run(roll_up(uri, database, what))


if __name__ == "__main__":
    main(*sys.argv[1:])
