"""The truth itself: what is made, how it is counted, and that a difference is seen."""

from collections import Counter
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from random import Random

import pytest

from benchmarks.truth.batches import requests_of
from benchmarks.truth.calendar import day_number, start_of
from benchmarks.truth.events import AHEAD_MS, Event, Form, to_wire
from benchmarks.truth.faults import Broken
from benchmarks.truth.findings import Findings
from benchmarks.truth.generator import Day, Generator, Size, arrival_of
from benchmarks.truth.moving_clock import ClockHand, MovingClock, to_ms
from benchmarks.truth.sums import Sums, together
from benchmarks.truth.truth import Truth
from benchmarks.truth.world import World

SIZE = Size(events=6_000, tracks=40, days=20)
WEEK_MS = 7 * 86_400_000


def made(seed: int = 1) -> list[Day]:
    return list(Generator(World(SIZE.tracks), SIZE, seed).days())


def delivered(days: list[Day]) -> list[Event]:
    return [one for day in days for one in day.deliveries if isinstance(one, Event)]


def test_the_same_seed_makes_the_same_events() -> None:
    assert made() == made()
    assert made()[3].new != made(seed=2)[3].new


def test_every_event_that_happens_is_delivered_and_some_twice_late_or_broken() -> None:
    days = made()
    new = list(chain.from_iterable(day.new for day in days))
    times = Counter(one.number for one in delivered(days))
    assert set(times) == {one.number for one in new}
    assert len({one.number for one in new}) == len(new)
    assert 0.02 < sum(1 for number in times.values() if number == 2) / len(new) < 0.04
    broken = [one for day in days for one in day.deliveries if isinstance(one, Broken)]
    assert 0.01 < len(broken) / len(new) < 0.03
    assert {one.code for one in broken} == {"VALIDATION_ERROR", "TOO_OLD", "TOO_NEW", "UNKNOWN_TRACK", "CONFLICT"}
    late = sum(1 for day in days for one in day.new if one not in day.deliveries)
    assert 0.03 < late / len(new) < 0.07


def test_everything_is_delivered_while_it_is_still_taken() -> None:
    for day in made():
        arrival = to_ms(day.arrival)
        for one in day.deliveries:
            if isinstance(one, Event):
                assert arrival - WEEK_MS < one.at <= arrival


def test_an_event_without_a_time_of_its_own_happens_when_it_arrives() -> None:
    for day in made():
        for one in day.new:
            if one.form in {Form.UNDATED, Form.AHEAD}:
                assert one.at == to_ms(day.arrival)
            if one.form is Form.AHEAD:
                sent = datetime.fromisoformat(str(to_wire(one)["timestamp"]))
                assert to_ms(sent) == one.at + AHEAD_MS


def test_a_request_is_of_one_sender_and_knows_what_must_be_refused() -> None:
    day = made()[5]
    requests = requests_of(day.deliveries, 50, Random(1))
    assert sum(one.size for one in requests) == len(day.deliveries)
    assert max(one.size for one in requests) <= 50
    assert sum(len(one.refusals) for one in requests) == sum(isinstance(one, Broken) for one in day.deliveries)


def play(**fields: object) -> Event:
    event = Event(1, "play", 0, 1, to_ms(datetime(2034, 12, 31, 23, tzinfo=UTC)), 0, Form.ISO)
    return event._replace(**fields)


def test_sums_are_counted_by_their_own_rules() -> None:
    sums = Sums()
    sums.take(play(duration=19.75, completion=10.0, source="search"), "DE")
    sums.take(play(duration=20.0, replayed=True), None)
    sums.take(play(duration=5.0, skipped=False, session=2), None)
    sums.take(play(), None)
    sums.take(play(kind="like", action="unlike"), None)
    assert (sums.plays, sums.skipped, sums.replayed, len(sums.sessions), sums.unlikes) == (4, 1, 1, 2, 1)
    assert sums.sources == {"search": 1, "direct": 3}
    assert sums.countries == {"DE": 1}
    assert sums.average_duration == pytest.approx((19.75 + 20 + 5) / 3)
    assert sums.average_completion == 10
    assert sums.percent_of_plays(sums.skipped) == 25
    both = together([sums, sums])
    assert (both.plays, len(both.sessions)) == (8, 2)


def test_periods_are_those_of_the_calendar() -> None:
    sunday = day_number(play().at)
    assert start_of("week", sunday) == date(2034, 12, 25)
    assert start_of("week", sunday + 1) == date(2035, 1, 1)
    assert start_of("month", sunday) == date(2034, 12, 1)
    assert start_of("year", sunday) == date(2034, 1, 1)


def test_bots_and_own_plays_are_counted_apart() -> None:
    world = World(40)
    truth = Truth(world)
    bot, owner = world.bots[0], world.owners[1]
    own_track = world.senders[owner].own_artist or 0
    truth.take([play(), play(sender=bot), play(sender=owner, track=own_track), play(sender=owner, track=own_track + 1)])
    found = truth.between(None, to_ms(arrival_of(100)))
    assert {(key.track, key.verdict): sums.plays for key, sums in found.items()} == {
        (0, "counted"): 1,
        (0, "bots"): 1,
        (own_track, "own"): 1,
        (own_track + 1, "counted"): 1,
    }
    assert truth.counters()[0].plays == 1


def test_a_difference_is_seen_and_an_empty_comparison_is_none() -> None:
    findings = Findings()
    section = findings.section("numbers")
    assert not findings.is_right
    section.equal("a", 1, 1)
    section.equal("a", 1 / 3, 0.1 + 0.7 / 3)
    assert findings.is_right
    section.equal("a", None, 0.0)
    assert (section.different, findings.is_right) == (1, False)


def test_estimates_may_be_off_by_two_percent_in_nearly_all_cases() -> None:
    findings = Findings()
    for _ in range(95):
        findings.listeners.take(10_199, 10_000)
    for _ in range(5):
        findings.listeners.take(10_400, 10_000)
    assert findings.listeners.is_met
    findings.listeners.take(10_400, 10_000)
    assert not findings.listeners.is_met


def test_the_clock_is_shared_goes_on_and_stands_still(tmp_path: Path) -> None:
    hand = ClockHand(tmp_path / "clock")
    clock = MovingClock(tmp_path / "clock")
    moment = datetime(2034, 12, 4, 22, tzinfo=UTC)
    hand.set(moment)
    assert 0 <= (clock.now() - moment).total_seconds() < 5
    hand.stop(moment)
    assert clock.now() == moment == hand.now()
