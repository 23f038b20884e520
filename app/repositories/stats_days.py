"""Buckets of days, made from raw events and from what the archive has taken of them."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.models.stats.buckets import Bucket, Split
from app.models.stats.events import ExclusionKind
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.rollups import DAY, Computed, TrackDays
from app.models.stats.tracks import Dirt
from app.repositories.mongo import Document, Mongo, Session, snapshot_time
from app.repositories.stats_day_splits import DaySplit, Place, StatsDaySplits, day_slices, place_of, track_name
from app.repositories.stats_day_turns import READ_AGAIN_AT_ONCE, StatsDayTurns
from app.repositories.stats_day_updates import READ_WHOLE_AT_ONCE, StatsDayUpdates
from app.repositories.stats_dirt import StatsDirtRepository
from app.repositories.stats_rollups import StatsRollupRepository
from app.repositories.stats_tallies import RAW_COLLECTIONS, By, StatsTallyRepository

# 200,000 events of 1,000 tracks, 300 of them marked: everything takes 1.4 s without hours, 0.75 s from 2,000 on, 0.4 s
# from 500 on; a rollup takes 2.9, 3.1 and 3.6 s. The hours of such a day take 7 KB, its rows 200 KB and more.
BUSY_FROM = 500
"""From so many events on, the bucket of a day keeps what its hours add up to as well."""

_BY = By(track=True, granularity=Granularity.DAY)


@dataclass(slots=True)
class Sessions:
    """Who played, counted while they pass: each session is shown once for each verdict."""

    count: int = 0
    listeners: Listeners = field(default_factory=Listeners)
    bots: Listeners = field(default_factory=Listeners)

    def add(self, verdict: ExclusionKind | None, session: object) -> None:
        """Take in one session."""
        name = session if isinstance(session, str) else str(session)
        if verdict is None:
            self.count += 1
            self.listeners.add(name)
        elif verdict is ExclusionKind.BOT:
            self.bots.add(name)


class StatsDayRepository:
    """Makes buckets of days; what is marked is read in the same moment."""

    def __init__(
        self,
        mongo: Mongo,
        tallies: StatsTallyRepository,
        dirt: StatsDirtRepository,
        rollups: StatsRollupRepository,
        busy_from: int = BUSY_FROM,
        read_whole: int = READ_WHOLE_AT_ONCE,
        read_again: int = READ_AGAIN_AT_ONCE,
    ) -> None:
        self._mongo = mongo
        self._tallies = tallies
        self._dirt = dirt
        self._rollups = rollups
        self._splits = StatsDaySplits(tallies, rollups, busy_from)
        self._updates = StatsDayUpdates(tallies, rollups, read_whole)
        self._turns = StatsDayTurns(mongo, read_again)

    async def marked(self) -> dict[str, int]:
        """The tracks with marks, and how many each has.

        Raises:
            Unavailable: the database is away.
        """
        with self._mongo.patiently():
            return await self._dirt.marked()

    async def marks(self, track_ids: Sequence[str]) -> list[Dirt]:
        """The marks on these tracks.

        Raises:
            Unavailable: the database is away.
        """
        with self._mongo.patiently():
            return await self._mongo.snapshot(lambda session: self._dirt.read(session, track_ids))

    async def due_marks(self, track_ids: Sequence[str], now: datetime) -> list[Dirt]:
        """The same, but for those on the present day whose turn comes later; see `StatsDayTurns`.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> list[Dirt]:
            return self._turns.due(session, self._dirt.read(session, track_ids), now)

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    async def compute(self, wanted: TrackDays, *, is_exact: bool = True) -> Computed:
        """The buckets of these days of tracks, also where there are no events, and the marks on them.

        Unless it is to be exact, busy days are not read whole: only the hours that have changed, and the distinct
        sessions are an estimate.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> Computed:
            dirt = _only(self._dirt.read(session, _tracks(wanted), wanted), wanted)
            outdated = [] if is_exact else self._updates.outdated(session, wanted, dirt)
            buckets = self.buckets(session, _without(wanted, {one.place for one in outdated}))
            return Computed([*buckets, *self._updates.apply(session, outdated)], snapshot_time(session), dirt)

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    def buckets(self, session: Session, wanted: TrackDays) -> list[Bucket]:
        """As `compute`, in the thread of a snapshot."""
        splits = self._splits.read(session, wanted)
        sessions: defaultdict[Place, Sessions] = defaultdict(Sessions)
        for key, verdict, name in self._tallies.sessions(session, day_slices(wanted), _BY):
            sessions[place_of(key)].add(verdict, name)
        archived = {(one.track_id, day): one for day, one in self._archived(session, wanted)}
        places = [(track_id, day) for day, ids in wanted.items() for track_id in ids]
        return [
            _bucket(place, splits.get(place) or DaySplit(Split()), sessions[place], archived.get(place))
            for place in places
        ]

    def _archived(self, session: Session, wanted: TrackDays) -> Iterable[tuple[datetime, Bucket]]:
        for day, ids in wanted.items():
            for bucket in self._rollups.with_archived_part(session, day, ids):
                yield day, bucket

    async def tracks_on(self, day: datetime) -> list[str]:
        """The tracks that have events or a bucket on a day; an empty name for events without a track.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> set[str]:
            found = self._rollups.tracks_in(session, Granularity.DAY, Interval(day, day + DAY))
            for collection in RAW_COLLECTIONS.values():
                pipeline: list[Document] = [{"$match": _on(day)}, {"$group": {"_id": "$trackId"}}]
                rows = self._mongo.in_thread[collection].aggregate(pipeline, session=session, allowDiskUse=True)
                found.update(track_name(row["_id"]) for row in rows)
            return found

        with self._mongo.patiently():
            return sorted(await self._mongo.snapshot(read))


def _bucket(place: Place, of_day: DaySplit, sessions: Sessions, archived: Bucket | None) -> Bucket:
    bucket = Bucket(
        track_id=place[0],
        period=Period(place[1], Granularity.DAY),
        split=of_day.split,
        unique_plays=sessions.count,
        is_estimate=False,
        listeners=sessions.listeners,
        bot_listeners=sessions.bots,
        hours=of_day.hours,
    )
    return bucket if archived is None else _with_archived(bucket, archived)


def _with_archived(bucket: Bucket, stored: Bucket) -> Bucket:
    """Together with what has left the database, whose sessions only the stored sketch knows."""
    bucket.archived, bucket.hours = stored.archived or Split(), None
    bucket.split.add(bucket.archived)
    bucket.listeners.merge(stored.listeners.to_bytes())
    bucket.bot_listeners.merge(stored.bot_listeners.to_bytes())
    bucket.unique_plays = min(bucket.listeners.estimate, bucket.split.counted.plays)
    bucket.is_estimate = True
    return bucket


def _only(dirt: Iterable[Dirt], wanted: TrackDays) -> list[Dirt]:
    """The marks on what was wanted, and not on other days of the same tracks."""
    places = {(track_id, day) for day, ids in wanted.items() for track_id in ids}
    kept = (one.of_days(day for day in one.days if (one.track_id, day) in places) for one in dirt)
    return [one for one in kept if one.days]


def _without(wanted: TrackDays, places: Container[Place]) -> TrackDays:
    return {day: [one for one in ids if (one, day) not in places] for day, ids in wanted.items()}


def _tracks(wanted: TrackDays) -> list[str]:
    return list({track_id for ids in wanted.values() for track_id in ids})


def _on(day: datetime) -> Document:
    return {"timestamp": {"$gte": day, "$lt": day + DAY}}
