"""`/api/admin/music-licensing/sync`: who may order syncs, what an order may say, and what is told of the jobs."""

import asyncio
from typing import Any

import httpx
import pytest

from app.models.identity import Role
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from tests.licensing.sandbox import Sandbox
from tests.serving import bearer

SYNC = "/api/admin/music-licensing/sync"
PROVIDERS = "/api/admin/music-licensing/providers"
CALLS = [
    ("POST", f"{SYNC}/soundstripe"),
    ("POST", f"{SYNC}/all"),
    ("POST", f"{SYNC}/tracks"),
    ("GET", f"{SYNC}/jobs"),
    ("GET", f"{SYNC}/jobs/some-job"),
    ("POST", f"{SYNC}/jobs/some-job/cancel"),
]
PROGRESS = {"fetched": 0, "created": 0, "updated": 0, "unchanged": 0, "failed": 0}


async def set_up(api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox, name: str) -> None:
    body = {
        "enabled": True,
        "baseUrl": sandbox.base_urls[ProviderName(name)],
        "credentials": sandbox.credentials[ProviderName(name)],
    }
    answer = await api.put(f"{PROVIDERS}/{name}", json=body, headers=admin)
    assert answer.status_code == 200, answer.text
    # The set-up that a process knows may be a second old.
    async with asyncio.timeout(60):
        while (await api.post(f"{SYNC}/{name}", json={"maxTracks": 1}, headers=admin)).status_code != 202:
            await asyncio.sleep(0.05)
    await idle(api, admin)


async def idle(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """Nothing is going on."""
    async with asyncio.timeout(60):
        for status in ("queued", "running"):
            while (await api.get(f"{SYNC}/jobs?status={status}", headers=admin)).json()["items"]:
                await asyncio.sleep(0.02)


async def ordered(api: httpx.AsyncClient, admin: dict[str, str], path: str, body: object = None) -> str:
    content: dict[str, Any] = {} if body is None else {"json": body}
    answer = await api.post(f"{SYNC}/{path}", headers=admin, **content)
    assert (answer.status_code, list(answer.json())) == (202, ["jobId"]), answer.text
    job_id: str = answer.json()["jobId"]
    return job_id


async def finished(api: httpx.AsyncClient, admin: dict[str, str], job_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            shown: dict[str, Any] = (await api.get(f"{SYNC}/jobs/{job_id}", headers=admin)).json()
            if shown["status"] not in {"queued", "running"}:
                return shown
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_without_a_token_it_is_401(api: httpx.AsyncClient, method: str, path: str) -> None:
    answer = await api.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("roles", [(), (Role.ARTIST,)])
async def test_for_others_than_admins_it_is_403(
    api: httpx.AsyncClient, method: str, path: str, roles: tuple[Role, ...]
) -> None:
    answer = await api.request(method, path, headers=bearer("ann", *roles))
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"maxTracks": 0}, "maxTracks"),
        ({"maxTracks": 1.5}, "maxTracks"),
        ({"maxTracks": "10"}, "maxTracks"),
        ({"maxTracks": 10**9}, "maxTracks"),
        ({"genres": "pop"}, "genres"),
        ({"genres": [" "]}, "genres.0"),
        ({"genres": ["a\0"]}, "genres.0"),
        ({"genres": ["x" * 101]}, "genres.0"),
        ({"genres": ["x"] * 101}, "genres"),
        ({"updateExisting": 1}, "updateExisting"),
        ({"tracks": 1}, "tracks"),
        ([], "body"),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["soundstripe", "all"])
async def test_a_bad_order_is_400(
    api: httpx.AsyncClient, admin: dict[str, str], path: str, body: object, field: str
) -> None:
    answer = await api.post(f"{SYNC}/{path}", json=body, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"trackIds": ["1"]}, "provider"),
        ({"provider": "", "trackIds": ["1"]}, "provider"),
        ({"provider": "soundstripe"}, "trackIds"),
        ({"provider": "soundstripe", "trackIds": []}, "trackIds"),
        ({"provider": "soundstripe", "trackIds": [1]}, "trackIds.0"),
        ({"provider": "soundstripe", "trackIds": ["1", ""]}, "trackIds.1"),
        ({"provider": "soundstripe", "trackIds": ["a\0"]}, "trackIds"),
        ({"provider": "soundstripe", "trackIds": ["x" * 513]}, "trackIds.0"),
        ({"provider": "soundstripe", "trackIds": ["x"] * 1_001}, "trackIds"),
    ],
    ids=str,
)
async def test_a_bad_order_of_tracks_is_400(
    api: httpx.AsyncClient, admin: dict[str, str], body: object, field: str
) -> None:
    answer = await api.post(f"{SYNC}/tracks", json=body, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "cursor=x", "provider=x", "status=done"])
async def test_bad_questions_are_400(api: httpx.AsyncClient, admin: dict[str, str], query: str) -> None:
    assert (await api.get(f"{SYNC}/jobs?{query}", headers=admin)).status_code == 400


