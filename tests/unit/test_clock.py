"""Times are aware, in UTC, and as precise as they are stored."""

from datetime import UTC, datetime, timedelta, timezone

from app.clock import SystemClock, iso, to_stored_precision


def test_the_present_is_aware_and_cut_to_milliseconds() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_precision_is_cut_and_never_rounded_up() -> None:
    moment = datetime(2026, 12, 31, 23, 59, 59, 999_999, UTC)
    assert to_stored_precision(moment) == datetime(2026, 12, 31, 23, 59, 59, 999_000, UTC)


def test_iso_is_utc_with_z() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert iso(datetime(2026, 1, 1, 2, 0, tzinfo=east)) == "2025-12-31T20:30:00.000Z"
    assert iso(datetime(2026, 1, 1, 2, 0, 0, 12_999, UTC)) == "2026-01-01T02:00:00.012Z"
