"""`GET /api/stats/analytics` and `/timeseries`."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.serving import bearer

ANALYTICS = "/api/stats/analytics"
SERIES = f"{ANALYTICS}/timeseries"
BOT = {"kind": "bot", "reason": "crawler", "ruleVersion": "1"}


def row(track: str, session: str, days_ago: float, **fields: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return {"trackId": track, "sessionId": session, "timestamp": at, **fields}


@pytest.fixture
async def events(mongo: Mongo) -> None:
    """Two tracks of one artist and one of another; nothing is rolled up."""
    await mongo.db["artists"].insert_many({"_id": f"artist-{n}", "name": "A", "userId": f"u-{n}"} for n in (1, 2))
    owners = {"track-1": "artist-1", "track-2": "artist-1", "track-3": "artist-2"}
    await mongo.db["tracks"].insert_many({"_id": id_, "title": id_, "artistId": of} for id_, of in owners.items())
    await mongo.db["songs"].insert_one({"_id": "song-1", "slug": "a-song", "title": "A song"})
    await mongo.db["play_events"].insert_many(
        [
            row("track-1", "a", 1, source="landing", country="DE", duration=60.0, completionRate=50, skipped=False),
            row("track-1", "a", 2, source="landing", duration=10.0, skipped=True, replayed=True),
            row("track-1", "b", 40, source="search", country="NZ"),
            row("track-1", "bot", 1, source="=HYPERLINK()", excluded=BOT),
            row("track-2", "a", 1, source="player"),
            row("track-3", "c", 1),
            row("song-1", "d", 1),
        ]
    )
    likes = [row("track-1", "a", 1, action="like"), row("track-1", "a", 1, action="unlike")]
    await mongo.db["like_events"].insert_many(likes)
    await mongo.db["share_events"].insert_one(row("track-1", "a", 1, platform="embed"))
    await mongo.db["download_events"].insert_one(row("track-2", "a", 1))
    await mongo.db["save_events"].insert_one(row("track-1", "a", 1, action="save"))


async def ask(api: httpx.AsyncClient, headers: dict[str, str], path: str = ANALYTICS, **query: str) -> dict[str, Any]:
    answer = await api.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    return answer.json()["data"]


def midnight(moment: datetime) -> str:
    """How its day is called in a series."""
    return f"{moment:%Y-%m-%d}T00:00:00.000Z"


@pytest.mark.parametrize("path", [ANALYTICS, SERIES])
async def test_it_needs_an_admin(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 401
    for who in (bearer("listener"), bearer("u-1", Role.ARTIST)):
        answer = await api.get(path, headers=who)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


async def test_who_may_not_ask_is_told_nothing_of_faults(api: httpx.AsyncClient) -> None:
    assert (await api.get(ANALYTICS, params={"timeRange": "2d"})).status_code == 401


@pytest.mark.parametrize("path", [ANALYTICS, SERIES])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"timeRange": "2d"}, "timeRange"),
        ({"bots": "maybe"}, "bots"),
        ({"format": "xml"}, "format"),
        ({"trackId": ""}, "trackId"),
    ],
)
async def test_wrong_questions(api: httpx.AsyncClient, admin: dict, path: str, query: dict, field: str) -> None:
    answer = await api.get(path, params=query, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert field in {fault["field"] for fault in answer.json()["errors"]}


async def test_wrong_metric_and_granularity(api: httpx.AsyncClient, admin: dict) -> None:
    assert (await api.get(ANALYTICS, params={"metric": "views"}, headers=admin)).status_code == 400
    assert (await api.get(SERIES, params={"granularity": "minute"}, headers=admin)).status_code == 400


@pytest.mark.parametrize("query", [{"trackId": "none"}, {"artistId": "none"}])
async def test_unknown_names_are_404(api: httpx.AsyncClient, admin: dict, query: dict) -> None:
    for path in (ANALYTICS, SERIES):
        assert (await api.get(path, params=query, headers=admin)).status_code == 404


async def test_one_track(api: httpx.AsyncClient, admin: dict, events: None) -> None:
    found = await ask(api, admin, trackId="track-1")
    begin, end = (datetime.fromisoformat(found.pop(name)) for name in ("from", "to"))
    assert end - begin == timedelta(days=30)
    assert abs(datetime.now(UTC) - end) < timedelta(minutes=1)
    assert found == {
        "timeRange": "30d",
        "plays": {
            "totalPlays": 2,
            "uniquePlays": 1,
            "uniquePlaysIsEstimate": False,
            "sourceBreakdown": {"landing": 2},
            "countryBreakdown": {"DE": 1},
            "avgDuration": 35.0,
            "avgCompletionRate": 50.0,
            "skipRate": 50.0,
            "replayRate": 50.0,
        },
        "likes": {"totalLikes": 1, "totalUnlikes": 1},
        "shares": {"totalShares": 1, "platformBreakdown": {"embed": 1}},
        "downloads": {"totalDownloads": 0},
        "saves": {"totalSaves": 1, "totalUnsaves": 0},
    }


async def test_scopes_and_ranges(api: httpx.AsyncClient, admin: dict, events: None) -> None:
    async def plays(**query: str) -> int:
        return (await ask(api, admin, **query))["plays"]["totalPlays"]

    assert await plays(artistId="artist-1") == 3
    assert await plays() == 5
    assert await plays(timeRange="all") == 6
    assert await plays(timeRange="90d", trackId="track-1") == 3
    assert await plays(trackId="track-1", bots="include") == 3
    assert await plays(trackId="song-1") == await plays(trackId="a-song") == 1


async def test_zeros_without_events(api: httpx.AsyncClient, admin: dict) -> None:
    found = await ask(api, admin, timeRange="all")
    assert found["from"] is None
    assert (found["plays"]["totalPlays"], found["plays"]["avgDuration"], found["plays"]["sourceBreakdown"]) == (
        0,
        0,
        {},
    )


@pytest.mark.parametrize("metric", ["plays", "likes", "shares", "downloads", "saves"])
async def test_one_metric_leaves_out_the_others(api: httpx.AsyncClient, admin: dict, events: None, metric: str) -> None:
    whole = await ask(api, admin)
    found = await ask(api, admin, metric=metric)
    assert set(found) == {"timeRange", "from", "to", metric}
    assert found[metric] == whole[metric]


async def test_csv(api: httpx.AsyncClient, admin: dict, events: None) -> None:
    answer = await api.get(ANALYTICS, params={"format": "csv", "bots": "include"}, headers=admin)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="analytics-30d.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["metric", "value"]
    assert ["plays.sourceBreakdown.landing", "2"] in rows
    assert ["plays.totalPlays", "6"] in rows
    assert not [cell for line in rows for cell in line if cell.startswith(("=", "+", "-", "@"))]


async def test_over_time(api: httpx.AsyncClient, mongo: Mongo, admin: dict, events: None) -> None:
    found = await ask(api, admin, SERIES, trackId="track-1", timeRange="7d")
    assert (found["granularity"], len(found["points"])) == ("day", 8)
    counted = mongo.db["play_events"].find({"trackId": "track-1", "excluded": None}).sort("timestamp", -1)
    played = [midnight(play["timestamp"]) async for play in counted.limit(2)]
    assert {point["start"] for point in found["points"] if point["totalPlays"] == 1} == set(played)
    assert sum(point["totalPlays"] for point in found["points"]) == 2
    assert found["points"][-1] == {
        "start": midnight(datetime.fromisoformat(found["to"])),
        "totalPlays": 0,
        "totalLikes": 0,
        "totalShares": 0,
        "totalDownloads": 0,
        "totalSaves": 0,
        "avgDuration": 0,
        "avgCompletionRate": 0,
        "skipRate": 0,
        "replayRate": 0,
        "uniquePlays": 0,
        "uniquePlaysIsEstimate": False,
    }


@pytest.mark.parametrize(("granularity", "points"), [("hour", 25), ("week", 2), ("month", 2), ("year", 2)])
async def test_every_granularity(
    api: httpx.AsyncClient, admin: dict, events: None, granularity: str, points: int
) -> None:
    found = await ask(api, admin, SERIES, timeRange="24h", granularity=granularity)
    assert len(found["points"]) == points if granularity == "hour" else 1 <= len(found["points"]) <= points


async def test_csv_over_time(api: httpx.AsyncClient, admin: dict, events: None) -> None:
    answer = await api.get(SERIES, params={"format": "csv", "timeRange": "7d"}, headers=admin)
    assert answer.headers["content-disposition"] == 'attachment; filename="timeseries-7d-day.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 8
    assert sum(int(line["totalPlays"]) for line in rows) == 5
    assert rows[0]["uniquePlaysIsEstimate"] == "false"


async def test_too_many_points(api: httpx.AsyncClient, admin: dict, events: None, mongo: Mongo) -> None:
    await mongo.db["play_events"].insert_one(row("track-1", "a", 500))
    answer = await api.get(SERIES, params={"timeRange": "all", "granularity": "hour"}, headers=admin)
    assert answer.status_code == 400
    assert "granularity=day" in answer.json()["error"]


async def test_a_track_and_an_artist_must_belong_together(api: httpx.AsyncClient, admin: dict, events: None) -> None:
    found = await ask(api, admin, trackId="track-1", artistId="artist-1", metric="plays")
    assert found["plays"]["totalPlays"] == 2
    strangers = {"trackId": "track-3", "artistId": "artist-1"}
    assert (await api.get(ANALYTICS, params=strangers, headers=admin)).status_code == 404
