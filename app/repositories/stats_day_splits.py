"""What the raw events of days of tracks add up to, and those of busy days by their hours as well."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.models.stats.buckets import Split
from app.models.stats.periods import Granularity, Interval, day_of
from app.models.stats.rollups import DAY, TrackDays
from app.repositories.mongo import Session
from app.repositories.stats_dirt import track_keys
from app.repositories.stats_rollups import StatsRollupRepository
from app.repositories.stats_tallies import By, Key, Slice, StatsTallyRepository

Place = tuple[str, datetime]

_BY_DAY = By(track=True, granularity=Granularity.DAY)
_BY_HOUR = By(track=True, granularity=Granularity.HOUR)


@dataclass(frozen=True, slots=True)
class DaySplit:
    """A day of a track; its hours if it is busy."""

    split: Split
    hours: Mapping[int, Split] | None = None


class StatsDaySplits:
    """Adds up days; for use in the thread of a snapshot."""

    def __init__(self, tallies: StatsTallyRepository, rollups: StatsRollupRepository, busy_from: int) -> None:
        self._tallies = tallies
        self._rollups = rollups
        self._busy_from = busy_from

    def read(self, session: Session, wanted: TrackDays) -> dict[Place, DaySplit]:
        """Those of the days that have events. What was busy is read by hours at once, what has become so once more."""
        busy = self._rollups.with_hours(session, wanted)
        found = self._by_hour(session, busy)
        rest = {day: list(set(ids).difference(busy.get(day, ()))) for day, ids in wanted.items()}
        days: defaultdict[Place, Split] = defaultdict(Split)
        for key, split in self._tallies.tallies(session, day_slices(rest), _BY_DAY).items():
            days[place_of(key)].add(split)
        found |= {place: DaySplit(split) for place, split in days.items()}
        return found | self._by_hour(session, self._busy(days))

    def _busy(self, days: Mapping[Place, Split]) -> TrackDays:
        found: defaultdict[datetime, list[str]] = defaultdict(list)
        for (track_id, day), split in days.items():
            if split.events >= self._busy_from:
                found[day].append(track_id)
        return found

    def _by_hour(self, session: Session, wanted: TrackDays) -> dict[Place, DaySplit]:
        hours: defaultdict[Place, defaultdict[int, Split]] = defaultdict(lambda: defaultdict(Split))
        for key, split in self._tallies.tallies(session, day_slices(wanted), _BY_HOUR).items():
            track_id, start = place_of(key)
            hours[track_id, day_of(start)][start.hour].add(split)
        return {place: self._of_hours(of_day) for place, of_day in hours.items()}

    def _of_hours(self, hours: Mapping[int, Split]) -> DaySplit:
        total = Split()
        for split in hours.values():
            total.add(split)
        return DaySplit(total, dict(hours) if total.events >= self._busy_from else None)


def day_slices(wanted: TrackDays) -> list[Slice]:
    """The raw events of these days of tracks."""
    return [Slice(Interval(day, day + DAY), raw_keys(ids)) for day, ids in wanted.items() if ids]


def raw_keys(track_ids: Iterable[str]) -> tuple[Any, ...]:
    """What `trackId` of raw events of these tracks may be; the empty name is of events without any."""
    ids = list(track_ids)
    return (*track_keys(ids), *([None] if "" in ids else ()))


def track_name(key: object) -> str:
    """The track that a raw event's `trackId` means."""
    return "" if key is None else str(key)


def place_of(key: Key) -> Place:
    """The track and the start of the period that a tally is of."""
    if key.start is None:
        raise ValueError("Tallies must be asked for by periods")
    return track_name(key.track_id), key.start
