"""Heartbeats and completions are answered in front of FastAPI, and exactly as it would answer them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from app.clock import SystemClock
from app.main import assemble
from app.repositories.mongo import Mongo
from app.services.episodes.watching import WatchingService
from tests.api.test_watching import BEAT, COMPLETE, beat_of, begun, done_of, member
from tests.conftest import DATABASE
from tests.integration.episodes.watching_house import episode
from tests.serving import served, settings_for

OF_A_MOMENT = {"x-request-id", "date", "ratelimit-reset"}


def _through_fastapi(api: ASGIApp, _routers: object) -> ASGIApp:
    return api


@pytest.fixture
async def both(mongod: str, mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[httpx.AsyncClient]]:
    """The app as it is, and the app without what stands in front of it."""
    await mongo.db["episodes"].insert_one(episode(1))
    monkeypatch.setattr("app.main.jobs_of", lambda _: [])
    settings = settings_for(mongod, DATABASE, cors_origins="https://player.example")
    direct = assemble(settings, SystemClock())
    monkeypatch.setattr("app.main.Direct", _through_fastapi)
    plain = assemble(settings, SystemClock())
    async with (
        served(direct) as one,
        served(plain) as other,
        httpx.AsyncClient(base_url=one, timeout=20) as first,
        httpx.AsyncClient(base_url=other, timeout=20) as second,
    ):
        yield [first, second]


def comparable(answer: httpx.Response) -> tuple[int, dict[str, str], Any]:
    headers = {name: value for name, value in answer.headers.items() if name not in OF_A_MOMENT}
    return answer.status_code, headers, answer.content


async def answers(both: list[httpx.AsyncClient], method: str, path: str, **request: Any) -> list[httpx.Response]:
    return [await client.request(method, path, **request) for client in both]


async def test_the_answers_are_the_same(both: list[httpx.AsyncClient]) -> None:
    (view_id, token), good = await begun(both[0]), member()
    beat, done = beat_of(view_id, token), done_of(view_id, token)
    asked: dict[str, tuple[str, str, dict[str, Any]]] = {
        "200": ("POST", BEAT, {"json": beat, "headers": good}),
        "200 slash": ("POST", f"{BEAT}/", {"json": beat, "headers": good | {"Origin": "https://player.example"}}),
        "200 done": ("POST", COMPLETE, {"json": done, "headers": good}),
        "400 field": ("POST", BEAT, {"json": beat | {"seconds_watched": "4"}, "headers": good}),
        "400 json": ("POST", BEAT, {"content": b"{", "headers": good | {"Content-Type": "application/json"}}),
        "400 type": ("POST", BEAT, {"content": b"{}", "headers": good}),
        "401": ("POST", BEAT, {"json": beat}),
        "403": ("POST", BEAT, {"json": beat, "headers": good | {"X-Tenant-Id": "other"}}),
        "404": ("POST", BEAT, {"json": beat | {"playback_token": "nothing"}, "headers": good}),
        "405": ("GET", BEAT, {"headers": good}),
        "413": ("POST", COMPLETE, {"content": b" " * 1_048_577, "headers": good}),
        "200 preflight": ("OPTIONS", BEAT, {"headers": {"Origin": "https://player.example", **PREFLIGHT}}),
        "429": ("POST", BEAT, {"json": beat, "headers": good}),
    }
    for name, (method, path, request) in asked.items():
        # Each process counts its own limit: 4 a minute are used up in the end by both.
        times = 3 if name == "429" else 1
        for _ in range(times):
            direct, plain = await answers(both, method, path, **request)
            assert comparable(direct) == comparable(plain), name
        assert str(direct.status_code) == name[:3], (name, direct.text)


PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


async def test_a_fault_of_ours_is_500_and_named_in_the_log(
    both: list[httpx.AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    view_id, token = await begun(both[0])

    async def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(WatchingService, "report", broken)
    with capture_logs() as logged:
        direct, plain = await answers(both, "POST", BEAT, json=beat_of(view_id, token), headers=member())
    assert comparable(direct) == comparable(plain)
    assert direct.status_code == 500
    assert "a secret" not in direct.text
    assert [(said["event"], said["route"]) for said in logged if said["log_level"] == "error"] == [
        ("request_failed", BEAT)
    ] * 2
