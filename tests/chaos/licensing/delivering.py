"""A process that publishes an event and begins to deliver it; it is killed before it is done."""

import asyncio
import sys

from app.repositories.mongo import Mongo
from tests.licensing.webhook_house import webhook_house


async def deliver(uri: str, database: str, key: str) -> None:
    house = webhook_house(Mongo(uri, database), seconds=30, key=key)
    await house.events.publish("sync.completed", {"jobId": "1"}, key="sync-1")
    await house.dispatcher.idle()


if __name__ == "__main__":
    asyncio.run(deliver(*sys.argv[1:]))
