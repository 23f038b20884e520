"""Gives the database of a benchmark what it would take by itself."""

from app.repositories.mongo import Mongo

_CHECKPOINT_SECONDS = 60


async def take_defaults(mongo: Mongo) -> None:
    """Half of the memory less a GiB, and a checkpoint every minute, as mongod takes by default.

    The embedded server is modest, since a browser and an editor run beside it, and writes checkpoints more often to
    need less of the disk. What is measured over millions of rows is how a server copes that was given what it asks for.
    """
    host = await mongo.client.admin.command("hostInfo")
    gib = max(0.25, (host["system"]["memLimitMB"] / 1024 - 1) / 2)
    settings = f"cache_size={round(gib * 2**30)}"
    await mongo.client.admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=settings)
    await mongo.client.admin.command("setParameter", 1, syncdelay=_CHECKPOINT_SECONDS)
