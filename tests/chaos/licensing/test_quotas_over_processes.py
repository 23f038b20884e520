"""Four processes, two hundred people and a sync want more than a provider allows: it never sees one call too many."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pymongo
import pytest

from app.embedded.ports import is_listening
from app.models.licensing.providers import ProviderName
from tests.chaos.licensing.processes import (
    ADMIN,
    ANALYTICS,
    SEARCH,
    SYNC,
    TRACKS,
    WING,
    Measured,
    change,
    clients,
    processes,
    set_up,
)
from tests.licensing.sandbox import Sandbox, sandbox_process
from tests.service import Service
from tests.serving import bearer

DATABASE = "playledger-quotas"
PROCESSES, PEOPLE = 4, 200
SOUNDSTRIPE, ARTLIST = ProviderName.SOUNDSTRIPE, ProviderName.ARTLIST
LOST = "connection lost"

Apis = Sequence[httpx.AsyncClient]


@dataclass(frozen=True)
class Limits:
    """What a provider allows; the sandbox refuses what is over it, and an admin has set it here."""

    minute: int
    hour: int
    second: int | None = None

    @property
    def for_admins(self) -> dict[str, Any]:
        return {"rateLimit": {"requestsPerMinute": self.minute, "requestsPerHour": self.hour, "requestsPerDay": None}}

    @property
    def for_sandbox(self) -> list[dict[str, Any]]:
        lengths = {"second": (self.second, 1), "minute": (self.minute, 60), "hour": (self.hour, 3_600)}
        return [{"name": name, "limit": most, "seconds": long} for name, (most, long) in lengths.items() if most]


@pytest.fixture(scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    """More pages than any sync here may ask for."""
    async with sandbox_process(tracks=8_000) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
async def started(mongod: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Service]]:
    async with processes(PROCESSES, mongod, DATABASE, tmp_path_factory.mktemp("four")) as services:
        yield services
    with pymongo.MongoClient[dict[str, Any]](mongod) as client:
        client.drop_database(DATABASE)


@pytest.fixture
async def four(started: list[Service]) -> list[Service]:
    """All of them, also the one that the test before has killed."""
    for service in started:
        if not is_listening(service.port):
            await asyncio.to_thread(service.start().wait_until_ready)
    return started


async def search(api: httpx.AsyncClient, name: ProviderName, number: int) -> httpx.Response | None:
    """A question that nobody has asked before; `None` when the process was killed meanwhile."""
    params = {"provider": name.value, "query": f"nothing like {number}"}
    try:
        return await api.get(SEARCH, params=params, headers=bearer(f"person-{number}"))
    except httpx.TransportError:
        return None


def outcome(answer: httpx.Response | None) -> int | str:
    """What came of it: a page, a refusal that says when to come back, or a connection to the killed process.

    Where two hundred people come at once, a slow database may be too slow for some of them (503).
    """
    if answer is None:
        return LOST
    refusal = {429: "QUOTA_EXCEEDED", 503: "UNAVAILABLE"}.get(answer.status_code)
    if refusal is not None:
        assert answer.json()["code"] == refusal
        assert int(answer.headers["Retry-After"]) >= 1
    else:
        assert answer.status_code == 200, answer.text
        assert set(answer.json()["providers"].values()) == {"ok"}, answer.text
    return answer.status_code


def is_walk(call: dict[str, Any]) -> bool:
    """Whether a sync has made it: people here always ask for words."""
    of_list = call["path"].endswith(("/songs", "/song"))
    return of_list and not any(name in {"filter[q]", "query"} for name, _ in call["query"])


async def wait_for_calls(sandbox: Sandbox, name: ProviderName, count: int, *, of_sync: bool) -> None:
    async with asyncio.timeout(60):
        while sum(is_walk(call) is of_sync for call in await sandbox.calls(name.value, "search")) < count:
            await asyncio.sleep(0.01)


async def storm(
    apis: Apis, services: Sequence[Service], sandbox: Sandbox, name: ProviderName, after_walks: int
) -> Counter[int | str]:
    """All people at once, in the middle of a sync; one process is killed as soon as some have been served."""
    ordered = await apis[0].post(f"{SYNC}/{name}")
    assert ordered.status_code == 202, ordered.text
    await wait_for_calls(sandbox, name, after_walks, of_sync=True)
    asking = [asyncio.create_task(search(apis[number % PROCESSES], name, number)) for number in range(PEOPLE)]
    await wait_for_calls(sandbox, name, 5, of_sync=False)
    await asyncio.to_thread(services[-1].kill)
    return Counter(outcome(answer) for answer in await asyncio.gather(*asking))


async def use_up(api: httpx.AsyncClient, name: ProviderName, first: int) -> tuple[int, int]:
    """Ask one after the other until it is refused: how often it was not, and for how many seconds it is."""
    for served in range(100):
        answer = await search(api, name, first + served)
        came = outcome(answer)
        assert came in {200, 429}, came
        if answer is not None and came == 429:
            return served, int(answer.headers["Retry-After"])
    raise AssertionError("no limit")


async def standing(api: httpx.AsyncClient, name: ProviderName) -> dict[str, Any]:
    shown = (await api.get(f"{ANALYTICS}/rate-limits", headers=ADMIN)).json()["rateLimits"]
    return next(one for one in shown if one["provider"] == name)


async def walks_of_a_minute(sandbox: Sandbox, name: ProviderName) -> int:
    """Calls of the sync within a minute of the first call: a slow machine reaches the next one, with new places."""
    calls = [call for call in await sandbox.calls(name.value) if call["kind"] == "search"]
    return sum(is_walk(call) and call["at"] < calls[0]["at"] + 60 for call in calls)


async def count_calls(sandbox: Sandbox, name: ProviderName) -> tuple[int, int]:
    """Those of the sync, and those of people; the provider has refused none."""
    calls = await sandbox.calls(name.value)
    assert 429 not in {call["status"] for call in calls}
    walks = sum(is_walk(call) for call in calls)
    return walks, sum(call["kind"] == "search" for call in calls) - walks


@pytest.mark.slow
async def test_a_second_a_minute_and_an_hour(four: list[Service], sandbox: Sandbox, measured: Measured) -> None:
    limits = Limits(minute=50, hour=60, second=25)
    await sandbox.limit("soundstripe", *limits.for_sandbox)
    async with clients(four) as apis:
        await set_up(apis, sandbox, SOUNDSTRIPE, **limits.for_admins)
        outcomes = await storm(apis, four, sandbox, SOUNDSTRIPE, after_walks=3)
        more, wait = await use_up(apis[0], SOUNDSTRIPE, PEOPLE)
        walks, people = await count_calls(sandbox, SOUNDSTRIPE)
        assert set(outcomes) <= {200, 429, 503, LOST}
        # The sync began first and wanted all of it; it has four fifths at most, people have the rest at least.
        assert await walks_of_a_minute(sandbox, SOUNDSTRIPE) <= 40
        assert limits.minute - 25 < walks + people
        assert (await sandbox.peaks("soundstripe"))["all"]["minute"] <= limits.minute
        assert people >= outcomes[200] + more >= 5
        assert wait <= 76

        await change(apis[:-1], SOUNDSTRIPE, rateLimit={"requestsPerMinute": 1_000})
        await sandbox.limit("soundstripe", *Limits(1_000, limits.hour, 25).for_sandbox)
        before = (await standing(apis[0], SOUNDSTRIPE))["usage"]["perHour"]
        last, until = await use_up(apis[1], SOUNDSTRIPE, 2 * PEOPLE)
        assert last == limits.hour - before
        assert until > 3_000
        # There were places, and the sync waited for one; but four fifths were taken.
        assert (await count_calls(sandbox, SOUNDSTRIPE))[0] == walks
        assert (await standing(apis[1], SOUNDSTRIPE))["usage"]["perHour"] == limits.hour
    peaks = (await sandbox.peaks("soundstripe"))["all"]
    assert peaks["second"] <= 25
    assert peaks["hour"] <= limits.hour
    measured("200 searches and a sync, 25/s, 50/min, 60/h: answers", dict(outcomes))
    measured("calls of the sync, calls of people", (walks, people + last))
    measured("most calls in a second, a minute, an hour", (peaks["second"], walks + people, peaks["hour"]))


async def download(api: httpx.AsyncClient, track_id: str, number: int) -> str:
    """One that nobody has ordered before."""
    body = {"provider": "artlist", "trackId": track_id, "projectId": "p", "usage": "tv", "territory": "DE"}
    answer = await api.post(f"{WING}/downloads", json=body, headers=bearer(f"person-{number}"))
    assert answer.status_code == 202, answer.text
    shown: dict[str, str] = answer.json()
    return shown["id"]


async def are_ready(api: httpx.AsyncClient, ids: Sequence[str]) -> int:
    """How many of the downloads are."""
    shown = [await api.get(f"{WING}/downloads/{one}", headers=bearer(f"person-{at}")) for at, one in enumerate(ids)]
    return sum(one.json()["status"] == "ready" for one in shown)


@pytest.mark.slow
async def test_searches_and_downloads_of_artlist(four: list[Service], sandbox: Sandbox, measured: Measured) -> None:
    track_id = (await sandbox.tracks("artlist", usable=True))[0]["id"]
    async with clients(four) as apis:
        await set_up(apis, sandbox, ARTLIST, licenseTerms={"type": "subscription"})
        question = {"usage": "tv", "territory": "DE"}
        verdict = await apis[0].post(f"{TRACKS}/artlist/{track_id}/validate-license", json=question)
        assert verdict.json()["valid"], verdict.text
        ordered = await asyncio.gather(*(download(apis[at % PROCESSES], track_id, at) for at in range(30)))
        async with asyncio.timeout(60):
            while await are_ready(apis[0], ordered) < 16:
                await asyncio.sleep(0.1)
        # The sync takes all that it may have before anybody else comes.
        outcomes = await storm(apis, four, sandbox, ARTLIST, after_walks=39)
        await use_up(apis[0], ARTLIST, PEOPLE)
        windows = {one["name"]: one for one in (await standing(apis[0], ARTLIST))["windows"]}
    walks, people = await count_calls(sandbox, ARTLIST)
    assert set(outcomes) <= {200, 429, 503, LOST}
    # The licence was the first search of 40; the last fifth of the 50 was left to people.
    assert await walks_of_a_minute(sandbox, ARTLIST) <= 39
    assert people > 5
    peaks = await sandbox.peaks("artlist")
    assert 39 < peaks["search"]["minute"] <= 50
    # As background calls they have four fifths of the 20.
    assert peaks["download"]["minute"] == 16
    assert peaks["all"]["minute"] <= 100
    assert all(one["usage"] <= one["limit"] for one in windows.values())
    measured("200 searches, a sync and 30 downloads, 50 searches/min, 20 downloads/min: answers", dict(outcomes))
    measured("calls of the sync, calls of people", (walks, people))
    busiest = tuple(peaks[kind]["minute"] for kind in ("search", "download", "all"))
    measured("most searches, downloads, calls in a minute", busiest)
