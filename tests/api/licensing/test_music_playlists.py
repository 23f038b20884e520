"""`/api/music-licensing/playlists`."""

import asyncio
from typing import Any

import httpx
import pytest

from app.repositories.mongo import Mongo
from tests.licensing.library_house import fill_catalogue, numbered
from tests.serving import bearer

PLAYLISTS = "/api/music-licensing/playlists"
ANN, BOB = bearer("ann"), bearer("bob")


@pytest.fixture(autouse=True)
async def catalogue(mongo: Mongo) -> None:
    """Tracks of a provider that is not configured, which are in our copy."""
    await fill_catalogue(mongo, numbered(*range(1, 30)))


@pytest.fixture
async def path(api: httpx.AsyncClient) -> str:
    """A private playlist of Ann's."""
    made = await api.post(PLAYLISTS, json={"title": "Mix"}, headers=ANN)
    assert made.status_code == 201
    return f"{PLAYLISTS}/{made.json()['id']}"


async def add(api: httpx.AsyncClient, path: str, track: int | str, **more: Any) -> httpx.Response:
    body = {"provider": "soundstripe", "trackId": str(track), **more}
    return await api.post(f"{path}/tracks", json=body, headers=ANN)


async def shown(api: httpx.AsyncClient, path: str) -> dict[str, Any]:
    return (await api.get(path, headers=ANN)).json()


def calls(path: str) -> list[tuple[str, str, Any]]:
    return [
        ("GET", path, None),
        ("PUT", path, {"title": "New"}),
        ("DELETE", path, None),
        ("POST", f"{path}/tracks", {"provider": "soundstripe", "trackId": "1"}),
        ("DELETE", f"{path}/tracks/x", None),
        ("PUT", f"{path}/order", {"order": [], "version": 1}),
    ]


async def test_only_with_a_token(api: httpx.AsyncClient) -> None:
    for method, path, _ in [("POST", PLAYLISTS, None), ("GET", PLAYLISTS, None), *calls(f"{PLAYLISTS}/x")]:
        assert (await api.request(method, path)).status_code == 401


