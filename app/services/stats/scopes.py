"""Which tracks an answer is about."""

from app.models.stats.analytics import Scope
from app.services.stats.reading_ports import Artists, ArtistTracks, TrackIds, TrackNames


class Scopes:
    """Finds the tracks of a scope."""

    def __init__(self, names: TrackNames, artists: Artists, tracks: ArtistTracks) -> None:
        self._names = names
        self._artists = artists
        self._tracks = tracks

    async def track_ids(self, scope: Scope) -> TrackIds:
        """The ids of the tracks; `None` for everything.

        Raises:
            NotFound: there is no such track or artist.
            Unavailable: the database is away.
        """
        if scope.track is not None:
            return (await self._names.resolve(scope.track),)
        if scope.artist is None:
            return None
        artist = await self._artists.get(scope.artist)
        return tuple(sorted(track.id for track in await self._tracks.of_artist(artist.id)))
