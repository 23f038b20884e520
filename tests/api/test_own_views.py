"""`GET /api/me/views`."""

import httpx

from app.repositories.mongo import Mongo
from tests.api.conftest import SONGS
from tests.serving import bearer


async def test_it_needs_a_token(api: httpx.AsyncClient) -> None:
    assert (await api.get("/api/me/views")).status_code == 401


async def test_a_bad_cursor_is_400(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/me/views", params={"cursor": "x"}, headers=bearer("ann"))
    assert answer.json()["errors"][0]["field"] == "cursor"


async def test_nothing_yet(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api/me/views", headers=bearer("ann"))
    assert answer.json() == {"success": True, "data": {"items": [], "nextCursor": None}}


async def test_the_latest_first_and_only_ones_own(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await mongo.db["songs"].insert_many({"_id": f"song-{number}", "title": f"T{number}"} for number in range(5))
    for number in (0, 1, 2, 3, 4, 1):
        await api.post(f"{SONGS}/song-{number}/view", json={"durationMs": 5000}, headers=bearer("ann"))
    await api.post(f"{SONGS}/song-0/view", headers=bearer("bob"))
    await mongo.db["songs"].delete_one({"_id": "song-0"})

    seen: list[dict] = []
    cursor = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.get("/api/me/views", params=query, headers=bearer("ann"))).json()["data"]
        seen += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert [view["songId"] for view in seen] == ["song-1", "song-4", "song-3", "song-2", "song-0"]
    assert [view["title"] for view in seen] == ["T1", "T4", "T3", "T2", None]
    assert seen[0]["durationMs"] == 5000
    assert seen[0]["lastViewedAt"] > seen[0]["viewedAt"]
