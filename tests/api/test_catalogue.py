"""`GET /api/audio/copyright-free` and `…/{songId}`."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from app.repositories.mongo import Mongo
from tests.api.conftest import SONGS
from tests.serving import bearer

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


async def fill(mongo: Mongo, count: int) -> None:
    """Songs that share sort values, so that pages must break ties."""
    await mongo.db["songs"].insert_many(
        {
            "title": f"Song {number}",
            "artist": "Ada Quill" if number % 2 else "Tally & Sons",
            "createdAt": BEGINNING + timedelta(days=number // 3),
            "viewCount": number // 4,
            "likeCount": number % 5,
        }
        for number in range(count)
    )


async def walk(api: httpx.AsyncClient, **query: object) -> list[dict]:
    """All items over all pages."""
    items: list[dict] = []
    cursor = None
    while True:
        page = (await api.get(SONGS, params=query | ({"cursor": cursor} if cursor else {}))).json()["data"]
        items += page["items"]
        cursor = page["nextCursor"]
        if cursor is None:
            return items


BAD_QUERIES = [
    ("limit", "0"),
    ("limit", "101"),
    ("limit", "ten"),
    ("sort", "best"),
    ("cursor", "nonsense"),
    ("cursor", "bm9uc2Vuc2U"),
    ("cursor", "W10"),
    ("cursor", "WzEsIDFd"),
    ("cursor", "W3siJG9pZCI6ICJ4In0sICJ4Il0"),
    ("cursor", "é"),
    ("query", "x" * 201),
]


@pytest.mark.parametrize(("name", "value"), BAD_QUERIES)
async def test_bad_queries_are_400_and_named(api: httpx.AsyncClient, name: str, value: str) -> None:
    answer = await api.get(SONGS, params={name: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"][0]["field"] == name


async def test_an_empty_catalogue(api: httpx.AsyncClient) -> None:
    assert (await api.get(SONGS)).json() == {"success": True, "data": {"items": [], "nextCursor": None}}


@pytest.mark.parametrize("sort", ["recent", "views", "likes"])
@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_pages_show_every_song_once_in_order(api: httpx.AsyncClient, mongo: Mongo, sort: str, limit: int) -> None:
    await fill(mongo, 23)
    items = await walk(api, sort=sort, limit=limit)
    assert len({item["id"] for item in items}) == 23
    field = {"recent": "createdAt", "views": "viewCount", "likes": "likeCount"}[sort]
    values = [item[field] for item in items]
    assert values == sorted(values, reverse=True)


async def test_pages_do_not_shift_when_songs_are_added(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await fill(mongo, 10)
    first = (await api.get(SONGS, params={"limit": 5})).json()["data"]
    await mongo.db["songs"].insert_one({"title": "New", "createdAt": BEGINNING + timedelta(days=99)})
    second = (await api.get(SONGS, params={"limit": 5, "cursor": first["nextCursor"]})).json()["data"]
    assert len({song["id"] for song in first["items"] + second["items"]}) == 10


async def test_songs_of_other_programs_are_listed_too(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await mongo.db["songs"].insert_many(
        [
            {"_id": "b", "title": None, "viewCount": None, "createdAt": "yesterday", "duration": float("nan")},
            {"_id": "a"},
            {"title": "Full", "viewCount": 3.0, "createdAt": BEGINNING, "artistId": ObjectId()},
            {"title": "Bare"},
            {"title": "Bare too"},
        ]
    )
    for sort in ("views", "likes"):
        items = await walk(api, sort=sort, limit=2)
        assert len({item["id"] for item in items}) == 5
    assert next(item for item in items if item["id"] == "a")["viewCount"] == 0


async def test_search_finds_songs_with_every_word(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await mongo.db["songs"].insert_many(
        [
            {"title": "Amazing Grace", "artist": "Ada Quill"},
            {"title": "Grace Notes", "artist": "Tally & Sons"},
            {"title": "Été", "artist": "Ada Quill"},
        ]
    )

    async def titles(**query: str) -> set[str]:
        return {song["title"] for song in await walk(api, **query)}

    assert await titles(query="grace") == {"Amazing Grace", "Grace Notes"}
    assert await titles(query="GRACE amazing") == {"Amazing Grace"}
    assert await titles(query="grace quill") == {"Amazing Grace"}
    assert await titles(query='-grace "quill') == {"Amazing Grace"}
    assert await titles(query="ete") == {"Été"}
    assert await titles(query="nothing") == set()
    assert await titles(query="$$$") == set()
    assert await titles(artist="ADA QUILL") == {"Amazing Grace", "Été"}
    assert await titles(artist="Ada") == set()
    assert await titles(artist="tally & sons", query="grace") == {"Grace Notes"}
    assert await titles(artist=".*", query="grace") == set()
    assert await titles(query="grace", sort="views", limit="1") == {"Amazing Grace", "Grace Notes"}


async def test_a_song_is_shown_by_id_and_by_slug(api: httpx.AsyncClient, song: dict) -> None:
    by_id, by_slug = await asyncio.gather(api.get(f"{SONGS}/{song['id']}"), api.get(f"{SONGS}/{song['slug']}"))
    assert by_id.json() == by_slug.json() == {"success": True, "data": song}
    assert set(song) == {
        *("id", "slug", "title", "artist", "artistId", "audioUrl", "thumbnailUrl", "duration"),
        *("viewCount", "likeCount", "bookmarkCount", "createdAt", "updatedAt"),
    }
    assert song["createdAt"].endswith("Z")


async def test_an_id_may_be_written_in_capitals(api: httpx.AsyncClient, song: dict) -> None:
    capitals = str(song["id"]).upper()
    assert (await api.get(f"{SONGS}/{capitals}")).status_code == 200
    assert (await api.post(f"{SONGS}/{capitals}/view", headers=bearer("ann"))).json()["data"]["viewCount"] == 1


async def test_an_unknown_song_is_404(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{SONGS}/nothing")
    assert answer.status_code == 404
    assert answer.json() == {"success": False, "error": "Song not found", "code": "NOT_FOUND"}


async def test_with_a_token_a_song_tells_what_the_caller_did(api: httpx.AsyncClient, song: dict) -> None:
    path = f"{SONGS}/{song['slug']}"
    await api.post(f"{path}/view", headers=bearer("ann"))
    await api.put(f"{path}/bookmark", headers=bearer("ann"))
    for user, expected in {"ann": (True, False, True), "bob": (False, False, False)}.items():
        shown = (await api.get(path, headers=bearer(user))).json()["data"]
        assert (shown["hasViewed"], shown["hasLiked"], shown["hasBookmarked"]) == expected
    assert "hasViewed" not in (await api.get(path)).json()["data"]
