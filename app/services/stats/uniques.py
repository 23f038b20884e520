"""How many distinct sessions played: exactly where that is cheap, else by merged sketches."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from app.models.stats.analytics import ArchivedDay, Bots, StoredBucket, Uniques
from app.models.stats.buckets import Split
from app.models.stats.events import ExclusionKind
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Granularity, day_of
from app.repositories.stats_tallies import By, Slice
from app.services.stats.cover import joined
from app.services.stats.plan import Plan
from app.services.stats.questions import Question
from app.services.stats.reading_ports import Snapshot

# A row costs 7 µs and a sketch 15 µs, so that recounting 3,000 plays of an artist took three times as long as the whole
# answer without it. Up to some 1,500 sessions a sketch is as good as exact, though it is flagged.
RECOUNTED_UP_TO = 1_000
"""So many plays are recounted from raw rows rather than estimated."""

_NOBODY = Uniques()


@dataclass(slots=True)
class _Point:
    """The plays of a period, and those of them that only rows tell who played; of its last bucket, what it knows."""

    plays: int = 0
    raw: int = 0
    of_bucket: int = 0
    bucket: Uniques = _NOBODY

    @property
    def is_known(self) -> bool:
        """Whether one bucket holds all of it, and knows exactly."""
        return self.of_bucket == self.plays and not self.bucket.is_estimate


@dataclass(slots=True)
class UniqueCounter:
    """Takes in what an answer is made of, and then tells how many listeners that are, by period."""

    question: Question
    archived: list[ArchivedDay] = field(default_factory=list)
    _points: dict[datetime | None, _Point] = field(default_factory=lambda: defaultdict(_Point))

    def take_bucket(self, bucket: StoredBucket) -> None:
        """A whole bucket is a part of the answer."""
        plays = self._plays(bucket.split)
        if not plays:
            return
        point = self._points[self.question.point_of(bucket.period.start)]
        point.plays += plays
        if self._is_heard_in_rows(bucket):
            point.raw += plays
            return
        # What a bucket knows exactly is of plays that count.
        is_of_these = plays == bucket.split.counted.plays
        point.of_bucket, point.bucket = plays, bucket.uniques if is_of_these else Uniques(is_estimate=True)

    def _is_heard_in_rows(self, bucket: StoredBucket) -> bool:
        """Whether it is an hour of a track, which has no sketch, and its day's sketch has others in it as well."""
        is_hour = bucket.period.granularity is Granularity.HOUR and bucket.track_id != ""
        return is_hour and not self.question.holds_day(day_of(bucket.period.start))

    def take_raw(self, start: datetime | None, split: Split) -> None:
        """Raw rows are a part of the answer."""
        point = self._points[start]
        point.plays += self._plays(split)
        point.raw += self._plays(split)

    def take_sum(self, start: datetime | None, split: Split) -> None:
        """Something whose sessions nobody can list is a part of the answer."""
        self._points[start].plays += self._plays(split)

    def count(self, snapshot: Snapshot, plan: Plan) -> dict[datetime | None, Uniques]:
        """The uniques of every period that was played in."""
        points = {start: point for start, point in self._points.items() if point.plays}
        found = {start: point.bucket for start, point in points.items() if point.is_known}
        rest = points.keys() - found.keys()
        found |= self._recounted(snapshot, [start for start in rest if points[start].raw == points[start].plays])
        rest -= found.keys()
        if sum(points[start].plays for start in rest) <= RECOUNTED_UP_TO:
            found |= self._recounted(snapshot, rest)
        return found | self._estimated(snapshot, plan, rest - found.keys())

    def _plays(self, split: Split) -> int:
        return split.counted.plays + (split.bots.plays if self.question.bots is Bots.INCLUDE else 0)

    def _recounted(self, snapshot: Snapshot, starts: Collection[datetime | None]) -> dict[datetime | None, Uniques]:
        """Exactly, from raw rows; without the periods of which some have left the database."""
        if not starts:
            return {}
        points = self.question.points()
        slices = [Slice(one, self.question.track_ids) for one in joined(points[start] for start in starts)]
        heard = snapshot.heard(slices, self.question.by, self.question.bots)
        return {
            start: Uniques(one.sessions)
            for start, one in heard.items()
            if start in starts and one.plays == self._points[start].plays
        }

    def _estimated(
        self, snapshot: Snapshot, plan: Plan, starts: Collection[datetime | None]
    ) -> dict[datetime | None, Uniques]:
        if not starts:
            return {}
        merged: dict[datetime | None, Listeners] = defaultdict(Listeners)
        plan = plan.of_points(self.question, starts).for_listeners(self.question)
        for start, sketch in self._sketches(snapshot, plan):
            merged[start].merge(sketch)
        for start, session in self._sessions(snapshot, plan):
            merged[start].add(session)
        return {start: Uniques(min(merged[start].estimate, self._points[start].plays), True) for start in starts}

    def _sketches(self, snapshot: Snapshot, plan: Plan) -> Iterable[tuple[datetime | None, bytes]]:
        for begin, sketch in snapshot.sketches(plan.with_sums_as_periods(), self.question.bots):
            yield self.question.point_of(begin), sketch
        for day in self.archived:
            start = self.question.point_of(max(day.day, self.question.stretch.start))
            yield from ((start, sketch) for sketch in day.sketches)

    def _sessions(self, snapshot: Snapshot, plan: Plan) -> Iterable[tuple[datetime | None, str]]:
        counted = {None, ExclusionKind.BOT} if self.question.bots is Bots.INCLUDE else {None}
        for key, verdict, session in snapshot.sessions(plan.slices(), By(granularity=self.question.by)):
            if verdict in counted:
                yield key.start, session
