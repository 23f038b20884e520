"""What callers see when something of ours is broken."""

from collections.abc import AsyncIterator

import httpx
import pytest
import structlog
from bson import Int64
from fastapi import APIRouter

from app.clock import SystemClock
from app.main import assemble
from app.repositories.mongo import Mongo
from app.routers import request_context
from tests.api.conftest import SONGS
from tests.conftest import DATABASE
from tests.serving import bearer, served, settings_for

broken = APIRouter()


@broken.get("/broken")
async def fail() -> None:
    raise RuntimeError("mongodb://user:secret@host broke")


def _drop(logged: list[dict[str, object]], event: tuple[object, str, dict[str, object]]) -> None:
    logged.append(event[2])
    raise structlog.DropEvent


@pytest.fixture
async def api(mongod: str, mongo: Mongo) -> AsyncIterator[httpx.AsyncClient]:
    app = assemble(settings_for(mongod, DATABASE), SystemClock(), extra_routers=(broken,))
    async with served(app) as address, httpx.AsyncClient(base_url=address, timeout=20) as client:
        yield client


async def test_a_fault_of_ours_tells_nothing(api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[dict[str, object]] = []
    monkeypatch.setattr(request_context, "log", structlog.wrap_logger(None, [lambda *event: _drop(logged, event)]))
    answer = await api.get("/broken")
    assert answer.status_code == 500
    assert answer.json() == {"success": False, "error": "Something went wrong on our side", "code": "SERVER_ERROR"}
    assert answer.headers["X-Request-Id"]
    [failure] = [event for event in logged if event["event"] == "request_failed"]
    assert failure["route"] == "/broken"
    assert failure["exc_info"]


async def test_a_view_that_cannot_be_written_has_its_own_sentence(api: httpx.AsyncClient, mongo: Mongo) -> None:
    """A counter at its end cannot be raised: a fault of the data, which must not reach other songs."""
    await mongo.db["songs"].insert_many([{"_id": "broken", "viewCount": Int64(2**63 - 1)}, {"_id": "whole"}])
    answer = await api.post(f"{SONGS}/broken/view", headers=bearer("ann"))
    assert answer.status_code == 500
    assert answer.json() == {"success": False, "error": "Failed to record view", "code": "SERVER_ERROR"}
    assert (await api.post(f"{SONGS}/whole/view", headers=bearer("ann"))).status_code == 200
    assert await mongo.db["views"].count_documents({}) == 1
