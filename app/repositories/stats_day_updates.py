"""Brings buckets of busy days up to date from the hours that have changed, without reading the others again."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.models.stats.buckets import Bucket, Split
from app.models.stats.events import ExclusionKind
from app.models.stats.periods import Granularity, Interval, day_of
from app.models.stats.rollups import DAY, TrackDays
from app.models.stats.tracks import Dirt
from app.repositories.mongo import Session
from app.repositories.stats_day_splits import Place, place_of, raw_keys, track_name
from app.repositories.stats_dirt import NOT_ONLY_ADDED
from app.repositories.stats_rollups import StatsRollupRepository
from app.repositories.stats_tallies import By, Slice, StatsTallyRepository

# A run every half minute must not read a whole day's rows of a thousand busy tracks each time: at 830,000 events a
# day that was 0.7 of a core. Days that small together are read whole all the same, so that their listeners stay exact.
READ_WHOLE_AT_ONCE = 5_000

_BY_HOUR = By(track=True, granularity=Granularity.HOUR)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Outdated:
    """A stored bucket of a busy day, and the hours of it (bits) that have changed since."""

    bucket: Bucket
    hours: int

    @property
    def place(self) -> Place:
        """The track and the day."""
        return self.bucket.track_id, self.bucket.period.start


class StatsDayUpdates:
    """For use in the thread of a snapshot.

    An hour without a mark is right in the stored bucket (see `believable`). Whoever removes rows or judges them anew
    says so beside the hours, and such a day is read whole. On the others sessions have only become more, so those of
    the marked hours are all that the stored sketch can lack.
    """

    def __init__(self, tallies: StatsTallyRepository, rollups: StatsRollupRepository, read_whole: int) -> None:
        self._tallies = tallies
        self._rollups = rollups
        self._read_whole = read_whole

    def outdated(self, session: Session, wanted: TrackDays, dirt: Iterable[Dirt]) -> list[Outdated]:
        """Those of the wanted days that need not be read whole, apart from the smallest."""
        marks = {(one.track_id, day): bits for one in dirt for day, bits in one.hours.items()}
        partly = {place: bits for place, bits in marks.items() if not bits & NOT_ONLY_ADDED}
        found = [Outdated(one, partly[one.track_id, one.period.start]) for one in self._stored(session, wanted, partly)]
        return list(self._without_smallest(found))

    def _stored(self, session: Session, wanted: TrackDays, partly: Mapping[Place, int]) -> Iterator[Bucket]:
        for day, ids in wanted.items():
            of_day = [one for one in ids if (one, day) in partly]
            stored = self._rollups.read(session, Granularity.DAY, Interval(day, day + DAY), of_day, with_hours=True)
            yield from (one for one in stored if one.hours is not None)

    def _without_smallest(self, found: Iterable[Outdated]) -> Iterator[Outdated]:
        left = self._read_whole
        for one in sorted(found, key=lambda outdated: outdated.bucket.split.events):
            left -= one.bucket.split.events
            if left < 0:
                yield one

    def apply(self, session: Session, outdated: Sequence[Outdated]) -> list[Bucket]:
        """The buckets with their marked hours read anew; their distinct sessions are an estimate from the sketch."""
        slices = list(_slices(outdated))
        fresh: defaultdict[Place, dict[int, Split]] = defaultdict(dict)
        for key, split in self._tallies.tallies(session, slices, _BY_HOUR).items():
            track_id, start = place_of(key)
            day = start.replace(hour=0)
            fresh[track_id, day].setdefault(start.hour, Split()).add(split)
        buckets = {one.place: _renewed(one, fresh[one.place]) for one in outdated}
        for hour in slices:
            day = day_of(hour.interval.start)
            for track, verdict, name in self._tallies.listeners(session, hour):
                _take_in(buckets[track_name(track), day], verdict, name)
        for bucket in buckets.values():
            bucket.unique_plays = min(bucket.listeners.estimate, bucket.split.counted.plays)
        return list(buckets.values())


def _renewed(one: Outdated, fresh: Mapping[int, Split]) -> Bucket:
    bucket = one.bucket
    kept = {hour: split for hour, split in (bucket.hours or {}).items() if not one.hours >> hour & 1}
    bucket.hours = {**kept, **fresh}
    bucket.split = Split()
    for split in bucket.hours.values():
        bucket.split.add(split)
    bucket.is_estimate = True
    return bucket


def _take_in(bucket: Bucket, verdict: ExclusionKind | None, name: object) -> None:
    if verdict is None:
        bucket.listeners.add(str(name))
    elif verdict is ExclusionKind.BOT:
        bucket.bot_listeners.add(str(name))


def _slices(outdated: Sequence[Outdated]) -> Iterator[Slice]:
    """The marked hours, each with the tracks that it is marked of."""
    tracks: defaultdict[datetime, list[str]] = defaultdict(list)
    for one in outdated:
        track_id, day = one.place
        for hour in range(24):
            if one.hours >> hour & 1:
                tracks[day + hour * _HOUR].append(track_id)
    for start, ids in tracks.items():
        yield Slice(Interval(start, start + _HOUR), raw_keys(ids))
