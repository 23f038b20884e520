"""`/api/admin/jobs`: who may see and run jobs, and what is shown of them."""

import httpx
import pytest

from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.serving import bearer

JOBS = "/api/admin/jobs"
CALLS = [("GET", JOBS), ("POST", f"{JOBS}/reconcile/run")]


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


async def test_an_unknown_job_is_404(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    answer = await api.post(f"{JOBS}/nonsense/run", headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert "reconcile" in answer.json()["error"]


async def test_jobs_are_shown_with_their_schedule(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    shown = (await api.get(JOBS, headers=admin)).json()["data"]["jobs"]
    assert {job["name"] for job in shown} >= {"finish-removals", "reconcile"}
    for job in shown:
        assert len(job["cron"].split()) in {5, 6}
        assert job["description"]
        assert job["runs"] == []


async def test_a_run_does_its_work_and_is_shown(api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo) -> None:
    await mongo.db["songs"].insert_one({"_id": "s", "viewCount": 5})
    answer = await api.post(f"{JOBS}/reconcile/run", headers=admin)
    assert answer.status_code == 200
    summary = {"songs": 1, "drifting": 1, "drift": 5}
    assert answer.json() == {"success": True, "data": {"summary": summary}}
    assert (await mongo.db["songs"].find_one({}))["viewCount"] == 0

    shown = (await api.get(JOBS, headers=admin)).json()["data"]["jobs"]
    [run] = next(job for job in shown if job["name"] == "reconcile")["runs"]
    assert (run["outcome"], run["summary"], run["error"]) == ("done", summary, None)
    assert run["startedAt"] <= run["finishedAt"]
    assert run["finishedAt"].endswith("Z")
