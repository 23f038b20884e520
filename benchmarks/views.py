"""The benchmarks of views, on one server and one database."""

from collections.abc import Sequence

import uvloop

from app.cli.session import services
from benchmarks.contests import Outcome
from benchmarks.machine import describe
from benchmarks.measured import Options, Told
from benchmarks.ratios import judge
from benchmarks.rounds import ViewContest, prepare, token_pool
from benchmarks.stage import Stage, mongod_and_server
from benchmarks.view_ratios import VIEW_BENCHMARKS, chosen, variants_of


class Views:
    """Ways to post a view, side by side."""

    names: Sequence[str] = VIEW_BENCHMARKS

    def run(self, wanted: Sequence[str], options: Options, tell: Told) -> Outcome:
        """Measure on a stage of its own."""
        with mongod_and_server() as stage:
            return uvloop.run(_measure(stage, wanted, options, tell))


async def _measure(stage: Stage, wanted: Sequence[str], options: Options, tell: Told) -> Outcome:
    ratios, tokens = chosen(wanted), token_pool(stage)
    tell("adding songs")
    async with services(stage.settings, stage.mongodb_uri) as house:
        machine = await describe(house.mongo)
        contest = ViewContest(stage, await prepare(house, variants_of(ratios), tokens), tokens)
        measured = await contest.run(options, tell)
        return Outcome(machine, measured, judge(ratios, measured), await contest.tallies(house))
