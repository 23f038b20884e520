"""A cover is made of pieces that neither overlap nor leave anything out, and uses only what may be believed."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from app.models.stats.periods import Granularity, Interval, Period, day_of
from app.services.stats.cover import Cover, Trust, cover, joined

BEGIN = datetime(2023, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

moments = st.integers(0, 800 * 24 * 3600 * 1000).map(lambda ms: BEGIN + timedelta(milliseconds=ms))
days = st.integers(0, 800).map(lambda number: BEGIN + number * DAY)
stretches = st.tuples(moments | days, moments | days).map(lambda pair: Interval(*sorted(pair)))
day_sets = st.sets(days, max_size=40).map(sorted)
EVERY_HOUR = (1 << 24) - 1
hours_of_days = st.dictionaries(days, st.integers(0, EVERY_HOUR) | st.just(EVERY_HOUR), max_size=60)


def pieces(found: Cover) -> list[Interval]:
    marked = [Interval(day, day + DAY) for day in found.marked_days]
    return sorted([*(one.interval for one in found.periods), *marked, *found.raw])


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(stretches, st.none() | days, day_sets, hours_of_days)
@example(Interval(BEGIN, BEGIN), None, [], {})
@example(Interval(day("2024-01-01"), day("2025-01-01")), BEGIN, [], {})
def test_the_pieces_partition_the_stretch(
    stretch: Interval, covered_from: datetime | None, marked: list[datetime], hours: dict[datetime, int]
) -> None:
    marked = sorted({*marked, *list(hours)[::2]})
    found = pieces(cover(stretch, Trust(covered_from, marked, hours)))
    assert all(not one.is_empty for one in found)
    edges = [stretch.start, *(one.end for one in found)]
    assert [one.start for one in found] == edges[:-1]
    assert edges[-1] == max(stretch.start, stretch.end)


@given(stretches, st.none() | days, day_sets, hours_of_days, st.booleans())
def test_only_what_may_be_believed_is_used(
    stretch: Interval,
    covered_from: datetime | None,
    marked: list[datetime],
    hours: dict[datetime, int],
    is_open: bool,
) -> None:
    marked = sorted({*marked, *list(hours)[::2]})
    found = cover(stretch, Trust(covered_from, marked, hours, is_open))
    for period in found.periods:
        assert period.granularity.start_of(period.start) == period.start >= stretch.start
        assert covered_from is not None
        assert day_of(period.start) >= covered_from
        if period.granularity is Granularity.HOUR:
            assert hours[day_of(period.start)] >> period.start.hour & 1
        else:
            assert not [one for one in marked if period.start < one + DAY and one < period.end]
        assert is_open or period.end <= stretch.end
    assert set(found.marked_days) <= set(marked)


@given(st.integers(0, 800 * 24 - 1), st.integers(1, 400), st.integers(0, 3599_999))
def test_raw_at_most_an_hour_is_left_at_each_edge(hour: int, length: int, ms: int) -> None:
    start = BEGIN + hour * HOUR + timedelta(milliseconds=ms)
    stretch = Interval(start, start + length * DAY)
    every = [day_of(start) + number * DAY for number in range(length + 1)]
    found = cover(stretch, Trust(BEGIN, (), dict.fromkeys(every, EVERY_HOUR)))
    assert len(found.raw) <= 2
    assert all(one.end - one.start <= HOUR for one in found.raw)


def test_the_longest_bucket_goes_first() -> None:
    found = cover(Interval(day("2023-12-29"), day("2025-02-20")), Trust(BEGIN))
    assert [(one.granularity.value, f"{one.start:%Y-%m-%d}") for one in found.periods] == [
        ("day", "2023-12-29"),
        ("day", "2023-12-30"),
        ("day", "2023-12-31"),
        ("year", "2024-01-01"),
        ("month", "2025-01-01"),
        ("day", "2025-02-01"),
        ("day", "2025-02-02"),
        ("week", "2025-02-03"),
        ("week", "2025-02-10"),
        ("day", "2025-02-17"),
        ("day", "2025-02-18"),
        ("day", "2025-02-19"),
    ]


def test_a_mark_is_read_raw_and_its_neighbours_by_finer_buckets() -> None:
    found = cover(Interval(day("2024-01-01"), day("2024-02-01")), Trust(BEGIN, [day("2024-01-10")]))
    assert found.marked_days == [day("2024-01-10")]
    assert found.all_raw() == [Interval(day("2024-01-10"), day("2024-01-11"))]
    assert [one.granularity.value for one in found.periods[:3]] == ["week", "day", "day"]
    assert sum(one.granularity is Granularity.WEEK for one in found.periods) == 3


def test_an_open_stretch_may_end_with_buckets_that_reach_further() -> None:
    stretch = Interval(day("2024-02-01"), day("2024-02-21"))
    assert cover(stretch, Trust(BEGIN, is_open=True)).periods == [Period(day("2024-02-01"), Granularity.MONTH)]
    assert Period(day("2024-02-01"), Granularity.MONTH) not in cover(stretch, Trust(BEGIN)).periods


def test_a_bucket_that_begins_before_an_open_stretch_is_not_used() -> None:
    stretch = Interval(day("2024-02-20"), day("2024-02-22"))
    assert [one.granularity.value for one in cover(stretch, Trust(BEGIN, is_open=True)).periods] == ["day", "day"]


def test_a_mark_makes_an_open_month_useless() -> None:
    stretch = Interval(day("2024-02-01"), day("2024-02-21"))
    found = cover(stretch, Trust(BEGIN, [day("2024-02-20")], is_open=True))
    assert found.marked_days == [day("2024-02-20")]
    assert {one.granularity.value for one in found.periods} == {"week", "day"}


def test_of_a_marked_day_with_hours_only_the_changed_ones_are_read_raw() -> None:
    changed, begin = 13, day("2024-01-10")
    stretch = Interval(day("2024-01-09"), day("2024-01-11"))
    found = cover(stretch, Trust(BEGIN, [begin], {begin: EVERY_HOUR & ~(1 << changed)}))
    assert found.raw == [Interval(begin + changed * HOUR, begin + (changed + 1) * HOUR)]
    assert found.marked_days == []
    whole, *hours = found.periods
    assert whole == Period(day("2024-01-09"), Granularity.DAY)
    assert [one.start.hour for one in hours] == [one for one in range(24) if one != changed]


def test_a_marked_day_of_which_all_hours_have_changed_is_read_raw() -> None:
    begin = day("2024-01-10")
    found = cover(Interval(begin, begin + DAY), Trust(BEGIN, [begin], {begin: 0}))
    assert (found.periods, found.marked_days) == ([], [begin])


def test_neighbours_are_joined() -> None:
    hours = [Interval(BEGIN + number * HOUR, BEGIN + (number + 1) * HOUR) for number in (2, 0, 1, 5)]
    assert joined(hours) == [Interval(BEGIN, BEGIN + 3 * HOUR), Interval(BEGIN + 5 * HOUR, BEGIN + 6 * HOUR)]
