"""Live listeners: how many sessions have just played a track."""

from collections.abc import Collection as Container
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock
from app.models.stats.listening import LiveCount

WINDOW = timedelta(minutes=2)
"""A session listens to a track for this long after it began to play it."""


class KnownTracks(Protocol):
    """What can be listened to."""

    async def resolve(self, reference: str) -> str:
        """The id under which a track's events are kept, or `NotFound`."""
        ...


class LiveListeners(Protocol):
    """The latest plays."""

    async def count(self, track_ids: Container[str], after: datetime, until: datetime) -> Mapping[str, int]:
        """Distinct sessions with a play of each track; tracks without any are left out."""
        ...


class LiveListenerService:
    """Counts who listens at present; a play that is set aside (a bot's, an artist's own) makes no listener."""

    def __init__(self, tracks: KnownTracks, listeners: LiveListeners, clock: Clock) -> None:
        self._tracks = tracks
        self._listeners = listeners
        self._clock = clock

    async def of_track(self, reference: str) -> LiveCount:
        """The listeners of the track of this id, or of the song of this id or slug.

        Raises:
            NotFound: there is neither.
            Unavailable: the database is away.
        """
        track_id = await self._tracks.resolve(reference)
        return LiveCount(track_id, (await self.of_tracks([track_id])).get(track_id, 0))

    async def of_tracks(self, track_ids: Container[str]) -> Mapping[str, int]:
        """The listeners of many tracks (by their own ids) in one query; those without any are left out.

        Raises:
            Unavailable: the database is away.
        """
        now = self._clock.now()
        return await self._listeners.count(track_ids, now - WINDOW, now)
