"""The benchmark `search`: a kept answer ÷ one that is asked for, and upstream calls with a cache ÷ without."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import uvloop

from app.clock import SystemClock
from app.demo.providers import demo_sandbox
from benchmarks.contests import Outcome
from benchmarks.cpu import CpuMeter
from benchmarks.exactness import Tally
from benchmarks.load import Counted, Load, NextRequest, drive
from benchmarks.machine import describe
from benchmarks.measured import Measured, Options, Told
from benchmarks.ratios import Finding, Ratio, Spread, judge, of_medians
from benchmarks.rolling_up import opened
from benchmarks.rounds import in_turns
from benchmarks.search.queries import COMMON, EXPECTED, Requests, never_again, zipf
from benchmarks.search.upstream import ASKED, Upstream
from benchmarks.stage import Ground, Stage, mongod, served

SEARCHES = 1_000
UPSTREAM_MS = 50
_CONNECTIONS_OF_MIX = 8
_GOAL_OF_KEPT, _GOAL_OF_CALLS = 0.1, 0.2
_RUN_UP_SECONDS = 0.2
_WARM_UP_SECONDS = 0.3
_MIX_SECONDS = 60.0
KEPT = "kept"
MIX = f"Zipf mix of {len(COMMON)} queries"


def asked(upstream_ms: float) -> str:
    """The variant of searches that nobody has asked before."""
    return f"asked, upstream {upstream_ms:g} ms"


class SearchContest:
    """Searches over the sandbox, through HTTP, one connection."""

    names: Sequence[str] = ("search",)

    def run(self, _wanted: Sequence[str], options: Options, tell: Told) -> Outcome:
        """Measure one server, one mongod, one sandbox."""
        with mongod() as ground, demo_sandbox() as sandbox:
            return uvloop.run(_measure(ground, Upstream(sandbox), options, tell))


async def _measure(ground: Ground, upstream: Upstream, options: Options, tell: Told) -> Outcome:
    await upstream.set_up(ground)
    async with opened(ground.settings(), ground.mongodb_uri, SystemClock()) as house:
        outcome = Outcome(await describe(house.mongo))
    with served(ground) as stage:
        requests = Requests(stage.secret)
        tell(f"{SEARCHES:,} searches, {MIX}")
        spared = await _mix(stage, upstream, requests)
        new = map(requests.of, never_again())
        variants = [
            _Variant(KEPT, stage, upstream, UPSTREAM_MS, _next(cycle([requests.of(one) for one in COMMON]))),
            *(_Variant(asked(late), stage, upstream, late, _next(new)) for late in (0, UPSTREAM_MS)),
        ]
        for one in variants:
            await one.measure(-1, _WARM_UP_SECONDS)
        for number, variant in in_turns(variants, options.rounds):
            tell(f"round {number + 1} of {options.rounds}: {variant.name}")
            outcome.measured.append(await variant.measure(number, options.seconds))
    outcome.findings = [*judge(_ratios(), outcome.measured), spared.finding]
    outcome.measured.append(spared.measured)
    outcome.tallies = [spared.tally]
    return outcome


def _ratios() -> list[Ratio]:
    return [_kept_by(UPSTREAM_MS), _kept_by(0)]


def _kept_by(upstream_ms: int) -> Ratio:
    variants = (KEPT, asked(upstream_ms))
    title = f"kept ÷ asked search, p50, upstream answers in {upstream_ms} ms"
    return Ratio("search", title, variants, _GOAL_OF_KEPT, of_medians(*variants), is_better_low=True)


def _next(requests: Iterator[bytes]) -> NextRequest:
    return requests.__next__


class _Variant:
    """One kind of search, again and again on one connection."""

    def __init__(self, name: str, stage: Stage, upstream: Upstream, upstream_ms: float, requests: NextRequest) -> None:
        self.name = name
        self._port = stage.port
        self._meter = CpuMeter(stage.server_pid, stage.mongod_pid)
        self._upstream = upstream
        self._upstream_ms = upstream_ms
        self._requests = requests

    async def measure(self, number: int, seconds: float) -> Measured:
        """Search for so long."""
        await self._upstream.take(self._upstream_ms)
        before = self._meter.read()
        load = Load(self._requests, EXPECTED, run_up=_RUN_UP_SECONDS, seconds=seconds)
        seen = await drive(load, self._port, connections=1)
        return Measured(self.name, number, seen, self._meter.read() - before)


@dataclass(frozen=True, slots=True)
class _Spared:
    measured: Measured
    finding: Finding
    tally: Tally


async def _mix(stage: Stage, upstream: Upstream, requests: Requests) -> _Spared:
    """Searches with nothing kept before; without a cache each would ask every provider once."""
    meter = CpuMeter(stage.server_pid, stage.mongod_pid)
    queries = zipf(SEARCHES)
    await upstream.take(UPSTREAM_MS)
    before, calls_before = meter.read(), await upstream.calls()
    began = time.perf_counter()
    load = Counted(map(requests.of, queries), EXPECTED, seconds=_MIX_SECONDS)
    seen = await drive(load, stage.port, _CONNECTIONS_OF_MIX)
    seen.seconds = time.perf_counter() - began
    calls = await upstream.calls() - calls_before
    title = f"upstream calls of {SEARCHES:,} searches, {MIX} ÷ without a cache"
    ratio = Ratio(
        "search", title, (MIX,), _GOAL_OF_CALLS, lambda _: calls / (SEARCHES * len(ASKED)), is_better_low=True
    )
    least = len(set(queries)) * len(ASKED)
    return _Spared(
        Measured(MIX, 0, seen, meter.read() - before),
        Finding(ratio, Spread.of([ratio.of_round({})])),
        Tally("upstream calls of the mix", least, seen.failed, calls, least),
    )