async def test_a_public_one_is_changed_by_its_owner_only(api: httpx.AsyncClient, path: str) -> None:
    await api.put(path, json={"isPublic": True}, headers=ANN)
    for method, called, body in calls(path)[1:]:
        answer = await api.request(method, called, json=body, headers=BOB)
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    read = await api.get(path, headers=BOB)
    assert (read.status_code, read.json()["ownerId"]) == (200, "ann")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"title": "a\0"}, "title"),
        ({"title": "T", "description": "x" * 2_001}, "description"),
        ({"title": "T", "isPublic": "yes"}, "isPublic"),
        ({"title": "T", "version": 1}, "version"),
    ],
)
async def test_bad_playlists_are_400(api: httpx.AsyncClient, body: dict[str, Any], field: str) -> None:
    answer = await api.post(PLAYLISTS, json=body, headers=ANN)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize(
    "body",
    [
        {"position": -1},
        {"position": 1.5},
        {"position": "0"},
        {"position": 2**53},
        {"note": "x" * 501},
        {"note": "a\0"},
        {"provider": "spotify"},
        {"trackId": ""},
        {"id": "mine"},
    ],
)
async def test_bad_tracks_are_400(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    assert (await add(api, path, 1, **body)).status_code == 400


@pytest.mark.parametrize(
    "body", [{}, {"order": []}, {"version": 1}, {"order": ["x"] * 1_001, "version": 1}, {"order": [1], "version": 1}]
)
async def test_bad_orders_are_400(api: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
    assert (await api.put(f"{path}/order", json=body, headers=ANN)).status_code == 400


async def test_private_and_unknown_ones_are_404_alike(api: httpx.AsyncClient, path: str) -> None:
    for playlist in (path, f"{PLAYLISTS}/none", f"{PLAYLISTS}/{'a' * 24}"):
        for method, called, body in calls(playlist):
            answer = await api.request(method, called, json=body, headers=BOB)
            assert (answer.status_code, answer.json()["error"]) == (404, "Playlist not found"), (method, called)
    assert (await api.get(PLAYLISTS, headers=BOB)).json() == {"items": [], "nextCursor": None}
    gone = await api.delete(f"{path}/tracks/none", headers=ANN)
    assert (gone.status_code, gone.json()["error"]) == (404, "Track not found in this playlist")


async def test_a_playlist_as_it_is_shown(api: httpx.AsyncClient, path: str) -> None:
    added = await add(api, path, 1, note="First")
    assert (added.status_code, added.headers["etag"]) == (201, '"2"')
    entry = added.json()
    assert entry.pop("version") == 2
    assert entry == {
        "id": entry["id"],
        "provider": "soundstripe",
        "trackId": "1",
        "note": "First",
        "position": 0,
        "addedAt": entry["addedAt"],
        "track": entry["track"],
    }
    answer = await api.get(path, headers=ANN)
    assert answer.headers["etag"] == '"2"'
    playlist = answer.json()
    assert playlist == {
        "id": path.rpartition("/")[2],
        "ownerId": "ann",
        "title": "Mix",
        "description": None,
        "isPublic": False,
        "version": 2,
        "trackCount": 1,
        "createdAt": playlist["createdAt"],
        "updatedAt": playlist["updatedAt"],
        "tracks": [entry],
    }
    listed = (await api.get(PLAYLISTS, headers=ANN)).json()["items"]
    assert listed == [{name: value for name, value in playlist.items() if name != "tracks"}]


async def test_it_is_one_of_the_other_playlists(api: httpx.AsyncClient, path: str) -> None:
    theirs = (await api.get("/api/playlists", headers=ANN)).json()["data"]["items"]
    assert [one["id"] for one in theirs] == [path.rpartition("/")[2]]
    await api.post("/api/playlists", json={"id": "other", "title": "Other"}, headers=ANN)
    assert (await add(api, f"{PLAYLISTS}/other", 1)).json()["version"] == 2


async def test_twice_the_same_track_is_409(api: httpx.AsyncClient, path: str) -> None:
    await add(api, path, 1)
    again = await add(api, path, 1)
    assert (again.status_code, again.json()["error"]) == (409, "This track is in the playlist already")


async def test_an_order_of_an_old_version_is_409_and_names_the_current_one(api: httpx.AsyncClient, path: str) -> None:
    ids = [(await add(api, path, number)).json()["id"] for number in (1, 2, 3)]
    order = [ids[2], ids[0], ids[1]]
    done = await api.put(f"{path}/order", json={"order": order, "version": 4}, headers=ANN)
    assert (done.json(), done.headers["etag"]) == ({"order": order, "version": 5}, '"5"')
    assert [(one["id"], one["position"]) for one in (await shown(api, path))["tracks"]] == list(
        zip(order, range(3), strict=True)
    )
    for stale in (
        await api.put(f"{path}/order", json={"order": ids, "version": 4}, headers=ANN),
        await api.put(path, json={"title": "New", "version": 4}, headers=ANN),
    ):
        assert (stale.status_code, stale.headers["etag"]) == (409, '"5"')
        assert stale.json() == {
            "success": False,
            "error": "The playlist was changed meanwhile, and is at version 5",
            "code": "CONFLICT",
            "errors": [{"field": "version", "message": "must be 5, the current one"}],
        }
    wrong = await api.put(f"{path}/order", json={"order": order[:2], "version": 5}, headers=ANN)
    assert (wrong.status_code, wrong.json()["errors"]) == (
        400,
        [{"field": "order", "message": f"lacks the entry {order[2]}"}],
    )


async def test_changes(api: httpx.AsyncClient, path: str) -> None:
    body = {"title": "New", "description": "Loud", "isPublic": True, "version": 1}
    changed = await api.put(path, json=body, headers=ANN)
    assert changed.status_code == 200
    assert body.items() - changed.json().items() == {("version", 1)}
    assert (changed.json()["version"], changed.headers["etag"]) == (2, '"2"')
    cleared = (await api.put(path, json={"description": None}, headers=ANN)).json()
    assert (cleared["title"], cleared["description"], cleared["version"]) == ("New", None, 3)
    assert (await api.put(path, json={}, headers=ANN)).json() == cleared


async def test_removed_is_gone(api: httpx.AsyncClient, path: str) -> None:
    entry = (await add(api, path, 1)).json()["id"]
    assert (await api.delete(f"{path}/tracks/{entry}", headers=ANN)).json() == {"id": entry, "version": 3}
    assert (await api.delete(f"{path}/tracks/{entry}", headers=ANN)).status_code == 404
    assert (await shown(api, path))["tracks"] == []
    assert (await api.delete(path, headers=ANN)).json() == {"id": path.rpartition("/")[2]}
    assert (await api.delete(path, headers=ANN)).status_code == 404


async def test_twenty_clients_at_once(api: httpx.AsyncClient, path: str) -> None:
    conflicts: list[tuple[int, int]] = []

    async def client(number: int) -> int:
        entry = (await add(api, path, number, position=0)).json()["id"]
        seen = await shown(api, path)
        order = [one["id"] for one in seen["tracks"]][::-1]
        done = await api.put(f"{path}/order", json={"order": order, "version": seen["version"]}, headers=ANN)
        if done.status_code == 409:
            conflicts.append((seen["version"], int(done.headers["etag"].strip('"'))))
        if number % 2:
            assert (await api.delete(f"{path}/tracks/{entry}", headers=ANN)).status_code == 200
        return 1 + (done.status_code == 200) + number % 2

    changes = sum(await asyncio.gather(*(client(number) for number in range(1, 21))))
    after = await shown(api, path)
    assert sorted(int(one["trackId"]) for one in after["tracks"]) == list(range(2, 21, 2))
    assert [one["position"] for one in after["tracks"]] == list(range(10))
    assert after["version"] == 1 + changes
    assert all(seen < told <= after["version"] for seen, told in conflicts)
