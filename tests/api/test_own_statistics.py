"""`GET /api/dashboard/analytics`, `timeseries` and `activity`: what artists ask of their own tracks."""

from typing import Any

import httpx
import pytest

from app.repositories.mongo import Mongo
from tests.api.test_dashboard import MINE, THEIRS, events, row
from tests.serving import bearer

__all__ = ["events"]

ANALYTICS, SERIES, ACTIVITY = (f"/api/dashboard/{name}" for name in ("analytics", "timeseries", "activity"))
ALL = (ANALYTICS, SERIES, ACTIVITY)


async def ask(api: httpx.AsyncClient, path: str, who: dict[str, str] = MINE, **query: str) -> dict[str, Any]:
    answer = await api.get(path, params=query, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.parametrize("path", ALL)
async def test_it_needs_a_token(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 401


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (ANALYTICS, {"timeRange": "1w"}, "timeRange"),
        (ANALYTICS, {"format": "xml"}, "format"),
        (SERIES, {"granularity": "minute"}, "granularity"),
        (SERIES, {"trackId": ""}, "trackId"),
    ],
)
async def test_what_is_wrong_is_named(
    api: httpx.AsyncClient, path: str, query: dict[str, str], field: str, events: None
) -> None:
    answer = await api.get(path, params=query, headers=MINE)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize("path", ALL)
async def test_who_is_no_artist_has_none(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path, headers=bearer("listener"))
    assert (answer.status_code, answer.json()["error"]) == (404, "You have no artist profile")


@pytest.mark.parametrize("path", [ANALYTICS, SERIES])
@pytest.mark.parametrize("track", ["theirs", "nobody-s"])
async def test_tracks_of_others_are_404(api: httpx.AsyncClient, path: str, track: str, events: None) -> None:
    assert (await api.get(path, params={"trackId": track}, headers=MINE)).status_code == 404


async def test_sums_agree_with_the_dashboard(api: httpx.AsyncClient, events: None) -> None:
    found, board = await ask(api, ANALYTICS), await ask(api, "/api/dashboard/stats")
    assert found["plays"]["totalPlays"] == board["overview"]["totalPlays"] == 22
    assert found["plays"]["uniquePlays"] == board["overview"]["uniqueListeners"]
    assert found["plays"]["sourceBreakdown"] == {"landing": 1}
    assert found["plays"]["countryBreakdown"] == {"DE": 1}
    assert found["shares"] == {"totalShares": 1, "platformBreakdown": {"embed": 1}}
    assert (found["likes"]["totalLikes"], found["likes"]["totalUnlikes"]) == (7, 1)


async def test_one_track_alone(api: httpx.AsyncClient, events: None) -> None:
    assert (await ask(api, ANALYTICS, trackId="track-6"))["plays"]["totalPlays"] == 7
    points = (await ask(api, SERIES, trackId="track-6"))["points"]
    assert sum(point["totalPlays"] for point in points) == 7


async def test_the_course_adds_up_and_has_no_gaps(api: httpx.AsyncClient, events: None) -> None:
    found = await ask(api, SERIES, timeRange="30d")
    assert (len(found["points"]), found["granularity"]) == (31, "day")
    assert sum(point["totalPlays"] for point in found["points"]) == 22
    theirs = await ask(api, SERIES, THEIRS, timeRange="7d", granularity="hour")
    assert sum(point["totalPlays"] for point in theirs["points"]) == 1


@pytest.mark.parametrize(
    ("path", "head", "name"),
    [
        (ANALYTICS, "metric,value", 'filename="analytics-30d.csv"'),
        (SERIES, "start,totalPlays,totalLikes", 'filename="timeseries-30d-day.csv"'),
    ],
)
async def test_a_spreadsheet(api: httpx.AsyncClient, path: str, head: str, name: str, events: None) -> None:
    answer = await api.get(path, params={"format": "csv"}, headers=MINE)
    assert answer.status_code == 200
    assert answer.text.startswith(head)
    assert name in answer.headers["content-disposition"]


async def test_the_latest_events_are_those_of_the_dashboard(api: httpx.AsyncClient, events: None, mongo: Mongo) -> None:
    found = await ask(api, ACTIVITY)
    assert found.pop("asOf").endswith("Z")
    assert found == (await ask(api, "/api/dashboard/stats"))["recentActivity"]
    await mongo.db["play_events"].insert_one(row("track-3", "new", 0.01, source="search"))
    latest = (await ask(api, ACTIVITY))["plays"][0]
    assert (latest["trackId"], latest["title"], latest["source"]) == ("track-3", "Title 3", "search")
    assert "secret" not in str(found)
