"""What realtime needs from the rest of the application, in its own words."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from app.models.episodes.viewers import EpisodeViewers
from app.models.identity import Identity
from app.models.licensing.sync import SyncJob
from app.models.songs import SongCounts
from app.models.stats.listening import LiveCount


class SongCountsReader(Protocol):
    """Knows the counts of every song."""

    async def counts(self, reference: str) -> SongCounts:
        """The committed counts of the song with this id or slug.

        Raises:
            NotFound: there is no such song.
            Unavailable: the database is away.
        """
        ...


class ListenersReader(Protocol):
    """Knows how many listen to every track at present."""

    async def of_track(self, reference: str) -> LiveCount:
        """The listeners of the track of this id, or of the song of this id or slug.

        Raises:
            NotFound: there is neither.
            Unavailable: the database is away.
        """
        ...

    async def of_tracks(self, track_ids: Collection[str]) -> Mapping[str, int]:
        """The listeners of many tracks in one query; those without any are left out.

        Raises:
            Unavailable: the database is away.
        """
        ...


class EpisodeViewersReader(Protocol):
    """Knows how many watch every episode at present."""

    async def of_episode(self, tenants: Collection[str], episode: int) -> EpisodeViewers:
        """The viewers of an episode, for a member of these tenants.

        Raises:
            NotFound: none of them has such an episode.
            Unavailable: the database is away.
        """
        ...

    async def of_episodes(self, episodes: Collection[int]) -> Mapping[int, int]:
        """The viewers of many episodes in one query; those without any are left out.

        Raises:
            Unavailable: the database is away.
        """
        ...


class SyncsReader(Protocol):
    """Knows the syncs of catalogues."""

    async def watched(self, job_ids: Collection[str]) -> Sequence[SyncJob]:
        """Those that are not over, the newest ones, and those of these ids.

        Raises:
            Unavailable: the database is away.
        """
        ...


class TokenVerifier(Protocol):
    """Tells who the bearer of a token is."""

    async def verify(self, token: str) -> Identity:
        """The bearer of a valid token.

        Raises:
            Unauthorized: the token is not to be believed.
            Unavailable: the keys cannot be had at present.
        """
        ...
