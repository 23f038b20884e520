"""A process that works off the syncs that wait, until they are done, or it dies so long after so many steps."""

import asyncio
import sys

from app.clock import SystemClock
from app.container import Container
from app.models.songs import SongCounts
from app.repositories.mongo import Mongo
from app.services.identity.factory import build_verifier
from app.services.identity.secrets import token_secret
from tests.chaos.dying import die_after
from tests.serving import settings_for

SECRETS_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Nobody:
    """The publisher of a process that no listener is connected to."""

    def publish(self, counts: SongCounts) -> None:
        """Nobody hears it."""


def container(uri: str, database: str) -> Container:
    """All services, as a serving process has them."""
    settings = settings_for(uri, database, provider_secrets_key=SECRETS_KEY)
    clock = SystemClock()
    verifier = build_verifier(settings, clock, token_secret(settings))
    return Container(settings, Mongo(uri, database), verifier, Nobody(), clock)


async def work_off(uri: str, database: str) -> None:
    house = container(uri, database)
    await house.licensing.syncs.resume()
    await house.licensing.syncs.idle()
    await house.close()


def main(uri: str, database: str, steps: str = "", seconds: str = "") -> None:
    if steps:
        # To begin is noted as well.
        die_after("sync_jobs", 1 + int(steps), float(seconds))
    asyncio.run(work_off(uri, database))


if __name__ == "__main__":
    main(*sys.argv[1:])
