"""`/api/series`: shows, seasons and episodes of tenants."""

import asyncio

import httpx
import pytest

from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.api.episodes.conftest import EPISODE, SERIES, SHOW, Row, add
from tests.serving import bearer, member

NOBODYS = ["0", "-1", "1e3", "abc", "9007199254740992", "99999999999999999999", "1.0", "%00", "x/y"]


async def test_who_is_no_member_may_nothing(api: httpx.AsyncClient, show: Row) -> None:
    for path in (f"{SERIES}/shows/", f"{SERIES}/shows/{show['id']}/"):
        assert (await api.get(path)).status_code == 401
        headers = bearer("ann")
        answer = await api.get(path, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "X-Tenant-Id")
        assert (await api.get(path, headers=headers | {"X-Tenant-Id": "north"})).status_code == 403
    assert (await api.post(f"{SERIES}/shows/", json=SHOW, headers=member("ann", "north"))).status_code == 403


BAD = [
    ("shows", {"title": ""}, "title"),
    ("shows", {"title": "x", "cover_image": "javascript:alert(1)"}, "cover_image"),
    ("shows", {"title": "x", "cover_image": "//evil.example.com/a.png"}, "cover_image"),
    ("shows", {"title": "x", "tenant": "south"}, "tenant"),
    ("seasons", {"season_number": -1}, "season_number"),
    ("seasons", {"season_number": 2, "show_id": "7"}, "show_id"),
    ("seasons", {"season_number": 2, "show_id": 2**53}, "show_id"),
    ("episodes", EPISODE | {"video_id": "a b"}, "video_id"),
    ("episodes", EPISODE | {"duration_seconds": 0}, "duration_seconds"),
    ("episodes", EPISODE | {"duration_seconds": 10**9}, "duration_seconds"),
    ("episodes", EPISODE | {"source_published_at": "2026-01-31"}, "source_published_at"),
    ("episodes", EPISODE | {"source_published_at": "2026-01-31T12:00:00"}, "source_published_at"),
    ("episodes", EPISODE | {"episode_number": 1.5}, "episode_number"),
]


@pytest.mark.parametrize(("kind", "body", "field"), BAD)
async def test_bad_fields_are_400_and_named(
    api: httpx.AsyncClient, boss: dict[str, str], episode: Row, kind: str, body: Row, field: str
) -> None:
    parent = {"seasons": {"show_id": episode["show_id"]}, "episodes": {"season_id": episode["season_id"]}}
    answer = await api.post(f"{SERIES}/{kind}/", json=parent.get(kind, {}) | body, headers=boss)
    assert answer.status_code == 400, answer.text
    assert field in [fault["field"] for fault in answer.json()["errors"]]


@pytest.mark.parametrize("number", NOBODYS)
async def test_what_is_no_id_is_404(api: httpx.AsyncClient, boss: dict[str, str], number: str) -> None:
    for kind in ("shows", "seasons", "episodes"):
        answer = await api.get(f"{SERIES}/{kind}/{number}/", headers=boss)
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_rows_of_another_tenant_are_404_and_stay(api: httpx.AsyncClient, mongo: Mongo, episode: Row) -> None:
    other = member("eve", "south", Role.ADMIN)
    ids = {"shows": episode["show_id"], "seasons": episode["season_id"], "episodes": episode["id"]}
    for kind, row_id in ids.items():
        for method in ("GET", "PATCH", "DELETE"):
            answer = await api.request(method, f"{SERIES}/{kind}/{row_id}/", headers=other, json={"title": "Mine"})
            assert answer.status_code == 404
        assert (await api.get(f"{SERIES}/{kind}/", headers=other)).json()["count"] == 0
        assert await mongo.db[kind].count_documents({"title": {"$ne": "Mine"}}) == 1
    for kind, body in (
        ("seasons", {"show_id": ids["shows"], "season_number": 5}),
        ("episodes", EPISODE | {"season_id": ids["seasons"]}),
    ):
        assert (await api.post(f"{SERIES}/{kind}/", json=body, headers=other)).status_code == 404


async def test_rows_are_added_shown_changed_and_removed(
    api: httpx.AsyncClient, boss: dict[str, str], viewer: dict[str, str], show: Row
) -> None:
    assert (show["title"], type(show["id"])) == ("Harbour Lights", int)
    season = await add(api, "seasons", {"show_id": show["id"], "season_number": 1, "title": "One"}, boss)
    sent = EPISODE | {
        "season_id": season["id"],
        "episode_number": 3,
        "source_published_at": "2026-01-31T13:00:00+01:00",
    }
    episode = await add(api, "episodes", sent, boss)
    assert episode["source_published_at"] == "2026-01-31T12:00:00.000Z"
    assert episode["show_id"] == show["id"]
    path = f"{SERIES}/episodes/{episode['id']}"
    assert (await api.get(path, headers=viewer)).json() == episode
    changed = await api.patch(path, json={"episode_number": None, "title": "New"}, headers=boss)
    assert (changed.json()["episode_number"], changed.json()["title"]) == (None, "New")
    assert (await api.delete(path, headers=boss)).status_code == 204
    assert (await api.get(path, headers=viewer)).status_code == 404
    assert (await api.delete(path, headers=boss)).status_code == 404


