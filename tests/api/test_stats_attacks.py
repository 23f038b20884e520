"""Attacks upon the statistics: whatever is sent, by whomever and at once, each event counts once and nothing leaks."""

import asyncio
import json
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from bson import ObjectId

from app.models.identity import Role
from app.models.stats.events import Batch, Sender
from app.repositories.mongo import Mongo
from app.repositories.stats_events import StatsEventRepository
from app.services.stats.event_batches import read_events
from tests.serving import bearer

EVENTS = "/api/stats/events"
ANALYTICS = "/api/stats/analytics"
COUNTERS = ("playCount", "likeCount", "shareCount", "downloadCount")
LISTENER = "listener-nobody-may-know"
SESSION = "session-nobody-may-know"
Head = dict[str, str]


def play(name: str, **said: object) -> dict[str, object]:
    return {"eventId": name, "type": "play", "trackId": "t1", "sessionId": SESSION, "duration": 42} | said


def plays(count: int, **said: object) -> list[dict[str, object]]:
    return [play(f"e{number}", **said) for number in range(count)]


async def send(api: httpx.AsyncClient, events: list[dict[str, object]], headers: Head | None = None) -> dict:
    answer = await api.post(EVENTS, json=events, headers=headers or {})
    assert answer.status_code == 200, answer.text
    content = answer.json()
    assert content["accepted"] + content["duplicates"] + content["rejected"] == len(events)
    return content


async def count_of(mongo: Mongo, track_id: object, counter: str = "playCount") -> int:
    track = await mongo.db["tracks"].find_one({"_id": track_id})
    return track.get(counter, 0)


async def check_everything(api: httpx.AsyncClient, mongo: Mongo, admin: Head) -> None:
    """Stored counters are what is recounted, and analytics are what lies in the raw rows."""
    drift = (await api.get("/api/admin/stats/drift", headers=admin)).json()["data"]
    assert (drift["drift"], drift["rollups"]["drift"], drift["complete"]) == (0, 0, True), drift
    found = (await api.get(ANALYTICS, params={"timeRange": "all"}, headers=admin)).json()["data"]
    counted = {"excluded": {"$exists": False}}
    assert found["plays"]["totalPlays"] == await mongo.db["play_events"].count_documents(counted)
    likes = await mongo.db["like_events"].count_documents(counted | {"action": "like"})
    assert found["likes"]["totalLikes"] == likes


@pytest.fixture(autouse=True)
async def _tracks(mongo: Mongo) -> None:
    now = datetime.now(UTC)
    for number in (1, 2):
        artist = {"_id": f"a{number}", "name": f"A{number}", "userId": f"artist-{number}", "excludeOwnPlays": False}
        await mongo.db["artists"].insert_one(artist | {"createdAt": now, "updatedAt": now})
        track = {"_id": f"t{number}", "title": f"T{number}", "artistId": f"a{number}", "duration": 180}
        await mongo.db["tracks"].insert_one(track | dict.fromkeys(COUNTERS, 0) | {"createdAt": now, "updatedAt": now})


@pytest.mark.parametrize("other", ["T1", "In-The-Name"])
async def test_a_name_means_the_same_whatever_stands_beside_it(
    api: httpx.AsyncClient, mongo: Mongo, other: str
) -> None:
    await mongo.db["songs"].insert_one({"_id": ObjectId(), "slug": "in-the-name", "title": "S", "artistId": "a1"})
    beside = [play("known", trackId=other.lower()), play("other", trackId=other)]
    content = await send(api, beside)
    assert [(one["eventId"], one["code"]) for one in content["results"]] == [("other", "UNKNOWN_TRACK")]
    assert (await send(api, [play("alone", trackId=other)]))["rejected"] == 1


async def test_a_track_in_small_letters_hides_no_song_in_capitals(api: httpx.AsyncClient, mongo: Mongo) -> None:
    song = ObjectId()
    await mongo.db["songs"].insert_one({"_id": song, "slug": "T1", "title": "S", "artistId": "a1"})
    assert (await send(api, [play("track"), play("song", trackId="T1")]))["accepted"] == 2
    assert (await count_of(mongo, "t1"), await count_of(mongo, str(song))) == (1, 1)


