"""What answers about statistics need from outside, in their own words."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from app.models.stats.analytics import ArchivedDay, Bots, Heard, StoredBucket
from app.models.stats.buckets import Split
from app.models.stats.dashboard import RecentLike, RecentPlay
from app.models.stats.events import EventType, ExclusionKind
from app.models.stats.periods import Granularity, Period
from app.models.stats.playlists import PlaylistCounts
from app.models.stats.tracks import Artist, Track
from app.repositories.stats_tallies import By, Key, Slice
from app.services.stats.stored_hours import Hours

T = TypeVar("T")

TrackIds = tuple[str, ...] | None
"""Some tracks, or (`None`) everything."""

Periods = Mapping[TrackIds, Sequence[Period]]
"""Buckets of tracks, and (`None`) of everything together."""


class Snapshot(Protocol):
    """One moment of the database; everything that is read from it fits together."""

    def covered_from(self) -> datetime | None:
        """The first day that is rolled up; `None` when none is."""
        ...

    def marks(self, track_ids: TrackIds) -> Hours:
        """The days whose buckets are out of date, by track, with the hours that have changed."""
        ...

    def tracks_with_hours(self, days: Collection[datetime], track_ids: Collection[str]) -> Mapping[str, list[datetime]]:
        """Those of these days, by track, whose buckets tell what their hours add up to."""
        ...

    def days_with_hours(self, days: Sequence[datetime]) -> frozenset[datetime]:
        """Those of these days that can be put together from the hours of everything."""
        ...

    def first_day(self, track_ids: TrackIds) -> datetime | None:
        """The first day of which there is anything."""
        ...

    def buckets(self, wanted: Periods) -> Iterator[StoredBucket]:
        """Those of these buckets that exist."""
        ...

    def sketches(self, wanted: Periods, bots: Bots) -> Iterator[tuple[datetime, bytes]]:
        """The sketches of these buckets, with the starts of their periods."""
        ...

    def day_sums(self, days: Mapping[datetime, Collection[str]]) -> Mapping[datetime, Split]:
        """What all tracks but these add up to on each of these days."""
        ...

    def archived(self, slices: Sequence[Slice]) -> list[ArchivedDay]:
        """Days that the slices touch, and of which rows have left the database."""
        ...

    def tallies(self, slices: Sequence[Slice], by: By, kinds: Collection[EventType]) -> Mapping[Key, Split]:
        """What raw rows add up to."""
        ...

    def sessions(self, slices: Sequence[Slice], by: By) -> Iterable[tuple[Key, ExclusionKind | None, str]]:
        """Who played, once for each key and verdict."""
        ...

    def heard(self, slices: Sequence[Slice], by: Granularity | None, bots: Bots) -> Mapping[datetime | None, Heard]:
        """How many distinct sessions the raw plays of each period have."""
        ...

    def latest_plays(self, track_ids: tuple[str, ...], limit: int) -> list[RecentPlay]:
        """The last plays that count, the latest first."""
        ...

    def latest_likes(self, track_ids: tuple[str, ...], limit: int) -> list[RecentLike]:
        """The last likes that count, the latest first; without those taken back, which are events of their own."""
        ...


class Snapshots(Protocol):
    """Gives moments of the database."""

    async def read(self, body: Callable[[Snapshot], T]) -> T:
        """Run `body`, in a thread, over one moment; `Unavailable` when the database is away."""
        ...


class TrackNames(Protocol):
    """Knows tracks by all their names."""

    async def resolve(self, reference: str) -> str:
        """The id of the track of this id, or song id or slug; or `NotFound`."""
        ...


class ArtistTracks(Protocol):
    """The tracks of artists."""

    async def of_artist(self, artist_id: str) -> Sequence[Track]:
        """All of them, without those that were removed."""
        ...


class Artists(Protocol):
    """Who makes tracks."""

    async def get(self, artist_id: str) -> Artist:
        """The artist of this id, or `NotFound`."""
        ...

    async def of_user(self, user_id: str) -> Artist:
        """The artist whose account this is, or `NotFound`."""
        ...


class PlaylistsOf(Protocol):
    """Counts what users do with playlists."""

    async def counts(self, user_id: str) -> PlaylistCounts:
        """A user's playlists, and submissions by status."""
        ...
