"""`kill -9` of a process that has a delivery in hand: another one delivers it, under the same id."""

import asyncio
import sys
from pathlib import Path

from app.models.licensing.webhooks import DeliveryState
from app.repositories.mongo import Mongo
from app.services.licensing.webhooks.dispatcher import LEASE
from tests.conftest import DATABASE
from tests.licensing.receiver import HANGS, answer, receiving
from tests.licensing.webhook_house import KEY, webhook_house

ROOT = Path(__file__).parents[3]


async def test_what_a_killed_process_had_in_hand_is_delivered_under_the_same_id(mongo: Mongo, mongod: str) -> None:
    house = webhook_house(mongo)
    async with receiving() as receiver:
        receiver.answers["/hook"] = [HANGS, answer(200)]
        subscription, secret = await house.subscribe(receiver.url())
        command = ("-m", "tests.chaos.licensing.delivering", mongod, DATABASE, KEY)
        process = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=ROOT)
        try:
            await asyncio.wait_for(receiver.came.wait(), 30)
        finally:
            process.kill()
            await process.wait()
        (taken,) = await house.deliveries(subscription)
        assert (taken.state, taken.attempts) == (DeliveryState.QUEUED, 1)
        house.clock.time = taken.due_at
        assert house.clock.time >= taken.created_at + LEASE
        await house.events.publish("sync.completed", {"jobId": "1"}, key="sync-1")
        await house.until_idle()
        first, second = receiver.heard
        assert first.delivery == second.delivery == taken.id
        assert first.body == second.body
        second.require_signed(secret, house.clock.now())
        (done,) = await house.deliveries(subscription)
        assert (done.state, done.attempts) == (DeliveryState.DELIVERED, 2)
    await house.close()
