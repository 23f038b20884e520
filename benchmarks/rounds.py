"""Runs the variants in turns, so that a machine that is slow for a while is slow for all of them."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from app.clock import SystemClock
from app.container import Container
from app.models.catalogue import SongDraft
from benchmarks.cpu import CpuMeter
from benchmarks.exactness import Tally, tally
from benchmarks.load import Load, drive
from benchmarks.measured import Measured, Options, Told
from benchmarks.stage import Stage
from benchmarks.tokens import TokenPool
from benchmarks.variants import Posts, Variant

RUN_UP_SECONDS = 0.3
_WARM_UP_SECONDS = 1.0
_EXPECTED = b'{"success":true,'
_FASTEST = 12_000
"""Tokens minted ahead for a second of a variant that was not seen yet."""

V = TypeVar("V")


def in_turns(variants: Sequence[V], rounds: int) -> Iterator[tuple[int, V]]:
    """There and back again, A B C, C B A, …: with the number of the round."""
    for number in range(rounds):
        for variant in variants if number % 2 == 0 else reversed(variants):
            yield number, variant


class ViewContest:
    """The variants on one server and one database, each with songs of its own."""

    def __init__(self, stage: Stage, posts: Sequence[Posts], tokens: TokenPool) -> None:
        self._port = stage.port
        self._meter = CpuMeter(stage.server_pid, stage.mongod_pid)
        self._posts = {one.variant: one for one in posts}
        self._tokens = tokens
        self._acknowledged = dict.fromkeys(self._posts, 0)
        self._failed = dict.fromkeys(self._posts, 0)
        self._rates: dict[Variant, float] = {}

    async def run(self, options: Options, tell: Told) -> list[Measured]:
        """Warm each variant up, then run the rounds."""
        for variant in self._posts:
            tell(f"warming up: {variant}")
            await self._slice(variant, -1, Options(min(_WARM_UP_SECONDS, options.seconds), 1, options.connections))
        measured = []
        for number, variant in in_turns(list(self._posts), options.rounds):
            tell(f"round {number + 1} of {options.rounds}: {variant}")
            measured.append(await self._slice(variant, number, options))
        return measured

    async def tallies(self, house: Container) -> list[Tally]:
        """What every counted variant left in the database."""
        return [
            await tally(house.mongo.db, posts, self._acknowledged[variant], self._failed[variant])
            for variant, posts in self._posts.items()
            if variant.is_counted
        ]

    async def _slice(self, variant: Variant, number: int, options: Options) -> Measured:
        posts = self._posts[variant]
        seconds = RUN_UP_SECONDS + options.seconds
        self._tokens.grow_to(posts.sent + round(1.3 * seconds * self._rates.get(variant, _FASTEST)))
        before = self._meter.read()
        load = Load(posts, _EXPECTED, run_up=RUN_UP_SECONDS, seconds=options.seconds)
        seen = await drive(load, self._port, options.connections)
        self._acknowledged[variant] += seen.acknowledged
        self._failed[variant] += seen.failed
        self._rates[variant] = seen.rate
        return Measured(variant, number, seen, self._meter.read() - before)


async def prepare(house: Container, variants: Sequence[Variant], tokens: TokenPool) -> list[Posts]:
    """Bring the database up to date, and add the songs of each variant through the front door."""
    await house.migrations.up()
    return [Posts(variant, await _add_songs(house, variant), tokens) for variant in variants]


async def _add_songs(house: Container, variant: Variant) -> list[str]:
    if not variant.is_counted:
        return [f"nothing-{number}" for number in range(variant.songs)]
    drafts = [
        SongDraft(title=f"{variant} {number}", artist="Bench", audio_url="https://example.com/a.mp3", duration_ms=1)
        for number in range(variant.songs)
    ]
    return [(await house.copyright_free.catalogue.add(draft)).id for draft in drafts]


def token_pool(stage: Stage) -> TokenPool:
    """Tokens that the stage's server believes."""
    return TokenPool(stage.secret, SystemClock())
