"""What a stretch of time adds up to, put together from buckets and raw rows of one moment."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.models.stats.analytics import Bots, Uniques
from app.models.stats.buckets import Split
from app.models.stats.tallies import Tally
from app.repositories.stats_tallies import By, Key
from app.services.stats.plan import Plan, plan_everything, plan_tracks
from app.services.stats.questions import Question
from app.services.stats.reading_ports import Snapshot
from app.services.stats.stored_hours import believable
from app.services.stats.uniques import UniqueCounter

NOBODY = Uniques()


@dataclass(slots=True)
class Reading:
    """What was found, by track and period as far as it was asked for; uniques are of all tracks together."""

    splits: dict[Key, Split] = field(default_factory=lambda: defaultdict(Split))
    uniques: Mapping[datetime | None, Uniques] = field(default_factory=dict)

    def split(self, start: datetime | None = None) -> Split:
        """What all tracks add up to in a period."""
        result = Split()
        for key, split in self.splits.items():
            if key.start == start:
                result.add(split)
        return result


def read(snapshot: Snapshot, question: Question) -> Reading:
    """Answer a question. Parts whose rows have left the database are of whole days: a day is in, or it is not."""
    if question.track_ids == ():
        return Reading()
    return _Reader(snapshot, question).read()


def tally_of(split: Split, bots: Bots) -> Tally:
    """What counts, with or without known bots; an artist's own plays never do."""
    result = Tally()
    result.add(split.counted)
    if bots is Bots.INCLUDE:
        result.add(split.bots)
    return result


class _Reader:
    def __init__(self, snapshot: Snapshot, question: Question) -> None:
        self._snapshot = snapshot
        self._question = question
        self._reading = Reading()
        self._uniques = UniqueCounter(question)

    def read(self) -> Reading:
        plan = self._plan()
        self._add_buckets(plan)
        self._add_sums(plan)
        self._add_raw(plan)
        self._add_archived(plan)
        if self._question.with_uniques:
            self._reading.uniques = self._uniques.count(self._snapshot, plan)
        return self._reading

    def _plan(self) -> Plan:
        question = self._question
        covered_from, marks = self._snapshot.covered_from(), self._snapshot.marks(question.track_ids)
        marked = {day for days in marks.values() for day in question.within(days)}
        if question.track_ids is not None:
            days = marked.union(question.split_days())
            hours = believable(self._snapshot.tracks_with_hours(days, question.track_ids), marks)
            return plan_tracks(question, covered_from, marks, hours)
        hours = believable(self._snapshot.tracks_with_hours(marked, marks), marks)
        with_hours = self._snapshot.days_with_hours(question.split_days())
        return plan_everything(question, covered_from, marks, hours, with_hours)

    def _add_buckets(self, plan: Plan) -> None:
        for bucket in self._snapshot.buckets(plan.periods):
            self._add(bucket.track_id, self._question.point_of(bucket.period.start), bucket.split)
            self._uniques.take_bucket(bucket)

    def _add_sums(self, plan: Plan) -> None:
        for day, split in self._snapshot.day_sums(plan.sums).items():
            start = self._question.point_of(day)
            self._add(None, start, split)
            self._uniques.take_sum(start, split)

    def _add_raw(self, plan: Plan) -> None:
        by = By(self._question.by_track, self._question.by)
        for key, split in self._snapshot.tallies(plan.slices(), by, self._question.kinds).items():
            self._add(key.track_id, key.start, split)
            self._uniques.take_raw(key.start, split)

    def _add_archived(self, plan: Plan) -> None:
        self._uniques.archived = self._snapshot.archived(plan.touched())
        for one in self._uniques.archived:
            start = self._question.point_of(max(one.day, self._question.stretch.start))
            self._add(one.track_id, start, one.split)
            self._uniques.take_sum(start, one.split)

    def _add(self, track_id: str | None, start: datetime | None, split: Split) -> None:
        key = Key(track_id if self._question.by_track else None, start)
        _take_in(self._reading.splits[key], split)


def _take_in(total: Split, part: Split) -> None:
    """Add what there is: of most buckets that is one tally of three, and adding nothing costs as much."""
    for mine, other in ((total.counted, part.counted), (total.bots, part.bots), (total.own, part.own)):
        if other.events:
            mine.add(other)
