"""`GET` and `DELETE /api/me/data`."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from app.clock import SystemClock
from app.errors import Unavailable
from app.models.privacy import Row
from app.models.stats.events import EventType
from app.repositories.mongo import Mongo
from app.repositories.personal_rows import PersonalRowRepository
from tests.api.conftest import SONGS
from tests.serving import bearer

DATA = "/api/me/data"
NOW = datetime(2026, 11, 20, 12, 0, 0, 5_000, tzinfo=UTC)
KINDS = {"views", "likes", "bookmarks", *(f"{kind.value}Events" for kind in EventType)} | {
    "playlists",
    "submissions",
    "artistProfiles",
    "musicFavorites",
    "musicUsages",
    "trackDownloads",
    "webhookSubscriptions",
    "experimentAssignments",
    "episodeViews",
    "episodeViewers",
}


async def listen(api: httpx.AsyncClient, song: dict[str, object], user: str) -> None:
    await api.post(f"{SONGS}/{song['id']}/view", json={"durationMs": 5000}, headers=bearer(user))
    await api.put(f"{SONGS}/{song['id']}/like", headers=bearer(user))
    await api.put(f"{SONGS}/{song['id']}/bookmark", headers=bearer(user))


async def add_plays(mongo: Mongo, user: str, count: int) -> None:
    await mongo.db["tracks"].update_one({"_id": "track-1"}, {"$inc": {"playCount": count}}, upsert=True)
    row = {"userId": user, "trackId": "track-1", "sessionId": "s", "userAgent": "Firefox", "ip": "203.0.113.0"}
    await mongo.db["play_events"].insert_many(
        row | {"timestamp": NOW - timedelta(minutes=number)} for number in range(count)
    )


async def test_both_need_a_token(api: httpx.AsyncClient) -> None:
    for answer in (await api.get(DATA), await api.delete(DATA)):
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


async def test_who_left_nothing(api: httpx.AsyncClient) -> None:
    answer = await api.get(DATA, headers=bearer("ann"))
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data.pop("userId") == "ann"
    assert data.pop("exportedAt").endswith("Z")
    assert data == {kind: [] for kind in KINDS}


async def test_a_copy_is_a_file_of_ones_own_rows(api: httpx.AsyncClient, mongo: Mongo, song: dict[str, object]) -> None:
    for user in ("ann", "bob"):
        await listen(api, song, user)
        await add_plays(mongo, user, 2)
    answer = await api.get(DATA, headers=bearer("ann"))
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"] == 'attachment; filename="playledger-data.json"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["success"] is True
    data = answer.json()["data"]
    assert [len(data[kind]) for kind in ("views", "likes", "bookmarks", "playEvents")] == [1, 1, 1, 2]
    assert "bob" not in answer.text
    assert data["views"][0]["songId"] == song["id"]
    assert data["views"][0]["durationMs"] == 5000
    assert data["playEvents"][0]["timestamp"] == "2026-11-20T12:00:00.005Z"
    assert data["playEvents"][0]["ip"] == "203.0.113.0"


async def test_a_long_copy_is_sent_in_pieces(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await add_plays(mongo, "ann", 5_000)
    sizes = []
    async with api.stream("GET", DATA, headers=bearer("ann")) as answer:
        assert "content-length" not in answer.headers
        pieces = [piece async for piece in answer.aiter_raw()]
        sizes = [len(piece) for piece in pieces]
    assert len(json.loads(b"".join(pieces))["data"]["playEvents"]) == 5_000
    assert max(sizes) < 300_000 < sum(sizes)


async def test_erased_with_a_receipt_and_only_ones_own(
    api: httpx.AsyncClient, mongo: Mongo, song: dict[str, object]
) -> None:
    for user in ("ann", "bob"):
        await listen(api, song, user)
        await add_plays(mongo, user, 3)
    bobs = (await api.get(DATA, headers=bearer("bob"))).json()["data"]
    began = SystemClock().now()

    answer = await api.delete(DATA, headers=bearer("ann"))
    assert answer.status_code == 200
    receipt = answer.json()["data"]
    assert set(receipt) == {"receiptId", "erasedAt", "erased"}
    assert set(receipt["erased"]) == KINDS
    assert {kind: rows for kind, rows in receipt["erased"].items() if rows} == {
        "views": 1,
        "likes": 1,
        "bookmarks": 1,
        "playEvents": 3,
    }
    assert datetime.fromisoformat(receipt["erasedAt"]) >= began

    shown = (await api.get(f"{SONGS}/{song['id']}", headers=bearer("ann"))).json()["data"]
    assert (shown["viewCount"], shown["likeCount"], shown["bookmarkCount"]) == (1, 1, 1)
    assert (shown["hasViewed"], shown["hasLiked"], shown["hasBookmarked"]) == (False, False, False)
    track = await mongo.db["tracks"].find_one({"_id": "track-1"})
    assert track is not None
    assert (track["playCount"], list(track["dirty"])) == (3, ["2026-11-20"])
    now_bobs = (await api.get(DATA, headers=bearer("bob"))).json()["data"]
    assert now_bobs | {"exportedAt": ""} == bobs | {"exportedAt": ""}

    again = (await api.delete(DATA, headers=bearer("ann"))).json()["data"]
    assert set(again["erased"].values()) == {0}


async def test_two_erasures_at_once_erase_each_row_once(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await add_plays(mongo, "ann", 1_500)
    answers = await asyncio.gather(*(api.delete(DATA, headers=bearer("ann")) for _ in range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sum(answer.json()["data"]["erased"]["playEvents"] for answer in answers) == 1_500
    track = await mongo.db["tracks"].find_one({"_id": "track-1"})
    assert track is not None
    assert track["playCount"] == 0


async def test_a_database_that_is_away_is_said_before_anything_is_sent(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PersonalRowRepository, "read", _away_after(0))
    answer = await api.get(DATA, headers=bearer("ann"))
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert "content-disposition" not in answer.headers


async def test_a_copy_that_breaks_off_does_not_look_whole(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PersonalRowRepository, "read", _away_after(20_000))
    with pytest.raises(httpx.RemoteProtocolError):
        await api.get(DATA, headers=bearer("ann"))


def _away_after(rows: int) -> Callable[..., AsyncIterator[Row]]:
    async def read(_repository: object, user_id: str) -> AsyncIterator[Row]:
        for number in range(rows):
            yield {"id": str(number), "userId": user_id}
        raise Unavailable("The database is away, please try again")

    return read
