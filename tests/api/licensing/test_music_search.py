"""Searching, looking at tracks, and what is kept of both, over HTTP and against the sandbox."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.models.licensing.providers import ProviderName
from tests.licensing.sandbox import Sandbox
from tests.serving import bearer

SEARCH = "/api/music-licensing/search"
TRACKS = "/api/music-licensing/tracks"
COUNTS = "/api/music-licensing/analytics/cache"
CACHE = "/api/admin/music-licensing/cache"
USER = bearer("user-1")
USABLE = {"cc0", "pdm", "by", "contract"}

SetUp = Callable[..., Awaitable[None]]


@pytest.fixture
def set_up(api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox) -> SetUp:
    """Points a provider at the sandbox, with nothing kept of it."""

    async def set_up(name: ProviderName, **changes: Any) -> None:
        body = {
            "enabled": True,
            "baseUrl": sandbox.base_urls[name],
            "credentials": sandbox.credentials[name],
            "rateLimit": {"requestsPerMinute": 10_000, "requestsPerHour": None, "requestsPerDay": None},
            **changes,
        }
        changed = await api.put(f"/api/admin/music-licensing/providers/{name}", json=body, headers=admin)
        assert changed.status_code == 200, changed.text
        await api.delete(CACHE, headers=admin)

    return set_up


async def search(api: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    answer = await api.get(SEARCH, params=params, headers=USER)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestSearch:
    async def test_needs_a_token(self, api: httpx.AsyncClient) -> None:
        assert (await api.get(SEARCH, params={"page": "x"})).status_code == 401

    @pytest.mark.parametrize(
        ("params", "field"),
        [
            ({"query": "x" * 201}, "query"),
            ({"query": "a\0b"}, "query"),
            ({"genre": "x" * 201}, "genre"),
            ({"provider": "napster"}, "provider"),
            ({"bpmMin": "fast"}, "bpmMin"),
            ({"bpmMin": -1}, "bpmMin"),
            ({"bpmMin": 120, "bpmMax": 119}, "bpmMax"),
            ({"durationMin": 61, "durationMax": 60}, "durationMax"),
            ({"durationMax": 10**9}, "durationMax"),
            ({"vocals": "perhaps"}, "vocals"),
            ({"energy": "extreme"}, "energy"),
            ({"license": "by-nc"}, "license"),
            ({"license": "unknown"}, "license"),
            ({"page": 0}, "page"),
            ({"page": 10_001}, "page"),
            ({"limit": 0}, "limit"),
            ({"limit": 101}, "limit"),
        ],
    )
    async def test_refuses(self, api: httpx.AsyncClient, params: dict[str, Any], field: str) -> None:
        answer = await api.get(SEARCH, params=params, headers=USER)
        assert answer.status_code == 400
        body = answer.json()
        assert (body["success"], body["code"]) == (False, "VALIDATION_ERROR")
        assert [fault["field"] for fault in body["errors"]] == [field]

    async def test_names_what_is_not_set_up(self, api: httpx.AsyncClient, set_up: SetUp, admin: dict[str, str]) -> None:
        await set_up(ProviderName.OPENVERSE, enabled=False)
        found = await search(api, provider="openverse")
        assert found == {
            "tracks": [], "total": 0, "cache": "miss", "providers": {"openverse": "not_configured"},
            "page": 1, "limit": 20, "pages": 0,
        }  # fmt: skip

    async def test_finds_keeps_and_forgets(
        self, api: httpx.AsyncClient, set_up: SetUp, admin: dict[str, str], sandbox: Sandbox
    ) -> None:
        await set_up(ProviderName.OPENVERSE)
        first = await search(api, provider="openverse", limit=5)
        again = [await search(api, provider="openverse", limit=5) for _ in range(3)]
        assert (first["cache"], first["providers"]) == ("miss", {"openverse": "ok"})
        assert {(one["cache"], one["providers"]["openverse"]) for one in again} == {("hit", "cached")}
        assert all(one["tracks"] == first["tracks"] for one in again)
        assert len(first["tracks"]) == 5
        for track in first["tracks"]:
            assert track["provider"] == "openverse"
            assert track["license"]["usable"] is True
            assert track["license"]["code"] in USABLE
        assert await sandbox.count("openverse", "search") == 1
        assert (await api.delete(CACHE, params={"kind": "track"}, headers=admin)).json() == {"removed": 0}
        assert (await api.delete(CACHE, params={"provider": "openverse"}, headers=admin)).json() == {"removed": 1}
        assert (await search(api, provider="openverse", limit=5))["cache"] == "miss"

    async def test_equal_questions_are_one(self, api: httpx.AsyncClient, set_up: SetUp) -> None:
        await set_up(ProviderName.OPENVERSE)
        sources = [
            (await search(api, provider="openverse", query=query, genre="", mood=" ", limit=3))["cache"]
            for query in ("Dream  Night", " dream night ", "DREAM NIGHT")
        ]
        assert sources == ["miss", "hit", "hit"]

    async def test_filters_and_pages(self, api: httpx.AsyncClient, set_up: SetUp, sandbox: Sandbox) -> None:
        await set_up(ProviderName.SOUNDSTRIPE)
        wanted = {"provider": "soundstripe", "bpmMin": 90, "bpmMax": 110, "durationMin": 30, "limit": 10}
        first, second = await search(api, **wanted), await search(api, **wanted, page=2)
        tracks = first["tracks"] + second["tracks"]
        assert len({track["id"] for track in tracks}) == len(tracks) > 10
        assert all(90 <= track["bpm"] <= 110 and track["durationMs"] >= 30_000 for track in tracks)
        assert (first["page"], second["page"], first["limit"]) == (1, 2, 10)
        assert first["pages"] == -(-first["total"] // 10)
        assert (await search(api, provider="soundstripe", license="cc0"))["tracks"] == []

    async def test_a_spent_quota_says_when(self, api: httpx.AsyncClient, set_up: SetUp) -> None:
        await set_up(
            ProviderName.HOOKSOUNDS,
            rateLimit={"requestsPerMinute": None, "requestsPerHour": 1, "requestsPerDay": None},
        )
        await search(api, provider="hooksounds", query="one", limit=1)
        answer = await api.get(SEARCH, params={"provider": "hooksounds", "query": "two"}, headers=USER)
        assert (answer.status_code, answer.json()["code"]) == (429, "QUOTA_EXCEEDED")
        assert 3_000 < int(answer.headers["Retry-After"]) <= 3_700


class TestTrack:
    async def test_needs_a_token(self, api: httpx.AsyncClient) -> None:
        assert (await api.get(f"{TRACKS}/napster/1")).status_code == 401

    @pytest.mark.parametrize("path", ["napster/1", "openverse/" + "x" * 513, "openverse/a%00b", "openverse/"])
    async def test_unknown(self, api: httpx.AsyncClient, path: str) -> None:
        answer = await api.get(f"{TRACKS}/{path}", headers=USER)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")

    async def test_not_set_up(self, api: httpx.AsyncClient, set_up: SetUp) -> None:
        await set_up(ProviderName.OPENVERSE, enabled=False)
        answer = await api.get(f"{TRACKS}/openverse/1", headers=USER)
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
        assert "switched off" in answer.json()["error"]

    @pytest.mark.parametrize("name", [ProviderName.SOUNDSTRIPE, ProviderName.INTERNET_ARCHIVE])
    async def test_shows_and_keeps(
        self, api: httpx.AsyncClient, set_up: SetUp, sandbox: Sandbox, name: ProviderName
    ) -> None:
        await set_up(name)
        found = (await search(api, provider=name.value, limit=1))["tracks"][0]
        address = f"{TRACKS}/{name}/{quote(found['id'], safe='')}"
        shown = [(await api.get(address, headers=USER)).json() for _ in range(2)]
        assert [one.pop("cache") for one in shown] == ["miss", "hit"]
        assert shown[0] == shown[1]
        assert (shown[0]["id"], shown[0]["provider"], shown[0]["title"]) == (found["id"], name.value, found["title"])
        assert set(shown[0]["license"]) == {"code", "version", "url", "attribution", "usable"}
        assert (await api.get(f"{TRACKS}/{name}/none-such-999999", headers=USER)).status_code == 404

    async def test_a_track_that_may_not_be_used_says_so(
        self, api: httpx.AsyncClient, set_up: SetUp, sandbox: Sandbox
    ) -> None:
        await set_up(ProviderName.OPENVERSE)
        refused = next(one for one in await sandbox.tracks("openverse") if not one["usable"])
        shown = (await api.get(f"{TRACKS}/openverse/{refused['id']}", headers=USER)).json()
        assert shown["license"]["usable"] is False


class TestCache:
    @pytest.mark.parametrize(("method", "route"), [("GET", COUNTS), ("DELETE", CACHE)])
    async def test_is_for_admins(self, api: httpx.AsyncClient, method: str, route: str) -> None:
        assert (await api.request(method, route)).status_code == 401
        assert (await api.request(method, route, headers=USER)).status_code == 403

    @pytest.mark.parametrize("params", [{"provider": "napster"}, {"kind": "everything"}])
    async def test_refuses(self, api: httpx.AsyncClient, admin: dict[str, str], params: dict[str, str]) -> None:
        assert (await api.delete(CACHE, params=params, headers=admin)).status_code == 400

    async def test_counts(self, api: httpx.AsyncClient, set_up: SetUp, admin: dict[str, str]) -> None:
        await set_up(ProviderName.OPENVERSE)
        before = (await api.get(COUNTS, headers=admin)).json()["totals"]
        for _ in range(4):
            await search(api, provider="openverse", query="count", limit=2)
        report = (await api.get(COUNTS, headers=admin)).json()
        after = report["totals"]
        assert after["hits"] - before["hits"] == 3
        assert after["misses"] - before["misses"] == 1
        (shelf,) = [one for one in report["items"] if (one["provider"], one["kind"]) == ("openverse", "search")]
        assert shelf["entries"] == 1
        assert shelf["bytes"] > 10
        assert 0 < shelf["hitRate"] <= 100
        assert set(after) == {"hits", "misses", "stale", "coalesced", "hitRate", "entries", "bytes"}
