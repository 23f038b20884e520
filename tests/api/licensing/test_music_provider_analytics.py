"""`…/analytics/rate-limits` and `…/analytics/providers`: how quotas stand, and how calls went."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.services.licensing.providers.registry import POLICIES
from tests.licensing.sandbox import Sandbox
from tests.serving import bearer

LIMITS = "/api/music-licensing/analytics/rate-limits"
CALLS = "/api/music-licensing/analytics/providers"
PROVIDERS = "/api/admin/music-licensing/providers"
CACHE = "/api/admin/music-licensing/cache"
SEARCH = "/api/music-licensing/search"


async def asked(api: httpx.AsyncClient, admin: dict[str, str], path: str, **params: str) -> dict[str, dict[str, Any]]:
    answer = await api.get(path, params=params, headers=admin)
    assert answer.status_code == 200, answer.text
    (items,) = answer.json().values()
    return {one["provider"]: one for one in items}


@pytest.fixture
async def searched(api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox) -> None:
    """Three searches, each a call to the provider."""
    body = {
        "enabled": True,
        "baseUrl": sandbox.base_urls[ProviderName.SOUNDSTRIPE],
        "credentials": sandbox.credentials[ProviderName.SOUNDSTRIPE],
        "rateLimit": {"requestsPerMinute": 3, "requestsPerHour": 100, "requestsPerDay": None},
    }
    assert (await api.put(f"{PROVIDERS}/soundstripe", json=body, headers=admin)).status_code == 200
    await api.delete(CACHE, headers=admin)
    for number in range(3):
        params = {"provider": "soundstripe", "query": f"a{number}"}
        answer = await api.get(SEARCH, params=params, headers=bearer("ann"))
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("headers", "status"), [({}, 401), (bearer("ann"), 403)], ids=["nobody", "listener"])
@pytest.mark.parametrize("path", [LIMITS, CALLS])
async def test_only_admins(api: httpx.AsyncClient, path: str, headers: dict[str, str], status: int) -> None:
    assert (await api.get(path, params={"startDate": "x"}, headers=headers)).status_code == status


BAD = [
    {"startDate": "yesterday"},
    {"startDate": "2026-02-30"},
    {"endDate": "2026-11-20T10:00:00"},
    {"startDate": "2026-11-20", "endDate": "2026-11-19"},
    {"startDate": "2020-01-01", "endDate": "2026-01-01"},
    {"endDate": "0001-01-01"},
    {"startDate": "0001-01-01T00:00:00+14:00", "endDate": "0001-01-02T00:00:00+14:00"},
]


@pytest.mark.parametrize("params", BAD, ids=str)
async def test_bad_ranges_are_400(api: httpx.AsyncClient, admin: dict[str, str], params: dict[str, str]) -> None:
    answer = await api.get(CALLS, params=params, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_before_any_call(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    limits = await asked(api, admin, LIMITS)
    assert list(limits) == [name.value for name in ProviderName]
    for one in limits.values():
        assert one["usage"] == {"perMinute": 0, "perHour": 0, "perDay": 0}
        assert (one["nextSlotAt"], one["blockedUntil"]) == (None, None)
        for window, limit in one["limits"].items():
            assert one["remaining"][window] == limit
    extra = {name: [one["name"] for one in limits[name]["windows"]] for name in limits}
    assert extra == {name.value: [one.name for one in policy.extra_windows] for name, policy in POLICIES.items()}
    calls = await asked(api, admin, CALLS)
    assert list(calls) == [name.value for name in ProviderName]
    empty = {"calls": 0, "errors": {}, "errorRate": 0, "latencyMs": None, "lastErrorAt": None, "kinds": {}}
    assert {name: one | {"provider": None} for name, one in calls.items()} == {
        name: empty | {"provider": None} for name in calls
    }


async def test_quotas_stand_as_they_were_used(api: httpx.AsyncClient, admin: dict[str, str], searched: None) -> None:
    one = (await asked(api, admin, LIMITS))["soundstripe"]
    assert one["usage"] == {"perMinute": 3, "perHour": 3, "perDay": 3}
    assert one["remaining"] == {"perMinute": 0, "perHour": 97, "perDay": None}
    assert one["limits"] == {"perMinute": 3, "perHour": 100, "perDay": None}
    next_slot = datetime.fromisoformat(one["nextSlotAt"])
    assert timedelta(seconds=50) < next_slot - datetime.now(UTC) < timedelta(seconds=62)


async def test_a_quota_that_is_spent_is_a_429_that_says_when(
    api: httpx.AsyncClient, admin: dict[str, str], searched: None
) -> None:
    answer = await api.get(SEARCH, params={"provider": "soundstripe", "query": "one more"}, headers=bearer("ann"))
    assert (answer.status_code, answer.json()["code"]) == (429, "QUOTA_EXCEEDED")
    assert 50 <= int(answer.headers["Retry-After"]) <= 62


@pytest.mark.parametrize(
    ("name", "fault", "seconds"),
    [
        (ProviderName.HOOKSOUNDS, "429_retry_after", 600),
        # In the body, without a time.
        (ProviderName.JAMENDO, "429", 3_600),
    ],
)
async def test_a_provider_that_says_later_is_shown_as_blocked(
    api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox, name: ProviderName, fault: str, seconds: int
) -> None:
    body = {"enabled": True, "baseUrl": sandbox.base_urls[name], "credentials": sandbox.credentials[name]}
    assert (await api.put(f"{PROVIDERS}/{name}", json=body, headers=admin)).status_code == 200
    await sandbox.fault(name, fault, retryAfter=600)
    await api.delete(CACHE, headers=admin)
    answer = await api.get(SEARCH, params={"provider": name, "query": "x"}, headers=bearer("ann"))
    assert answer.status_code == 429
    one = (await asked(api, admin, LIMITS))[name]
    blocked = datetime.fromisoformat(one["blockedUntil"]) - datetime.now(UTC)
    assert timedelta(seconds=seconds - 20) < blocked <= timedelta(seconds=seconds)
    assert one["nextSlotAt"] == one["blockedUntil"]


async def test_calls_are_counted_with_their_latencies(
    api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo, searched: None
) -> None:
    await asked(api, admin, CALLS)  # what was counted so far is stored now
    hours = await mongo.db["provider_calls"].distinct("hour", {"provider": "soundstripe"})
    first, last = (f"{hour:%Y-%m-%d}" for hour in (min(hours), max(hours)))
    for params in ({}, {"startDate": first}, {"startDate": first, "endDate": last}):
        one = (await asked(api, admin, CALLS, **params))["soundstripe"]
        assert one["calls"] >= 3
        assert (one["errors"], one["errorRate"], one["lastErrorAt"]) == ({}, 0, None)
        assert 0 < one["latencyMs"]["p50"] <= one["latencyMs"]["p95"] <= one["latencyMs"]["p99"] < 10_000
        assert one["kinds"]["search"]["calls"] == one["calls"]
    before = (await asked(api, admin, CALLS, startDate="2026-01-01", endDate="2026-01-31"))["soundstripe"]
    assert before["calls"] == 0


async def test_errors_are_told_by_kind(
    api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox, searched: None
) -> None:
    await api.put(f"{PROVIDERS}/soundstripe", json={"rateLimit": {"requestsPerMinute": 100}}, headers=admin)
    await sandbox.fault("soundstripe", "500")
    answer = await api.get(SEARCH, params={"provider": "soundstripe", "query": "y"}, headers=bearer("ann"))
    assert answer.status_code == 502
    await sandbox.heal()
    one = (await asked(api, admin, CALLS))["soundstripe"]
    assert one["errors"] == {"status_5xx": 3}
    assert one["errorRate"] == pytest.approx(50)
    assert datetime.fromisoformat(one["lastErrorAt"]) > datetime.now(UTC) - timedelta(minutes=1)