@pytest.mark.parametrize("make", [str, ObjectId])
async def test_an_object_id_may_be_in_capitals_alone_and_in_company(
    api: httpx.AsyncClient, mongo: Mongo, make: type
) -> None:
    digits = "abcdefabcdef0123456789ab"
    await mongo.db["tracks"].insert_one({"_id": make(digits), "title": "Hex", "artistId": "a1"})
    assert (await send(api, [play("alone", trackId=digits.upper())]))["accepted"] == 1
    assert (await send(api, [play("one", trackId=digits), play("two", trackId=digits.upper())]))["accepted"] == 2
    assert await count_of(mongo, make(digits)) == 3


@pytest.mark.parametrize("stored", [None, "12", float("nan"), [], True])
async def test_a_counter_that_is_no_number_stops_no_events(
    api: httpx.AsyncClient, mongo: Mongo, admin: Head, stored: object
) -> None:
    broken = dict.fromkeys(COUNTERS, stored)
    await mongo.db["tracks"].insert_one({"_id": "foreign", "title": "F", "artistId": "a1"} | broken)
    like = {"type": "like", "action": "like", "trackId": "foreign", "sessionId": SESSION}
    assert (await send(api, [*plays(3, trackId="foreign"), like, play("good")]))["accepted"] == 5
    assert (await send(api, [play("again", trackId="foreign")]))["accepted"] == 1
    assert await count_of(mongo, "foreign") == 4
    assert await count_of(mongo, "foreign", "likeCount") == 1
    assert await count_of(mongo, "t1") == 1


async def test_rows_without_a_time_are_in_no_answer_and_break_none(
    api: httpx.AsyncClient, mongo: Mongo, admin: Head
) -> None:
    await send(api, plays(2))
    strange = {"source": 5, "country": ["x"], "duration": "long", "sessionId": {"a": 1}}
    for row in ({}, {"timestamp": None}, {"timestamp": "2026-11-20"}, {"timestamp": 5} | strange):
        await mongo.db["play_events"].insert_one({"trackId": "t1"} | row)
        await mongo.db["like_events"].insert_one({"trackId": "t1", "action": "like"} | row)
    for days in ("30d", "all"):
        for path in (ANALYTICS, f"{ANALYTICS}/timeseries"):
            answer = await api.get(path, params={"timeRange": days, "trackId": "t1"}, headers=admin)
            assert answer.status_code == 200, answer.text
        answer = await api.get("/api/dashboard/stats", params={"timeRange": days}, headers=bearer("artist-1"))
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        assert (data["overview"]["totalPlays"], len(data["recentActivity"]["plays"])) == (2, 2)


@pytest.mark.parametrize("text", ["2026-11-21T01:00:00Z\0", "2026-11-21\x1f01:00:00", "2026-11-21\t01:00:00"])
async def test_a_time_with_a_control_character_is_refused(api: httpx.AsyncClient, text: str) -> None:
    content = await send(api, [play("bad", timestamp=text), play("good")])
    assert [(one["eventId"], one["code"]) for one in content["results"]] == [("bad", "VALIDATION_ERROR")]


async def test_who_takes_the_id_of_an_erased_playlist_does_not_see_what_was_sent_to_it(api: httpx.AsyncClient) -> None:
    owner, artist, mallory = bearer("owner"), bearer("artist-1"), bearer("mallory")
    await api.post("/api/playlists", json={"id": "p1", "title": "P"}, headers=owner)
    word = {"trackId": "t1", "message": "for the owner only"}
    assert (await api.post("/api/playlists/p1/submissions", json=word, headers=artist)).status_code == 201
    assert (await api.delete("/api/me/data", headers=owner)).json()["data"]["erased"]["playlists"] == 1
    taken = await api.post("/api/playlists", json={"id": "p1", "title": "Mine"}, headers=mallory)
    assert (taken.status_code, taken.json()["code"]) == (409, "CONFLICT")
    assert (await api.get("/api/playlists/p1/submissions", headers=mallory)).status_code == 404


async def cut(address: str, body: bytes, upto: int) -> None:
    """Send so much of the body, and go without waiting for an answer."""
    where = urlsplit(address)
    _, writer = await asyncio.open_connection(where.hostname, where.port)
    head = f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body[:upto])
    await writer.drain()
    writer.transport.abort() if upto < len(body) else writer.close()


