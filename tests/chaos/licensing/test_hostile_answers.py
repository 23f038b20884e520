"""Whatever a provider answers: callers hear it in our words, nothing inside is called, and nothing evil is kept."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina

from app.clock import SystemClock
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.sandbox.faults import FaultKind
from app.services.licensing.access.breakers import Breakers
from tests.chaos.licensing.processes import ADMIN, SEARCH, SYNC, TRACKS, WING, Measured, app_at, set_up
from tests.chaos.licensing.stored import RAW, stored_texts
from tests.conftest import DATABASE
from tests.licensing.sandbox import Sandbox

EVIL = ("<script", "javascript:", "elsewhere.invalid")
NO_LIMITS = {"requestsPerMinute": None, "requestsPerHour": None, "requestsPerDay": None}
USE = {"usage": "tv", "territory": "DE"}
WALKED = {"soundstripe", "artlist", "hooksounds", "internet_archive"}
# What is wrong with the answer is that it is late: not so late here.
MORE: dict[FaultKind, dict[str, Any]] = {FaultKind.SLOW: {"seconds": 0.2}}
IN_ONE_SHAPE = {
    404: {"NOT_FOUND"},
    409: {"CONFLICT", "LICENSE_INVALID"},
    429: {"QUOTA_EXCEEDED"},
    502: {"UPSTREAM_ERROR"},
}


@pytest.fixture
async def api(
    mongo: Mongo, mongod: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """An admin at an app that never stops asking: all providers are set up, and no breaker spares it the answers."""
    monkeypatch.setattr("app.container.licensing.Breakers", partial(Breakers, failures=1_000_000))
    monkeypatch.setattr("app.services.licensing.sync.worker._SLOW_SECONDS", 0.5)
    with stamina.set_testing(True, attempts=3, cap=True):
        async with (
            app_at(SystemClock(), mongod, DATABASE, tmp_path) as address,
            httpx.AsyncClient(base_url=address, headers=ADMIN, timeout=30) as api,
        ):
            await sandbox.limit(None)
            for name in ProviderName:
                await set_up([api], sandbox, name, rateLimit=NO_LIMITS, licenseTerms={"type": "subscription"})
            yield api


def checked(answer: httpx.Response) -> int:
    """The status of an answer that is fit to be shown."""
    said = answer.text.lower()
    assert not [one for one in EVIL if one in said], said[:2_000]
    body = answer.json()
    if answer.is_success:
        return answer.status_code
    assert body["code"] in IN_ONE_SHAPE[answer.status_code], answer.text
    assert set(body) <= {"success", "error", "code", "message", "errors", "reasons", "retryAfter", "requestId"}, body
    return answer.status_code


async def searched(api: httpx.AsyncClient, name: ProviderName, words: str) -> list[int]:
    answer = await api.get(SEARCH, params={"provider": name.value, "query": words, "limit": 50})
    if answer.is_success:
        assert set(answer.json()["providers"].values()) <= {"ok", "cached", "stale", "error"}
    return [checked(answer)]


async def looked_at(api: httpx.AsyncClient, name: ProviderName, track_id: str) -> list[int]:
    path = f"{TRACKS}/{name}/{track_id}"
    answers = await asyncio.gather(
        api.get(path), api.post(f"{path}/validate-license", json=USE), api.get(f"{path}/similar")
    )
    return [checked(answer) for answer in answers]


async def downloaded(api: httpx.AsyncClient, name: ProviderName, track_id: str, project: str) -> list[int]:
    """Until it is ready, has met an error, or seems to wait: a provider that failed is left alone for a while."""
    body = {"provider": name.value, "trackId": track_id, "projectId": project, **USE}
    answer = await api.post(f"{WING}/downloads", json=body)
    path = f"{WING}/downloads/{answer.json().get('id')}"
    if not answer.is_success:
        return [checked(answer)]
    for _ in range(10):
        shown = await api.get(path)
        if shown.json()["status"] != "queued" or shown.json()["error"]:
            break
        await asyncio.sleep(0.05)
    if shown.json()["status"] == "queued":
        await api.delete(path)
    return [checked(answer), checked(shown)]


async def synced(api: httpx.AsyncClient, path: str, order: dict[str, Any]) -> list[int]:
    """Until it is over, or waits for the provider and says so."""
    answer = await api.post(f"{SYNC}/{path}", json=order)
    if not answer.is_success:
        return [checked(answer)]
    job = f"{SYNC}/jobs/{answer.json()['jobId']}"
    async with asyncio.timeout(30):
        while (shown := await api.get(job)).json()["status"] in {"queued", "running"} and not shown.json()["error"]:
            await asyncio.sleep(0.05)
    assert "our side" not in shown.text, shown.text
    if shown.json()["status"] == "running":
        await api.post(f"{job}/cancel")
    return [checked(shown)]


async def everything(api: httpx.AsyncClient, name: ProviderName, track_id: str, words: str) -> list[int]:
    """All that makes us call a provider."""
    of_track = {"provider": name.value, "trackIds": [track_id]}
    done = await asyncio.gather(
        searched(api, name, words),
        looked_at(api, name, track_id),
        downloaded(api, name, track_id, words),
        synced(api, "tracks", of_track),
        synced(api, name.value, {"maxTracks": 30}),
    )
    return [status for statuses in done for status in statuses]


def met_by(name: ProviderName) -> list[FaultKind]:
    """A third of all faults, and each by two providers: all of them took longer than they taught."""
    shift = list(ProviderName).index(name)
    return [kind for number, kind in enumerate(FaultKind) if (number + shift) % 3 == 0]


async def every_fault(api: httpx.AsyncClient, mongo: Mongo, sandbox: Sandbox, name: ProviderName) -> list[int]:
    """One after the other, with nothing left of the one before."""
    track_id = (await sandbox.tracks(name.value, usable=True))[0]["id"]
    statuses: list[int] = []
    for kind in met_by(name):
        await forget(api, mongo, name)
        await sandbox.fault(name.value, kind.value, **MORE.get(kind, {}))
        statuses += await everything(api, name, track_id, f"calm {kind.value}")
        await sandbox.heal(name.value)
    await forget(api, mongo, name)
    return statuses


async def forget(api: httpx.AsyncClient, mongo: Mongo, name: ProviderName) -> None:
    """What is kept of its answers, and for how long it has asked to be left alone."""
    await mongo.db["provider_quotas"].delete_one({"_id": name.value})
    await api.delete("/api/admin/music-licensing/cache", params={"provider": name.value})


@pytest.mark.slow
async def test_no_answer_does_harm(
    api: httpx.AsyncClient, mongo: Mongo, mongod: str, sandbox: Sandbox, measured: Measured
) -> None:
    met = await asyncio.gather(*(every_fault(api, mongo, sandbox, name) for name in ProviderName))
    statuses = Counter(status for statuses in met for status in statuses)
    calls = await sandbox.calls()
    assert {(call["provider"], call["fault"]) for call in calls} >= {
        (name, kind) for name in ProviderName for kind in met_by(name)
    }
    assert await sandbox.calls("trap") == []
    for name, text in stored_texts(mongod, DATABASE, but=RAW).items():
        assert not [one for one in EVIL if one in text.lower()], name

    # And when it is over, it is over.
    for name in ProviderName:
        found = await api.get(SEARCH, params={"provider": name.value, "query": "calm"})
        assert (found.status_code, found.json()["providers"]) == (200, {name: "ok"}), found.text
    measured("faults, answers by status", (len(FaultKind), dict(sorted(statuses.items()))))
    measured("calls that providers saw, calls inside", (len(calls), 0))
