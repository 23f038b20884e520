"""Days and moments as they are written."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import to_stored_precision
from app.models.wire.day_or_moment import to_period

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS)  # noqa: DTZ001


@given(st.dates())
def test_a_day_is_all_of_it(day: date) -> None:
    period = to_period(day.isoformat())
    assert (period.first.date(), period.last.date()) == (day, day)
    assert period.last - period.first == timedelta(days=1) - timedelta(milliseconds=1)


@given(MOMENTS)
def test_a_moment_is_cut_to_the_millisecond(moment: datetime) -> None:
    period = to_period(moment.isoformat())
    assert period.first == period.last == to_stored_precision(moment.astimezone(UTC))
    assert period.first.tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "milliseconds"),
    [
        ("2026-01-31T12:00Z", 0),
        ("2026-01-31t12:00:00z", 0),
        ("2026-01-31T12:00:00.5Z", 500),
        ("2026-01-31T12:00:00.123456789Z", 123),
        ("2026-01-31T14:00:00.001+02:00", 1),
    ],
)
def test_ways_to_write_a_moment(written: str, milliseconds: int) -> None:
    noon = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert to_period(written).first == noon + timedelta(milliseconds=milliseconds)


@given(
    st.text(max_size=30) | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]*(Z|[+-][0-9:]*)?)?", fullmatch=True)
)
def test_everything_else_is_refused_in_one_way(written: str) -> None:
    try:
        date.fromisoformat(written[:10])
        period = to_period(written)
    except ValueError:
        with pytest.raises(ValueError, match="must be a day such as"):
            to_period(written)
    else:
        assert period.first <= period.last
