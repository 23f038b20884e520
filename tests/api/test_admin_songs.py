"""`/api/admin/copyright-free`: adding, changing and removing songs."""

import httpx
import pytest

from app.repositories.mongo import Mongo
from tests.api.conftest import ADMIN_SONGS, SONGS
from tests.serving import bearer

DRAFT = {"title": "New", "artist": "Ada", "audioUrl": "https://cdn.example.com/new.mp3", "duration": 1000}


async def stored(mongo: Mongo) -> int:
    return await mongo.db["songs"].count_documents({})


@pytest.mark.parametrize(("headers", "status"), [({}, 401), (bearer("ann"), 403)], ids=["nobody", "listener"])
async def test_only_admins(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, headers: dict[str, str], status: int
) -> None:
    for method, path in (("POST", ""), ("PATCH", f"/{song['id']}"), ("DELETE", f"/{song['id']}")):
        answer = await api.request(method, ADMIN_SONGS + path, json=DRAFT, headers=headers)
        assert answer.status_code == status
    assert await mongo.db["songs"].find_one({}, {"_id": 0, "title": 1}) == {"title": "In the Name"}


BAD = [
    ({"title": ""}, "title"),
    ({"title": "  "}, "title"),
    ({"title": "a\x00b"}, "title"),
    ({"title": 5}, "title"),
    ({"title": "x" * 301}, "title"),
    ({"artist": None}, "artist"),
    ({"audioUrl": "javascript:alert(1)"}, "audioUrl"),
    ({"audioUrl": "//evil.example.com/x.mp3"}, "audioUrl"),
    ({"audioUrl": "ftp://example.com/x.mp3"}, "audioUrl"),
    ({"audioUrl": "https://example.com/a b.mp3"}, "audioUrl"),
    ({"thumbnailUrl": "data:text/html,x"}, "thumbnailUrl"),
    ({"duration": -1}, "duration"),
    ({"duration": 1.5}, "duration"),
    ({"duration": 2**53}, "duration"),
    ({"slug": "Capital"}, "slug"),
    ({"slug": "two--dashes"}, "slug"),
    ({"slug": "665f1f77bcf86cd799439011"}, "slug"),
    ({"slug": "$where"}, "slug"),
    ({"viewCount": 5}, "viewCount"),
    ({"likeCount": 5}, "likeCount"),
    ({"bookmarkCount": 0}, "bookmarkCount"),
    ({"countsRevision": 0}, "countsRevision"),
    ({"_id": "mine"}, "_id"),
]


@pytest.mark.parametrize(("change", "field"), BAD, ids=[f"{field}-{number}" for number, (_, field) in enumerate(BAD)])
async def test_bad_fields_are_400_and_named(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, admin: dict, change: dict, field: str
) -> None:
    added = await api.post(ADMIN_SONGS, json=DRAFT | change, headers=admin)
    patched = await api.patch(f"{ADMIN_SONGS}/{song['id']}", json=change, headers=admin)
    for answer in (added, patched):
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
        assert field in [fault["field"] for fault in answer.json()["errors"]]
    assert await stored(mongo) == 1
    assert (await api.get(f"{SONGS}/{song['id']}")).json()["data"] == song


@pytest.mark.parametrize("missing", DRAFT)
async def test_missing_fields_are_400(api: httpx.AsyncClient, admin: dict, missing: str) -> None:
    draft = {name: value for name, value in DRAFT.items() if name != missing}
    answer = await api.post(ADMIN_SONGS, json=draft, headers=admin)
    assert answer.json()["errors"][0]["field"] == missing


async def test_an_empty_body_is_400(api: httpx.AsyncClient, admin: dict) -> None:
    headers = admin | {"Content-Type": "application/json"}
    assert (await api.post(ADMIN_SONGS, headers=headers)).status_code == 400


async def test_a_song_without_a_slug(api: httpx.AsyncClient, admin: dict) -> None:
    for _ in range(2):
        added = await api.post(ADMIN_SONGS, json=DRAFT, headers=admin)
        assert added.status_code == 201
        assert (added.json()["data"]["slug"], added.json()["data"]["viewCount"]) == (None, 0)


async def test_a_slug_belongs_to_one_song(api: httpx.AsyncClient, song: dict, admin: dict) -> None:
    again = await api.post(ADMIN_SONGS, json=DRAFT | {"slug": song["slug"]}, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    other = (await api.post(ADMIN_SONGS, json=DRAFT | {"slug": "other"}, headers=admin)).json()["data"]
    moved = await api.patch(f"{ADMIN_SONGS}/{other['id']}", json={"slug": song["slug"]}, headers=admin)
    assert moved.status_code == 409


async def test_fields_are_changed_and_cleared(api: httpx.AsyncClient, song: dict, admin: dict) -> None:
    await api.post(f"{SONGS}/{song['id']}/view", headers=bearer("ann"))
    change = {"title": "Renamed", "slug": None, "thumbnailUrl": "/cover.png"}
    changed = (await api.patch(f"{ADMIN_SONGS}/{song['slug']}", json=change, headers=admin)).json()["data"]
    assert changed["updatedAt"] >= song["updatedAt"]
    expected = song | change | {"viewCount": 1, "updatedAt": changed["updatedAt"]}
    assert changed == expected
    assert (await api.get(f"{SONGS}/{song['slug']}")).status_code == 404


async def test_an_empty_patch_changes_nothing(api: httpx.AsyncClient, song: dict, admin: dict) -> None:
    changed = (await api.patch(f"{ADMIN_SONGS}/{song['id']}", json={}, headers=admin)).json()["data"]
    assert changed | {"updatedAt": song["updatedAt"]} == song


async def test_unknown_songs_are_404(api: httpx.AsyncClient, admin: dict) -> None:
    assert (await api.patch(f"{ADMIN_SONGS}/none", json={}, headers=admin)).status_code == 404
    assert (await api.delete(f"{ADMIN_SONGS}/none", headers=admin)).status_code == 404


async def test_a_song_is_removed_once(api: httpx.AsyncClient, mongo: Mongo, song: dict, admin: dict) -> None:
    removed = await api.delete(f"{ADMIN_SONGS}/{song['slug']}", headers=admin)
    assert removed.json() == {"success": True, "data": {"id": song["id"]}}
    assert (await api.delete(f"{ADMIN_SONGS}/{song['slug']}", headers=admin)).status_code == 404
    assert await stored(mongo) == 0