async def test_a_connection_that_is_cut_leaves_all_or_nothing(
    api: httpx.AsyncClient, address: str, mongo: Mongo, admin: Head
) -> None:
    batch = plays(300)
    body = json.dumps(batch).encode()
    await cut(address, body, len(body) // 2)
    await cut(address, body, len(body) - 1)
    await cut(address, body, len(body))
    resent = await send(api, batch)
    assert (resent["accepted"] in (0, 300), resent["rejected"]) == (True, 0)
    assert await count_of(mongo, "t1") == 300
    await check_everything(api, mongo, admin)


async def test_ten_times_the_same_and_ten_that_contradict_each_other_at_once(
    api: httpx.AsyncClient, mongo: Mongo, admin: Head
) -> None:
    same = [play(f"same{number}", trackId=f"t{1 + number % 2}") for number in range(200)]
    answers = await asyncio.gather(*(send(api, same) for _ in range(10)))
    assert (sum(one["accepted"] for one in answers), sum(one["duplicates"] for one in answers)) == (200, 1800)
    others = [[play(f"other{number}", duration=length) for number in range(50)] for length in range(30, 40)]
    answers = await asyncio.gather(*(send(api, batch, bearer(f"u{at}")) for at, batch in enumerate(others)))
    assert (sum(one["accepted"] for one in answers), sum(one["rejected"] for one in answers)) == (50, 450)
    assert {receipt["code"] for one in answers for receipt in one["results"]} == {"CONFLICT"}
    await check_everything(api, mongo, admin)


async def test_a_storm_of_unlikes_with_bots_in_it_is_counted_as_it_is(
    api: httpx.AsyncClient, mongo: Mongo, admin: Head
) -> None:
    def storm(sender: int) -> list[dict[str, object]]:
        actions = ["unlike", "unlike", "like"] * 20
        return [
            {"eventId": f"{sender}-{at}", "type": "like", "action": action, "trackId": "t1", "sessionId": "s"}
            for at, action in enumerate(actions)
        ]

    bot = {"User-Agent": "Googlebot/2.1"}
    await asyncio.gather(*(send(api, storm(sender), bot if sender % 2 else None) for sender in range(8)))
    assert await count_of(mongo, "t1", "likeCount") == 4 * (20 - 40)
    await check_everything(api, mongo, admin)


async def test_removed_moved_and_revived_a_track_keeps_its_count(
    api: httpx.AsyncClient, mongo: Mongo, admin: Head
) -> None:
    await send(api, plays(5), bearer("artist-2"))
    path = "/api/admin/tracks"
    assert (await api.delete(f"{path}/t1", headers=admin)).status_code == 200
    assert (await send(api, [play("meanwhile")]))["rejected"] == 1
    await check_everything(api, mongo, admin)
    await api.patch("/api/admin/artists/a2", json={"excludeOwnPlays": True}, headers=admin)
    back = {"id": "t1", "title": "Back", "artistId": "a2", "duration": 5}
    assert (await api.post(path, json=back, headers=admin)).status_code == 201
    assert (await api.get(f"{path}/t1", headers=admin)).json()["data"]["playCount"] == 0
    await check_everything(api, mongo, admin)
    await api.patch(f"{path}/t1", json={"artistId": "a1"}, headers=admin)
    assert (await api.get(f"{path}/t1", headers=admin)).json()["data"]["playCount"] == 5
    await check_everything(api, mongo, admin)


async def test_nobody_sees_who_listened(api: httpx.AsyncClient, admin: Head) -> None:
    agent = "AgentNobodyMayKnow/1"
    like = {"type": "like", "action": "like", "trackId": "t1", "sessionId": SESSION}
    await send(api, [*plays(3), like], bearer(LISTENER) | {"User-Agent": agent})
    questions = [
        ("/api/dashboard/stats", bearer("artist-1")),
        ("/api/dashboard/stats?timeRange=all", bearer("artist-2")),
        ("/api/me/data", bearer("artist-1")),
        (f"/api/me/data?userId={LISTENER}", bearer("artist-2")),
        (ANALYTICS, admin),
        (f"{ANALYTICS}?format=csv&trackId=t1", admin),
        (f"{ANALYTICS}/timeseries?granularity=hour&timeRange=7d", admin),
        ("/api/admin/tracks/t1", admin),
        ("/api/admin/stats/drift", admin),
        ("/api/stats/tracks/t1/live", {}),
    ]
    for path, caller in questions:
        answer = await api.get(path, headers=caller)
        assert answer.status_code == 200, (path, answer.text)
        for secret in (LISTENER, SESSION, agent, "127.0.0"):
            assert secret not in answer.text, (path, secret)


OF_ADMINS = [
    ("GET", ANALYTICS),
    ("GET", f"{ANALYTICS}/timeseries"),
    ("GET", "/api/admin/artists"),
    ("POST", "/api/admin/artists"),
    ("GET", "/api/admin/artists/a1"),
    ("PATCH", "/api/admin/artists/a1"),
    ("GET", "/api/admin/tracks"),
    ("POST", "/api/admin/tracks"),
    ("GET", "/api/admin/tracks/t1"),
    ("PATCH", "/api/admin/tracks/t1"),
    ("DELETE", "/api/admin/tracks/t1"),
    ("POST", "/api/admin/stats/rollups"),
    ("GET", "/api/admin/stats/rollups/none"),
    ("GET", "/api/admin/stats/drift"),
]


@pytest.mark.parametrize(("method", "path"), OF_ADMINS)
async def test_what_is_of_admins_is_of_admins(api: httpx.AsyncClient, method: str, path: str) -> None:
    callers = [({}, 401), ({"Authorization": "Bearer x"}, 401)]
    callers += [(bearer(user), 403) for user in ("listener", "artist-1", "artist-2")]
    for headers, expected in callers:
        # The body is broken, so that whoever gets further than they may is told so by a 400.
        body = {} if method in ("GET", "DELETE") else {"content": b"{"}
        answer = await api.request(method, path, headers=headers, **body)
        assert (answer.status_code, answer.json()["success"]) == (expected, False)
        assert answer.json()["code"] == {401: "UNAUTHORIZED", 403: "FORBIDDEN"}[expected]


async def test_submissions_are_seen_and_decided_by_whom_they_concern(api: httpx.AsyncClient) -> None:
    owner, artist, other, boss = bearer("owner"), bearer("artist-1"), bearer("artist-2"), bearer("boss", Role.ADMIN)
    await api.post("/api/playlists", json={"id": "p1", "title": "P"}, headers=owner)
    await api.post("/api/playlists", json={"id": "p2", "title": "P"}, headers=artist)
    path = "/api/playlists/p1/submissions"
    for headers, expected in ((other, 403), (owner, 403), (artist, 201)):
        assert (await api.post(path, json={"trackId": "t1"}, headers=headers)).status_code == expected
    seen = [len((await api.get(path, headers=one)).json()["data"]["items"]) for one in (owner, artist, other, boss)]
    assert seen == [1, 1, 0, 1]
    made = (await api.get(path, headers=owner)).json()["data"]["items"][0]["id"]
    for headers in (artist, other):
        answer = await api.patch(f"{path}/{made}", json={"status": "accepted"}, headers=headers)
        assert answer.status_code == 403
    by_detour = await api.patch(f"/api/playlists/p2/submissions/{made}", json={"status": "accepted"}, headers=artist)
    assert by_detour.status_code == 404
    assert (await api.patch(f"{path}/{made}", json={"status": "accepted"}, headers=owner)).status_code == 200


async def test_a_flipped_switch_finds_the_plays_that_come_with_it(
    api: httpx.AsyncClient, mongo: Mongo, admin: Head, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mongo.db["artists"].update_one({"_id": "a1"}, {"$set": {"excludeOwnPlays": True}})
    repository = StatsEventRepository(mongo)
    write, judged, go_on = repository._write, threading.Event(), threading.Event()

    def write_later(*given: Any) -> None:
        judged.set()
        go_on.wait(10)
        write(*given)

    monkeypatch.setattr(repository, "_write", write_later)
    now = datetime.now(UTC)
    events, _ = read_events(plays(5), now, "artist-1")
    batch = Batch(events, Sender("artist-1", None, "Player/1", None), now)
    recording = asyncio.create_task(repository.record([batch]))
    await asyncio.to_thread(judged.wait, 10)
    patch = api.patch("/api/admin/artists/a1", json={"excludeOwnPlays": False}, headers=admin)
    flipping = asyncio.create_task(patch)
    # Long enough for a flip that waits for nobody: that takes 20 ms.
    await asyncio.wait([flipping], timeout=0.5)
    go_on.set()
    await recording
    assert (await flipping).status_code == 200
    assert await mongo.db["play_events"].count_documents({"excluded": {"$exists": True}}) == 0
    assert await count_of(mongo, "t1") == 5
    await check_everything(api, mongo, admin)
