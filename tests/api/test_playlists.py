"""`/api/playlists`: playlists, submissions and decisions."""

import asyncio

import httpx
import pytest

from app.models.identity import Role
from tests.serving import bearer

PLAYLISTS = "/api/playlists"
OWNER, ARTIST, OTHER = bearer("owner"), bearer("ada", Role.ARTIST), bearer("eve", Role.ARTIST)
SUBMISSIONS = f"{PLAYLISTS}/mix/submissions"


@pytest.fixture(autouse=True)
async def world(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """A playlist of `owner`, and two tracks of `ada`."""
    artist = {"id": "artist-1", "name": "Ada", "userId": "ada"}
    calls = [("/api/admin/artists", artist, admin), (PLAYLISTS, {"id": "mix", "title": "Mix"}, OWNER)]
    for number in (1, 2):
        track = {"id": f"t{number}", "title": "T", "artistId": "artist-1", "duration": 60}
        calls.append(("/api/admin/tracks", track, admin))
    for path, body, headers in calls:
        assert (await api.post(path, json=body, headers=headers)).status_code == 201


async def submit(api: httpx.AsyncClient, track: str = "t1", headers: dict[str, str] = ARTIST) -> httpx.Response:
    return await api.post(SUBMISSIONS, json={"trackId": track, "message": "Please"}, headers=headers)


async def decide(
    api: httpx.AsyncClient, submission: str, status: str, headers: dict[str, str] = OWNER
) -> httpx.Response:
    return await api.patch(f"{SUBMISSIONS}/{submission}", json={"status": status}, headers=headers)


async def listed(api: httpx.AsyncClient, headers: dict[str, str], **params: object) -> list[str]:
    answer = await api.get(SUBMISSIONS, params=params, headers=headers)
    assert answer.status_code == 200
    return [one["id"] for one in answer.json()["data"]["items"]]


async def test_only_with_a_token(api: httpx.AsyncClient) -> None:
    calls = [("POST", PLAYLISTS), ("GET", PLAYLISTS), ("POST", SUBMISSIONS), ("GET", SUBMISSIONS)]
    for method, path in [*calls, ("PATCH", f"{SUBMISSIONS}/x")]:
        assert (await api.request(method, path)).status_code == 401


@pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": "T", "ownerId": "eve"}, {"title": "T", "id": "a/b"}])
async def test_bad_playlists_are_400(api: httpx.AsyncClient, body: dict) -> None:
    assert (await api.post(PLAYLISTS, json=body, headers=OWNER)).status_code == 400


async def test_playlists_are_their_owners(api: httpx.AsyncClient) -> None:
    made = (await api.post(PLAYLISTS, json={"title": "Second"}, headers=OWNER)).json()["data"]
    assert (made["ownerId"], made["title"]) == ("owner", "Second")
    again = await api.post(PLAYLISTS, json={"id": "mix", "title": "Mine"}, headers=OTHER)
    assert (again.status_code, again.json()["code"]) == (409, "CONFLICT")
    own = (await api.get(PLAYLISTS, headers=OWNER)).json()["data"]
    assert [one["id"] for one in own["items"]] == [made["id"], "mix"]
    assert (await api.get(PLAYLISTS, headers=OTHER)).json()["data"] == {"items": [], "nextCursor": None}


@pytest.mark.parametrize(
    "body",
    [{}, {"trackId": 7}, {"trackId": "t1", "message": "x" * 2001}, {"trackId": "t1", "status": "accepted"}],
)
async def test_bad_submissions_are_400(api: httpx.AsyncClient, body: dict) -> None:
    assert (await api.post(SUBMISSIONS, json=body, headers=ARTIST)).status_code == 400


async def test_unknown_playlists_and_tracks_are_404(api: httpx.AsyncClient, admin: dict) -> None:
    answers = [
        await api.post(f"{PLAYLISTS}/none/submissions", json={"trackId": "t1"}, headers=ARTIST),
        await api.get(f"{PLAYLISTS}/none/submissions", headers=ARTIST),
        await api.patch(f"{PLAYLISTS}/none/submissions/x", json={"status": "accepted"}, headers=OWNER),
        await submit(api, "none"),
        await decide(api, "none", "accepted"),
    ]
    said = [one.json()["error"] for one in answers]
    assert said == ["Playlist not found"] * 3 + ["Track not found", "Submission not found"]
    await api.delete("/api/admin/tracks/t1", headers=admin)
    assert (await submit(api, "t1")).status_code == 404


@pytest.mark.parametrize("who", [OWNER, OTHER], ids=["owner", "another artist"])
async def test_only_the_tracks_artist_may_submit(api: httpx.AsyncClient, who: dict[str, str]) -> None:
    assert (await submit(api, headers=who)).status_code == 403


async def test_a_submission_as_it_is_shown(api: httpx.AsyncClient, admin: dict) -> None:
    made = (await submit(api)).json()["data"]
    assert made == {
        "id": made["id"],
        "playlistId": "mix",
        "trackId": "t1",
        "status": "pending",
        "message": "Please",
        "submittedBy": "ada",
        "createdAt": made["createdAt"],
        "decidedAt": None,
    }
    by_admin = await submit(api, "t2", admin)
    assert (by_admin.status_code, by_admin.json()["data"]["submittedBy"]) == (201, "admin-1")


async def test_a_song_is_submitted_under_its_own_id(api: httpx.AsyncClient, song: dict) -> None:
    made = await submit(api, str(song["slug"]))
    assert made.json()["data"]["trackId"] == song["id"]
    assert (await submit(api, str(song["id"]))).status_code == 409


async def test_a_song_of_somebody_without_a_profile_is_for_admins(
    api: httpx.AsyncClient, song: dict, admin: dict
) -> None:
    await api.patch(f"/api/admin/copyright-free/{song['id']}", json={"artistId": "eve"}, headers=admin)
    assert (await submit(api, str(song["id"]), OTHER)).status_code == 403
    assert (await submit(api, str(song["id"]), admin)).status_code == 201


async def test_a_track_is_submitted_once_unless_it_was_rejected(api: httpx.AsyncClient) -> None:
    first = (await submit(api)).json()["data"]["id"]
    assert (await submit(api)).status_code == 409
    await decide(api, first, "rejected")
    second = await submit(api)
    assert second.status_code == 201
    assert (await decide(api, first, "rejected")).status_code == 404, "a decision must not fall upon the next one"
    await decide(api, second.json()["data"]["id"], "accepted")
    assert (await submit(api)).status_code == 409


async def test_submissions_at_the_same_time_are_one(api: httpx.AsyncClient) -> None:
    statuses = [one.status_code for one in await asyncio.gather(*(submit(api) for _ in range(8)))]
    assert sorted(statuses) == [201, *[409] * 7]


async def test_who_sees_which_submissions(api: httpx.AsyncClient, admin: dict) -> None:
    first = (await submit(api)).json()["data"]["id"]
    second = (await submit(api, "t2", admin)).json()["data"]["id"]
    assert await listed(api, OWNER) == await listed(api, admin) == [second, first]
    assert (await listed(api, ARTIST), await listed(api, OTHER)) == ([first], [])
    await decide(api, first, "accepted")
    assert (await listed(api, OWNER, status="accepted"), await listed(api, OWNER, status="pending")) == (
        [first],
        [second],
    )
    assert (await api.get(SUBMISSIONS, params={"status": "lost"}, headers=OWNER)).status_code == 400
    page = (await api.get(SUBMISSIONS, params={"limit": 1}, headers=OWNER)).json()["data"]
    assert await listed(api, OWNER, cursor=page["nextCursor"]) == [first]


@pytest.mark.parametrize("body", [{}, {"status": "pending"}, {"status": "lost"}, {"status": "accepted", "x": 1}])
async def test_bad_decisions_are_400(api: httpx.AsyncClient, body: dict) -> None:
    made = (await submit(api)).json()["data"]["id"]
    assert (await api.patch(f"{SUBMISSIONS}/{made}", json=body, headers=OWNER)).status_code == 400


async def test_only_the_owner_and_admins_decide(api: httpx.AsyncClient, admin: dict) -> None:
    made = (await submit(api)).json()["data"]["id"]
    for who in (ARTIST, OTHER):
        assert (await decide(api, made, "accepted", who)).status_code == 403
    assert await listed(api, OWNER, status="pending") == [made]
    assert (await decide(api, made, "accepted", admin)).status_code == 200


async def test_a_decision_is_final_and_may_be_repeated(api: httpx.AsyncClient) -> None:
    made = (await submit(api)).json()["data"]
    decided = (await decide(api, made["id"], "accepted")).json()["data"]
    assert decided == made | {"status": "accepted", "decidedAt": decided["decidedAt"]}
    assert decided["decidedAt"] >= made["createdAt"]
    assert (await decide(api, made["id"], "accepted")).json()["data"] == decided
    assert (await decide(api, made["id"], "rejected")).status_code == 409


async def test_of_decisions_at_the_same_time_one_is_taken(api: httpx.AsyncClient) -> None:
    made = (await submit(api)).json()["data"]["id"]
    both = ["accepted", "rejected"] * 4
    answers = await asyncio.gather(*(decide(api, made, status) for status in both))
    taken = {one.json()["data"]["status"] for one in answers if one.status_code == 200}
    assert len(taken) == 1
    assert sorted(one.status_code for one in answers) == [200] * 4 + [409] * 4


async def test_a_submission_belongs_to_its_playlist(api: httpx.AsyncClient) -> None:
    made = (await submit(api)).json()["data"]["id"]
    await api.post(PLAYLISTS, json={"id": "other", "title": "Other"}, headers=OTHER)
    path = f"{PLAYLISTS}/other/submissions/{made}"
    assert (await api.patch(path, json={"status": "accepted"}, headers=OTHER)).status_code == 404
