"""`/api/admin/music-licensing/providers`: setting providers up, without ever seeing a credential again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.services.licensing.providers.registry import POLICIES
from tests.serving import bearer

PROVIDERS = "/api/admin/music-licensing/providers"
SOUNDSTRIPE = f"{PROVIDERS}/soundstripe"
SECRET = "s3cret-of-soundstripe"


async def put(api: httpx.AsyncClient, admin: dict[str, str], name: str = "soundstripe", **body: Any) -> dict[str, Any]:
    answer = await api.put(f"{PROVIDERS}/{name}", json=body, headers=admin)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("headers", "status"), [({}, 401), (bearer("ann"), 403)], ids=["nobody", "listener"])
async def test_only_admins(api: httpx.AsyncClient, mongo: Mongo, headers: dict[str, str], status: int) -> None:
    calls = (("GET", PROVIDERS), ("GET", SOUNDSTRIPE), ("PUT", SOUNDSTRIPE), ("PUT", f"{PROVIDERS}/nobody"))
    for method, path in calls:
        answer = await api.request(method, path, json={"enabled": False}, headers=headers)
        assert answer.status_code == status
    assert await mongo.db["provider_setups"].count_documents({}) == 0


BAD: list[tuple[dict[str, Any], str]] = [
    ({"enabled": None}, "enabled"),
    ({"enabled": "yes"}, "enabled"),
    ({"baseUrl": ""}, "baseUrl"),
    ({"baseUrl": "ftp://x"}, "baseUrl"),
    ({"baseUrl": "https://a:b@example.com"}, "baseUrl"),
    ({"baseUrl": "https://example.com/?key=1"}, "baseUrl"),
    ({"baseUrl": "https://example.com/" + "x" * 3_000}, "baseUrl"),
    ({"credentials": {"clientId": SECRET}}, "credentials.clientId"),
    ({"credentials": {"apiKey": ""}}, "credentials.apiKey"),
    ({"credentials": {"apiKey": f"{SECRET}\n"}}, "credentials.apiKey"),
    ({"credentials": {"apiKey": f" {SECRET}"}}, "credentials.apiKey"),
    ({"credentials": {"apiKey": 5}}, "credentials.apiKey"),
    ({"credentials": {"apiKey": "x" * 4_097}}, "credentials.apiKey"),
    ({"credentials": None}, "credentials"),
    ({"rateLimit": {"requestsPerMinute": 0}}, "rateLimit.requestsPerMinute"),
    ({"rateLimit": {"requestsPerMinute": "60"}}, "rateLimit.requestsPerMinute"),
    ({"rateLimit": {"requestsPerDay": 10**9}}, "rateLimit.requestsPerDay"),
    ({"rateLimit": {"requestsPerYear": 1}}, "rateLimit.requestsPerYear"),
    ({"rateLimit": None}, "rateLimit"),
    ({"cacheTtl": {"search": 0}}, "cacheTtl.search"),
    ({"cacheTtl": {"search": None}}, "cacheTtl.search"),
    ({"cacheTtl": {"license": 10**8}}, "cacheTtl.license"),
    ({"licenseTerms": None}, "licenseTerms"),
    ({"licenseTerms": {"territories": ["Nowhere"]}}, "licenseTerms.territories.0"),
    ({"version": 3}, "version"),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=[f"{field}-{n}" for n, (_, field) in enumerate(BAD)])
async def test_bad_fields_are_400_and_named(
    api: httpx.AsyncClient, mongo: Mongo, admin: dict[str, str], body: dict[str, Any], field: str
) -> None:
    answer = await api.put(SOUNDSTRIPE, json={"enabled": True} | body, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert any(fault["field"].startswith(field) for fault in answer.json()["errors"])
    assert SECRET not in answer.text
    assert await mongo.db["provider_setups"].count_documents({}) == 0


async def test_nothing_is_changed_when_one_part_is_wrong(
    api: httpx.AsyncClient, mongo: Mongo, admin: dict[str, str]
) -> None:
    body = {"credentials": {"nothing": SECRET}, "licenseTerms": {"type": "subscription"}}
    assert (await api.put(SOUNDSTRIPE, json=body, headers=admin)).status_code == 400
    shown = (await api.get(SOUNDSTRIPE, headers=admin)).json()
    assert (shown["licenseTerms"], shown["version"]) == (None, 0)


@pytest.mark.parametrize("name", ["nobody", "SOUNDSTRIPE", "soundstripe ", "sandbox"])
async def test_unknown_providers_are_404(api: httpx.AsyncClient, admin: dict[str, str], name: str) -> None:
    for method in ("GET", "PUT"):
        answer = await api.request(method, f"{PROVIDERS}/{name}", json={}, headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_all_providers_are_listed_as_they_are_at_first(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    answer = await api.get(PROVIDERS, headers=admin)
    assert answer.status_code == 200
    items = answer.json()["items"]
    assert answer.json()["nextCursor"] is None
    assert [one["provider"] for one in items] == [name.value for name in ProviderName]
    assert not any(one["configured"] for one in items)
    by_name = {one["provider"]: one for one in items}
    assert by_name["openverse"]["enabled"] is False
    policy = POLICIES[ProviderName.SOUNDSTRIPE]
    assert by_name["soundstripe"] == {
        "provider": "soundstripe",
        "title": policy.title,
        "enabled": True,
        "configured": False,
        "missingCredentials": ["apiKey"],
        "baseUrl": policy.base_url,
        "credentialsSet": [],
        "rateLimit": {
            "requestsPerMinute": policy.rate_limit.per_minute,
            "requestsPerHour": policy.rate_limit.per_hour,
            "requestsPerDay": policy.rate_limit.per_day,
        },
        "cacheTtl": {"search": 3_600, "track": 7_200, "license": 86_400},
        "licenseTerms": None,
        "capabilities": {
            "canSearch": True,
            "canWalk": policy.capabilities.can_walk,
            "canDownload": policy.capabilities.can_download,
            "mayCacheMetadata": policy.capabilities.may_cache_metadata,
            "licenseIsPerTrack": policy.capabilities.licence_is_per_track,
        },
        "breaker": {"state": "closed", "opensUntil": None},
        "updatedAt": None,
        "version": 0,
    }


async def test_credentials_go_in_and_never_come_out(
    api: httpx.AsyncClient, mongo: Mongo, admin: dict[str, str]
) -> None:
    answer = await api.put(SOUNDSTRIPE, json={"credentials": {"apiKey": SECRET}}, headers=admin)
    assert answer.status_code == 200
    assert answer.json()["credentialsSet"] == ["apiKey"]
    assert (answer.json()["configured"], answer.json()["missingCredentials"]) == (True, [])
    answers = [answer, await api.get(SOUNDSTRIPE, headers=admin), await api.get(PROVIDERS, headers=admin)]
    assert not any(SECRET in one.text for one in answers)
    row = await mongo.db["provider_setups"].find_one({"_id": "soundstripe"})
    assert row is not None
    assert SECRET not in str(row)
    assert row["updatedBy"] == "admin-1"
    shown = await put(api, admin, credentials={"apiKey": None})
    assert (shown["credentialsSet"], shown["configured"]) == ([], False)


async def test_what_is_left_out_stays(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    first = await put(
        api,
        admin,
        enabled=True,
        baseUrl="http://127.0.0.1:9/v1",
        credentials={"apiKey": SECRET},
        rateLimit={"requestsPerMinute": 5.0, "requestsPerDay": None},
        cacheTtl={"track": 60},
    )
    default = POLICIES[ProviderName.SOUNDSTRIPE].rate_limit
    limits = {"requestsPerMinute": 5, "requestsPerHour": default.per_hour, "requestsPerDay": None}
    assert first["rateLimit"] == limits
    assert first["cacheTtl"] == {"search": 3_600, "track": 60, "license": 86_400}
    second = await put(api, admin, rateLimit={"requestsPerHour": 50}, cacheTtl={"search": 1})
    assert second["rateLimit"] == limits | {"requestsPerHour": 50}
    assert second["cacheTtl"] == {"search": 1, "track": 60, "license": 86_400}
    assert (second["baseUrl"], second["credentialsSet"]) == ("http://127.0.0.1:9/v1", ["apiKey"])
    assert (first["version"], second["version"]) == (1, 2)
    third = await put(api, admin, baseUrl=None, enabled=False)
    assert third["baseUrl"] == POLICIES[ProviderName.SOUNDSTRIPE].base_url
    assert (third["enabled"], third["configured"]) == (False, False)
    assert third["updatedAt"].endswith("Z")


async def test_two_admins_at_once_lose_nothing(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    await asyncio.gather(
        put(api, admin, "artlist", credentials={"clientId": "a"}),
        put(api, admin, "artlist", credentials={"clientSecret": "b"}),
        put(api, admin, "artlist", rateLimit={"requestsPerDay": 9}),
        put(api, admin, "artlist", cacheTtl={"search": 9}),
    )
    shown = (await api.get(f"{PROVIDERS}/artlist", headers=admin)).json()
    assert shown["credentialsSet"] == ["clientId", "clientSecret"]
    assert (shown["rateLimit"]["requestsPerDay"], shown["cacheTtl"]["search"], shown["version"]) == (9, 9, 4)


async def test_terms_of_the_contract_are_a_version_of_their_own(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    terms = {"type": "subscription", "uses": ["youtube"], "territories": ["de", "WORLD"]}
    shown = await put(api, admin, licenseTerms=terms)
    assert (shown["licenseTerms"]["version"], shown["licenseTerms"]["madeBy"]) == (1, "admin-1")
    assert shown["licenseTerms"]["territories"] == ["DE", "WORLD"]
    # The set-up itself was not touched.
    assert shown["version"] == 0
    shown = await put(api, admin, licenseTerms={"type": "enterprise"}, enabled=True)
    assert (shown["licenseTerms"]["version"], shown["licenseTerms"]["uses"]) == (2, None)
    assert (await put(api, admin, enabled=True))["licenseTerms"]["version"] == 2


async def test_an_empty_change_changes_nothing(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    assert (await put(api, admin))["version"] == 0


async def test_a_change_ends_a_wait_that_the_provider_has_asked_for(
    api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo
) -> None:
    until = datetime.now(UTC) + timedelta(hours=20)
    await mongo.db["provider_quotas"].insert_one({"_id": "soundstripe", "blockedUntil": until})
    assert (await blocked_until(api, admin)) is not None
    await put(api, admin, credentials={"apiKey": "another-one"})
    assert (await blocked_until(api, admin)) is None


async def blocked_until(api: httpx.AsyncClient, admin: dict[str, str]) -> str | None:
    answer = await api.get("/api/music-licensing/analytics/rate-limits", headers=admin)
    [soundstripe] = [one for one in answer.json()["rateLimits"] if one["provider"] == "soundstripe"]
    return soundstripe["blockedUntil"]
