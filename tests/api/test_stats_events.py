"""`POST /api/stats/events`."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from app.clock import SystemClock
from app.main import assemble
from app.repositories.mongo import Mongo
from tests.conftest import DATABASE
from tests.serving import bearer, served, settings_for, token
from tests.unit.stats.mmdb import write_countries

EVENTS = "/api/stats/events"
JSON = {"Content-Type": "application/json"}
GOOGLEBOT = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
PLAY: dict[str, object] = {"eventId": "e1", "type": "play", "trackId": "t1", "sessionId": "s1", "duration": 42}


def plays(count: int, **said: object) -> list[dict[str, object]]:
    return [PLAY | {"eventId": f"e{number}"} | said for number in range(count)]


def ago(**length: float) -> str:
    return (datetime.now(UTC) - timedelta(**length)).isoformat()


async def rows(mongo: Mongo) -> int:
    names = ("play_events", "like_events", "save_events", "share_events", "download_events")
    return sum([await mongo.db[name].count_documents({}) for name in names])


async def only_row(mongo: Mongo) -> dict:
    (row,) = await mongo.db["play_events"].find({}).to_list(None)
    return row


@pytest.fixture(autouse=True)
async def _track(mongo: Mongo) -> None:
    await mongo.db["tracks"].insert_one({"_id": "t1", "title": "One", "duration": 180})


@pytest.mark.parametrize("value", ["Bearer nonsense", "Basic dXNlcjpwYXNz", "Bearer", ""])
async def test_a_bad_token_is_refused(api: httpx.AsyncClient, mongo: Mongo, value: str) -> None:
    answer = await api.post(EVENTS, content=b"{broken", headers={"Authorization": value} | JSON)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert await rows(mongo) == 0


async def test_an_expired_token_is_not_taken_for_anonymous(api: httpx.AsyncClient, mongo: Mongo) -> None:
    expired = {"Authorization": f"Bearer {token('u', minted=timedelta(days=-2))}"}
    assert (await api.post(EVENTS, json=[PLAY], headers=expired)).status_code == 401
    assert await rows(mongo) == 0


BAD_BODIES = {
    "nothing": (b"", "body"),
    "broken": (b'[{"type": "play"', "body"),
    "no json": (b"type=play", "body"),
    "bad utf-8": (b'["\xff"]', "body"),
    "NaN": (b"[NaN]", "body"),
    "NaN beside half a pair": (rb'["\ud800", NaN]', "body"),
    "broken beside half a pair": (rb'["\ud800", ', "body"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "body"),
    "deep beside half a pair": (rb'["\ud800",' + b"[" * 100_000 + b"]" * 100_001, "body"),
    "a number of a million digits": (b"[" + b"9" * 1_000_000 + b"]", "body"),
    "null": (b"null", "body"),
    "number": (b"5", "body"),
    "one event": (json.dumps(PLAY).encode(), "events"),
    "empty array": (b"[]", "body"),
    "empty object": (b"{}", "events"),
    "no events": (b'{"events": []}', "events"),
    "no array": (b'{"events": {"0": {}}}', "events"),
}


@pytest.mark.parametrize("kind", BAD_BODIES)
async def test_what_is_no_batch_is_400(api: httpx.AsyncClient, mongo: Mongo, kind: str) -> None:
    body, field = BAD_BODIES[kind]
    answer = await api.post(EVENTS, content=body, headers=JSON)
    content = answer.json()
    assert (answer.status_code, content["success"], content["code"]) == (400, False, "VALIDATION_ERROR")
    assert [fault["field"] for fault in content["errors"]] == [field]
    assert await rows(mongo) == 0


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/html", "", None])
async def test_another_content_type_is_400(api: httpx.AsyncClient, mongo: Mongo, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = await api.post(EVENTS, content=json.dumps([PLAY]).encode(), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Content-Type")
    assert await rows(mongo) == 0


async def test_too_many_events_are_413(api: httpx.AsyncClient, mongo: Mongo) -> None:
    answer = await api.post(EVENTS, json=plays(1001))
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert "1,000 events" in answer.json()["error"]
    assert await rows(mongo) == 0


async def test_a_large_body_is_413(api: httpx.AsyncClient, mongo: Mongo) -> None:
    body = json.dumps([PLAY | {"x": "x" * 2 * 1024 * 1024}]).encode()
    answer = await api.post(EVENTS, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert await rows(mongo) == 0


async def test_an_unknown_track_is_rejected_by_itself(api: httpx.AsyncClient, mongo: Mongo) -> None:
    answer = await api.post(EVENTS, json=[PLAY | {"trackId": "none"}, PLAY | {"eventId": "e2"}])
    content = answer.json()
    assert (answer.status_code, content["accepted"], content["rejected"]) == (200, 1, 1)
    assert [(one["index"], one["eventId"], one["code"]) for one in content["results"]] == [(0, "e1", "UNKNOWN_TRACK")]
    assert await rows(mongo) == 1


async def test_anonymous_events_are_counted(api: httpx.AsyncClient, mongo: Mongo) -> None:
    answer = await api.post(EVENTS, json=plays(3))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"success": True, "accepted": 3, "duplicates": 0, "rejected": 0, "results": []}
    row = await mongo.db["play_events"].find_one({"eventId": "e1"})
    assert "userId" not in row
    assert (row["trackId"], row["sessionId"], row["source"], row["duration"]) == ("t1", "s1", "direct", 42)
    assert (row["ip"], row["userAgent"]) == ("127.0.0.0", api.headers["User-Agent"])


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "application/vnd.player+json", "text/plain", "text/plain;charset=UTF-8"],
)
async def test_both_shapes_come_as_json_and_as_text(api: httpx.AsyncClient, mongo: Mongo, content_type: str) -> None:
    body = json.dumps({"events": plays(2)}).encode()
    answer = await api.post(EVENTS, content=body, headers={"Content-Type": content_type})
    assert (answer.status_code, answer.json()["accepted"]) == (200, 2)
    assert await rows(mongo) == 2


async def test_the_user_comes_from_the_token_only(api: httpx.AsyncClient, mongo: Mongo) -> None:
    claimed = PLAY | {"userId": "mallory", "ip": "1.2.3.4", "userAgent": "claimed", "country": "XX"}
    answer = await api.post(EVENTS, json=[claimed], headers=bearer("ann") | {"User-Agent": "Player/1"})
    assert answer.json()["accepted"] == 1
    row = await only_row(mongo)
    assert (row["userId"], row["ip"], row["userAgent"]) == ("ann", "127.0.0.0", "Player/1")
    assert "country" not in row


async def test_a_bad_event_never_costs_a_good_one(api: httpx.AsyncClient, mongo: Mongo) -> None:
    bad: list[object] = [
        None,
        5,
        "play",
        [],
        {},
        PLAY | {"type": "pause"},
        PLAY | {"trackId": None},
        PLAY | {"trackId": "a\0b"},
        PLAY | {"sessionId": "x" * 257},
        PLAY | {"sessionId": "\ud800"},
        PLAY | {"eventId": "x" * 65},
        PLAY | {"source": "radio"},
        PLAY | {"duration": -1},
        PLAY | {"duration": 10**300},
        PLAY | {"completionRate": "50"},
        PLAY | {"skipped": 1},
        PLAY | {"playlistId": {"$ne": 1}},
        PLAY | {"type": "like"},
        PLAY | {"type": "save", "action": "save"},
        PLAY | {"type": "share", "platform": "myspace"},
        PLAY | {"timestamp": "yesterday"},
        PLAY | {"timestamp": ago(days=8)},
        PLAY | {"timestamp": ago(minutes=-6)},
        PLAY | {"trackId": "none", "eventId": "unknown"},
    ]
    good = plays(len(bad))
    mixed = [one for pair in zip(bad, good, strict=True) for one in pair]
    body = json.dumps(mixed).replace(str(10**300), "1e999").encode()
    answer = await api.post(EVENTS, content=body, headers=JSON)
    content = answer.json()
    assert answer.status_code == 200, answer.text
    assert (content["accepted"], content["duplicates"], content["rejected"]) == (len(good), 0, len(bad))
    assert [one["index"] for one in content["results"]] == list(range(0, 2 * len(bad), 2))
    assert [one["code"] for one in content["results"][-3:]] == ["TOO_OLD", "TOO_NEW", "UNKNOWN_TRACK"]
    assert {one["code"] for one in content["results"][:-3]} == {"VALIDATION_ERROR"}
    assert all(one["error"] and one["status"] == "rejected" for one in content["results"])
    assert await rows(mongo) == len(good)


async def test_a_retry_counts_once_also_without_ids(api: httpx.AsyncClient, mongo: Mongo) -> None:
    batch = [{key: value for key, value in PLAY.items() if key != "eventId"} | {"timestamp": ago(seconds=5)}, PLAY]
    first, again = [(await api.post(EVENTS, json=batch, headers=bearer("ann"))).json() for _ in range(2)]
    assert (first["accepted"], again["accepted"], again["duplicates"]) == (2, 0, 2)
    assert [one["status"] for one in again["results"]] == ["duplicate", "duplicate"]
    assert again["results"][0]["eventId"].startswith("auto-")
    assert await rows(mongo) == 2


async def test_a_clock_ahead_is_clamped(api: httpx.AsyncClient, mongo: Mongo) -> None:
    before = datetime.now(UTC)
    answer = await api.post(EVENTS, json=[PLAY | {"timestamp": ago(minutes=-3)}])
    assert answer.json()["results"] == [{"index": 0, "eventId": "e1", "status": "clamped"}]
    assert (await only_row(mongo))["timestamp"].replace(tzinfo=UTC) < before + timedelta(minutes=1)


async def test_a_bot_is_kept_and_not_counted(api: httpx.AsyncClient, mongo: Mongo) -> None:
    answer = await api.post(EVENTS, json=[PLAY], headers=GOOGLEBOT)
    receipt = {"index": 0, "eventId": "e1", "status": "bot", "error": "user_agent: Googlebot"}
    assert (answer.json()["accepted"], answer.json()["results"]) == (1, [receipt])
    excluded = (await only_row(mongo))["excluded"]
    assert (excluded["kind"], excluded["reason"]) == ("bot", "user_agent: Googlebot")
    assert excluded["ruleVersion"]
    assert (await mongo.db["tracks"].find_one({"_id": "t1"})).get("playCount", 0) == 0


async def test_a_full_batch_is_taken(api: httpx.AsyncClient, mongo: Mongo) -> None:
    answer = await api.post(EVENTS, json=plays(1000))
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1000)
    assert (await mongo.db["tracks"].find_one({"_id": "t1"}))["playCount"] == 1000


async def test_nobody_but_a_trusted_proxy_may_say_where_a_client_is(mongod: str, mongo: Mongo, tmp_path: Path) -> None:
    settings = settings_for(mongod, DATABASE, trusted_proxies="10.0.0.0/8", data_dir=tmp_path)
    headers = {"X-Forwarded-For": "198.51.100.7", "CF-IPCountry": "NZ"}
    async with (
        served(assemble(settings, SystemClock())) as address,
        httpx.AsyncClient(base_url=address, timeout=20) as client,
    ):
        await client.post(EVENTS, json=[PLAY], headers=headers)
    row = await only_row(mongo)
    assert (row["ip"], row.get("country")) == ("127.0.0.0", None)


@pytest.fixture
async def proxied(mongod: str, mongo: Mongo, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The app behind a proxy that it trusts, with a small limit and a GeoIP database."""
    database = write_countries(tmp_path / "countries.mmdb", {"203.0.113.0/24": {"country": {"iso_code": "DE"}}})
    settings = settings_for(
        mongod,
        DATABASE,
        stats_rate_limit="3/minute",
        trusted_proxies="127.0.0.1/8,10.0.0.0/8",
        geoip_database=database,
        data_dir=tmp_path,
    )
    async with (
        served(assemble(settings, SystemClock())) as address,
        httpx.AsyncClient(base_url=address, timeout=20) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("forwarded", "kept"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("203.0.113.77:4711", "203.0.113.0"),
        ("1.1.1.1, 203.0.113.77, 10.1.2.3", "203.0.113.0"),
        ("2001:db8:1:2::3", "2001:db8:1::"),
        ("[2001:db8:1:2::3]:4711", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("unknown", None),
        ("<script>", None),
        ("203.0.113.77, garbage", None),
        ("", "127.0.0.0"),
    ],
)
async def test_the_address_is_the_clients(
    proxied: httpx.AsyncClient, mongo: Mongo, forwarded: str, kept: str | None
) -> None:
    answer = await proxied.post(EVENTS, json=[PLAY], headers={"X-Forwarded-For": forwarded})
    assert answer.json()["accepted"] == 1
    assert (await only_row(mongo)).get("ip") == kept


@pytest.mark.parametrize(
    ("headers", "country"),
    [
        ({"CF-IPCountry": "NZ", "X-Forwarded-For": "203.0.113.77"}, "NZ"),
        ({"CF-IPCountry": "XX", "X-Forwarded-For": "203.0.113.77"}, "DE"),
        ({"X-Forwarded-For": "203.0.113.77"}, "DE"),
        ({"X-Forwarded-For": "198.51.100.7"}, None),
        ({"CF-IPCountry": "T1", "X-Forwarded-For": "198.51.100.7"}, None),
    ],
)
async def test_the_country_is_the_proxys_or_the_databases(
    proxied: httpx.AsyncClient, mongo: Mongo, headers: dict[str, str], country: str | None
) -> None:
    await proxied.post(EVENTS, json=[PLAY], headers=headers)
    assert (await only_row(mongo)).get("country") == country


async def test_the_limit_holds_for_users_and_for_addresses(proxied: httpx.AsyncClient) -> None:
    callers = [
        bearer("ann"),
        bearer("203.0.113.77"),
        {"X-Forwarded-For": "203.0.113.77"},
        {"X-Forwarded-For": "203.0.113.78"},
        {"X-Forwarded-For": "2001:db8:1:2::3"},
    ]
    for headers in callers:
        answers = [await proxied.post(EVENTS, json=[PLAY], headers=headers) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert answers[-1].json()["code"] == "RATE_LIMITED"
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    neighbour = await proxied.post(EVENTS, json=[PLAY], headers={"X-Forwarded-For": "2001:db8:1:2:ffff::9"})
    assert neighbour.status_code == 429


async def test_the_limit_is_asked_before_the_body(proxied: httpx.AsyncClient) -> None:
    bad = [await proxied.post(EVENTS, content=b"{", headers=JSON | bearer("ann")) for _ in range(4)]
    assert [answer.status_code for answer in bad] == [400, 400, 400, 429]
    assert bad[0].headers["RateLimit-Limit"] == "3"
    unauthorised = await proxied.post(EVENTS, content=b"{", headers=JSON | {"Authorization": "Bearer x"})
    assert unauthorised.status_code == 401
    assert "RateLimit-Limit" not in unauthorised.headers
