"""Lets a member of a tenant play an episode."""

from app.models.episodes.watching import Playback
from app.services.episodes.playback_tokens import PlaybackTokens
from app.services.episodes.watch_ports import Places


class PlaybackService:
    """Hands out what a player needs."""

    def __init__(self, places: Places, tokens: PlaybackTokens) -> None:
        self._places = places
        self._tokens = tokens

    async def play(self, tenant: str, user_id: str, episode: int) -> Playback:
        """Where the episode is played, and a token for one view of it.

        Raises:
            NotFound: the tenant has no such episode.
            Unavailable: the database is away.
        """
        place = await self._places.get(tenant, episode)
        token, expires_at = await self._tokens.issue(place, user_id)
        return Playback(place, token, expires_at)
