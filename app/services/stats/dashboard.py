"""What an artist asks: how their own tracks do."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.clock import Clock
from app.errors import NotFound
from app.models.stats.dashboard import Activity, Dashboard, TrackStanding
from app.models.stats.events import EventType
from app.models.stats.periods import Interval, TimeRange
from app.models.stats.playlists import PlaylistCounts
from app.models.stats.tallies import Tally
from app.models.stats.tracks import Artist, Track
from app.services.stats.questions import Question, stretch_of
from app.services.stats.reading import NOBODY, read
from app.services.stats.reading_ports import Artists, ArtistTracks, PlaylistsOf, Snapshot, Snapshots

TOP_TRACKS = 5
RECENT_PLAYS = 10
RECENT_LIKES = 5

_COMPARED = (EventType.PLAY, EventType.LIKE, EventType.SHARE)


class DashboardService:
    """Shows artists their own tracks, and nobody else's."""

    def __init__(
        self, snapshots: Snapshots, artists: Artists, tracks: ArtistTracks, playlists: PlaylistsOf, clock: Clock
    ) -> None:
        self._snapshots = snapshots
        self._artists = artists
        self._tracks = tracks
        self._playlists = playlists
        self._clock = clock

    async def show(self, user_id: str, time_range: TimeRange) -> Dashboard:
        """The dashboard of the artist whose account this is; plays of bots, and their own, are set aside.

        Raises:
            NotFound: the user has no artist profile.
            Unavailable: the database is away.
        """
        artist = await self._artist_of(user_id)
        tracks, playlists = await asyncio.gather(self._tracks.of_artist(artist.id), self._playlists.counts(user_id))
        now = self._clock.now()
        return await self._snapshots.read(
            lambda snapshot: _fill(snapshot, _Asked(artist, tracks, playlists, time_range, now))
        )

    async def activity(self, user_id: str) -> Activity:
        """Only the latest events, for who looks every few seconds; raises as `show`."""
        artist = await self._artist_of(user_id)
        tracks = await self._tracks.of_artist(artist.id)
        now = self._clock.now()
        titles = {track.id: track.title for track in tracks}

        def body(snapshot: Snapshot) -> Activity:
            ids = tuple(sorted(titles))
            plays, likes = snapshot.latest_plays(ids, RECENT_PLAYS), snapshot.latest_likes(ids, RECENT_LIKES)
            return Activity(now, titles, tuple(plays), tuple(likes))

        return await self._snapshots.read(body)

    async def _artist_of(self, user_id: str) -> Artist:
        try:
            return await self._artists.of_user(user_id)
        except NotFound:
            raise NotFound("You have no artist profile") from None


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose dashboard, and of when."""

    artist: Artist
    tracks: Sequence[Track]
    playlists: PlaylistCounts
    time_range: TimeRange
    now: datetime

    @property
    def track_ids(self) -> tuple[str, ...]:
        return tuple(sorted(track.id for track in self.tracks))


def _fill(snapshot: Snapshot, asked: _Asked) -> Dashboard:
    track_ids, length = asked.track_ids, asked.time_range.length
    first = snapshot.first_day(track_ids) if length is None else None
    stretch = stretch_of(asked.time_range, asked.now, first)
    found = read(snapshot, Question(track_ids, stretch, by_track=True))
    by_track = {key.track_id or "": split.counted for key, split in found.splits.items()}
    return Dashboard(
        artist=asked.artist,
        time_range=asked.time_range,
        start=first if length is None else stretch.start,
        end=asked.now,
        titles={track.id: track.title for track in asked.tracks},
        current=found.split(),
        uniques=found.uniques.get(None, NOBODY),
        previous=None if length is None else _before(snapshot, track_ids, stretch.start, length),
        top_tracks=_top(asked.tracks, by_track),
        plays=tuple(snapshot.latest_plays(track_ids, RECENT_PLAYS)),
        likes=tuple(snapshot.latest_likes(track_ids, RECENT_LIKES)),
        playlists=asked.playlists,
    )


def _before(snapshot: Snapshot, track_ids: tuple[str, ...], end: datetime, length: timedelta) -> Tally:
    """What the stretch of this length before the range adds up to."""
    stretch = Interval(end - length, end)
    question = Question(track_ids, stretch, is_open=False, kinds=_COMPARED, with_uniques=False)
    return read(snapshot, question).split().counted


def _top(tracks: Sequence[Track], by_track: Mapping[str, Tally]) -> tuple[TrackStanding, ...]:
    """The most played first; of equals the more liked, then by id."""
    standings = [TrackStanding(track, by_track.get(track.id, Tally())) for track in tracks]
    standings.sort(key=lambda one: (-one.tally.plays, -one.tally.likes, one.track.id))
    return tuple(standings[:TOP_TRACKS])
