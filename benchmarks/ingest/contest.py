"""The benchmark `ingest`: events a second through HTTP ÷ bare rows a second, over few and over many stored events."""

from collections.abc import Sequence

import uvloop

from benchmarks.contests import Outcome
from benchmarks.ingest.side import TRIAL_SECONDS, Side, bare, service, side_of
from benchmarks.machine import describe
from benchmarks.measured import Measured, Options, Told
from benchmarks.ratios import Ratio, judge, of_rates
from benchmarks.rounds import in_turns
from benchmarks.stage import Ground, mongod

FEW = 100_000

_GOAL_OF_BARE, _GOAL_OF_FLATNESS = 0.35, 0.85
_WARM_UP_SECONDS = 1.0

# A rollup comes twice a minute and takes some seconds: whole periods of it hold its share, shorter ones all or nothing.
# Three of those in a row differ little.
_ROLLUP_PERIOD, _LONG_ROUNDS = 30.0, 3


class Ingest:
    """Counting events against inserting rows."""

    names: Sequence[str] = ("ingest",)

    def run(self, _wanted: Sequence[str], options: Options, tell: Told) -> Outcome:
        """Measure two databases of one server, a small and a large one, in turns."""
        with mongod() as ground:
            return uvloop.run(_measure(ground, options, tell))


async def _measure(ground: Ground, options: Options, tell: Told) -> Outcome:
    sizes = (min(FEW, options.stored // 5), options.stored)
    async with side_of(ground, sizes[0], tell) as few, side_of(ground, sizes[1], tell) as many:
        outcome = Outcome(await describe(many.house.mongo))
        outcome.measured = await _rounds((few, many), options, tell)
        outcome.findings = judge(_ratios(*sizes), outcome.measured)
        outcome.tallies = [*await few.tallies(), *await many.tallies()]
        return outcome


async def _rounds(sides: Sequence[Side], options: Options, tell: Told) -> list[Measured]:
    """Warm up, then measure in turns."""
    of_variant = {variant: side for side in sides for variant in side.variants}
    for variant, side in of_variant.items():
        tell(f"warming up: {variant}")
        await side.slice(variant, -1, min(_WARM_UP_SECONDS, options.seconds))
    measured = []
    is_trial = options.seconds < TRIAL_SECONDS
    rounds = options.rounds if is_trial else min(options.rounds, _LONG_ROUNDS)
    for number, variant in in_turns(list(of_variant), rounds):
        tell(f"round {number + 1} of {rounds}: {variant}")
        side = of_variant[variant]
        counts = variant == side.variants[0]
        seconds = max(options.seconds, _ROLLUP_PERIOD) if counts and not is_trial else options.seconds
        measured.append(await side.slice(variant, number, seconds))
        if counts:
            await side.settle()
    return measured


def _ratios(few: int, many: int) -> list[Ratio]:
    ratios = [
        Ratio("ingest", f"events/s ÷ insert_many, {size:,} stored", (service(size), bare(size)), _GOAL_OF_BARE,
              of_rates(service(size), bare(size)))
        for size in (few, many)
    ]  # fmt: skip
    title = f"events/s, {many:,} ÷ {few:,} stored"
    flat = of_rates(service(many), service(few))
    return [*ratios, Ratio("ingest", title, (service(many), service(few)), _GOAL_OF_FLATNESS, flat)]
