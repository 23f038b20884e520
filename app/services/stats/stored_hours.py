"""Which stored hours of busy days may be believed, where the day as a whole may not, or is not asked for as a whole."""

from collections.abc import Collection, Mapping
from datetime import datetime

from app.repositories.stats_dirt import ALL_HOURS

Hours = Mapping[str, Mapping[datetime, int]]
"""By track and day, a bit for each hour; the lowest is 0 o'clock."""


def believable(with_hours: Mapping[str, Collection[datetime]], marks: Hours) -> Hours:
    """Those hours of the days that have them which have not changed since; `marks` has the hours that have.

    An hour is right exactly when its bit is not set. Whoever changes events sets it in the same transaction. It goes
    only together with the mark, by somebody who put a bucket there that was made after the token of that mark, so
    after the last change of any hour; and a bucket is only ever replaced by one of a later moment. A rollup that loses
    its race against a newer mark leaves too many bits, and never too few.
    """
    return {
        track_id: {day: ALL_HOURS & ~marks.get(track_id, {}).get(day, 0) for day in days}
        for track_id, days in with_hours.items()
    }
