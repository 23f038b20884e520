"""`/api/music-licensing/experiments` over HTTP."""

import asyncio
from typing import Any

import httpx
import pytest

from app.models.identity import Role
from tests.serving import bearer

EXPERIMENTS = "/api/music-licensing/experiments"
ADMIN = "/api/admin/music-licensing/experiments"
ADA = bearer("ada", Role.ARTIST)
CALM, WILD = {"provider": "jamendo", "trackId": "1"}, {"provider": "internet_archive", "trackId": "album/2.mp3"}
DRAFT = {
    "name": "Calm or wild",
    "variants": [{"name": "calm", "weight": 2, "tracks": [CALM]}, {"name": "wild", "tracks": [WILD, CALM, WILD]}],
}


async def add(api: httpx.AsyncClient, admin: dict[str, str], **changes: Any) -> dict[str, Any]:
    made = await api.post(ADMIN, json=DRAFT | changes, headers=admin)
    assert made.status_code == 201, made.text
    return made.json()


async def assignment(api: httpx.AsyncClient, experiment: str, user: str = "ada") -> httpx.Response:
    return await api.get(f"{EXPERIMENTS}/{experiment}/assignment", headers=bearer(user))


async def outcome(api: httpx.AsyncClient, experiment: str, track: object, user: str = "ada") -> httpx.Response:
    return await api.post(f"{EXPERIMENTS}/{experiment}/outcomes", json={"trackRef": track}, headers=bearer(user))


async def results(api: httpx.AsyncClient, admin: dict[str, str], experiment: str) -> dict[str, Any]:
    answer = await api.get(f"{ADMIN}/{experiment}/results", headers=admin)
    assert answer.status_code == 200, answer.text
    return answer.json()


FOR_ADMINS = [("POST", ADMIN), ("GET", ADMIN), ("GET", f"{ADMIN}/x/results")]
FOR_USERS = [("GET", f"{EXPERIMENTS}/x/assignment"), ("POST", f"{EXPERIMENTS}/x/outcomes")]


async def test_only_with_a_token(api: httpx.AsyncClient) -> None:
    for method, path in (*FOR_ADMINS, *FOR_USERS):
        assert (await api.request(method, path)).status_code == 401
    for method, path in FOR_ADMINS:
        assert (await api.request(method, path, headers=ADA)).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"variants": []},
        {"variants": DRAFT["variants"][:1]},
        {"variants": [DRAFT["variants"][0]] * 2},
        {"variants": [DRAFT["variants"][0], {"name": "b", "weight": 0, "tracks": [CALM]}]},
        {"variants": [DRAFT["variants"][0], {"name": "b", "tracks": []}]},
        {"variants": [DRAFT["variants"][0], {"name": "b", "tracks": [{"provider": "napster", "trackId": "1"}]}]},
        {"endsAt": "2020-01-01T00:00:00Z"},
        {"startsAt": "2030-01-01T00:00:00Z", "endsAt": "2030-01-01T00:00:00Z"},
        {"startsAt": "2030-01-01T00:00:00"},
        {"startsAt": "0001-01-01T00:00:00+14:00"},
        {"id": "mine"},
    ],
)
async def test_bad_experiments_are_400(api: httpx.AsyncClient, admin: dict, changes: dict) -> None:
    answer = await api.post(ADMIN, json=DRAFT | changes, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


async def test_unknown_experiments_are_404(api: httpx.AsyncClient, admin: dict) -> None:
    assert (await api.get(f"{ADMIN}/x/results", headers=admin)).status_code == 404
    assert (await assignment(api, "x")).status_code == 404
    assert (await outcome(api, "x", CALM)).status_code == 404


async def test_an_experiment_as_it_is_shown(api: httpx.AsyncClient, admin: dict) -> None:
    made = await add(api, admin, endsAt="2999-01-01T01:00:00+01:00")
    assert made == {
        "id": made["id"],
        "name": "Calm or wild",
        "variants": [
            {"name": "calm", "weight": 2, "tracks": [CALM]},
            {"name": "wild", "weight": 1, "tracks": [WILD, CALM]},
        ],
        "startsAt": made["createdAt"],
        "endsAt": "2999-01-01T00:00:00.000Z",
        "createdAt": made["createdAt"],
        "createdBy": "admin-1",
    }
    assert (await api.get(ADMIN, headers=admin)).json() == {"items": [made], "nextCursor": None}


async def test_an_assignment_is_one_and_stays(api: httpx.AsyncClient, admin: dict) -> None:
    made = (await add(api, admin))["id"]
    answers = await asyncio.gather(*(assignment(api, made) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {200}
    (shown,) = {answer.text: answer.json() for answer in answers}.values()
    assert (shown["experimentId"], shown["variant"] in {"calm", "wild"}) == (made, True)
    assert sum(one["exposures"] for one in (await results(api, admin, made))["variants"]) == 1


async def test_before_it_begins_nobody_sees_it(api: httpx.AsyncClient, admin: dict) -> None:
    made = (await add(api, admin, startsAt="2999-01-01T00:00:00Z"))["id"]
    assert (await assignment(api, made)).status_code == 409
    assert (await outcome(api, made, CALM)).status_code == 409


@pytest.mark.parametrize("track", [None, "jamendo:1", {"provider": "jamendo"}, {**CALM, "weight": 1}])
async def test_bad_outcomes_are_400(api: httpx.AsyncClient, admin: dict, track: object) -> None:
    made = (await add(api, admin))["id"]
    assert (await outcome(api, made, track)).status_code == 400


async def test_outcomes_count_once(api: httpx.AsyncClient, admin: dict) -> None:
    made = (await add(api, admin))["id"]
    assert (await outcome(api, made, CALM)).status_code == 409, "was not shown any variant"
    shown = (await assignment(api, made)).json()
    assert (await outcome(api, made, {"provider": "jamendo", "trackId": "other"})).status_code == 400
    counted = [(await outcome(api, made, CALM)).json() for _ in range(3)]
    assert counted == [{"counted": True}, {"counted": False}, {"counted": False}]
    found = await results(api, admin, made)
    by_name = {one["name"]: one for one in found["variants"]}
    assert by_name[shown["variant"]] == {
        "name": shown["variant"],
        "weight": 2 if shown["variant"] == "calm" else 1,
        "exposures": 1,
        "conversions": 1,
        "rate": 1.0,
        "interval": {"low": pytest.approx(0.2065, abs=1e-4), "high": 1.0},
        "lift": None,
        "pValue": None,
    }
    assert found["enoughData"] is False
    assert found["conclusion"] == "There is not enough data yet to compare “wild” and “calm”."
    assert found["sampleRatio"]["warning"] is None
