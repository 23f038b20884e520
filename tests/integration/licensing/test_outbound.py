"""Calls to providers that answer badly, late, too much, or not at all."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from app.errors import QuotaExceeded
from app.models.licensing.provider_calls import CallFault
from app.repositories.mongo import Mongo
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call
from tests.integration.licensing.calling import NAME, Calling, calling, setup_at
from tests.integration.licensing.hostile_server import (
    Answer,
    bomb,
    cut_off,
    endless,
    hostile_server,
    says,
    silent,
)
from tests.waiting import eventually

SEARCH = Call("search", "tracks/", params=(("q", "a b&c"), ("fl[]", "x"), ("fl[]", "y")))
MAX = 4 * 1024 * 1024


@pytest.fixture
async def way(mongo: Mongo) -> AsyncIterator[Calling]:
    made = calling(mongo)
    yield made
    await made.close()


async def used(way: Calling) -> int:
    await way.quotas.close()
    (quota,) = await way.quotas.standings()
    return quota.standing.windows[0].usage


async def faults(way: Calling) -> dict[CallFault, int]:
    reports = {report.provider: report.total for report in await way.statistics.report()}
    return reports[NAME].faults


async def test_a_call_is_sent_as_it_is_wanted(way: Calling) -> None:
    async with hostile_server(says(body=b"[1]", X_Answer="yes", Set_Cookie="a=b; Path=/")) as server:
        call = Call("search", "/v1/tracks", SEARCH.params, headers={"Authorization": "Token k"})
        for _ in range(2):
            reply = await way.outbound.send(setup_at(f"{server.address}/base/"), call)
    assert (reply.status, reply.body, reply.headers["x-answer"]) == (200, b"[1]", "yes")
    first, second = server.asked
    assert first.target == "/base/v1/tracks?q=a+b%26c&fl%5B%5D=x&fl%5B%5D=y"
    assert first.headers["authorization"] == "Token k"
    assert first.headers["user-agent"].startswith("Playledger/")
    assert first.headers["accept-encoding"] == "gzip"
    assert "cookie" not in second.headers
    assert server.connections == 1
    assert await used(way) == 2


async def test_forms_and_json_are_posted_to_a_second_address(way: Calling) -> None:
    async with hostile_server(says(201)) as server:
        token = Call("token", method="POST", form={"a": "1"}, url=f"{server.address}/oauth2/token", is_counted=False)
        other = Call("report", "report", method="POST", json={"a": 1})
        await way.outbound.send(setup_at("http://127.0.0.1:1"), token)
        await way.outbound.send(setup_at(server.address), other)
    assert [(one.method, one.target) for one in server.asked] == [("POST", "/oauth2/token"), ("POST", "/report")]
    assert server.asked[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert server.asked[1].headers["content-type"] == "application/json"
    assert await used(way) == 1


HOSTILE: list[tuple[str, Answer, CallFault]] = [
    ("10 MiB, said so", says(body=b"x" * (10 * 1024 * 1024)), CallFault.TOO_LARGE),
    ("10 MiB, not said", endless(), CallFault.TOO_LARGE),
    ("a lie about the length", cut_off(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), CallFault.TOO_LARGE),
    ("a bomb", says(body=bomb(), Content_Encoding="gzip"), CallFault.TOO_LARGE),
    ("broken gzip", says(body=b"\x1f\x8b not at all", Content_Encoding="gzip"), CallFault.BROKEN),
    ("half of a gzip", says(body=gzip.compress(b"abc" * 99)[:-9], Content_Encoding="gzip"), CallFault.BROKEN),
    ("an unknown packing", says(body=b"abc", Content_Encoding="br"), CallFault.BROKEN),
    ("two packings", says(body=b"abc", Content_Encoding="gzip, gzip"), CallFault.BROKEN),
    ("loopback", says(302, b"", Location="http://127.0.0.1:27017/"), CallFault.REDIRECT),
    ("another host", says(301, b"", Location="https://evil.example/x"), CallFault.REDIRECT),
    ("another scheme", says(307, b"", Location="file:///etc/passwd"), CallFault.REDIRECT),
    ("in a circle", says(302, b"", Location="/again"), CallFault.REDIRECT),
    ("not found", says(404, b"<html>"), CallFault.CLIENT_ERROR),
    ("refused", says(403, b"<html>"), CallFault.CLIENT_ERROR),
]


@pytest.mark.parametrize(("answer", "fault"), [one[1:] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
async def test_hostile_answers_are_failures_that_are_not_tried_again(
    way: Calling, answer: Answer, fault: CallFault
) -> None:
    async with hostile_server(answer) as server:
        with pytest.raises(ProviderFailed, match="Sound Stripe") as failure:
            await way.outbound.send(setup_at(server.address), SEARCH)
    assert failure.value.provider is NAME
    assert "127.0.0.1" not in failure.value.message
    calls = 3 if server.asked[-1].target == "/again" else 1
    assert len(server.asked) == calls
    assert await used(way) == calls
    if calls == 1:
        assert await faults(way) == {fault: 1}


PASSING: list[tuple[str, Answer, CallFault]] = [
    ("cut off", cut_off(), CallFault.CUT_OFF),
    ("cut off at once", cut_off(b""), CallFault.CUT_OFF),
    ("nonsense", cut_off(b"SSH-2.0-OpenSSH_9\r\n\r\n"), CallFault.CUT_OFF),
    ("500", says(500, b"oops"), CallFault.SERVER_ERROR),
    ("503", says(503, b"oops", Retry_After="0"), CallFault.SERVER_ERROR),
]


@pytest.mark.parametrize(("answer", "fault"), [one[1:] for one in PASSING], ids=[one[0] for one in PASSING])
async def test_what_may_pass_is_tried_again(way: Calling, answer: Answer, fault: CallFault) -> None:
    async with hostile_server(answer, says()) as server:
        reply = await way.outbound.send(setup_at(server.address), SEARCH)
    assert reply.status == 200
    assert len(server.asked) == 2
    assert await used(way) == 2
    assert await faults(way) == {fault: 1}


async def test_three_attempts_and_no_more(way: Calling) -> None:
    async with hostile_server(says(500, b"oops")) as server:
        with pytest.raises(ProviderFailed, match="answered with status 500") as failure:
            await way.outbound.send(setup_at(server.address), SEARCH)
    assert failure.value.status == 500
    assert len(server.asked) == 3
    assert await used(way) == 3


async def test_what_is_not_safe_is_not_made_twice(way: Calling) -> None:
    async with hostile_server(says(500, b"oops"), says()) as server:
        with pytest.raises(ProviderFailed):
            await way.outbound.send(setup_at(server.address), Call("use", "use", method="POST", json={}))
    assert len(server.asked) == 1


async def test_a_slow_drip_is_ended_as_a_whole(mongo: Mongo) -> None:
    way = calling(mongo, seconds=0.4)
    before, began = datetime.now(UTC), time.monotonic()
    async with hostile_server(endless(b"x", 10_000, pause=0.05)) as server:
        with pytest.raises(ProviderFailed, match="in time"):
            await way.outbound.send(setup_at(server.address), SEARCH)
    assert time.monotonic() - began > 1.2
    # What was cut off may still arrive somewhere: it counts for longer.
    (quota,) = await way.quotas.standings()
    until = [one.until for one in quota.standing.windows[0].counted for _ in range(one.calls)]
    assert len(until) == 3
    assert min(until) > before + timedelta(seconds=70)
    await way.close()


async def test_a_provider_that_is_away(way: Calling) -> None:
    with pytest.raises(ProviderFailed, match="cannot be reached"):
        await way.outbound.send(setup_at("http://127.0.0.1:1"), SEARCH)
    assert await faults(way) == {CallFault.UNREACHABLE: 3}


async def test_redirects_within_the_place_are_followed_twice(way: Calling) -> None:
    async with hostile_server(
        says(301, b"", Location="/there"), says(308, b"", Location="here?x=1"), says(body=b"[2]")
    ) as server:
        reply = await way.outbound.send(setup_at(server.address), SEARCH)
    assert reply.body == b"[2]"
    assert [one.target for one in server.asked[1:]] == ["/there", "/here?x=1"]
    # Each is a call to the provider.
    assert await used(way) == 3


async def test_a_redirect_to_what_is_no_address(way: Calling) -> None:
    async with hostile_server(says(302, b"", Location="http://[::1")) as server:
        with pytest.raises(ProviderFailed, match="Sound Stripe"):
            await way.outbound.send(setup_at(server.address), SEARCH)


async def test_statuses_that_an_adapter_reads_itself(way: Calling) -> None:
    async with hostile_server(says(404, b"{}"), says(302, b"", Location="https://files.example/x")) as server:
        call = Call("track", "x", accepts=frozenset({404, 302}))
        assert (await way.outbound.send(setup_at(server.address), call)).status == 404
        assert (await way.outbound.send(setup_at(server.address), call)).headers["location"].startswith("https://files")


@pytest.mark.parametrize("size", [MAX, MAX - 1])
async def test_packed_answers_are_unpacked_up_to_the_bound(way: Calling, size: int) -> None:
    async with hostile_server(says(body=gzip.compress(b"x" * size), Content_Encoding="gzip")) as server:
        assert len((await way.outbound.send(setup_at(server.address), SEARCH)).body) == size


async def test_an_empty_answer_that_says_it_is_packed(way: Calling) -> None:
    async with hostile_server(says(204, b"", Content_Encoding="gzip")) as server:
        assert (await way.outbound.send(setup_at(server.address), SEARCH)).body == b""


async def test_429_with_a_short_wait_is_waited_for(way: Calling) -> None:
    async with hostile_server(says(429, b"", Retry_After="1"), says()) as server:
        began = time.monotonic()
        assert (await way.outbound.send(setup_at(server.address), SEARCH)).status == 200
    assert time.monotonic() - began > 0.9
    assert await faults(way) == {CallFault.RATE_LIMITED: 1}


def in_seconds(seconds: int, **headers: str) -> dict[str, str]:
    now = datetime.now(UTC)
    return {"Retry_After": format_datetime(now + timedelta(seconds=seconds), usegmt=True), **headers}


LATER = [
    ("seconds", {"Retry_After": "120"}),
    ("a date", {}),
    ("Artlist", {"X_RateLimit_Limit": "100", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "120"}),
]


@pytest.mark.parametrize("headers", [one[1] for one in LATER], ids=[one[0] for one in LATER])
async def test_429_with_a_long_wait_closes_the_quota_for_all(
    way: Calling, mongo: Mongo, headers: dict[str, str]
) -> None:
    other = calling(mongo)
    async with hostile_server(says(429, b"", **(headers or in_seconds(120)))) as server:
        with pytest.raises(QuotaExceeded) as refused:
            await way.outbound.send(setup_at(server.address), SEARCH)
        with pytest.raises(QuotaExceeded, match="left alone"):
            await other.outbound.send(setup_at(server.address), SEARCH)
        assert len(server.asked) == 1
    assert timedelta(seconds=100) < refused.value.retry_after <= timedelta(seconds=120)
    await other.close()


async def test_429_without_a_time_pauses_longer_each_time(way: Calling) -> None:
    async with hostile_server(says(429, b""), says()) as server:
        began = time.monotonic()
        assert (await way.outbound.send(setup_at(server.address), SEARCH)).status == 200
        assert time.monotonic() - began > 0.9
    async with hostile_server(says(429, b"")) as server:
        with pytest.raises(QuotaExceeded) as refused:
            await way.outbound.send(setup_at(server.address), SEARCH)
        assert len(server.asked) == 2
    assert refused.value.retry_after == timedelta(seconds=2)


async def test_a_quota_that_the_provider_says_is_used_up_is_kept_before_it_refuses(way: Calling) -> None:
    headers = {"X_RateLimit_Limit_anon_burst": "20/min", "X_RateLimit_Available_anon_burst": "0"}
    async with hostile_server(says(**headers)) as server:
        assert (await way.outbound.send(setup_at(server.address), SEARCH)).status == 200
        with pytest.raises(QuotaExceeded) as refused:
            await way.outbound.send(setup_at(server.address), SEARCH)
        assert len(server.asked) == 1
    assert timedelta(seconds=55) < refused.value.retry_after <= timedelta(seconds=60)


async def test_503_with_a_long_wait_is_a_failure_that_says_so(way: Calling) -> None:
    async with hostile_server(says(503, b"", Retry_After="60")) as server:
        with pytest.raises(ProviderFailed) as failure:
            await way.outbound.send(setup_at(server.address), SEARCH)
        assert len(server.asked) == 1
    assert failure.value.retry_after == timedelta(seconds=60)


async def test_a_background_call_waits_until_the_provider_wants_it(way: Calling) -> None:
    async with hostile_server(says(429, b"", Retry_After="3"), says()) as server:
        began = time.monotonic()
        assert (await way.outbound.send(setup_at(server.address), SEARCH, background=True)).status == 200
    assert time.monotonic() - began > 2.8


async def test_no_more_calls_arrive_than_the_quota_allows(way: Calling) -> None:
    async with hostile_server(silent(0.05)) as server:
        setup = setup_at(server.address, minute=7)
        answers = await asyncio.gather(*(way.outbound.send(setup, SEARCH) for _ in range(40)), return_exceptions=True)
        assert len(server.asked) == 7
    assert sum(isinstance(one, QuotaExceeded) for one in answers) == 33


async def test_a_call_that_is_cancelled_keeps_its_place_until_it_cannot_arrive_any_more(way: Calling) -> None:
    before = datetime.now(UTC)
    async with hostile_server(silent(9)) as server:
        call = asyncio.create_task(way.outbound.send(setup_at(server.address), SEARCH))
        await eventually(lambda: len(server.asked) > 0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    await way.quotas.close()
    (quota,) = await way.quotas.standings()
    (counted,) = quota.standing.windows[0].counted
    assert counted.until > before + timedelta(seconds=70)


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "@evil.example/"])
async def test_a_path_cannot_lead_elsewhere(way: Calling, path: str) -> None:
    async with hostile_server(says()) as server:
        await way.outbound.send(setup_at(server.address), Call("track", path))
        assert len(server.asked) == 1


@pytest.mark.parametrize("path", ["a\nb", "a\0b"])
async def test_a_path_that_is_none(way: Calling, path: str) -> None:
    with pytest.raises(ProviderFailed, match="cannot be asked for this"):
        await way.outbound.send(setup_at("http://127.0.0.1:1"), Call("track", path))


async def test_a_header_that_is_none(way: Calling) -> None:
    async with hostile_server(says()) as server:
        with pytest.raises(ProviderFailed):
            await way.outbound.send(setup_at(server.address), Call("track", "x", headers={"A": "b\r\nC: d"}))
        assert not server.asked
