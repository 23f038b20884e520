"""What is rolled up together: pieces that fit into memory, and the periods that a day lies in."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.rollups import DAY, longer_periods, whole_days
from app.services.stats.bucket_making import periods_of, pieces
from app.services.stats.rollups import groups

TODAY = datetime(2026, 6, 10, tzinfo=UTC)
WANTED = st.dictionaries(
    st.integers(0, 9).map(lambda days: TODAY - days * DAY), st.lists(st.sampled_from("abcdefghij"), unique=True)
)


@given(WANTED, st.integers(1, 7))
def test_pieces_hold_everything_once_and_are_small(wanted: dict[datetime, list[str]], size: int) -> None:
    found = list(pieces(wanted, size))
    places = [(day, one) for piece in found for day, ids in piece.items() for one in ids]
    assert sorted(places) == sorted((day, one) for day, ids in wanted.items() for one in ids)
    sizes = [sum(map(len, piece.values())) for piece in found]
    assert all(one == size for one in sizes[:-1])
    assert all(0 < one <= size for one in sizes)


@given(st.lists(st.integers(0, 30)), st.integers(1, 40))
def test_groups_hold_everything_in_order_and_not_too_much(sizes: list[int], most: int) -> None:
    found = list(groups(sizes, lambda size: size, most))
    assert [one for group in found for one in group] == sizes
    assert all(sum(group) <= most or len(group) == 1 for group in found)
    assert all(sum(group) + after[0] > most for group, after in pairwise(found))


@given(WANTED)
def test_periods_of_days_hold_every_track_of_each(wanted: dict[datetime, list[str]]) -> None:
    found = periods_of(wanted)
    for day, ids in wanted.items():
        for period in longer_periods(day):
            assert period.start <= day < period.end
            assert found[period].issuperset(ids)


def test_a_year_comes_after_the_months_that_it_is_made_of() -> None:
    assert longer_periods(datetime(2021, 1, 3, tzinfo=UTC)) == [
        Period(datetime(2020, 12, 28, tzinfo=UTC), Granularity.WEEK),
        Period(datetime(2021, 1, 1, tzinfo=UTC), Granularity.MONTH),
        Period(datetime(2021, 1, 1, tzinfo=UTC), Granularity.YEAR),
    ]


@given(st.integers(0, 10**9), st.integers(0, 10**8))
def test_whole_days_are_the_fewest_that_hold_an_interval(start: int, length: int) -> None:
    interval = Interval(TODAY + timedelta(milliseconds=start), TODAY + timedelta(milliseconds=start + length))
    days = whole_days(interval)
    assert days.start <= interval.start < days.start + DAY
    assert days.end - DAY < interval.end <= days.end
    assert (days.start - TODAY) % DAY == (days.end - TODAY) % DAY == timedelta(0)
