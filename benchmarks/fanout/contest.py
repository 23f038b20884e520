"""Deliveries a second and their CPU: one song with new views all the time, heard by few and by many."""

from collections.abc import Mapping, Sequence

import uvloop

from app.cli.session import services
from app.models.catalogue import SongDraft
from benchmarks.contests import Outcome
from benchmarks.cpu import CpuMeter
from benchmarks.exactness import Tally
from benchmarks.fanout.listeners import Audience
from benchmarks.machine import describe
from benchmarks.measured import Measured, Options, Told
from benchmarks.paced import Pace
from benchmarks.ratios import Ratio, judge
from benchmarks.rounds import in_turns, token_pool
from benchmarks.stage import Stage, mongod_and_server
from benchmarks.tokens import TokenPool
from benchmarks.variants import Posts, Variant

FEW, MANY = 100, 1_000
UPDATES_A_SECOND = 10
"""At most so many are told of one song (contract of the room)."""

# Two for each update, so that there is always something new.
_VIEWS_A_SECOND = 20
_CONNECTIONS = 4
_RUN_UP_SECONDS = 0.5
_GOAL_DELIVERED, _GOAL_OF_CPU = 0.8, 1.0
_VIEWED = b'{"success":true,'


def name_of(listeners: int) -> str:
    """The variant with so many listeners."""
    return f"fanout, {listeners:,} listeners"


class Fanout:
    """The same song before audiences of two sizes, each on connections of its own."""

    names: Sequence[str] = ("fanout",)

    def run(self, _wanted: Sequence[str], options: Options, tell: Told) -> Outcome:
        """Measure on a stage of its own."""
        with mongod_and_server() as stage:
            return uvloop.run(_measure(stage, options, tell))


async def _measure(stage: Stage, options: Options, tell: Told) -> Outcome:
    async with services(stage.settings, stage.mongodb_uri) as house:
        await house.migrations.up()
        tokens = token_pool(stage)
        draft = SongDraft(title="Heard", artist="Bench", audio_url="https://example.com/a.mp3", duration_ms=1)
        posts = Posts(Variant.HOT, [(await house.copyright_free.catalogue.add(draft)).id], tokens)
        outcome = Outcome(await describe(house.mongo))
        heard = dict.fromkeys((FEW, MANY), 0)
        for number, listeners in in_turns((FEW, MANY), options.rounds):
            tell(f"round {number + 1} of {options.rounds}: {name_of(listeners)}")
            one, last = await _listen(stage, posts, tokens, number, listeners, options.seconds)
            outcome.measured.append(one)
            heard[listeners] += last
        outcome.findings = judge(_RATIOS, outcome.measured)
        outcome.tallies = [
            Tally(f"last count, {name_of(size)}", size * options.rounds, 0, known, size * options.rounds)
            for size, known in heard.items()
        ]
    return outcome


async def _listen(
    stage: Stage, posts: Posts, tokens: TokenPool, number: int, listeners: int, seconds: float
) -> tuple[Measured, int]:
    """What was delivered, and how many of them knew the last count in the end."""
    audience, meter = Audience(posts.song_ids[0], seconds), CpuMeter(stage.server_pid, stage.mongod_pid)
    await audience.come(listeners, stage.port)
    views = round((_RUN_UP_SECONDS + seconds) * _VIEWS_A_SECOND)
    tokens.grow_to(posts.sent + views)
    due = [(at / _VIEWS_A_SECOND, posts()) for at in range(views)]
    before = meter.read()
    audience.measure(_RUN_UP_SECONDS)
    pace = Pace(_VIEWED, run_up=_RUN_UP_SECONDS, seconds=seconds)
    posted = await pace.drive(due, stage.port, _CONNECTIONS)
    last = await audience.all_hear(posts.sent)
    seen = audience.seen
    seen.failed, seen.first_fault = posted.failed, posted.first_fault
    audience.leave()
    return Measured(name_of(listeners), number, seen, meter.read() - before), last


def _delivered(measured: Mapping[str, Measured]) -> float:
    return measured[name_of(FEW)].rate / (FEW * UPDATES_A_SECOND)


def _cpu(measured: Mapping[str, Measured]) -> float:
    return measured[name_of(MANY)].cpu_micros.server / measured[name_of(FEW)].cpu_micros.server


_BOTH = (name_of(FEW), name_of(MANY))
_RATIOS = [
    Ratio("fanout", f"deliveries/s ÷ ({FEW} × {UPDATES_A_SECOND}/s)", _BOTH[:1], _GOAL_DELIVERED, _delivered),
    Ratio(
        "fanout", f"server CPU per delivery, {MANY:,} ÷ {FEW} listeners", _BOTH, _GOAL_OF_CPU, _cpu, is_better_low=True
    ),
]
