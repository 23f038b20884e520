"""`POST /api/audio/copyright-free/{songId}/view`."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from bson import ObjectId

from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.api.conftest import ADMIN_SONGS, SONGS
from tests.serving import bearer, token

JSON = {"Content-Type": "application/json"}


async def rows(mongo: Mongo, name: str = "views") -> int:
    return await mongo.db[name].count_documents({})


def view_of(song: dict[str, object]) -> str:
    return f"{SONGS}/{song['slug']}/view"


BAD_TOKENS = {
    "expired": lambda: token("u", minted=timedelta(days=-2)),
    "other key": lambda: token("u", secret="another-secret-that-is-long-enough-for-hs256"),
    "garbage": lambda: "abc.def.ghi",
    "alg none": lambda: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1IiwiZXhwIjo5OTk5OTk5OTk5fQ.",
}


async def test_without_a_token_nothing_is_recorded(api: httpx.AsyncClient, mongo: Mongo, song: dict) -> None:
    answer = await api.post(view_of(song), content=b"{broken", headers=JSON)
    assert answer.status_code == 401
    assert answer.json() == {"success": False, "error": "Authentication required", "code": "UNAUTHORIZED"}
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert await rows(mongo) == 0


@pytest.mark.parametrize("kind", BAD_TOKENS)
async def test_a_bad_token_is_refused(api: httpx.AsyncClient, mongo: Mongo, song: dict, kind: str) -> None:
    headers = {"Authorization": f"Bearer {BAD_TOKENS[kind]()}"}
    answer = await api.post(view_of(song), json={"durationMs": 5000}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert await rows(mongo) == 0


@pytest.mark.parametrize("value", ["Basic dXNlcjpwYXNz", "Bearer", "Token abc", ""])
async def test_another_scheme_is_not_taken_for_anonymous(api: httpx.AsyncClient, song: dict, value: str) -> None:
    answer = await api.get(f"{SONGS}/{song['id']}", headers={"Authorization": value})
    assert answer.status_code == 401


BAD_BODIES = {
    "broken": (b'{"durationMs": 5', "body"),
    "no json": (b"durationMs=5", "body"),
    "array": (b"[1]", "body"),
    "string": (b'"5"', "body"),
    "null": (b"null", "body"),
    "negative duration": (b'{"durationMs": -1}', "durationMs"),
    "fraction": (b'{"durationMs": 1.5}', "durationMs"),
    "text for a number": (b'{"durationMs": "5000"}', "durationMs"),
    "flag for a number": (b'{"durationMs": true}', "durationMs"),
    "null for a number": (b'{"durationMs": null}', "durationMs"),
    "huge": (b'{"durationMs": 9007199254740992}', "durationMs"),
    "beyond int64": (b'{"durationMs": 99999999999999999999999999}', "durationMs"),
    "NaN duration": (b'{"durationMs": NaN}', "durationMs"),
    "101 %": (b'{"progressPct": 101}', "progressPct"),
    "below 0 %": (b'{"progressPct": -0.1}', "progressPct"),
    "NaN": (b'{"progressPct": NaN}', "progressPct"),
    "infinite": (b'{"progressPct": 1e999}', "progressPct"),
    "object": (b'{"progressPct": {"$gt": 0}}', "progressPct"),
    "number for a flag": (b'{"isComplete": 1}', "isComplete"),
    "text for a flag": (b'{"isComplete": "true"}', "isComplete"),
}


@pytest.mark.parametrize("kind", BAD_BODIES)
async def test_bad_input_is_400_and_names_the_field(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, kind: str
) -> None:
    body, field = BAD_BODIES[kind]
    answer = await api.post(view_of(song), content=body, headers=bearer(f"u-{kind}") | JSON)
    content = answer.json()
    assert (answer.status_code, content["success"], content["code"]) == (400, False, "VALIDATION_ERROR")
    assert field in [fault["field"] for fault in content["errors"]]
    assert await rows(mongo) == 0


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", None])
async def test_a_body_that_is_not_declared_as_json_is_400(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, content_type: str | None
) -> None:
    headers = bearer("u-type") | ({} if content_type is None else {"Content-Type": content_type})
    answer = await api.post(view_of(song), content=b'{"durationMs": 5000}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert await rows(mongo) == 0


async def test_a_large_body_is_413(api: httpx.AsyncClient, mongo: Mongo, song: dict) -> None:
    body = b'{"durationMs": 5000, "x": "' + b"x" * 2 * 1024 * 1024 + b'"}'
    answer = await api.post(view_of(song), content=body, headers=bearer("u-large") | JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert await rows(mongo) == 0


async def test_a_large_body_without_a_declared_length_is_413(api: httpx.AsyncClient, song: dict) -> None:
    async def pieces():
        for _ in range(40):
            yield b" " * 64 * 1024

    answer = await api.post(view_of(song), content=pieces(), headers=bearer("u-large") | JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")


UNKNOWN = [
    "nothing",
    "665f00000000000000000009",
    "$where",
    "a.b.c",
    "%00",
    "%FF%FE",
    "..%2f..%2fetc",
    "%F0%9F%8E%B5",
    '{"$gt":""}',
    "x" * 4000,
    "a b",
    "%0d%0aX-Evil:1",
]


@pytest.mark.parametrize("reference", UNKNOWN)
async def test_anything_unknown_is_404(api: httpx.AsyncClient, mongo: Mongo, song: dict, reference: str) -> None:
    answer = await api.post(f"{SONGS}/{reference}/view", json={"durationMs": 5000}, headers=bearer("u-404"))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert await rows(mongo) == 0


async def test_the_first_view_counts_and_a_repeat_does_not(api: httpx.AsyncClient, mongo: Mongo, song: dict) -> None:
    first = await api.post(view_of(song), json={"durationMs": 45000, "progressPct": 30}, headers=bearer("ann"))
    assert first.status_code == 200
    assert first.json() == {"success": True, "data": {"viewCount": 1, "hasViewed": True}}
    repeat = await api.post(f"{SONGS}/{song['id']}/view", json={"durationMs": 4000}, headers=bearer("ann"))
    assert repeat.json() == {"success": True, "data": {"viewCount": 1, "hasViewed": True}}
    other = await api.post(view_of(song), json={"isComplete": True}, headers=bearer("bob"))
    assert other.json()["data"]["viewCount"] == 2
    assert await rows(mongo) == 2


async def test_a_repeat_keeps_the_maximum_of_everything(api: httpx.AsyncClient, mongo: Mongo, song: dict) -> None:
    async def report(**body: object) -> dict:
        await api.post(view_of(song), json=body, headers=bearer("ann"))
        return await mongo.db["views"].find_one({"userId": "ann"})

    first = await report(durationMs=5000, progressPct=60.5, isComplete=True)
    assert first["songId"] == ObjectId(song["id"])
    second = await report(durationMs=9000, progressPct=20, isComplete=False)
    assert (second["durationMs"], second["progressPct"], second["isComplete"]) == (9000, 60.5, True)
    assert second["viewedAt"] == first["viewedAt"]
    assert second["lastViewedAt"] > first["lastViewedAt"]


@pytest.mark.parametrize("body", [None, b"", b"{}"])
async def test_a_player_that_says_nothing_is_believed(api: httpx.AsyncClient, song: dict, body: bytes | None) -> None:
    answer = await api.post(view_of(song), content=body, headers=bearer("ann") | (JSON if body else {}))
    assert answer.json()["data"] == {"viewCount": 1, "hasViewed": True}


BELOW = [{"durationMs": 2999}, {"progressPct": 24.9}, {"isComplete": False}, {"durationMs": 0, "progressPct": 0}]


@pytest.mark.parametrize("body", BELOW)
async def test_below_the_threshold_nothing_is_recorded(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, body: dict
) -> None:
    await api.post(view_of(song), headers=bearer("bob"))
    answer = await api.post(view_of(song), json=body, headers=bearer("ann"))
    assert answer.json() == {"success": True, "data": {"viewCount": 1, "hasViewed": False}}
    assert (await api.post(view_of(song), json=body, headers=bearer("bob"))).json()["data"]["hasViewed"] is True
    assert await rows(mongo) == 1


@pytest.mark.parametrize("body", [{"durationMs": 3000}, {"progressPct": 25}, {"isComplete": True}])
async def test_any_one_threshold_is_enough(api: httpx.AsyncClient, song: dict, body: dict) -> None:
    answer = await api.post(view_of(song), json=body, headers=bearer("ann"))
    assert answer.json()["data"] == {"viewCount": 1, "hasViewed": True}


async def test_below_the_threshold_an_unknown_song_is_404_too(api: httpx.AsyncClient, song: dict) -> None:
    answer = await api.post(f"{SONGS}/nothing/view", json={"durationMs": 1}, headers=bearer("ann"))
    assert answer.status_code == 404


async def test_the_user_comes_from_the_token_and_from_nowhere_else(
    api: httpx.AsyncClient, mongo: Mongo, song: dict
) -> None:
    body = {"durationMs": 5000, "userId": "victim", "sub": "victim", "viewCount": 99}
    await api.post(f"{view_of(song)}?userId=victim", json=body, headers=bearer("ann"))
    row = await mongo.db["views"].find_one({})
    assert row["userId"] == "ann"
    assert (await api.get(f"{SONGS}/{song['id']}")).json()["data"]["viewCount"] == 1


async def test_one_user_at_once_from_everywhere_is_one_view(api: httpx.AsyncClient, mongo: Mongo, song: dict) -> None:
    references = [str(song["id"]), str(song["slug"])]
    answers = await asyncio.gather(
        *(
            api.post(f"{SONGS}/{references[turn % 2]}/view", json={"durationMs": 5000}, headers=bearer("ann"))
            for turn in range(60)
        )
    )
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.text for answer in answers} == {'{"success":true,"data":{"viewCount":1,"hasViewed":true}}'}
    assert await rows(mongo) == 1


@pytest.mark.slow
async def test_many_users_at_once_are_counted_exactly(api: httpx.AsyncClient, mongo: Mongo, song: dict) -> None:
    async def listen(user: int) -> int:
        answer = await api.post(view_of(song), json={"durationMs": 5000}, headers=bearer(f"user-{user}"))
        return answer.json()["data"]["viewCount"]

    counts = await asyncio.gather(*(listen(user) for user in range(300)))
    assert max(counts) == 300
    stored = await mongo.db["songs"].find_one({})
    assert stored["viewCount"] == await rows(mongo) == 300


async def test_a_removed_song_is_404_and_keeps_no_view(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, admin: dict
) -> None:
    await api.post(view_of(song), headers=bearer("ann"))
    removed = await api.delete(f"{ADMIN_SONGS}/{song['id']}", headers=admin)
    assert removed.status_code == 200
    for reference in (song["id"], song["slug"]):
        answer = await api.post(f"{SONGS}/{reference}/view", headers=bearer("bob"))
        assert answer.status_code == 404
    assert await rows(mongo) == 0


@pytest.mark.slow
async def test_a_song_removed_under_load_leaves_nothing_behind(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, admin: dict
) -> None:
    is_counted, is_removed = asyncio.Event(), asyncio.Event()

    async def listen(user: int) -> int:
        if user < 180:
            await asyncio.sleep(user / 2000)
        else:
            await is_removed.wait()
        status = (await api.post(view_of(song), headers=bearer(f"user-{user}"))).status_code
        if status == 200:
            is_counted.set()
        return status

    async def remove() -> int:
        await is_counted.wait()
        removed = await api.delete(f"{ADMIN_SONGS}/{song['slug']}", headers=admin)
        is_removed.set()
        return removed.status_code

    async with asyncio.timeout(60):
        statuses = await asyncio.gather(remove(), *(listen(user) for user in range(200)))
    assert statuses[0] == 200
    assert set(statuses[1:]) == {200, 404}
    assert set(statuses[-20:]) == {404}
    assert await rows(mongo) == 0


async def test_a_slug_that_moves_to_another_song_is_followed(
    api: httpx.AsyncClient, mongo: Mongo, song: dict, admin: dict
) -> None:
    await api.post(view_of(song), headers=bearer("ann"))
    await api.patch(f"{ADMIN_SONGS}/{song['id']}", json={"slug": "moved-away"}, headers=admin)
    assert (await api.post(view_of(song), headers=bearer("bob"))).status_code == 404
    heir = {"slug": song["slug"], "title": "Heir", "artist": "A", "audioUrl": "/a.mp3", "duration": 1}
    await api.post(ADMIN_SONGS, json=heir, headers=admin)
    assert (await api.post(view_of(song), headers=bearer("bob"))).json()["data"]["viewCount"] == 1
    assert (await api.get(f"{SONGS}/{song['id']}")).json()["data"]["viewCount"] == 1


async def test_songs_of_other_programs_are_counted_too(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await mongo.db["songs"].insert_many([{"_id": "plain-string-id", "title": "Old"}, {"title": "Older"}])
    older = await mongo.db["songs"].find_one({"title": "Older"})
    for reference in ("plain-string-id", str(older["_id"])):
        for expected in (1, 2):
            answer = await api.post(f"{SONGS}/{reference}/view", headers=bearer(f"ann-{expected}"))
            assert answer.json()["data"]["viewCount"] == expected
    assert {song["viewCount"] async for song in mongo.db["songs"].find()} == {2}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ARTIST])
async def test_roles_listen_like_everyone(api: httpx.AsyncClient, song: dict, role: Role) -> None:
    answer = await api.post(view_of(song), headers=bearer("someone", role))
    assert answer.json()["data"]["viewCount"] == 1


@pytest.mark.parametrize("broken", [None, "many", True, {}, [], float("nan")])
async def test_a_counter_that_is_no_number_begins_at_zero(api: httpx.AsyncClient, mongo: Mongo, broken: object) -> None:
    await mongo.db["songs"].insert_one({"_id": "s", "viewCount": broken, "countsRevision": broken})
    answers = [await api.post(f"{SONGS}/s/view", headers=bearer(user)) for user in ("ann", "bob", "ann")]
    assert [answer.json()["data"]["viewCount"] for answer in answers] == [1, 2, 2]


async def test_a_string_id_that_looks_like_hex_is_taken_as_it_is(api: httpx.AsyncClient, mongo: Mongo) -> None:
    await mongo.db["songs"].insert_one({"_id": "ABCDEF0123456789ABCDEF01"})
    answer = await api.post(f"{SONGS}/ABCDEF0123456789ABCDEF01/view", headers=bearer("ann"))
    assert answer.json()["data"]["viewCount"] == 1
