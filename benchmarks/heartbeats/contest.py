"""Heartbeats at the pace of 10,000 players, with every limit on."""

from collections.abc import Sequence

import uvloop

from app.clock import SystemClock
from app.container import Container
from benchmarks.contests import Outcome
from benchmarks.cpu import CpuMeter
from benchmarks.exactness import Tally
from benchmarks.heartbeats.audience import Player, add_episodes, beats, begin
from benchmarks.machine import describe
from benchmarks.measured import Measured, Options, Told
from benchmarks.mongod_defaults import take_defaults
from benchmarks.paced import Pace
from benchmarks.ratios import Ratio, judge
from benchmarks.rolling_up import opened
from benchmarks.stage import Stage, mongod, served

PLAYERS = 10_000
_GOAL_MILLISECONDS = 100.0
# One beat of every view: a process that has served for longer has seen their tokens before.
_RUN_UP_SECONDS = 15.0
# Two beats of every view; four a minute are allowed.
_SECONDS = 30.0
_NAME = "heartbeats, 10,000 views"


class Heartbeats:
    """One pace, the same on every machine: what is judged is how long a beat takes."""

    names: Sequence[str] = ("heartbeats",)

    def run(self, _wanted: Sequence[str], _options: Options, tell: Told) -> Outcome:
        """Measure on a stage of its own."""
        with mongod() as ground, served(ground, limited=True) as stage:
            return uvloop.run(_measure(stage, tell))


async def _measure(stage: Stage, tell: Told) -> Outcome:
    async with opened(stage.settings, stage.mongodb_uri, SystemClock()) as house:
        tell(f"heartbeats: beginning {PLAYERS:,} views")
        await take_defaults(house.mongo)
        await add_episodes(house)
        players = await begin(house, stage.secret, PLAYERS)
        outcome = Outcome(await describe(house.mongo))
        tell("heartbeats: beating")
        one = await _beat(stage, players)
        outcome.measured = [one]
        outcome.findings = judge([_LATENCY], outcome.measured)
        outcome.tallies = [await _tally(house, one)]
    return outcome


async def _beat(stage: Stage, players: Sequence[Player]) -> Measured:
    requests = list(beats(players, _RUN_UP_SECONDS + _SECONDS))
    meter = CpuMeter(stage.server_pid, stage.mongod_pid)
    pace = Pace(b'{"ok":true}', run_up=_RUN_UP_SECONDS, seconds=_SECONDS)
    before = meter.read()
    seen = await pace.drive(requests, stage.port)
    return Measured(_NAME, 0, seen, meter.read() - before)


_LATENCY = Ratio(
    "heartbeats",
    "p99 in ms, 667 beats a second",
    (_NAME,),
    _GOAL_MILLISECONDS,
    lambda measured: measured[_NAME].load.percentile(99) * 1000,
    is_better_low=True,
)


async def _tally(house: Container, one: Measured) -> Tally:
    """Each beat is a second of its view, and a revision of it: no view beats twice within one commit."""
    sums = {"beats": {"$sum": {"$subtract": ["$revision", 1]}}, "seconds": {"$sum": "$total_seconds"}}
    found = await house.mongo.db["episode_views"].aggregate([{"$group": {"_id": None} | sums}]).to_list(1)
    return Tally(_NAME, one.load.acknowledged, one.load.failed, found[0]["beats"], round(found[0]["seconds"]))
