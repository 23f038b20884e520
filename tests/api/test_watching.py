"""Playing an episode and reporting a view of it, over HTTP."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.clock import SystemClock
from app.repositories.mongo import Mongo
from app.services.identity.minting import mint_token
from tests.integration.episodes.watching_house import episode
from tests.serving import SECRET

SERIES = "/api/series"
START, BEAT, COMPLETE = (f"{SERIES}/views/{name}" for name in ("start", "heartbeat", "complete"))
HUGE = 2**53


def member(user: str = "ada", tenant: str = "acme", *, header: str | None = None) -> dict[str, str]:
    token = mint_token(SECRET, user_id=user, clock=SystemClock(), lifetime=timedelta(hours=1), tenants=[tenant])
    return {"Authorization": f"Bearer {token}", "X-Tenant-Id": header or tenant}


@pytest.fixture(autouse=True)
async def _episodes(mongo: Mongo) -> None:
    await mongo.db["episodes"].insert_many([episode(1), episode(2), episode(9, "other")])


async def played(api: httpx.AsyncClient, user: str = "ada", number: int = 1) -> str:
    answer = await api.get(f"{SERIES}/episodes/{number}/play/", headers=member(user))
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["playback_token"]
    return token


def start_of(token: object, **changes: object) -> dict[str, object]:
    return {"episode_id": 1, "playback_token": token, "started_at": "2026-11-28T19:00:00Z"} | changes


def beat_of(view_id: object, token: object, **changes: object) -> dict[str, object]:
    good = {"view_id": view_id, "playback_token": token, "seconds_watched": 4, "player_state": "playing"}
    return good | {"position_seconds": 4} | changes


def done_of(view_id: object, token: object, **changes: object) -> dict[str, object]:
    return {"view_id": view_id, "playback_token": token, "total_seconds": 5, "completed": True} | changes


async def begun(api: httpx.AsyncClient, user: str = "ada") -> tuple[int, str]:
    token = await played(api, user)
    answer = await api.post(START, json=start_of(token), headers=member(user))
    assert answer.status_code == 201, answer.text
    return answer.json()["view_id"], token


async def rows_of(mongo: Mongo) -> list[dict[str, Any]]:
    return await mongo.db["episode_views"].find({}).sort("_id", 1).to_list(None)


def faults(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text
    return [fault["field"] for fault in answer.json()["errors"]]


ROUTES = [("GET", f"{SERIES}/episodes/1/play/"), ("POST", START), ("POST", BEAT), ("POST", COMPLETE)]


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_who_may_call_is_known_before_anything_is_read(api: httpx.AsyncClient, method: str, path: str) -> None:
    good = member()
    refused = {
        401: ({}, {"X-Tenant-Id": "acme"}, good | {"Authorization": "Bearer nonsense"}),
        400: ({"Authorization": good["Authorization"]}, good | {"X-Tenant-Id": ""}),
        403: (good | {"X-Tenant-Id": "other"},),
    }
    for status, headers in refused.items():
        for form in (path, path.rstrip("/") if path.endswith("/") else f"{path}/"):
            for one in headers:
                answer = await api.request(method, form, headers=one, content=b"{" if method == "POST" else None)
                assert answer.status_code == status, (form, one, answer.text)
                if status == 400:
                    assert faults(answer) == ["X-Tenant-Id"]


async def test_a_playback_token_is_no_login(api: httpx.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {await played(api)}", "X-Tenant-Id": "acme"}
    assert (await api.get(f"{SERIES}/episodes/1/play/", headers=headers)).status_code == 401


@pytest.mark.parametrize("number", ["9", "77", "0", "-1", "word", "1e3", "01x", "٣", str(HUGE), "9" * 40, "1.0"])
async def test_no_other_episode_is_played(api: httpx.AsyncClient, number: str) -> None:
    answer = await api.get(f"{SERIES}/episodes/{number}/play/", headers=member())
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_a_view_from_play_to_complete(api: httpx.AsyncClient, mongo: Mongo) -> None:
    answer = await api.get(f"{SERIES}/episodes/1/play", headers=member())
    assert answer.status_code == 200
    assert answer.json().keys() == {"episode_id", "video_id", "provider", "playback_token", "expires_at"}
    token = answer.json()["playback_token"]
    started = [
        await api.post(path, json=start_of(token, device_id="tv"), headers=member() | {"User-Agent": "A browser"})
        for path in (START, f"{START}/")
    ]
    assert [one.status_code for one in started] == [201, 201]
    view_id = started[0].json()["view_id"]
    assert [one.json() for one in started] == [{"view_id": view_id}] * 2
    for path, body in ((BEAT, beat_of(view_id, token)), (f"{BEAT}/", beat_of(view_id, token))):
        beaten = await api.post(path, json=body, headers=member())
        assert (beaten.status_code, beaten.json()) == (200, {"ok": True})
        assert beaten.headers["RateLimit-Limit"] == "4"
    done = await api.post(COMPLETE, json=done_of(view_id, token, total_seconds=9_999), headers=member())
    assert (done.status_code, done.json()) == (200, {"ok": True})
    (row,) = await rows_of(mongo)
    assert (row["device_id"], row["user_agent"], row["ip"]) == ("tv", "A browser", "127.0.0.0")
    assert row["client_started_at"].isoformat() == "2026-11-28T19:00:00+00:00"
    assert (row["covered"], row["completed"]) == ([[0, 1]], True)
    assert 5.0 <= row["total_seconds"] <= 30.0


WRONG_STARTS = [
    ("episode_id", [0, -1, HUGE, 1.5, "1", True, None, 10**400]),
    ("playback_token", [None, 7, ["x"], "nonsense", "", "x" * 5_000]),
    ("started_at", [None, 7, "yesterday", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]),
    ("device_id", [7, "x" * 201, "a\x00b"]),
]


@pytest.mark.parametrize(("field", "values"), WRONG_STARTS)
async def test_what_is_wrong_with_a_start_is_named(
    api: httpx.AsyncClient, mongo: Mongo, field: str, values: list[object]
) -> None:
    token = await played(api)
    for value in values:
        answer = await api.post(START, json=start_of(token, **{field: value}), headers=member())
        assert faults(answer) == [field], value
    assert await rows_of(mongo) == []


async def test_a_token_of_another_user_or_episode_begins_nothing(api: httpx.AsyncClient, mongo: Mongo) -> None:
    login = member()["Authorization"].removeprefix("Bearer ")
    for token in (await played(api, "bo"), await played(api, number=2), login):
        assert faults(await api.post(START, json=start_of(token), headers=member())) == ["playback_token"]
    for number in (9, 77, HUGE - 1):
        answer = await api.post(START, json=start_of(await played(api), episode_id=number), headers=member())
        assert answer.status_code == 404
    assert await rows_of(mongo) == []


WRONG_REPORTS = [
    (BEAT, "seconds_watched", ["NaN", "Infinity", "-Infinity", '"15"', "true", "null", "1e999"]),
    (BEAT, "position_seconds", ["NaN", "Infinity", '"15"', "false"]),
    (BEAT, "player_state", ["null", '"stopped"', "1"]),
    (BEAT, "view_id", ["0", "-1", str(HUGE), "1.5", '"1"', "null", "true"]),
    (BEAT, "playback_token", ["null", "5"]),
    (COMPLETE, "total_seconds", ["NaN", "Infinity", '"15"', "true", "null"]),
    (COMPLETE, "completed", ["null", "1", '"yes"']),
]


@pytest.mark.parametrize(("path", "field", "values"), WRONG_REPORTS)
async def test_what_is_wrong_with_a_report_is_named(
    api: httpx.AsyncClient, mongo: Mongo, path: str, field: str, values: list[str]
) -> None:
    view_id, token = await begun(api)
    before = await rows_of(mongo)
    good = (beat_of if path == BEAT else done_of)(view_id, token)
    for value in values:
        fields = {name: httpx.Response(200, json=one).text for name, one in good.items()} | {field: value}
        body = "{" + ", ".join(f'"{name}": {one}' for name, one in fields.items()) + "}"
        headers = member() | {"Content-Type": "application/json"}
        answer = await api.post(path, content=body, headers=headers)
        assert faults(answer) in ([field], ["body"]), (value, answer.text)
    assert await rows_of(mongo) == before


async def test_numbers_beyond_reason_are_taken_for_what_is_possible(api: httpx.AsyncClient, mongo: Mongo) -> None:
    view_id, token = await begun(api)
    for seconds, position in ((-5, -1), (1e308, 1e308), (0.5, -1e308), (HUGE, HUGE)):
        body = beat_of(view_id, token, seconds_watched=seconds, position_seconds=position)
        assert (await api.post(BEAT, json=body, headers=member())).status_code == 200
    for total in (-1e308, 1e308):
        body = done_of(view_id, token, total_seconds=total)
        assert (await api.post(COMPLETE, json=body, headers=member())).status_code == 200
    (row,) = await rows_of(mongo)
    assert row["total_seconds"] <= 30.0
    assert row["unique_seconds"] == 0.0


@pytest.mark.parametrize(("path", "body_of"), [(BEAT, beat_of), (COMPLETE, done_of)])
async def test_a_view_of_another_user_tenant_or_token_is_not_found_and_unchanged(
    api: httpx.AsyncClient, mongo: Mongo, path: str, body_of: Any
) -> None:
    view_id, token = await begun(api)
    other, other_token = await begun(api, "bo")
    before = await rows_of(mongo)
    login = member()["Authorization"].removeprefix("Bearer ")
    attacks = [
        (view_id, token, member("bo")),
        (view_id, token, member(tenant="other")),
        (view_id, other_token, member("bo")),
        (other, token, member()),
        (view_id, await played(api), member()),
        (view_id, login, member()),
        (view_id, "nonsense", member()),
        (view_id, "", member()),
        (HUGE - 1, token, member()),
    ]
    for which, said, headers in attacks:
        answer = await api.post(path, json=body_of(which, said), headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (404, "View not found")
    assert await rows_of(mongo) == before


async def test_four_beats_a_minute_for_each_view_whatever_is_sent_at_once(api: httpx.AsyncClient, mongo: Mongo) -> None:
    (one, token), (other, other_token) = await begun(api), await begun(api, "bo")
    posts = [api.post(BEAT, json=beat_of(one, token), headers=member()) for _ in range(40)]
    answers = await asyncio.gather(*posts)
    assert sorted({answer.status_code for answer in answers}) == [200, 429]
    assert sum(answer.status_code == 200 for answer in answers) == 4
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "RATE_LIMITED"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert (await api.post(BEAT, json=beat_of(other, other_token), headers=member("bo"))).status_code == 200
    assert (await api.post(COMPLETE, json=done_of(one, token), headers=member())).status_code == 200
    assert [row["completed"] for row in await rows_of(mongo)] == [True, False]
