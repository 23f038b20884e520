"""Likes and bookmarks."""

import asyncio
import random

import httpx
import pytest

from app.repositories.mongo import Mongo
from tests.api.conftest import ADMIN_SONGS, SONGS
from tests.serving import bearer

KINDS = {
    "like": ("likeCount", "hasLiked", "likes"),
    "bookmark": ("bookmarkCount", "hasBookmarked", "bookmarks"),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


async def test_it_needs_a_token(api: httpx.AsyncClient, song: dict, kind: str) -> None:
    for method in ("PUT", "DELETE"):
        assert (await api.request(method, f"{SONGS}/{song['id']}/{kind}")).status_code == 401


async def test_an_unknown_song_is_404(api: httpx.AsyncClient, kind: str) -> None:
    for method in ("PUT", "DELETE"):
        assert (await api.request(method, f"{SONGS}/none/{kind}", headers=bearer("ann"))).status_code == 404


async def test_it_is_set_and_taken_back_and_counted_once(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, kind: str
) -> None:
    count, has, rows = KINDS[kind]
    path = f"{SONGS}/{song['slug']}/{kind}"
    steps = [("ann", "PUT", 1), ("ann", "PUT", 1), ("bob", "PUT", 2), ("ann", "DELETE", 1), ("ann", "DELETE", 1)]
    for user, method, expected in steps:
        answer = await api.request(method, path, headers=bearer(user))
        assert answer.json() == {"success": True, "data": {count: expected, has: method == "PUT"}}
    assert await mongo.db[rows].count_documents({}) == 1


async def test_a_removed_song_keeps_none(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, kind: str, admin: dict
) -> None:
    await api.put(f"{SONGS}/{song['id']}/{kind}", headers=bearer("ann"))
    await api.delete(f"{ADMIN_SONGS}/{song['id']}", headers=admin)
    assert (await api.put(f"{SONGS}/{song['id']}/{kind}", headers=bearer("bob"))).status_code == 404
    assert await mongo.db[KINDS[kind][2]].count_documents({}) == 0


@pytest.mark.slow
async def test_counts_equal_rows_after_any_storm(api: httpx.AsyncClient, mongo: Mongo, song: dict, kind: str) -> None:
    count, _has, rows = KINDS[kind]
    dice = random.Random(7)
    calls = [(dice.choice(["PUT", "DELETE"]), f"user-{dice.randrange(12)}") for _ in range(400)]
    references = [song["id"], song["slug"]]

    async def call(turn: int, method: str, user: str) -> int:
        return (await api.request(method, f"{SONGS}/{references[turn % 2]}/{kind}", headers=bearer(user))).status_code

    statuses = await asyncio.gather(*(call(turn, *one) for turn, one in enumerate(calls)))
    assert set(statuses) == {200}
    stored = await mongo.db["songs"].find_one({})
    assert stored[count] == await mongo.db[rows].count_documents({})
