"""What realtime needs from the rest of the application, in its own words."""

from typing import Protocol

from app.models.identity import Identity
from app.models.songs import SongCounts


class SongCountsReader(Protocol):
    """Knows the counts of every song."""

    async def counts(self, reference: str) -> SongCounts:
        """The committed counts of the song with this id or slug.

        Raises:
            NotFound: there is no such song.
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
