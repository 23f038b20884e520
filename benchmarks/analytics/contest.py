"""The benchmark `analytics`: how long a year's answer takes over many events, ÷ over few, and ÷ a raw scan."""

import asyncio
import time
from collections.abc import Sequence

import uvloop

from benchmarks.analytics.questions import EXPECTED, QUESTIONS, SCANNED, Question
from benchmarks.analytics.scan import RawScan
from benchmarks.analytics.sets import Set, filled
from benchmarks.contests import Outcome
from benchmarks.exactness import Tally
from benchmarks.load import Load, Slice, drive
from benchmarks.machine import describe
from benchmarks.measured import Measured, Options, Told
from benchmarks.ratios import Ratio, judge, of_medians
from benchmarks.rounds import in_turns
from benchmarks.stage import Ground, mongod

TIMES_FEWER = 100

_GOAL_OF_FLATNESS = 1.5
# A scan grows with the events, an answer does not.
_EVENTS_IN_A_HUNDREDTH = 50_000
_RUN_UP_SECONDS = 0.2
_WARM_UP_SECONDS = 0.3
# Answers take milliseconds: a shorter slice has hundreds of them.
_SHARE_OF_SECONDS = 0.4
_SCAN = "raw scan"


class AnalyticsContest:
    """A year's answers."""

    names: Sequence[str] = ("analytics",)

    def run(self, _wanted: Sequence[str], options: Options, tell: Told) -> Outcome:
        """Measure two servers on one mongod."""
        with mongod() as ground:
            return uvloop.run(_measure(ground, options, tell))


async def _measure(ground: Ground, options: Options, tell: Told) -> Outcome:
    fewer = options.stored // TIMES_FEWER
    async with filled(ground, fewer, tell) as few, filled(ground, options.stored, tell) as many:
        outcome = Outcome(await describe(many.house.mongo))
        outcome.tallies = [await _compared(many, question) for question in QUESTIONS]
        answers = [_Variant(one, question) for question in QUESTIONS for one in (few, many)]
        for one in answers:
            await one.measure(-1, _WARM_UP_SECONDS)
        variants: list[_Variant | _ScanVariant] = [*answers, *(_ScanVariant(many, question) for question in SCANNED)]
        for number, variant in in_turns(variants, options.rounds):
            tell(f"round {number + 1} of {options.rounds}: {variant.name}")
            outcome.measured.append(await variant.measure(number, options.seconds * _SHARE_OF_SECONDS))
    outcome.findings = judge(_ratios(few.size, many.size), outcome.measured)
    return outcome


class _Variant:
    """One question, asked again and again on one connection."""

    def __init__(self, of: Set, question: Question) -> None:
        self.name = answer(question, of.size)
        self._set = of
        self._request = question.request(of.stage.secret)

    async def measure(self, number: int, seconds: float) -> Measured:
        """Ask for so long."""
        before = self._set.meter.read()
        load = Load(lambda: self._request, EXPECTED, run_up=_RUN_UP_SECONDS, seconds=seconds)
        seen = await drive(load, self._set.stage.port, connections=1)
        return Measured(self.name, number, seen, self._set.meter.read() - before)


class _ScanVariant:
    """The same numbers once, out of the rows."""

    def __init__(self, of: Set, question: Question) -> None:
        self.name = scan(question)
        self._set = of
        self._question = question

    async def measure(self, number: int, _seconds: float) -> Measured:
        """Read all rows once."""
        before, began = self._set.meter.read(), time.perf_counter()
        await RawScan(self._set.house.mongo).count(self._question.tracks, self._set.now)
        took = time.perf_counter() - began
        seen = Slice(took, acknowledged=1)
        seen.latencies.append(took)
        return Measured(self.name, number, seen, self._set.meter.read() - before)


def answer(question: Question, size: int) -> str:
    """The variant of a question over so many events."""
    return f"{question.name}, {size:,}"


def scan(question: Question) -> str:
    """The variant that reads the rows."""
    return f"{question.name}, {_SCAN}"


def _ratios(few: int, many: int) -> list[Ratio]:
    return [_flatness(one, few, many) for one in QUESTIONS] + [_against_scan(one, many) for one in SCANNED]


def _flatness(question: Question, few: int, many: int) -> Ratio:
    variants = (answer(question, many), answer(question, few))
    title = f"{question.name}: {many:,} ÷ {few:,} events"
    return Ratio("analytics", title, variants, _GOAL_OF_FLATNESS, of_medians(*variants), is_better_low=True)


def _against_scan(question: Question, many: int) -> Ratio:
    variants = (answer(question, many), scan(question))
    title = f"{question.name}: answer ÷ raw scan"
    return Ratio("analytics", title, variants, _goal_of_scan(many), of_medians(*variants), is_better_low=True)


def _goal_of_scan(size: int) -> float:
    """A hundredth over 5,000,000 events, and accordingly more over fewer."""
    return max(0.01, min(0.5, _EVENTS_IN_A_HUNDREDTH / size))


async def _compared(of: Set, question: Question) -> Tally:
    """The plays that are answered, and those that a scan finds."""
    answered = await asyncio.to_thread(of.plays, question)
    scanned, _sessions = await RawScan(of.house.mongo).count(question.tracks, of.now)
    return Tally(f"plays of {answer(question, of.size)}", answered, 0, scanned, answered)
