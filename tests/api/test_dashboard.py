"""`GET /api/dashboard/stats`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.repositories.mongo import Mongo
from tests.serving import bearer

DASHBOARD = "/api/dashboard/stats"
MINE, THEIRS = bearer("user-1"), bearer("user-2")
BOT = {"kind": "bot", "reason": "crawler", "ruleVersion": "1"}
OWN = {"kind": "own", "reason": "own_play", "ruleVersion": "1"}
NOW = datetime.now(UTC)


def row(track: str, session: str, days_ago: float, **fields: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(days=days_ago)
    personal = {"userId": "secret-user", "ip": "203.0.113.0", "userAgent": "secret-agent"}
    return {"trackId": track, "sessionId": session, "timestamp": at, **personal, **fields}


@pytest.fixture
async def events(mongo: Mongo) -> None:
    """Seven tracks of one artist, one of another."""
    for number in (1, 2):
        artist = {"name": f"Artist {number}", "userId": f"user-{number}", "excludeOwnPlays": True, "createdAt": NOW}
        await mongo.db["artists"].insert_one({"_id": f"artist-{number}", **artist})
    tracks = [{"_id": f"track-{number}", "title": f"Title {number}", "artistId": "artist-1"} for number in range(7)]
    await mongo.db["tracks"].insert_many([*tracks, {"_id": "theirs", "title": "Theirs", "artistId": "artist-2"}])
    plays = [row(f"track-{number}", f"s-{n}", n + 0.5) for number in range(7) for n in range(number)]
    former = [row("track-1", f"old-{n}", 40) for n in range(14)]
    aside = [row("track-1", "bot", 1, excluded=BOT), *(row("track-2", "own", 1, excluded=OWN) for _ in range(2))]
    latest = row(
        "track-6", "last", 0.1, source="landing", duration=30.0, completionRate=60, country="DE", skipped=False
    )
    await mongo.db["play_events"].insert_many([*plays, *former, *aside, latest, row("theirs", "x", 0.05)])
    likes = [row("track-1", "a", n + 1, action="like") for n in range(7)]
    likes += [row("track-1", "a", 0.5, action="unlike"), row("theirs", "a", 0.2, action="like")]
    await mongo.db["like_events"].insert_many([*likes, row("track-2", "a", 45, action="like")])
    await mongo.db["share_events"].insert_one(row("track-1", "a", 1, platform="embed"))
    await mongo.db["playlists"].insert_one({"_id": "p", "ownerId": "user-1", "title": "Mine", "createdAt": NOW})
    await mongo.db["playlist_submissions"].insert_many(
        {"playlistId": "p", "trackId": f"track-{n}", "submittedBy": "user-1", "status": status, "createdAt": NOW}
        for n, status in enumerate(["pending", "pending", "accepted", "rejected"])
    )


async def ask(api: httpx.AsyncClient, who: dict[str, str] = MINE, **query: str) -> dict[str, Any]:
    answer = await api.get(DASHBOARD, params=query, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_it_needs_a_token(api: httpx.AsyncClient) -> None:
    assert (await api.get(DASHBOARD)).status_code == 401


async def test_a_wrong_range(api: httpx.AsyncClient, events: None) -> None:
    answer = await api.get(DASHBOARD, params={"timeRange": "1w"}, headers=MINE)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "timeRange")


async def test_who_is_no_artist_has_none(api: httpx.AsyncClient) -> None:
    answer = await api.get(DASHBOARD, headers=bearer("listener"))
    assert (answer.status_code, answer.json()["error"]) == (404, "You have no artist profile")


async def test_the_overview(api: httpx.AsyncClient, events: None) -> None:
    found = await ask(api)
    assert set(found) == {
        "timeRange", "from", "to", "overview", "artistProfile", "recentActivity", "topTracks", "engagement",
        "playlistStats", "growth",
    }  # fmt: skip
    assert found["overview"] == {
        "totalTracks": 7,
        "totalPlays": 22,
        "totalLikes": 7,
        "totalShares": 1,
        "totalDownloads": 0,
        "totalSaves": 0,
        "uniqueListeners": 7,
        "uniqueListenersIsEstimate": False,
        "avgDuration": 30.0,
        "avgCompletionRate": 60.0,
        "setAside": {"bots": 1, "ownPlays": 2},
    }
    assert found["timeRange"] == "30d"
    profile = found["artistProfile"]
    assert profile.pop("createdAt").endswith("Z")
    assert profile == {"id": "artist-1", "name": "Artist 1", "userId": "user-1", "excludeOwnPlays": True}


async def test_growth_compares_with_the_period_before(api: httpx.AsyncClient, events: None) -> None:
    found = (await ask(api))["growth"]
    assert found["playsGrowth"] == pytest.approx(100 * (22 - 14) / 14)
    assert (found["likesGrowth"], found["sharesGrowth"]) == (600, None)
    assert set((await ask(api, timeRange="all"))["growth"].values()) == {None}


async def test_engagement_and_playlists(api: httpx.AsyncClient, events: None) -> None:
    found = await ask(api)
    assert found["engagement"] == {
        "likeRate": pytest.approx(700 / 22),
        "shareRate": pytest.approx(100 / 22),
        "saveRate": 0,
        "downloadRate": 0,
        "completionRate": 60.0,
    }
    assert found["playlistStats"] == {
        "playlists": 1,
        "submissions": 4,
        "pendingSubmissions": 2,
        "acceptedSubmissions": 1,
        "rejectedSubmissions": 1,
    }


async def test_top_tracks(api: httpx.AsyncClient, events: None, mongo: Mongo) -> None:
    found = (await ask(api))["topTracks"]
    assert [(one["trackId"], one["totalPlays"]) for one in found] == [
        ("track-6", 7), ("track-5", 5), ("track-4", 4), ("track-3", 3), ("track-2", 2),
    ]  # fmt: skip
    assert found[0]["title"] == "Title 6"
    await mongo.db["play_events"].insert_one(row("track-1", "more", 1))
    assert (await ask(api))["topTracks"][-1]["trackId"] == "track-1", "equal plays, more likes"


async def test_recent_activity(api: httpx.AsyncClient, events: None) -> None:
    found = (await ask(api, timeRange="24h"))["recentActivity"]
    assert (len(found["plays"]), len(found["likes"])) == (10, 5)
    first = found["plays"][0]
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "trackId": "track-6",
        "title": "Title 6",
        "source": "landing",
        "duration": 30.0,
        "completionRate": 60.0,
        "country": "DE",
    }
    times = [play["timestamp"] for play in found["plays"][1:]]
    assert times == sorted(times, reverse=True)
    assert {like["trackId"] for like in found["likes"]} == {"track-1"}
    assert all(set(like) == {"trackId", "title", "timestamp"} for like in found["likes"])


async def test_nothing_tells_who_listens(api: httpx.AsyncClient, events: None) -> None:
    text = (await api.get(DASHBOARD, headers=MINE)).text
    assert [secret for secret in ("secret-user", "secret-agent", "203.0.113", "s-1", "old-1") if secret in text] == []


async def test_nobody_sees_anothers_tracks(api: httpx.AsyncClient, events: None) -> None:
    mine, theirs = await ask(api, timeRange="all"), await ask(api, THEIRS, timeRange="all")
    assert "theirs" not in str(mine)
    assert "track-" not in str(theirs)
    assert (theirs["overview"]["totalPlays"], theirs["overview"]["totalLikes"]) == (1, 1)
    assert theirs["playlistStats"]["submissions"] == 0


async def test_an_artist_without_tracks_has_zeros(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await mongo.db["artists"].insert_one({"_id": "new", "name": "New", "userId": "user-new"})
    found = await ask(api, bearer("user-new"), timeRange="all")
    assert (found["from"], found["overview"]["totalPlays"], found["topTracks"]) == (None, 0, [])
    assert found["recentActivity"] == {"plays": [], "likes": []}
    assert set(found["growth"].values()) == {None}
