"""Faults on demand, the record of calls, and what else `/control` sets, over sockets."""

import asyncio
import json
import time

import httpx
import pytest

from tests.integration.sandbox.asking import Asking, hooksounds, jamendo, soundstripe
from tests.licensing.sandbox import Sandbox


@pytest.fixture
def ask(sandbox: Sandbox) -> Asking:
    return soundstripe(sandbox)


async def test_every_call_is_recorded_also_what_no_provider_has(sandbox: Sandbox, ask: Asking) -> None:
    before = time.time()
    await ask.get("/songs", **{"filter[q]": "amber"})
    await ask.get("/songs/1")
    await ask.get("/v2/licenses/register")
    calls = await sandbox.calls("soundstripe")
    assert [(one["kind"], one["path"].removeprefix("/soundstripe/v1"), one["status"]) for one in calls] == [
        ("search", "/songs", 200),
        ("track", "/songs/1", 200),
        ("unknown", "/v2/licenses/register", 404),
    ]
    assert calls[0]["query"] == [["filter[q]", "amber"]]
    assert before <= calls[0]["at"] <= calls[2]["at"] <= time.time()
    assert await sandbox.count("soundstripe") == 3
    assert await sandbox.count("soundstripe", "track") == 1
    assert [one["path"] for one in await sandbox.calls("soundstripe", "track")] == ["/soundstripe/v1/songs/1"]
    await sandbox.reset()
    assert await sandbox.calls() == []


async def test_peaks_count_calls_that_came_close_together(sandbox: Sandbox, ask: Asking) -> None:
    await sandbox.limit("soundstripe")
    await asyncio.gather(*(ask.get("/songs/1") for _ in range(40)))
    peaks = await sandbox.peaks("soundstripe", seconds=30)
    calls = await sandbox.calls("soundstripe")
    assert peaks["all"]["day"] == peaks["all"]["within"] == peaks["track"]["calls"] == 40
    times = [one["at"] for one in calls]
    assert peaks["all"]["second"] == max(sum(at - 1 < other <= at for other in times) for at in times)
    assert peaks["all"]["isExact"]


async def test_a_fault_meets_as_many_calls_as_it_was_ordered_for(sandbox: Sandbox, ask: Asking) -> None:
    await sandbox.fault("soundstripe", "500", count=2, path="/songs/")
    assert (await ask.get("/songs")).status_code == 200
    assert [(await ask.get("/songs/1")).status_code for _ in range(3)] == [500, 500, 200]
    assert [one["fault"] for one in await sandbox.calls("soundstripe")] == [None, "500", "500", None]
    assert (await hooksounds(sandbox).get("/products/")).status_code == 200


async def test_a_fault_stands_until_it_is_taken_back_or_its_time_is_up(sandbox: Sandbox, ask: Asking) -> None:
    await sandbox.fault(None, "500")
    assert (await ask.get("/songs")).status_code == 500
    assert (await hooksounds(sandbox).get("/products/")).status_code == 500
    await sandbox.heal("soundstripe")
    assert (await ask.get("/songs")).status_code == 200
    assert (await hooksounds(sandbox).get("/products/")).status_code == 500
    await sandbox.heal()
    await sandbox.fault("soundstripe", "500", seconds=0)
    assert (await ask.get("/songs")).status_code == 200


async def test_refusals_with_and_without_a_word_on_when_to_come_back(sandbox: Sandbox, ask: Asking) -> None:
    await sandbox.fault("soundstripe", "429", count=1)
    plain = await ask.get("/songs")
    assert plain.status_code == 429
    assert "Retry-After" not in plain.headers
    for sent in (7, "Wed, 21 Oct 2026 07:28:00 GMT"):
        await sandbox.fault("soundstripe", "429_retry_after", count=1, retryAfter=sent)
        assert (await ask.get("/songs")).headers["Retry-After"] == str(sent)
    await sandbox.fault("jamendo", "429", count=1)
    assert (await jamendo(sandbox).json("/tracks/"))["headers"]["code"] == 6


