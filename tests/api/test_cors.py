"""Which other origins may call."""

from collections.abc import AsyncIterator

import httpx
import pytest

from app.clock import SystemClock
from app.main import assemble
from app.repositories.mongo import Mongo
from tests.api.conftest import SONGS
from tests.conftest import DATABASE
from tests.serving import served, settings_for

LISTED = "https://app.example.com"


@pytest.fixture
async def open_api(mongod: str, mongo: Mongo) -> AsyncIterator[httpx.AsyncClient]:
    app = assemble(settings_for(mongod, DATABASE, cors_origins=(LISTED,)), SystemClock())
    async with served(app) as address, httpx.AsyncClient(base_url=address, timeout=20) as client:
        yield client


def preflight(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }


async def test_a_listed_origin_may_call_and_read_the_limits(open_api: httpx.AsyncClient) -> None:
    asked = await open_api.options(f"{SONGS}/s/view", headers=preflight(LISTED))
    assert (asked.status_code, asked.headers["Access-Control-Allow-Origin"]) == (200, LISTED)
    answer = await open_api.get(SONGS, headers={"Origin": LISTED})
    assert answer.headers["Access-Control-Allow-Origin"] == LISTED
    assert "RateLimit-Policy" in answer.headers["Access-Control-Expose-Headers"]


async def test_another_origin_is_refused_in_the_one_shape(open_api: httpx.AsyncClient) -> None:
    refused = await open_api.options(f"{SONGS}/s/view", headers=preflight("https://evil.example.com"))
    assert refused.status_code == 400
    assert (refused.json()["success"], refused.json()["code"]) == (False, "VALIDATION_ERROR")
    assert refused.headers["X-Request-Id"]
    answer = await open_api.get(SONGS, headers={"Origin": "https://evil.example.com"})
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_without_a_list_nobody_else_may(api: httpx.AsyncClient) -> None:
    answer = await api.get(SONGS, headers={"Origin": LISTED})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(("origin", "status"), [(LISTED, 200), ("own", 200), ("https://evil.example.com", 400)])
async def test_sockets_take_the_list_and_our_own_origin(open_api: httpx.AsyncClient, origin: str, status: int) -> None:
    own = str(open_api.base_url).rstrip("/")
    headers = {"Origin": own if origin == "own" else origin}
    answer = await open_api.get("/socket.io/", params={"EIO": "4", "transport": "polling"}, headers=headers)
    assert answer.status_code == status
