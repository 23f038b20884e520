"""Any changes in any order: what listeners hear never falls, is never repeated, is seldom enough, and ends right."""

import asyncio
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from engineio.packet import Packet
from hypothesis import given
from hypothesis import strategies as st

from app.models.songs import SongCounts
from app.realtime.connection import Connection
from app.realtime.emit_schedule import EmitSchedule
from app.realtime.outbox import Outbox
from app.realtime.protocol import update_packet
from app.realtime.song_feed import SongFeed
from tests.realtime.fakes import song

INTERVAL = 0.11
TICK = 0.005

Values = tuple[int, int, int]


@dataclass
class Told:
    """A listener: when it joined, and everything it has heard, its acknowledgement first."""

    connection: Connection
    heard: list[tuple[float, Values]] = field(default_factory=list)


def values(counts: SongCounts) -> Values:
    return (counts.view_count, counts.like_count, counts.bookmark_count)


def listener(number: int) -> Told:
    return Told(Connection(f"sid{number}", f"engine{number}", Outbox(8), None))


class Simulation:
    """The flusher's decisions without its loop: `SongFeed` and `EmitSchedule` under a clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.schedule: EmitSchedule[SongFeed] = EmitSchedule(INTERVAL)
        self.feed = SongFeed(song())
        self.listeners: list[Told] = []
        self.emitted_at: list[float] = []

    def publish(self, counts: SongCounts) -> None:
        if self.feed.offer(counts):
            self.schedule.request(self.feed, self.now)

    def join(self) -> None:
        told = listener(len(self.listeners))
        self.listeners.append(told)
        self.feed.add(told.connection, "s1")
        told.heard.append((self.now, values(self.feed.acknowledge(told.connection, "s1"))))

    def pass_time(self, ticks: int) -> None:
        for _ in range(ticks):
            for feed in self.schedule.take_due(self.now):
                self._tell(feed)
            self.now += TICK

    def _tell(self, feed: SongFeed) -> None:
        counts = feed.take()
        if counts is None:
            return
        self.emitted_at.append(self.now)
        for told in self.listeners:
            if feed.audiences["s1"][told.connection] < counts.revision:
                told.heard.append((self.now, values(counts)))
        self.schedule.emitted(feed, self.now)


def history() -> st.SearchStrategy[list[SongCounts]]:
    """Revisions 1, 2, ... of one song: views rise, or are repaired downwards now and then; likes come and go."""
    steps = st.lists(st.tuples(st.integers(-2, 3), st.integers(-1, 1)), min_size=1, max_size=25)

    def build(changes: list[tuple[int, int]]) -> list[SongCounts]:
        counts = [song()]
        for views, likes in changes:
            last = counts[-1]
            counts.append(
                replace(
                    last,
                    view_count=max(0, last.view_count + views),
                    like_count=max(0, last.like_count + likes),
                    revision=last.revision + 1,
                )
            )
        return counts[1:]

    return steps.map(build)


@st.composite
def scripts(draw: st.DrawFn) -> list[SongCounts | int | None]:
    """Publishes in any order and with repeats, pauses (a number of ticks), and joins (`None`)."""
    published = draw(history())
    arriving = [*published, *draw(st.lists(st.sampled_from(published), max_size=5))]
    pauses = draw(st.lists(st.integers(1, 60), max_size=12))
    joins: list[None] = [None] * draw(st.integers(0, 4))
    return draw(st.permutations([*arriving, *pauses, *joins]))


@given(scripts())
def test_invariants(script: list[SongCounts | int | None]) -> None:
    simulation = Simulation()
    simulation.join()
    for step in script:
        if step is None:
            simulation.join()
        elif isinstance(step, int):
            simulation.pass_time(step)
        else:
            simulation.publish(step)
    simulation.pass_time(60)

    newest = max((step for step in script if isinstance(step, SongCounts)), key=lambda counts: counts.revision)
    for told in simulation.listeners:
        heard = [value for _, value in told.heard]
        views = [value[0] for value in heard]
        assert views == sorted(views), "views fell"
        assert heard[-1][1:] == values(newest)[1:], "the last value did not arrive"
        assert heard[-1][0] >= newest.view_count
    first = [value for _, value in simulation.listeners[0].heard]
    if len(simulation.listeners) == 1:
        assert all(one != other for one, other in pairwise(first)), "said twice"
    gaps = pairwise(simulation.emitted_at)
    assert all(later - earlier >= INTERVAL - 1e-9 for earlier, later in gaps), "too often"


@given(history(), st.randoms())
def test_without_repairs_the_last_value_is_exact(published: list[SongCounts], random: object) -> None:
    rising = [replace(counts, view_count=counts.revision) for counts in published]
    shuffled = list(rising)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    simulation = Simulation()
    simulation.join()
    for counts in shuffled:
        simulation.publish(counts)
        simulation.pass_time(3)
    simulation.pass_time(60)
    assert simulation.listeners[0].heard[-1][1] == values(rising[-1])


def test_the_first_change_after_a_pause_is_told_at_once() -> None:
    simulation = Simulation()
    simulation.join()
    simulation.publish(song(views=1, revision=1))
    simulation.pass_time(1)
    simulation.publish(song(views=2, revision=2))
    simulation.pass_time(40)
    assert simulation.emitted_at == pytest.approx([100.0, 100.0 + INTERVAL], abs=1.5 * TICK)


def test_a_value_that_returns_before_it_is_told_is_told_to_who_has_seen_it_leave() -> None:
    simulation = Simulation()
    simulation.join()
    simulation.publish(replace(song(), like_count=1, revision=1))
    simulation.join()  # learns of the like from its acknowledgement
    simulation.publish(song(revision=2))  # unliked
    simulation.pass_time(60)
    assert [value for _, value in simulation.listeners[1].heard] == [(0, 1, 0), (0, 0, 0)]


async def test_an_outbox_hands_over_in_order_and_ends_when_it_is_full() -> None:
    overflows: list[bool] = []
    outbox = Outbox(2)
    outbox.on_overflow = lambda: overflows.append(True)
    waiting = outbox.get()
    cancelled = outbox.get()
    cancelled.cancel()
    packets = [_packet(number) for number in range(4)]
    for packet in packets[:3]:
        await outbox.put(packet)
    assert await waiting is packets[0]
    assert len(outbox) == 2
    await outbox.put(packets[3])
    await outbox.put(packets[3])
    assert overflows == [True]
    assert await asyncio.wait_for(outbox.get(), 1) is None
    assert len(outbox) == 0


def _packet(number: int) -> Packet:
    return update_packet("s1", song(views=number))
