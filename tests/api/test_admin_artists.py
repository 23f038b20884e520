"""`/api/admin/artists`: adding, listing and changing artists."""

import httpx
import pytest

from app.repositories.mongo import Mongo
from tests.serving import bearer

ARTISTS = "/api/admin/artists"
DRAFT = {"id": "artist-1", "name": "Ada Quill", "userId": "ada"}


@pytest.fixture
async def artist(api: httpx.AsyncClient, admin: dict[str, str]) -> dict:
    added = await api.post(ARTISTS, json=DRAFT, headers=admin)
    assert added.status_code == 201, added.text
    return added.json()["data"]


@pytest.mark.parametrize(("headers", "status"), [({}, 401), (bearer("ann"), 403)], ids=["nobody", "listener"])
async def test_only_admins(
    api: httpx.AsyncClient, mongo: Mongo, artist: dict, headers: dict[str, str], status: int
) -> None:
    for method, path in (("POST", ""), ("GET", ""), ("GET", "/artist-1"), ("PATCH", "/artist-1")):
        answer = await api.request(method, ARTISTS + path, json={"name": "Other"}, headers=headers)
        assert answer.status_code == status
    assert await mongo.db["artists"].distinct("name") == ["Ada Quill"]


BAD = [
    ({"name": " "}, "name"),
    ({"name": None}, "name"),
    ({"userId": ""}, "userId"),
    ({"userId": 7}, "userId"),
    ({"id": ""}, "id"),
    ({"id": "."}, "id"),
    ({"id": ".."}, "id"),
    ({"id": "a/b"}, "id"),
    ({"id": "a b"}, "id"),
    ({"id": "a?b"}, "id"),
    ({"id": "a%2Fb"}, "id"),
    ({"id": "a\n"}, "id"),
    ({"id": "x" * 129}, "id"),
    ({"excludeOwnPlays": "yes"}, "excludeOwnPlays"),
    ({"createdAt": "2026-01-01T00:00:00Z"}, "createdAt"),
]


@pytest.mark.parametrize(("change", "field"), BAD, ids=[f"{field}-{number}" for number, (_, field) in enumerate(BAD)])
async def test_bad_fields_are_400_and_named(
    api: httpx.AsyncClient, mongo: Mongo, admin: dict, change: dict, field: str
) -> None:
    answer = await api.post(ARTISTS, json=DRAFT | change, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert field in [fault["field"] for fault in answer.json()["errors"]]
    assert await mongo.db["artists"].count_documents({}) == 0


@pytest.mark.parametrize("change", [{"userId": "bob"}, {"id": "other"}, {"name": ""}, {"excludeOwnPlays": None}])
async def test_what_cannot_be_changed_is_400(api: httpx.AsyncClient, artist: dict, admin: dict, change: dict) -> None:
    assert (await api.patch(f"{ARTISTS}/artist-1", json=change, headers=admin)).status_code == 400
    assert (await api.get(f"{ARTISTS}/artist-1", headers=admin)).json()["data"] == artist


async def test_unknown_artists_are_404(api: httpx.AsyncClient, admin: dict) -> None:
    answers = [await api.get(f"{ARTISTS}/none", headers=admin)]
    answers.append(await api.patch(f"{ARTISTS}/none", json={"name": "New"}, headers=admin))
    assert [(one.status_code, one.json()["error"]) for one in answers] == [(404, "Artist not found")] * 2


async def test_an_id_that_is_given_is_kept(artist: dict) -> None:
    shown = {name: artist[name] for name in ("id", "name", "userId", "excludeOwnPlays")}
    assert shown == DRAFT | {"excludeOwnPlays": False}
    assert artist["createdAt"] == artist["updatedAt"]
    assert artist["createdAt"].endswith("Z")
    assert len(artist) == 6


@pytest.mark.parametrize("given", ["~!$&'()*+,;=:@-", "x" * 128, "665f1f77bcf86cd799439011", "_.."])
async def test_every_id_that_a_segment_carries(api: httpx.AsyncClient, admin: dict, given: str) -> None:
    added = (await api.post(ARTISTS, json=DRAFT | {"id": given}, headers=admin)).json()["data"]
    assert (await api.get(f"{ARTISTS}/{given}", headers=admin)).json()["data"] == added
    assert added["id"] == given


async def test_without_an_id_one_is_made(api: httpx.AsyncClient, admin: dict) -> None:
    for user in ("ada", "bob"):
        added = await api.post(ARTISTS, json={"name": "Ada", "userId": user}, headers=admin)
        shown = await api.get(f"{ARTISTS}/{added.json()['data']['id']}", headers=admin)
        assert shown.json()["data"] == added.json()["data"]


@pytest.mark.parametrize("change", [{"userId": "bob"}, {"id": "artist-2"}], ids=["same id", "same user"])
async def test_ids_and_users_belong_to_one_artist(
    api: httpx.AsyncClient, artist: dict, admin: dict, change: dict
) -> None:
    again = await api.post(ARTISTS, json=DRAFT | change, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    assert ("user" if "id" in change else "id") in again.json()["error"]


async def test_fields_are_changed(api: httpx.AsyncClient, artist: dict, admin: dict) -> None:
    change = {"name": "Ada Q.", "excludeOwnPlays": True}
    changed = (await api.patch(f"{ARTISTS}/artist-1", json=change, headers=admin)).json()["data"]
    assert changed == artist | change | {"updatedAt": changed["updatedAt"]}
    assert changed["updatedAt"] >= artist["updatedAt"]
    assert (await api.get(f"{ARTISTS}/artist-1", headers=admin)).json()["data"] == changed


async def test_pages_show_every_artist_once(api: httpx.AsyncClient, admin: dict) -> None:
    for number in range(5):
        await api.post(ARTISTS, json={"id": f"a{number}", "name": "A", "userId": f"u{number}"}, headers=admin)
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(ARTISTS, params=params, headers=admin)).json()["data"]
        seen += [artist["id"] for artist in page["items"]]
        cursor = page["nextCursor"]
        if cursor is None:
            break
    assert seen == ["a4", "a3", "a2", "a1", "a0"]
    assert (await api.get(ARTISTS, params={"cursor": "x"}, headers=admin)).status_code == 400


async def test_own_plays_are_judged_by_the_profile(api: httpx.AsyncClient, artist: dict, admin: dict) -> None:
    track = {"id": "t1", "title": "T", "artistId": "artist-1", "duration": 60}
    assert (await api.post("/api/admin/tracks", json=track, headers=admin)).status_code == 201
    play = {"eventId": "e1", "type": "play", "trackId": "t1", "sessionId": "s1", "source": "player", "duration": 30}
    assert (await api.post("/api/stats/events", json=[play], headers=bearer("ada"))).json()["accepted"] == 1

    async def plays() -> int:
        return (await api.get("/api/admin/tracks/t1", headers=admin)).json()["data"]["playCount"]

    assert await plays() == 1
    await api.patch(f"{ARTISTS}/artist-1", json={"excludeOwnPlays": True}, headers=admin)
    assert await plays() == 0
    await api.patch(f"{ARTISTS}/artist-1", json={"excludeOwnPlays": False}, headers=admin)
    assert await plays() == 1
