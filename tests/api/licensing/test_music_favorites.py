"""`/api/music-licensing/favorites`."""

from typing import Any

import httpx
import pytest

from app.repositories.mongo import Mongo
from tests.licensing.library_house import NOW, fill_catalogue, numbered
from tests.serving import bearer

FAVORITES = "/api/music-licensing/favorites"
ANN, BOB = bearer("ann"), bearer("bob")


@pytest.fixture(autouse=True)
async def catalogue(mongo: Mongo) -> None:
    """Three tracks of a provider that is not configured, which are in our copy."""
    await fill_catalogue(mongo, numbered(1, 2, 3))


async def keep(api: httpx.AsyncClient, track: str = "1", headers: dict[str, str] = ANN, **more: Any) -> httpx.Response:
    return await api.post(
        FAVORITES, json={"provider": "soundstripe", "trackId": track, **more}, headers=headers
    )  # fmt: skip


async def test_only_with_a_token(api: httpx.AsyncClient) -> None:
    calls = [("POST", FAVORITES), ("GET", FAVORITES)]
    for method, path in [*calls, *((method, f"{FAVORITES}/x") for method in ("GET", "PATCH", "DELETE"))]:
        answer = await api.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"trackId": ""}, "trackId"),
        ({"trackId": 1}, "trackId"),
        ({"trackId": "a\0b"}, "trackId"),
        ({"provider": "spotify"}, "provider"),
        ({"notes": "x" * 2_001}, "notes"),
        ({"notes": "a\0b"}, "notes"),
        ({"tags": ["x"] * 21}, "tags"),
        ({"tags": ["x" * 51]}, "tags.0"),
        ({"tags": ["ok", " "]}, "tags.1"),
        ({"tags": ["a\0"]}, "tags.0"),
        ({"tags": "x"}, "tags"),
        ({"userId": "bob"}, "userId"),
    ],
)
async def test_bad_favourites_are_400(api: httpx.AsyncClient, more: dict[str, Any], field: str) -> None:
    answer = await api.post(FAVORITES, json={"provider": "soundstripe", "trackId": "1", **more}, headers=ANN)
    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "cursor=x", "provider=x", "query=%00", "tag=%00"])
async def test_bad_questions_are_400(api: httpx.AsyncClient, query: str) -> None:
    assert (await api.get(f"{FAVORITES}?{query}", headers=ANN)).status_code == 400


async def test_a_track_that_nobody_can_look_up_is_not_kept(api: httpx.AsyncClient) -> None:
    answer = await keep(api, "99")
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert "not configured" in answer.json()["error"]


async def test_a_favourite_as_it_is_shown(api: httpx.AsyncClient) -> None:
    made = await keep(api, notes="For the intro", tags=["Intro", "LOUD", "intro"])
    assert made.status_code == 201
    shown = made.json()
    assert shown == {
        "id": shown["id"],
        "provider": "soundstripe",
        "trackId": "1",
        "notes": "For the intro",
        "tags": ["intro", "loud"],
        "createdAt": shown["createdAt"],
        "updatedAt": shown["createdAt"],
        "track": shown["track"],
    }
    track = shown["track"]
    assert (track["title"], track["artist"], track["durationMs"]) == ("Track 1", "Artist 1", 60_001)
    assert track["license"]["usable"] is True
    again = await keep(api, notes="other", tags=[])
    assert (again.status_code, again.json()) == (200, shown)
    assert (await api.get(f"{FAVORITES}/{shown['id']}", headers=ANN)).json() == shown


async def test_they_are_their_owners(api: httpx.AsyncClient) -> None:
    path = f"{FAVORITES}/{(await keep(api)).json()['id']}"
    for answer in (
        await api.get(path, headers=BOB),
        await api.patch(path, json={"notes": "his"}, headers=BOB),
        await api.delete(path, headers=BOB),
    ):
        assert (answer.status_code, answer.json()["error"]) == (404, "Favorite not found")
    assert (await api.get(FAVORITES, headers=BOB)).json() == {"items": [], "nextCursor": None}
    assert (await keep(api, headers=BOB)).status_code == 201


@pytest.mark.parametrize("body", [{"notes": 1}, {"tags": [""]}, {"trackId": "2"}, {"createdAt": NOW.isoformat()}, []])
async def test_bad_changes_are_400(api: httpx.AsyncClient, body: object) -> None:
    path = f"{FAVORITES}/{(await keep(api)).json()['id']}"
    assert (await api.patch(path, json=body, headers=ANN)).status_code == 400


async def test_null_clears_and_what_is_left_out_stays(api: httpx.AsyncClient) -> None:
    path = f"{FAVORITES}/{(await keep(api, notes='a', tags=['x'])).json()['id']}"
    seen = []
    for body in ({"notes": "b"}, {"tags": ["y"]}, {"notes": None}, {"tags": None}, {}):
        shown = (await api.patch(path, json=body, headers=ANN)).json()
        seen.append((shown["notes"], shown["tags"]))
    assert seen == [("b", ["x"]), ("b", ["y"]), (None, ["y"]), (None, []), (None, [])]


async def test_lists_have_pages_and_filters(api: httpx.AsyncClient) -> None:
    for number in ("1", "2", "3"):
        await keep(api, number, tags=["odd"] if number != "2" else ["even"])
    found = []
    cursor: str | None = None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(FAVORITES, params=params, headers=ANN)).json()
        found += [one["trackId"] for one in page["items"]]
        if (cursor := page["nextCursor"]) is None:
            break
    assert found == ["3", "2", "1"]
    for params, expected in (
        ({"tag": "ODD"}, ["3", "1"]),
        ({"query": "track 2"}, ["2"]),
        ({"provider": "artlist"}, []),
    ):
        page = (await api.get(FAVORITES, params=params, headers=ANN)).json()
        assert [one["trackId"] for one in page["items"]] == expected


async def test_removed_is_gone(api: httpx.AsyncClient) -> None:
    made = (await keep(api)).json()["id"]
    path = f"{FAVORITES}/{made}"
    assert (await api.delete(path, headers=ANN)).json() == {"id": made}
    for answer in (await api.delete(path, headers=ANN), await api.get(path, headers=ANN)):
        assert answer.status_code == 404
    assert (await keep(api)).status_code == 201