async def test_what_there_is_not_is_404(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    for method, path in (("POST", "spotify"), ("GET", "jobs/nonsense"), ("POST", "jobs/nonsense/cancel")):
        answer = await api.request(method, f"{SYNC}/{path}", headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), path
    answer = await api.post(f"{SYNC}/tracks", json={"provider": "spotify", "trackIds": ["1"]}, headers=admin)
    assert (answer.status_code, answer.json()["error"]) == (404, "Provider not found")


@pytest.mark.parametrize(
    ("path", "reason"),
    [("soundstripe", "not set up"), ("openverse", "no copy"), ("jamendo", "no copy")],
)
async def test_what_cannot_be_synced_is_409(
    api: httpx.AsyncClient, admin: dict[str, str], path: str, reason: str
) -> None:
    for answer in (
        await api.post(f"{SYNC}/{path}", headers=admin),
        await api.post(f"{SYNC}/tracks", json={"provider": path, "trackIds": ["1"]}, headers=admin),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
        assert reason in answer.json()["error"]


async def test_a_catalogue_is_synced(
    api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox, mongo: Mongo
) -> None:
    await set_up(api, admin, sandbox, "soundstripe")
    await mongo.db["licensed_tracks"].delete_many({})
    order = {"maxTracks": 250, "updateExisting": True, "genres": []}
    job_id = await ordered(api, admin, "soundstripe", order)
    job = await finished(api, admin, job_id)
    times = {name: job.pop(name) for name in ("createdAt", "startedAt", "finishedAt")}
    assert times["createdAt"] <= times["startedAt"] <= times["finishedAt"]
    assert job == {
        "id": job_id,
        "provider": "soundstripe",
        "status": "completed",
        "progress": PROGRESS | {"fetched": 250, "created": 250, "total": 250},
        "vanished": 0,
        "options": {"maxTracks": 250, "genres": [], "updateExisting": True, "trackIds": None},
        "failures": [],
        "children": [],
        "error": None,
    }
    listed = (await api.get(f"{SYNC}/jobs?limit=1", headers=admin)).json()
    assert [one["id"] for one in listed["items"]] == [job_id]
    older = (await api.get(f"{SYNC}/jobs?cursor={listed['nextCursor']}&provider=soundstripe", headers=admin)).json()
    assert job_id not in [one["id"] for one in older["items"]]
    assert older["items"]
    assert await mongo.db["licensed_tracks"].count_documents({"provider": "soundstripe"}) == 250
    done = await api.post(f"{SYNC}/jobs/{job_id}/cancel", headers=admin)
    assert (done.status_code, done.json()["code"]) == (409, "CONFLICT")


async def test_named_tracks_are_synced(api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox) -> None:
    await set_up(api, admin, sandbox, "soundstripe")
    known = [one["id"] for one in await sandbox.tracks("soundstripe", usable=True)][300:302]
    wanted = {"provider": "soundstripe", "trackIds": [*known, "999999999"]}
    job = await finished(api, admin, await ordered(api, admin, "tracks", wanted))
    assert job["progress"] == PROGRESS | {"fetched": 3, "created": 2, "failed": 1, "total": 3}
    missing = {"trackId": "999999999", "query": "track 999999999", "error": "Track not found"}
    assert (job["failures"], job["options"]["trackIds"]) == ([missing], wanted["trackIds"])


async def test_a_running_sync_is_joined_and_cancelled(
    api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox
) -> None:
    await set_up(api, admin, sandbox, "soundstripe")
    await sandbox.delay("soundstripe", 2_000)
    first = await asyncio.gather(*(ordered(api, admin, "soundstripe") for _ in range(5)))
    assert len(set(first)) == 1
    assert await ordered(api, admin, "soundstripe", {"maxTracks": None}) == first[0]
    other = await api.post(f"{SYNC}/soundstripe", json={"maxTracks": 5}, headers=admin)
    assert (other.status_code, other.json()["code"]) == (409, "CONFLICT")
    whole = await ordered(api, admin, "all")
    assert (await api.get(f"{SYNC}/jobs/{whole}", headers=admin)).json()["children"] == [first[0]]
    cancelled = await api.post(f"{SYNC}/jobs/{whole}/cancel", headers=admin)
    assert (cancelled.status_code, cancelled.json()["status"], cancelled.json()["provider"]) == (
        200,
        "cancelled",
        "all",
    )
    assert (await finished(api, admin, first[0]))["status"] == "cancelled"
    assert (await api.post(f"{SYNC}/jobs/{whole}/cancel", headers=admin)).json() == cancelled.json()


async def test_an_expired_key_ends_it_with_a_sentence(
    api: httpx.AsyncClient, admin: dict[str, str], sandbox: Sandbox
) -> None:
    await set_up(api, admin, sandbox, "soundstripe")
    await sandbox.expire_credentials("soundstripe")
    job = await finished(api, admin, await ordered(api, admin, "soundstripe"))
    assert (job["status"], job["progress"]["fetched"]) == ("failed", 0)
    assert "credentials" in job["error"]
    assert not any(secret in str(job) for secret in sandbox.credentials[ProviderName.SOUNDSTRIPE].values())
