"""When days, weeks, months and years begin: a definition of its own, so that a mistake of the app is not made twice."""

from datetime import UTC, date, datetime, timedelta

MS_PER_DAY = 86_400_000
_FIRST = date(1970, 1, 1)
_UTC_MIDNIGHT = datetime.min.time().replace(tzinfo=UTC)

GRAINS = ("day", "week", "month", "year")
RANGES = {"24h": 1, "7d": 7, "30d": 30, "90d": 90, "1y": 365, "all": None}
"""Days that an answer looks back; `None` is for ever."""


def day_number(at: int) -> int:
    """Days since 1970 of a moment in ms."""
    return at // MS_PER_DAY


def date_of(day: int) -> date:
    """The date of a day's number."""
    return _FIRST + timedelta(days=day)


def start_of(grain: str, day: int) -> date:
    """The first date of the period that a day lies in; weeks are ISO's."""
    one = date_of(day)
    if grain == "week":
        iso = one.isocalendar()
        return date.fromisocalendar(iso.year, iso.week, 1)
    if grain == "month":
        return date(one.year, one.month, 1)
    if grain == "year":
        return date(one.year, 1, 1)
    return one


def midnight(one: date) -> datetime:
    """The moment at which a date begins."""
    return datetime.combine(one, _UTC_MIDNIGHT)
