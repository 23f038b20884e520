"""Which tracks an answer is about."""

from app.errors import NotFound
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
            NotFound: there is no such track or artist, or the track is not the artist's.
            Unavailable: the database is away.
        """
        track_id = None if scope.track is None else await self._names.resolve(scope.track)
        if scope.artist is None:
            return None if track_id is None else (track_id,)
        artist = await self._artists.get(scope.artist)
        of_artist = sorted(track.id for track in await self._tracks.of_artist(artist.id))
        if track_id is None:
            return tuple(of_artist)
        if track_id not in of_artist:
            raise NotFound("The artist has no such track")
        return (track_id,)
