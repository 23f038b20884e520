"""`/api/music-licensing/downloads` over HTTP, against the sandbox."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.clock import SystemClock
from app.models.licensing.providers import ProviderName
from app.services.identity.minting import mint_token
from tests.licensing.sandbox import Sandbox
from tests.serving import SECRET, bearer

DOWNLOADS = "/api/music-licensing/downloads"
ADMIN = "/api/admin/music-licensing"
ADA, EVE = bearer("ada"), bearer("eve")
SOUNDSTRIPE = ProviderName.SOUNDSTRIPE


@pytest.fixture
async def track_id(api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox) -> str:
    """A track of Soundstripe, at the sandbox and under contract."""
    body = {
        "enabled": True,
        "baseUrl": sandbox.base_urls[SOUNDSTRIPE],
        "credentials": sandbox.credentials[SOUNDSTRIPE],
    }
    assert (await api.put(f"{ADMIN}/providers/soundstripe", json=body, headers=admin)).status_code == 200
    await put_terms(api, admin)
    await api.delete(f"{ADMIN}/cache", headers=admin)
    found = await api.get("/api/music-licensing/search", params={"provider": "soundstripe", "limit": 1}, headers=ADA)
    return found.json()["tracks"][0]["id"]


async def put_terms(api: httpx.AsyncClient, admin: dict[str, str], **terms: Any) -> None:
    body = {"type": "subscription", **terms}
    answer = await api.put(f"{ADMIN}/providers/soundstripe/license-terms", json=body, headers=admin)
    assert answer.status_code == 200, answer.text


def wanted(track_id: str, **changes: Any) -> dict[str, Any]:
    made = {"provider": "soundstripe", "trackId": track_id, "projectId": "p1", "usage": "youtube", "territory": "de"}
    return made | changes


async def order(api: httpx.AsyncClient, body: dict[str, Any], headers: dict[str, str] = ADA) -> httpx.Response:
    return await api.post(DOWNLOADS, json=body, headers=headers)


async def until(api: httpx.AsyncClient, download_id: str, status: str) -> dict[str, Any]:
    give_up_at = time.monotonic() + 60
    while True:
        shown = (await api.get(f"{DOWNLOADS}/{download_id}", headers=ADA)).json()
        if shown["status"] == status:
            return shown
        assert time.monotonic() < give_up_at, shown
        await asyncio.sleep(0.02)


async def test_only_with_a_token(api: httpx.AsyncClient) -> None:
    calls = [("POST", ""), ("GET", ""), ("GET", "/x"), ("POST", "/x/refresh"), ("DELETE", "/x")]
    for method, path in calls:
        assert (await api.request(method, DOWNLOADS + path)).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"provider": "napster"},
        {"trackId": ""},
        {"trackId": 7},
        {"format": "MP3"},
        {"projectId": ""},
        {"usage": "You Tube"},
        {"territory": "XX"},
        {"userId": "eve"},
    ],
)
async def test_bad_orders_are_400(api: httpx.AsyncClient, changes: dict[str, Any]) -> None:
    answer = await order(api, wanted("1", **changes))
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert (await api.get(DOWNLOADS, params={"status": "lost"}, headers=ADA)).status_code == 400


async def test_a_tenant_of_somebody_else_is_403(api: httpx.AsyncClient) -> None:
    assert (await order(api, wanted("1"), ADA | {"X-Tenant-Id": "acme"})).status_code == 403


async def test_unknown_downloads_are_404(api: httpx.AsyncClient) -> None:
    for method, path in (("GET", ""), ("POST", "/refresh"), ("DELETE", "")):
        assert (await api.request(method, f"{DOWNLOADS}/none{path}", headers=ADA)).status_code == 404


async def test_what_cannot_be_downloaded_is_409(api: httpx.AsyncClient, admin: dict[str, str], track_id: str) -> None:
    for provider in ("hooksounds", "artlist"):  # has none, is not set up
        refused = await order(api, wanted(track_id, provider=provider))
        assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT")
    await put_terms(api, admin, uses=["podcast"])
    refused = await order(api, wanted(track_id))
    assert (refused.status_code, refused.json()["code"]) == (409, "LICENSE_INVALID")
    assert "youtube" in refused.json()["error"]
    assert (await order(api, wanted("no-such-track"))).status_code == 404


async def test_an_order_becomes_an_address(api: httpx.AsyncClient, track_id: str) -> None:
    ordered = await order(api, wanted(track_id, format="wav"))
    assert ordered.status_code == 202
    queued = ordered.json()
    assert queued["status"] in {"queued", "ready"}
    assert (queued["provider"], queued["trackId"], queued["territory"]) == ("soundstripe", track_id, "DE")
    ready = await until(api, queued["id"], "ready")
    assert ready["format"] == "wav"
    assert ready["url"].startswith("http")
    assert ready["error"] is None
    assert (await order(api, wanted(track_id, format="wav"))).json()["id"] == queued["id"]
    assert (await api.delete(f"{DOWNLOADS}/{queued['id']}", headers=ADA)).status_code == 409
    refreshed = await api.post(f"{DOWNLOADS}/{queued['id']}/refresh", headers=ADA)
    assert refreshed.status_code == 202
    listed = (await api.get(DOWNLOADS, headers=ADA)).json()
    assert [one["id"] for one in listed["items"]] == [queued["id"]]


async def test_a_tenants_own_terms_count(api: httpx.AsyncClient, admin: dict[str, str], track_id: str) -> None:
    await put_terms(api, admin, uses=[])
    params, terms = {"tenantId": "acme"}, {"type": "own", "uses": ["youtube"]}
    path = f"{ADMIN}/providers/soundstripe/license-terms"
    assert (await api.put(path, json=terms, params=params, headers=admin)).status_code == 200
    of_acme = mint_token(SECRET, user_id="ada", clock=SystemClock(), lifetime=timedelta(hours=1), tenants=["acme"])
    headers = {"Authorization": f"Bearer {of_acme}", "X-Tenant-Id": "acme"}
    ordered = await order(api, wanted(track_id), headers)
    assert ordered.status_code == 202, ordered.text
    await until(api, ordered.json()["id"], "ready")
    assert (await order(api, wanted(track_id, projectId="p2"))).status_code == 409


async def test_downloads_are_their_users(api: httpx.AsyncClient, track_id: str) -> None:
    mine = (await order(api, wanted(track_id))).json()["id"]
    for method, path in (("GET", ""), ("POST", "/refresh"), ("DELETE", "")):
        assert (await api.request(method, f"{DOWNLOADS}/{mine}{path}", headers=EVE)).status_code == 404
    assert (await api.get(DOWNLOADS, headers=EVE)).json() == {"items": [], "nextCursor": None}


async def test_one_that_waits_can_be_cancelled(
    api: httpx.AsyncClient, sandbox: Sandbox, track_id: str, admin: dict[str, str]
) -> None:
    assert (await order(api, wanted(track_id, projectId="first"))).status_code == 202
    limit = {"requestsPerMinute": 1, "requestsPerHour": None, "requestsPerDay": None}
    changed = await api.put(f"{ADMIN}/providers/soundstripe", json={"rateLimit": limit}, headers=admin)
    assert changed.status_code == 200
    waiting = (await order(api, wanted(track_id))).json()
    cancelled = await api.delete(f"{DOWNLOADS}/{waiting['id']}", headers=ADA)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    by_status = await api.get(DOWNLOADS, params={"status": "cancelled"}, headers=ADA)
    assert [one["id"] for one in by_status.json()["items"]] == [waiting["id"]]
