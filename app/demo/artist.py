"""The artist of the demo catalogue, whose dashboard the demo token opens."""

from typing import Protocol

from app.demo.catalogue import DEMO_ARTIST_ID
from app.errors import Conflict
from app.models.stats.tracks import Artist, ArtistDraft

DEMO_ARTIST = ArtistDraft(id=DEMO_ARTIST_ID, user_id=DEMO_ARTIST_ID, name="The Demo House Band", exclude_own_plays=True)


class Artists(Protocol):
    """Where artists are added."""

    async def add(self, draft: ArtistDraft) -> Artist:
        """Add an artist, or `Conflict` when the id or the user has one."""
        ...


async def seed_demo_artist(artists: Artists) -> bool:
    """Add the artist of the demo songs; false when it is there already.

    The songs become tracks of this artist with their first events.
    """
    try:
        await artists.add(DEMO_ARTIST)
    except Conflict:
        return False
    return True
