"""Leases: one holder at a time, by the server's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.repositories.leases import LeaseRepository
from app.repositories.mongo import Mongo

LONG = timedelta(minutes=1)


@pytest.fixture
def leases(mongo: Mongo) -> LeaseRepository:
    return LeaseRepository(mongo)


async def expires_at(mongo: Mongo, name: str = "work") -> datetime:
    lease = await mongo.db["leases"].find_one({"_id": name})
    return lease["expiresAt"]


async def let_it_expire(mongo: Mongo, name: str = "work") -> None:
    """The holder was killed, and its time is over."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    await mongo.db["leases"].update_one({"_id": name}, {"$set": {"expiresAt": past}})


async def test_one_of_twenty_contenders_gets_it(leases: LeaseRepository) -> None:
    async with asyncio.timeout(10):
        taken = await asyncio.gather(*(leases.acquire("work", f"owner-{number}", LONG) for number in range(20)))
    assert sum(taken) == 1


async def test_leases_of_different_names_do_not_meet(leases: LeaseRepository) -> None:
    assert await leases.acquire("work", "ann", LONG)
    assert await leases.acquire("other work", "bob", LONG)


async def test_the_holder_renews_it(leases: LeaseRepository, mongo: Mongo) -> None:
    assert await leases.acquire("work", "ann", timedelta(seconds=1))
    first = await expires_at(mongo)
    assert await leases.acquire("work", "ann", LONG)
    assert await expires_at(mongo) - first > timedelta(seconds=50)


async def test_a_contender_does_not_move_its_end(leases: LeaseRepository, mongo: Mongo) -> None:
    assert await leases.acquire("work", "ann", LONG)
    first = await expires_at(mongo)
    assert not await leases.acquire("work", "bob", timedelta(hours=1))
    assert await expires_at(mongo) == first


async def test_it_lasts_its_lifetime_by_the_clock_of_the_server(leases: LeaseRepository, mongo: Mongo) -> None:
    hello = await mongo.client.admin.command("hello")
    now = hello["localTime"].replace(tzinfo=UTC)
    assert await leases.acquire("work", "ann", LONG)
    assert timedelta(0) <= await expires_at(mongo) - now - LONG < timedelta(seconds=5)


async def test_the_lease_of_a_killed_holder_ends(leases: LeaseRepository, mongo: Mongo) -> None:
    assert await leases.acquire("work", "ann", LONG)
    await let_it_expire(mongo)
    taken = await asyncio.gather(*(leases.acquire("work", f"heir-{number}", LONG) for number in range(20)))
    assert sum(taken) == 1
    assert not await leases.acquire("work", "ann", LONG)


async def test_what_is_given_back_is_free(leases: LeaseRepository) -> None:
    assert await leases.acquire("work", "ann", LONG)
    await leases.release("work", "ann")
    assert await leases.acquire("work", "bob", LONG)


async def test_nobody_else_can_give_it_back(leases: LeaseRepository) -> None:
    assert await leases.acquire("work", "ann", LONG)
    await leases.release("work", "bob")
    await leases.release("never taken", "bob")
    assert not await leases.acquire("work", "bob", LONG)


async def test_owners_with_dollar_signs_are_names_too(leases: LeaseRepository) -> None:
    assert await leases.acquire("work", "$owner", LONG)
    assert not await leases.acquire("work", "$expiresAt", LONG)
    assert await leases.acquire("work", "$owner", LONG)