@pytest.mark.parametrize("kind", ["down", "cut"])
async def test_connections_that_end_too_early(sandbox: Sandbox, ask: Asking, kind: str) -> None:
    await sandbox.fault("soundstripe", kind, count=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await ask.get("/songs")
    [call] = await sandbox.calls("soundstripe")
    assert (call["status"], call["fault"]) == (0, kind)


async def test_answers_that_are_no_answers(sandbox: Sandbox, ask: Asking) -> None:
    async def with_fault(kind: str) -> httpx.Response:
        await sandbox.fault("soundstripe", kind, count=1)
        return await ask.get("/songs")

    with pytest.raises(json.JSONDecodeError):
        (await with_fault("broken_json")).json()
    assert (await with_fault("html")).headers["content-type"].startswith("text/html")
    huge = await with_fault("huge")
    assert len(huge.content) > 10 * 1024 * 1024
    assert "content-length" not in huge.headers
    bomb = await with_fault("zip_bomb")
    assert int(bomb.headers["content-length"]) < 20_000
    assert len(bomb.content) > 10 * 1024 * 1024
    assert (await with_fault("wrong_types")).json()["data"][0]["id"] == 1
    titles = (await with_fault("script_titles")).json()["data"][0]["attributes"]["title"]
    assert titles.startswith("<script>")
    assert "javascript:alert(1)" in (await with_fault("javascript_urls")).text
    assert (await with_fault("redirect_elsewhere")).headers["location"].startswith("https://elsewhere.invalid/")


async def test_whoever_follows_a_redirect_to_loopback_is_seen(sandbox: Sandbox, ask: Asking) -> None:
    await sandbox.fault("soundstripe", "redirect_loopback", count=1)
    redirected = await ask.get("/songs")
    assert redirected.status_code == 302
    assert await sandbox.calls("trap") == []
    location = redirected.headers["location"]
    assert location.startswith("http://localhost:")
    await ask.file(location)
    assert [one["path"] for one in await sandbox.calls("trap")] == ["/trap"]


async def test_a_redirect_to_the_same_address_can_be_followed(sandbox: Sandbox, ask: Asking) -> None:
    await sandbox.fault("soundstripe", "redirect_same", count=1)
    answer = await sandbox.http.get(ask.base + "/songs?page[size]=3", headers=ask.headers, follow_redirects=True)
    assert len(answer.json()["data"]) == 3
    assert len(answer.history) == 1


async def test_answers_take_their_time(sandbox: Sandbox, ask: Asking) -> None:
    async def seconds() -> float:
        began = time.monotonic()
        await ask.get("/songs/1")
        return time.monotonic() - began

    await sandbox.delay("soundstripe", 80)
    assert await seconds() >= 0.08
    await sandbox.delay("soundstripe", 0)
    await sandbox.fault("soundstripe", "slow", count=1, seconds=0.1)
    assert await seconds() >= 0.1
    assert (await sandbox.calls("soundstripe"))[-1]["status"] == 200


async def test_credentials_that_expire(sandbox: Sandbox, ask: Asking) -> None:
    await sandbox.expire_credentials("soundstripe")
    assert (await ask.get("/songs")).status_code == 401
    assert (await hooksounds(sandbox).get("/products/")).status_code == 200
    await sandbox.expire_credentials("soundstripe", expired=False)
    assert (await ask.get("/songs")).status_code == 200


async def test_tracks_change_vanish_and_appear(sandbox: Sandbox, ask: Asking) -> None:
    await sandbox.change("soundstripe", "3", title="Renamed", bpm=99)
    assert (await ask.json("/songs/3"))["data"]["attributes"]["title"] == "Renamed"
    await sandbox.vanish("soundstripe", "4")
    assert (await ask.get("/songs/4")).status_code == 404
    [made] = await sandbox.grow("soundstripe", 1)
    assert (await ask.json(f"/songs/{made['id']}"))["data"]["attributes"]["title"] == made["title"]
    assert (await ask.json("/songs"))["links"]["meta"]["total_count"] == 2_000
    await sandbox.reset()
    assert (await ask.json("/songs/3"))["data"]["attributes"]["title"] != "Renamed"
    assert (await ask.get("/songs/4")).status_code == 200
    assert (await ask.get(f"/songs/{made['id']}")).status_code == 404


async def test_a_track_of_the_archive_changes_by_its_whole_name(sandbox: Sandbox) -> None:
    track = (await sandbox.tracks("internet_archive", usable=True))[0]
    changed = await sandbox.change("internet_archive", track["id"], licence="by-nc")
    assert (changed["licence"], changed["usable"]) == ("by-nc", False)
    await sandbox.vanish("internet_archive", track["id"])
    assert track["id"] not in {one["id"] for one in await sandbox.tracks("internet_archive")}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/faults", {"kind": "flood"}, 400),
        ("POST", "/faults", {"provider": "nobody", "kind": "500"}, 400),
        ("PUT", "/limits", {"limits": [{"name": "x", "limit": -1, "seconds": 1}]}, 400),
        ("PUT", "/tracks/soundstripe/0", {"title": "x"}, 404),
        ("DELETE", "/tracks/soundstripe/0", None, 404),
        ("GET", "/calls?provider=nobody", None, 400),
        ("PUT", "/latency", {"ms": "long"}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused(
    sandbox: Sandbox, method: str, path: str, body: object, status: int
) -> None:
    answer = await sandbox.http.request(method, f"/control{path}", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_it_says_what_can_be_controlled(sandbox: Sandbox) -> None:
    routes = (await sandbox.http.get("/control")).json()["routes"]
    assert "POST /control/faults" in routes
