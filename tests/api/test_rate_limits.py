"""The rate limit of the view route."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from app.clock import SystemClock
from app.main import assemble
from app.repositories.mongo import Mongo
from tests.api.conftest import SONGS
from tests.conftest import DATABASE
from tests.serving import bearer, served, settings_for


@pytest.fixture
async def limited(mongod: str, mongo: Mongo) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(mongod, DATABASE, view_rate_limit="5/15minutes")
    async with (
        served(assemble(settings, SystemClock())) as address,
        httpx.AsyncClient(base_url=address, timeout=20) as client,
    ):
        await mongo.db["songs"].insert_one({"_id": "s"})
        yield client


async def test_the_limit_holds_exactly_for_each_user(limited: httpx.AsyncClient, mongo: Mongo) -> None:
    calls = [limited.post(f"{SONGS}/s/view", headers=bearer(user)) for _ in range(20) for user in ("ann", "bob")]
    statuses = [answer.status_code for answer in await asyncio.gather(*calls)]
    assert (statuses.count(200), statuses.count(429)) == (10, 30)
    assert await mongo.db["views"].count_documents({}) == 2


async def test_a_refusal_says_when_to_come_back(limited: httpx.AsyncClient) -> None:
    for remaining in (4, 3, 2, 1, 0):
        allowed = await limited.post(f"{SONGS}/s/view", headers=bearer("ann"))
        assert allowed.headers["RateLimit-Limit"] == "5"
        assert allowed.headers["RateLimit-Remaining"] == str(remaining)
        assert 890 <= int(allowed.headers["RateLimit-Reset"]) <= 900
    refused = await limited.post(f"{SONGS}/s/view", headers=bearer("ann"))
    assert refused.status_code == 429
    assert refused.json()["code"] == "RATE_LIMITED"
    assert set(refused.json()) == {"success", "error", "code"}
    assert 890 <= int(refused.headers["Retry-After"]) <= 900
    assert refused.headers["RateLimit-Remaining"] == "0"
    assert refused.headers["RateLimit-Policy"] == "5;w=900"


async def test_bad_and_unknown_calls_use_the_limit_up_too(limited: httpx.AsyncClient) -> None:
    bad = await limited.post(f"{SONGS}/s/view", json=[], headers=bearer("ann"))
    unknown = await limited.post(f"{SONGS}/none/view", headers=bearer("ann"))
    assert (bad.status_code, bad.headers["RateLimit-Remaining"]) == (400, "4")
    assert (unknown.status_code, unknown.headers["RateLimit-Remaining"]) == (404, "3")


async def test_without_a_token_nobodys_limit_is_used(limited: httpx.AsyncClient) -> None:
    answer = await limited.post(f"{SONGS}/s/view")
    assert answer.status_code == 401
    assert "RateLimit-Limit" not in answer.headers


async def test_other_routes_are_not_limited(limited: httpx.AsyncClient) -> None:
    for _ in range(10):
        assert (await limited.get(f"{SONGS}/s", headers=bearer("ann"))).status_code == 200
