"""How calls are counted and reported."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Invalid, Unavailable
from app.models.licensing.provider_calls import CallCounts, CallFault, CallHour, latency_of, step_of
from app.models.licensing.providers import ProviderName
from app.services.licensing.access.call_statistics import CallStatistics
from tests.unit.identity.forging import NOW, MovableClock
from tests.waiting import eventually

NAME = ProviderName.SOUNDSTRIPE


def ms(value: float) -> timedelta:
    return timedelta(milliseconds=value)


class MemoryStore:
    def __init__(self) -> None:
        self.counts: dict[CallHour, CallCounts] = {}
        self.is_away = False
        self.adds = 0

    async def add(self, counts: Mapping[CallHour, CallCounts]) -> None:
        if self.is_away:
            raise Unavailable("The database is away")
        self.adds += 1
        for of, counted in counts.items():
            self.counts.setdefault(of, CallCounts()).add(counted)

    async def sums(self, start: datetime, end: datetime) -> Mapping[tuple[ProviderName, str], CallCounts]:
        sums: dict[tuple[ProviderName, str], CallCounts] = {}
        for of, counted in self.counts.items():
            if start <= of.hour < end:
                sums.setdefault((of.provider, of.kind), CallCounts()).add(counted)
        return sums


@pytest.mark.parametrize("latency", [1.5, 3, 10, 42, 100, 777, 2_500, 9_999, 30_000])
def test_a_latency_is_shown_within_5_percent(latency: float) -> None:
    assert latency_of(step_of(ms(latency))) == pytest.approx(latency, rel=0.05)


@pytest.mark.parametrize(("latency", "step"), [(0, 0), (0.2, 0), (1, 0), (33_000, 120), (10**9, 120)])
def test_the_histogram_ends_somewhere(latency: float, step: int) -> None:
    assert step_of(ms(latency)) == step


def test_percentiles() -> None:
    counts = CallCounts()
    assert counts.latency is None
    for number in range(100):
        counts.note(None, ms(10 if number < 90 else 100 if number < 98 else 1_000), NOW)
    latency = counts.latency
    assert latency is not None
    assert (latency.p50, latency.p95, latency.p99) == (
        pytest.approx(10, rel=0.05),
        pytest.approx(100, rel=0.05),
        pytest.approx(1_000, rel=0.05),
    )


async def test_calls_errors_and_kinds_are_told_apart() -> None:
    clock, store = MovableClock(), MemoryStore()
    statistics = CallStatistics(store, clock)
    statistics.note(NAME, "search", None, ms(10))
    statistics.note(NAME, "search", CallFault.TIMEOUT, ms(1_000))
    clock.advance(hours=1)
    statistics.note(NAME, "track", CallFault.SERVER_ERROR, ms(10))
    statistics.note(NAME, "track", None, ms(10))
    reports = {report.provider: report for report in await statistics.report()}
    assert list(reports) == list(ProviderName)
    total = reports[NAME].total
    assert (total.calls, total.errors, total.error_rate) == (4, 2, 50)
    assert total.faults == {CallFault.TIMEOUT: 1, CallFault.SERVER_ERROR: 1}
    assert total.last_error_at == clock.now()
    assert {kind: counts.calls for kind, counts in reports[NAME].kinds.items()} == {"search": 2, "track": 2}
    assert len(store.counts) == 2
    assert reports[ProviderName.JAMENDO].total.error_rate == 0
    await statistics.close()


async def test_a_report_is_of_its_stretch() -> None:
    clock = MovableClock()
    statistics = CallStatistics(MemoryStore(), clock)
    statistics.note(NAME, "search", None, ms(10))
    clock.advance(days=8)
    assert (await statistics.report())[0].total.calls == 0
    assert (await statistics.report(NOW, clock.now()))[0].total.calls == 1
    assert (await statistics.report(NOW + timedelta(minutes=59), clock.now()))[0].total.calls == 1
    assert (await statistics.report(NOW + timedelta(minutes=60), clock.now()))[0].total.calls == 0
    assert (await statistics.report(end=NOW + timedelta(minutes=1)))[0].total.calls == 1
    await statistics.close()


EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
BAD = [(NOW, NOW), (NOW, NOW - timedelta(days=1)), (NOW - timedelta(days=402), NOW), (None, EARLIEST), (EARLIEST, NOW)]


@pytest.mark.parametrize(("start", "end"), BAD)
async def test_bad_stretches(start: datetime | None, end: datetime) -> None:
    with pytest.raises(Invalid):
        await CallStatistics(MemoryStore(), MovableClock()).report(start, end)


async def test_what_is_counted_is_added_every_few_seconds_and_at_the_end() -> None:
    store = MemoryStore()
    statistics = CallStatistics(store, MovableClock(), flush_every=timedelta(milliseconds=20))
    for _ in range(10):
        statistics.note(NAME, "search", None, ms(10))
    await eventually(lambda: store.adds == 1)
    statistics.note(NAME, "search", None, ms(10))
    await statistics.close()
    assert sum(counts.calls for counts in store.counts.values()) == 11


async def test_nothing_is_lost_while_the_database_is_away() -> None:
    store = MemoryStore()
    store.is_away = True
    statistics = CallStatistics(store, MovableClock(), flush_every=timedelta(milliseconds=10))
    statistics.note(NAME, "search", None, ms(10))
    await asyncio.sleep(0.05)
    with pytest.raises(Unavailable):
        await statistics.report()
    store.is_away = False
    statistics.note(NAME, "search", None, ms(10))
    await statistics.close()
    assert sum(counts.calls for counts in store.counts.values()) == 2
