"""The listening of the demo, on the way that events of players take, as if each day's had arrived on that day."""

import asyncio
from datetime import timedelta
from functools import partial

from app.cli.persistence import persistently
from app.container import Container
from app.demo.catalogue import DEMO_ARTIST_ID
from app.demo.listening import DemoBatch, demo_listening
from app.models.stats.periods import TimeRange
from app.services.stats.event_batches import read_events

_ALREADY = timedelta(days=14)
"""Events that arrive are a week old at most: where there are older ones, the demo was loaded before."""


# All of them at once wait longer for the database than anybody waits for an answer, on a machine with other work.
_AT_ONCE = 100


async def seed_demo_listening(house: Container) -> int:
    """Let the artist of the demo have some weeks of listeners, once; how many events were counted.

    Cut off, it leaves what is there, exact as everything, and is not begun again. Rolling up, which takes as long
    again, is left to the job; answers are right meanwhile.
    """
    now = house.clock.now()
    before = await house.stats.own_statistics.analyse(DEMO_ARTIST_ID, None, TimeRange.ALL)
    if before.start is not None and before.start < now - _ALREADY:
        return 0
    batches, counted = list(demo_listening(now, DEMO_ARTIST_ID)), 0
    for begin in range(0, len(batches), _AT_ONCE):
        counted += sum(await asyncio.gather(*(_take(house, one) for one in batches[begin : begin + _AT_ONCE])))
    return counted


async def _take(house: Container, batch: DemoBatch) -> int:
    who = batch.listener
    events, refused = read_events(batch.events, batch.arrived_at, who.user_id)
    sender = house.stats.senders.identify(who.user_id, None, who.user_agent, who.country)
    taken = await persistently(partial(house.stats.ingest.ingest, events, refused, sender, batch.arrived_at))
    # What was counted too late to be told is a duplicate when it is sent again.
    return taken.accepted + taken.duplicates
