"""One song with listeners in this process: what is known, what was told, and to whom."""

import asyncio
from dataclasses import replace

from app.models.songs import SongCounts
from app.realtime.connection import Connection

Audience = dict[Connection, int]
"""Those who named a song in the same way, each with the revision that its acknowledgement has told it."""


class SongFeed:
    """Orders the changes of one song and knows what its listeners have not heard yet.

    The lock is held while an update goes out and while an acknowledgement is made, so that no listener can get an
    older value after a newer one.
    """

    def __init__(self, known: SongCounts) -> None:
        self.song_id = known.song_id
        self.lock = asyncio.Lock()
        self.audiences: dict[str, Audience] = {}
        # Until counts were read after the feed existed, a change may have slipped between the read and the feed.
        self.is_gapless = False
        self._known = known
        self._told: SongCounts | None = known

    def offer(self, counts: SongCounts) -> bool:
        """Take a committed state in whatever order it comes; whether the listeners have something to hear.

        A repaired count may be lower than before; those who listen never see views fall.
        """
        if counts.revision <= self._known.revision:
            return False
        views = max(counts.view_count, self._known.view_count)
        self._known = counts if views == counts.view_count else replace(counts, view_count=views)
        return not _same(self._told, self._known)

    def take(self) -> SongCounts | None:
        """What to tell everyone now; `None` when they know it. A value that is taken counts as told."""
        if _same(self._told, self._known):
            return None
        self._told = self._known
        return self._known

    def add(self, connection: Connection, reference: str) -> bool:
        """Let a connection hear updates under this reference; whether it is new there."""
        audience = self.audiences.setdefault(reference, {})
        is_new = connection not in audience
        audience.setdefault(connection, -1)
        return is_new

    def remove(self, connection: Connection, reference: str) -> bool:
        """Let a connection hear no more under this reference; whether it did."""
        audience = self.audiences.get(reference, {})
        was_there = audience.pop(connection, None) is not None
        if not audience:
            self.audiences.pop(reference, None)
        return was_there

    def acknowledge(self, connection: Connection, reference: str) -> SongCounts:
        """The newest counts, which this listener need not be told again; call it under the lock."""
        audience = self.audiences.get(reference, {})
        if connection in audience:
            audience[connection] = self._known.revision
        if not _same(self._told, self._known):
            # Should the value return to what the others know before they are told, this listener must hear of it.
            self._told = None
        return self._known


def _same(told: SongCounts | None, known: SongCounts) -> bool:
    return told is known or (
        told is not None
        and told.view_count == known.view_count
        and told.like_count == known.like_count
        and told.bookmark_count == known.bookmark_count
    )
