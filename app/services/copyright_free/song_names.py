"""Which song a reference means, remembered, because it is asked for at every view."""

from cachetools import LRUCache

from app.models.songs import SongKey
from app.services.copyright_free.ports import Songs

_REMEMBERED = 50_000


class SongNames:
    """References (ids and slugs) to song keys.

    What is remembered may be out of date: each transaction checks again that the song answers to the reference, and
    whoever learns otherwise calls `forget`.
    """

    def __init__(self, songs: Songs) -> None:
        self._songs = songs
        self._keys: LRUCache[str, SongKey] = LRUCache(_REMEMBERED)

    async def key(self, reference: str) -> SongKey:
        """The key of the song.

        Raises:
            NotFound: there is no such song.
            Unavailable: the database is away.
        """
        key = self._keys.get(reference)
        if key is None:
            key = (await self._songs.get(reference)).key
            self._keys[reference] = key
        return key

    def forget(self, reference: str) -> None:
        """The song does not answer to this reference any more."""
        self._keys.pop(reference, None)
