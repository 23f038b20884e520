"""Gives the database of a benchmark the memory that it would have by itself."""

from app.repositories.mongo import Mongo


async def take_default_cache(mongo: Mongo) -> None:
    """Half of the memory less a GiB, as mongod takes by default.

    The embedded server is modest, since a browser and an editor run beside it. What is measured over millions of
    rows, stored twice, is how a server copes that was given what it asks for.
    """
    host = await mongo.client.admin.command("hostInfo")
    gib = max(0.25, (host["system"]["memLimitMB"] / 1024 - 1) / 2)
    settings = f"cache_size={round(gib * 2**30)}"
    await mongo.client.admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=settings)
