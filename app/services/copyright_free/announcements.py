"""Tells the publisher what was committed, each state of a song once."""

from collections.abc import Iterable

from cachetools import LRUCache

from app.models.songs import SongCounts
from app.services.copyright_free.ports import CountsPublisher

_REMEMBERED = 10_000


class Announcements:
    """Passes on counts that are newer than what was last passed on.

    Judged by revision and not by "this row was new": after an unknown commit result the repeated commit finds its own
    rows, and the change must still be told.
    """

    def __init__(self, publisher: CountsPublisher) -> None:
        self._publisher = publisher
        self._told: LRUCache[str, int] = LRUCache(_REMEMBERED)

    def announce(self, committed: Iterable[SongCounts]) -> None:
        """Publish the counts that are news."""
        for counts in committed:
            if counts.revision > self._told.get(counts.song_id, -1):
                self._told[counts.song_id] = counts.revision
                self._publisher.publish(counts)
