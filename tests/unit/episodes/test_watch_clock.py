"""No player is believed beyond the clock, whatever it says, in any order and any number of times."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.episodes.watching import Beat, Completion, TrimReason, Watched
from app.services.episodes.coverage import CELLS
from app.services.episodes.watch_clock import allowance, follow
from tests.unit.episodes.watching_made import START, after, beats, begun, completed

ANY_SECONDS = st.floats(allow_nan=False, allow_infinity=False)
USUAL_SECONDS = st.floats(-10, 200)
POSITIONS = st.none() | st.floats(-100, 10_000) | ANY_SECONDS
BEATS = st.builds(Beat, USUAL_SECONDS | ANY_SECONDS, POSITIONS)
COMPLETIONS = st.builds(Completion, st.floats(-10, 20_000) | ANY_SECONDS, st.booleans())
REPORTS = st.lists(st.tuples(st.integers(-50, 100_000), BEATS | COMPLETIONS), max_size=30)
DURATIONS = st.integers(1, 7 * 86_400)


def steps(duration: int, reports: list[tuple[int, Beat | Completion]]) -> list[Watched]:
    """The view after each report; arrivals are milliseconds since the one before, the clock may go back a little."""
    views, at = [begun(duration)], START
    for pause, said in reports:
        at += timedelta(milliseconds=pause)
        views.append(follow(views[-1], said, at)[0])
    return views


@given(DURATIONS, REPORTS)
def test_totals_never_fall_and_never_pass_what_the_clock_allows(
    duration: int, reports: list[tuple[int, Beat | Completion]]
) -> None:
    views = steps(duration, reports)
    for before, now in itertools.pairwise(views):
        allowed = allowance(now.last_report_at - START)
        assert before.total_seconds <= now.total_seconds <= allowed
        assert before.unique_seconds <= now.unique_seconds <= min(allowed, duration)
        assert before.completed_at is None or before.completed_at == now.completed_at
        assert sum(now.heat.values()) <= now.total_seconds + 0.01
        assert set(now.heat) <= set(range(100))


@given(DURATIONS, REPORTS)
def test_what_is_covered_is_merged_ascending_and_bounded(
    duration: int, reports: list[tuple[int, Beat | Completion]]
) -> None:
    covered = steps(duration, reports)[-1].covered
    assert all(0 <= first < last <= CELLS for first, last in covered)
    assert all(left[1] < right[0] for left, right in itertools.pairwise(covered))
    assert len(covered) <= CELLS // 2


@given(DURATIONS, st.lists(BEATS | COMPLETIONS, max_size=15).flatmap(lambda said: st.tuples(
    st.just(said), st.permutations(said))), st.lists(st.integers(0, 60_000), min_size=15, max_size=15))  # fmt: skip
def test_the_same_reports_in_another_order_give_the_same_unique_seconds(
    duration: int, orders: tuple[list[Beat | Completion], list[Beat | Completion]], pauses: list[int]
) -> None:
    one, other = (steps(duration, list(zip(pauses, said, strict=False)))[-1] for said in orders)
    assert (one.unique_seconds, one.covered) == (other.unique_seconds, other.covered)


@given(DURATIONS, st.lists(BEATS, min_size=1, max_size=10))
def test_repeated_beats_cover_nothing_more(duration: int, said: list[Beat]) -> None:
    once = steps(duration, [(0, one) for one in said])[-1]
    twice = steps(duration, [(0, one) for one in said * 2])[-1]
    assert once.covered == twice.covered
    assert twice.total_seconds <= 5.0


def test_a_beat_is_cut_to_two_minutes_then_by_the_time_since_the_last_then_by_the_time_since_the_start() -> None:
    first, trims = follow(begun(), Beat(500, None), after(30))
    assert first.total_seconds == 65.0
    assert [(trim.reason, trim.by) for trim in trims] == [(TrimReason.RANGE, 380.0), (TrimReason.SINCE_LAST, 55.0)]
    second, trims = follow(first, Beat(30, None), after(40))
    assert second.total_seconds == 85.0
    assert [(trim.reason, trim.by) for trim in trims] == [(TrimReason.SINCE_LAST, 5.0), (TrimReason.SINCE_START, 5.0)]


def test_an_honest_player_is_not_trimmed_and_one_at_twice_the_speed_neither() -> None:
    for rate in (1, 2):
        view = begun()
        for beat in range(1, 41):
            view, trims = follow(view, Beat(15.0 * rate, 15.0 * rate * beat), after(15.0 * beat))
            assert trims == ()
        assert view.total_seconds == 600.0 * rate
        assert view.unique_seconds == pytest.approx(600.0 * rate, abs=7.2)


def test_rewatching_adds_to_the_total_and_not_to_the_unique_seconds() -> None:
    view = beats(begun(600), *((15.0 * beat, 15.0, 15.0 * (beat % 4 + 1)) for beat in range(1, 21)))
    assert (view.total_seconds, view.unique_seconds) == (300.0, 60.0)
    assert view.covered == ((0, 60),)


def test_fifteen_seconds_of_a_film_are_not_the_film() -> None:
    view = completed(beats(begun(7_200), (15, 15, 7_200)), 16, 7_200)
    assert (view.total_seconds, view.completed_at) == (37.0, after(16))
    assert view.unique_seconds <= 15.0 + 7.2


def test_completion_is_the_larger_sum_and_once_and_for_all() -> None:
    view = completed(beats(begun(), (100, 100, None)), 100, 60, completed=False)
    assert (view.total_seconds, view.completed_at) == (100.0, None)
    view = completed(view, 120, 110)
    view = completed(view, 500, 20, completed=False)
    assert (view.total_seconds, view.completed_at) == (110.0, after(120))


def test_a_beat_without_position_covers_nothing_and_one_outside_of_the_episode_neither() -> None:
    view = beats(begun(60), (15, 15, None), (30, 15, -5), (45, 15, 90))
    assert (view.covered, view.unique_seconds, dict(view.heat)) == ((), 0.0, {})
    assert view.total_seconds == 45.0


def test_heat_lies_where_it_was_played() -> None:
    view = beats(begun(100), (10, 3, 3.5), (20, 1, 3.0))
    assert dict(view.heat) == {0: 0.5, 1: 1.0, 2: 2.0, 3: 0.5}