async def test_a_show_goes_with_everything_below_it(
    api: httpx.AsyncClient, boss: dict[str, str], episode: Row, mongo: Mongo
) -> None:
    assert (await api.delete(f"{SERIES}/shows/{episode['show_id']}/", headers=boss)).status_code == 204
    assert [await mongo.db[kind].count_documents({}) for kind in ("shows", "seasons", "episodes")] == [0, 0, 0]


async def test_a_show_has_each_number_once_whoever_comes_at_once(
    api: httpx.AsyncClient, boss: dict[str, str], season: Row
) -> None:
    body = {"show_id": season["show_id"], "season_number": 2}
    answers = await asyncio.gather(*(api.post(f"{SERIES}/seasons/", json=body, headers=boss) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    moved = await api.patch(f"{SERIES}/seasons/{season['id']}/", json={"season_number": 2}, headers=boss)
    assert (moved.status_code, moved.json()["code"]) == (409, "CONFLICT")


async def test_both_ways_to_write_an_address(api: httpx.AsyncClient, boss: dict[str, str]) -> None:
    for path in (f"{SERIES}/shows", f"{SERIES}/shows/"):
        added = await api.post(path, json=SHOW, headers=boss)
        assert added.status_code == 201
        assert (await api.get(path, headers=boss)).status_code == 200
        for one in (f"{SERIES}/shows/{added.json()['id']}", f"{SERIES}/shows/{added.json()['id']}/"):
            assert (await api.get(one, headers=boss)).status_code == 200


async def test_covers_are_absolute_and_hostile_hosts_harmless(
    api: httpx.AsyncClient, viewer: dict[str, str], show: Row
) -> None:
    path = f"{SERIES}/shows/{show['id']}/"
    assert show["cover_image"] == f"{api.base_url}".rstrip("/") + "/covers/harbour.jpg"
    forwarded = viewer | {"X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "https"}
    assert (await api.get(path, headers=forwarded)).json()["cover_image"] == show["cover_image"]
    hostile = await api.get(path, headers=viewer | {"Host": 'a"><script>.example.com'})
    assert hostile.status_code == 400 or "<" not in hostile.json()["cover_image"]


async def numbered(api: httpx.AsyncClient, boss: dict[str, str], season: Row) -> None:
    for number, published in (
        (2, None),
        (None, "2026-02-01T00:00:00Z"),
        (1, None),
        (None, "2026-01-01T00:00:00Z"),
        (None, None),
    ):
        body = EPISODE | {"season_id": season["id"], "title": f"{number}-{published[5:7] if published else 'x'}"}
        await add(api, "episodes", body | {"episode_number": number, "source_published_at": published}, boss)


@pytest.mark.parametrize(
    ("ordering", "titles"),
    [
        (None, ["1-x", "2-x", "None-01", "None-02", "None-x"]),
        ("-episode_number,-source_published_at", ["2-x", "1-x", "None-02", "None-01", "None-x"]),
        ("source_published_at,-id", ["None-01", "None-02", "None-x", "1-x", "2-x"]),
        ("-title", ["None-x", "None-02", "None-01", "2-x", "1-x"]),
    ],
)
async def test_orders(
    api: httpx.AsyncClient, boss: dict[str, str], season: Row, ordering: str | None, titles: list[str]
) -> None:
    await numbered(api, boss, season)
    query = {"season": season["id"]} | ({"ordering": ordering} if ordering else {})
    found = (await api.get(f"{SERIES}/episodes/", params=query, headers=boss)).json()
    assert [row["title"] for row in found["results"]] == titles


@pytest.mark.parametrize("ordering", ["", "number", "--id", "id,", "tenant", "id;title", "$where"])
async def test_other_orders_are_400(api: httpx.AsyncClient, boss: dict[str, str], ordering: str) -> None:
    answer = await api.get(f"{SERIES}/episodes/", params={"ordering": ordering}, headers=boss)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "ordering")


async def test_lists_come_in_parts_that_name_their_neighbours(
    api: httpx.AsyncClient, boss: dict[str, str], season: Row
) -> None:
    await numbered(api, boss, season)
    first = (await api.get(f"{SERIES}/episodes/", params={"season": season["id"], "limit": 2}, headers=boss)).json()
    assert (first["count"], first["previous"], len(first["results"])) == (5, None, 2)
    titles, part = [], first
    while True:
        titles += [row["title"] for row in part["results"]]
        if part["next"] is None:
            break
        part = (await api.get(part["next"], headers=boss)).json()
    assert titles == ["1-x", "2-x", "None-01", "None-02", "None-x"]
    assert (await api.get(part["previous"], headers=boss)).json()["results"][0]["title"] == "None-01"
