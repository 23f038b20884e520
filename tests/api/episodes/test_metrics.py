"""Metrics, retention and live viewers over HTTP and Socket.IO: for members of the tenant, exact at once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.repositories.mongo import Mongo
from app.services.identity.minting import mint_token
from tests.integration.episodes.views_made import insert, view
from tests.realtime.node import NodeClient
from tests.serving import SECRET, ShiftedClock

SERIES = "/api/series"
MEASURED = [f"{SERIES}/{kind}s/1/metrics/" for kind in ("show", "season", "episode")]
OF_EPISODE = [f"{SERIES}/episodes/1/{what}/" for what in ("metrics", "retention", "viewers")]
ROUTES = [*MEASURED, *OF_EPISODE[1:], f"{SERIES}/viewers/"]


def token_of(user: str, *tenants: str) -> str:
    clock = ShiftedClock(timedelta(0))
    return mint_token(SECRET, user_id=user, clock=clock, lifetime=timedelta(hours=1), tenants=tenants)


def member(user: str = "ann", tenant: str = "tenant-1", header: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_of(user, tenant)}", "X-Tenant-Id": header or tenant}


def today() -> str:
    return datetime.now(UTC).date().isoformat()


@pytest.fixture
async def series(api: httpx.AsyncClient, mongo: Mongo) -> httpx.AsyncClient:
    """Show, season and episode 1 of `tenant-1`; show 2 with season 4 and episode 10 of `tenant-2`."""
    for show, season, episode in ((1, 1, 1), (2, 4, 10)):
        place = {"tenant": f"tenant-{show}", "show": show, "season": season}
        await mongo.db["shows"].insert_one({"_id": show, "tenant": f"tenant-{show}", "title": "A show"})
        await mongo.db["seasons"].insert_one({"_id": season, "season_number": 1} | place | {"season": None})
        await mongo.db["episodes"].insert_one(
            {"_id": episode, "title": "One", "video_id": "dQw4w9WgXcQ", "duration_seconds": 1000} | place
        )
    return api


@pytest.mark.parametrize("path", ROUTES)
async def test_who_may_ask(series: httpx.AsyncClient, path: str) -> None:
    without_tenant = {"Authorization": member()["Authorization"]}
    answers = [
        await series.get(path, headers=headers)
        for headers in ({"X-Tenant-Id": "tenant-1"}, without_tenant, member(header="tenant-2"), member())
    ]
    assert [answer.status_code for answer in answers] == [401, 400, 403, 200]
    assert answers[1].json()["errors"][0]["field"] == "X-Tenant-Id"
    assert (await series.get(path.removesuffix("/"), headers=member())).json() == answers[3].json()


@pytest.mark.parametrize("path", [*MEASURED, *OF_EPISODE])
async def test_what_another_tenant_has_is_not_there(series: httpx.AsyncClient, path: str) -> None:
    kind = path.split("/")[3].removesuffix("s")
    for headers, given in ((member("eve", "tenant-2"), path), *((member(), path.replace("1", bad)) for bad in BAD_IDS)):
        answer = await series.get(given, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (404, f"{kind.capitalize()} not found"), given


BAD_IDS = ("99", "0", "-1", "x", "1e3", "9007199254740992", "9" * 40, "%D9%A3")


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=yesterday", "from"), ("to=2026-02-30", "to"), ("from=20260101", "from"), ("from=1700000000", "from"),
     ("from=2026-01-01T00:00:00Z", "from"), ("from=2026-02-01&to=2026-01-01", "from"),
     ("from=2020-01-01&to=2021-01-01", "from"), ("from=", "from"), ("to=9999-12-31&from=0001-01-01", "from")],
)  # fmt: skip
async def test_days_that_are_none(series: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await series.get(f"{MEASURED[2]}?{query}", headers=member())
    assert (answer.status_code, [fault["field"].split(".")[-1] for fault in answer.json()["errors"]]) == (400, [field])


async def test_the_edges_of_the_calendar(series: httpx.AsyncClient) -> None:
    for query, days in (("to=0001-01-01", 1), ("to=9999-12-31", 30), ("from=2023-01-01&to=2024-01-01", 366)):
        answer = await series.get(f"{MEASURED[2]}?{query}", headers=member())
        assert len(answer.json()["days"]) == days


async def test_a_view_is_measured_at_once(series: httpx.AsyncClient, mongo: Mongo) -> None:
    played = (await series.get(f"{SERIES}/episodes/1/play/", headers=member())).json()
    said = {"episode_id": 1, "playback_token": played["playback_token"], "started_at": "2026-11-28T12:00:00Z"}
    started = await series.post(f"{SERIES}/views/start", json=said, headers=member())
    assert started.status_code == 201, started.text
    ends = {"view_id": started.json()["view_id"], "playback_token": played["playback_token"]}
    beat = ends | {"seconds_watched": 4, "player_state": "playing", "position_seconds": 4}
    assert (await series.post(f"{SERIES}/views/heartbeat", json=beat, headers=member())).status_code == 200
    ended = ends | {"total_seconds": 4, "completed": True}
    assert (await series.post(f"{SERIES}/views/complete", json=ended, headers=member())).status_code == 200
    row = await mongo.db["episode_views"].find_one({})
    assert row
    for path in MEASURED:
        found = (await series.get(f"{path}?from={row['day']}&to={row['day']}", headers=member())).json()
        shown = {"view_count": 1, "unique_viewers": 1, "total_watch_time": 4, "unique_seconds": 4,
                 "completion_rate": 100.0}  # fmt: skip
        assert found == shown | {"days": [{"day": row["day"]} | shown]}
    live = await series.get(f"{SERIES}/episodes/1/viewers/", headers=member("bob"))
    assert live.json() == {"episode_id": 1, "viewers": 1}


async def test_live_viewers_are_distinct_users_of_the_last_half_minute(series: httpx.AsyncClient, mongo: Mongo) -> None:
    now = datetime.now(UTC)
    seen = [(1, "ann", 1), (1, "ann", 20), (1, "bob", 15), (1, "late", 31), (2, "ann", 5), (10, "eve", 1)]
    await insert(
        mongo,
        [
            view(number, episode, user, now, seen_at=now - timedelta(seconds=age))
            for number, (episode, user, age) in enumerate(seen)
        ],
    )
    assert (await series.get(f"{SERIES}/episodes/1/viewers/", headers=member())).json()["viewers"] == 2
    assert (await series.get(f"{SERIES}/viewers/", headers=member())).json() == {
        "viewers": 2,
        "episodes": [{"episode_id": 1, "viewers": 2}, {"episode_id": 2, "viewers": 1}],
    }
    assert (await series.get(f"{SERIES}/viewers/", headers=member("eve", "tenant-3"))).json() == {
        "viewers": 0,
        "episodes": [],
    }


async def test_nothing_is_computed_yet(series: httpx.AsyncClient) -> None:
    found = (await series.get(OF_EPISODE[1], headers=member())).json()
    points = found.pop("points")
    assert found == {"episode_id": 1, "duration_seconds": 1000, "views": 0, "computed_at": None}
    assert (len(points), points[1]) == (100, {"at_seconds": 10.0, "retention": 0.0, "heat": 0.0})


@pytest.fixture
async def node() -> AsyncIterator[NodeClient]:
    client = await NodeClient.start()
    yield client
    await client.stop()


async def test_a_start_is_told_to_members_only(series: httpx.AsyncClient, address: str, node: NodeClient) -> None:
    for name, tenant in (("member", "tenant-1"), ("stranger", "tenant-2")):
        await node.connect(name, address, transports=["websocket"], auth={"token": token_of(name, tenant)})
    await node.connect("anonymous", address, transports=["websocket"])
    joined = await node.call("member", "subscribe", {"episodeId": 1})
    assert joined == {"ok": True, "room": "episode:1", "viewers": 0}
    refused = [(await node.call(name, "subscribe", {"episodeId": 1}))["code"] for name in ("stranger", "anonymous")]
    assert refused == ["NOT_FOUND", "UNAUTHORIZED"]
    played = (await series.get(f"{SERIES}/episodes/1/play/", headers=member())).json()
    said = {"episode_id": 1, "playback_token": played["playback_token"], "started_at": "2026-11-28T12:00:00Z"}
    assert (await series.post(f"{SERIES}/views/start", json=said, headers=member())).status_code == 201
    event = await node.wait_for("member", lambda one: one["event"] == "episode-viewers-updated")
    assert event["payload"] == {"episodeId": 1, "viewers": 1}
    assert [one for one in node.events if one["event"] == "episode-viewers-updated"] == [event]
