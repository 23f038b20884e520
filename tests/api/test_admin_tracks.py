"""`/api/admin/tracks`: adding, showing, changing and removing tracks."""

import httpx
import pytest
from bson import ObjectId

from app.repositories.mongo import Mongo
from tests.serving import bearer

ARTISTS = "/api/admin/artists"
TRACKS = "/api/admin/tracks"
DRAFT = {"id": "track-1", "title": "New", "artistId": "artist-1", "duration": 184.5}
COUNTS = {"playCount": 0, "likeCount": 0, "shareCount": 0, "downloadCount": 0}


@pytest.fixture(autouse=True)
async def artist(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    for name in ("artist-1", "artist-2"):
        draft = {"id": name, "name": name, "userId": f"user-of-{name}"}
        assert (await api.post(ARTISTS, json=draft, headers=admin)).status_code == 201


@pytest.fixture
async def track(api: httpx.AsyncClient, admin: dict[str, str]) -> dict:
    added = await api.post(TRACKS, json=DRAFT, headers=admin)
    assert added.status_code == 201, added.text
    return added.json()["data"]


async def play(api: httpx.AsyncClient, track_id: str, event_id: str = "e1") -> dict:
    event = {"eventId": event_id, "type": "play", "trackId": track_id, "sessionId": "s1", "duration": 30}
    return (await api.post("/api/stats/events", json=[event])).json()


@pytest.mark.parametrize(("headers", "status"), [({}, 401), (bearer("ann"), 403)], ids=["nobody", "listener"])
async def test_only_admins(
    api: httpx.AsyncClient, mongo: Mongo, track: dict, headers: dict[str, str], status: int
) -> None:
    calls = (("POST", ""), ("GET", ""), ("GET", "/track-1"), ("PATCH", "/track-1"), ("DELETE", "/track-1"))
    for method, path in calls:
        answer = await api.request(method, TRACKS + path, json={"title": "Other"}, headers=headers)
        assert answer.status_code == status
    assert await mongo.db["tracks"].distinct("title", {"removedAt": None}) == ["New"]


BAD = [
    ({"title": ""}, "title"),
    ({"title": None}, "title"),
    ({"artistId": ""}, "artistId"),
    ({"artistId": None}, "artistId"),
    ({"duration": -1}, "duration"),
    ({"duration": "60"}, "duration"),
    ({"duration": None}, "duration"),
    ({"duration": 2**53}, "duration"),
    ({"playCount": 5}, "playCount"),
    ({"likeCount": 0}, "likeCount"),
    ({"shareCount": 0}, "shareCount"),
    ({"downloadCount": 0}, "downloadCount"),
    ({"removedAt": None}, "removedAt"),
]


@pytest.mark.parametrize(("change", "field"), BAD, ids=[f"{field}-{number}" for number, (_, field) in enumerate(BAD)])
async def test_bad_fields_are_400_and_named(
    api: httpx.AsyncClient, mongo: Mongo, track: dict, admin: dict, change: dict, field: str
) -> None:
    added = await api.post(TRACKS, json=DRAFT | {"id": "track-2"} | change, headers=admin)
    patched = await api.patch(f"{TRACKS}/track-1", json=change, headers=admin)
    for answer in (added, patched):
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
        assert field in [fault["field"] for fault in answer.json()["errors"]]
    assert (await api.get(TRACKS, headers=admin)).json()["data"]["items"] == [track]


@pytest.mark.parametrize("bad", ["a/b", "..", "", "ä", "x" * 129])
async def test_bad_ids_are_400(api: httpx.AsyncClient, admin: dict, bad: str) -> None:
    answer = await api.post(TRACKS, json=DRAFT | {"id": bad}, headers=admin)
    assert answer.json()["errors"][0]["field"] == "id"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
async def test_a_duration_that_is_no_number_is_400(api: httpx.AsyncClient, admin: dict, number: str) -> None:
    body = f'{{"title": "T", "artistId": "artist-1", "duration": {number}}}'
    headers = admin | {"Content-Type": "application/json"}
    assert (await api.post(TRACKS, content=body, headers=headers)).status_code == 400


async def test_unknown_tracks_and_artists_are_404(api: httpx.AsyncClient, track: dict, admin: dict) -> None:
    answers = [
        await api.get(f"{TRACKS}/none", headers=admin),
        await api.patch(f"{TRACKS}/none", json={}, headers=admin),
        await api.delete(f"{TRACKS}/none", headers=admin),
        await api.post(TRACKS, json=DRAFT | {"id": "t2", "artistId": "none"}, headers=admin),
        await api.patch(f"{TRACKS}/track-1", json={"artistId": "none"}, headers=admin),
    ]
    assert [one.status_code for one in answers] == [404] * 5
    assert [one.json()["error"] for one in answers] == ["Track not found"] * 3 + ["Artist not found"] * 2
    assert (await api.get(f"{TRACKS}/track-1", headers=admin)).json()["data"] == track


async def test_a_track_is_kept_as_given(api: httpx.AsyncClient, track: dict, admin: dict) -> None:
    assert track == DRAFT | COUNTS | {"createdAt": track["createdAt"], "updatedAt": track["createdAt"]}
    assert (await api.get(f"{TRACKS}/track-1", headers=admin)).json()["data"] == track
    made = (await api.post(TRACKS, json={"title": "T", "artistId": "artist-1", "duration": 0}, headers=admin)).json()
    assert (await api.get(f"{TRACKS}/{made['data']['id']}", headers=admin)).json() == made


async def test_an_id_belongs_to_one_track_or_song(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, track: dict, admin: dict
) -> None:
    other = ObjectId()
    await mongo.db["tracks"].insert_one({"_id": other, "title": "Of another program"})
    for taken in ("track-1", song["id"], song["slug"], str(other)):
        answer = await api.post(TRACKS, json=DRAFT | {"id": taken}, headers=admin)
        assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert await mongo.db["tracks"].count_documents({}) == 2


async def test_a_track_of_another_program_is_shown_and_changed(
    api: httpx.AsyncClient, mongo: Mongo, admin: dict
) -> None:
    key = ObjectId()
    await mongo.db["tracks"].insert_one({"_id": key, "playCount": 7})
    shown = (await api.get(f"{TRACKS}/{key}", headers=admin)).json()["data"]
    nothing = dict.fromkeys(("artistId", "duration", "createdAt", "updatedAt"))
    assert shown == {"id": str(key), "title": ""} | COUNTS | nothing | {"playCount": 7}
    changed = (await api.patch(f"{TRACKS}/{key}", json={"title": "Named"}, headers=admin)).json()["data"]
    assert (changed["title"], changed["playCount"]) == ("Named", 7)


async def test_fields_are_changed(api: httpx.AsyncClient, track: dict, admin: dict) -> None:
    change = {"title": "Renamed", "artistId": "artist-2", "duration": 0}
    changed = (await api.patch(f"{TRACKS}/track-1", json=change, headers=admin)).json()["data"]
    assert changed == track | change | {"updatedAt": changed["updatedAt"]}
    assert (await api.get(f"{TRACKS}/track-1", headers=admin)).json()["data"] == changed
    again = (await api.patch(f"{TRACKS}/track-1", json={}, headers=admin)).json()["data"]
    assert again | {"updatedAt": changed["updatedAt"]} == changed


async def test_a_removed_track_is_gone_until_it_is_added_again(
    api: httpx.AsyncClient, track: dict, admin: dict
) -> None:
    assert (await play(api, "track-1"))["accepted"] == 1
    removed = await api.delete(f"{TRACKS}/track-1", headers=admin)
    assert removed.json() == {"success": True, "data": {"id": "track-1"}}
    assert (await api.delete(f"{TRACKS}/track-1", headers=admin)).status_code == 404
    assert (await api.get(f"{TRACKS}/track-1", headers=admin)).status_code == 404
    assert (await api.patch(f"{TRACKS}/track-1", json={"title": "X"}, headers=admin)).status_code == 404
    assert (await api.get("/api/stats/tracks/track-1/live")).status_code == 404
    assert (await api.get(TRACKS, headers=admin)).json()["data"]["items"] == []
    assert (await play(api, "track-1", "e2"))["results"][0]["code"] == "UNKNOWN_TRACK"

    back = await api.post(TRACKS, json=DRAFT | {"title": "Back"}, headers=admin)
    shown = back.json()["data"]
    assert back.status_code == 201
    assert shown == track | {"title": "Back", "playCount": 1, "updatedAt": shown["updatedAt"]}
    assert (await api.get(f"{TRACKS}/track-1", headers=admin)).json()["data"] == shown
    assert (await play(api, "track-1", "e2"))["accepted"] == 1


async def test_a_song_can_be_read_by_id_and_slug_and_not_changed_here(
    api: httpx.AsyncClient, song: dict, admin: dict
) -> None:
    seen = [(await api.get(f"{TRACKS}/{name}", headers=admin)).json()["data"] for name in (song["id"], song["slug"])]
    assert seen[0] == seen[1]
    expected = {"id": song["id"], "title": song["title"], "artistId": "artist-1", "duration": 180} | COUNTS
    assert seen[0] == expected | {"createdAt": song["createdAt"], "updatedAt": song["updatedAt"]}
    assert (await play(api, str(song["slug"])))["accepted"] == 1
    for name in (song["id"], song["slug"]):
        assert (await api.get(f"{TRACKS}/{name}", headers=admin)).json()["data"]["playCount"] == 1
        assert (await api.patch(f"{TRACKS}/{name}", json={"title": "X"}, headers=admin)).status_code == 409
        assert (await api.delete(f"{TRACKS}/{name}", headers=admin)).status_code == 409
    assert (await api.get(TRACKS, headers=admin)).json()["data"]["items"] == []
    await api.delete(f"/api/admin/copyright-free/{song['id']}", headers=admin)
    assert (await api.get(f"{TRACKS}/{song['id']}", headers=admin)).status_code == 404


async def test_lists_by_artist_in_pages(api: httpx.AsyncClient, admin: dict) -> None:
    for number in range(5):
        draft = DRAFT | {"id": f"t{number}", "artistId": f"artist-{1 + number % 2}"}
        await api.post(TRACKS, json=draft, headers=admin)

    async def page(**params: object) -> tuple[list[str], str | None]:
        data = (await api.get(TRACKS, params=params, headers=admin)).json()["data"]
        return [track["id"] for track in data["items"]], data["nextCursor"]

    assert await page() == (["t4", "t3", "t2", "t1", "t0"], None)
    first, cursor = await page(artistId="artist-1", limit=2)
    assert (first, await page(artistId="artist-1", limit=2, cursor=cursor)) == (["t4", "t2"], (["t0"], None))
    assert await page(artistId="nobody") == ([], None)
