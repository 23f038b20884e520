"""The most calls in any rolling window, against counting them one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox import peaks
from app.sandbox.peaks import DAY, RollingPeaks


def counted(times: list[float], seconds: float) -> int:
    return max((sum(1 for other in times if at - seconds < other <= at) for at in times), default=0)


@given(st.lists(st.floats(0, 200, allow_nan=False), max_size=60).map(sorted))
def test_it_finds_the_fullest_window_wherever_it_lies(times: list[float]) -> None:
    rolling = RollingPeaks()
    for at in times:
        rolling.add(at)
    assert rolling.peaks["second"] == counted(times, 1)
    assert rolling.peaks["minute"] == counted(times, 60)
    assert rolling.peaks["day"] == rolling.count == len(times)
    assert rolling.most_within(7.5) == counted(times, 7.5)


def test_calls_a_whole_window_apart_are_not_in_one_window() -> None:
    rolling = RollingPeaks()
    for at in (0.0, 60.0, 120.0):
        rolling.add(at)
    assert rolling.peaks["minute"] == 1
    assert rolling.peaks["hour"] == 3


def test_it_forgets_what_no_window_needs() -> None:
    rolling = RollingPeaks()
    for day in range(3):
        for at in range(1_500):
            rolling.add(day * 2 * DAY + at)
    assert rolling.is_exact
    assert (rolling.peaks["day"], rolling.peaks["minute"], rolling.count) == (1_500, 60, 4_500)
    assert len(rolling._times) < 3_500


def test_too_many_calls_in_a_day_are_said_to_be_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    rolling = RollingPeaks()
    monkeypatch.setattr(peaks, "_MOST_KEPT", 1_000)
    for at in range(1_200):
        rolling.add(at / 128)
    assert not rolling.is_exact
    assert rolling.peaks["second"] == 128
    assert len(rolling._times) <= 1_001
