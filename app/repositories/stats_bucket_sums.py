"""Buckets of longer periods, and of everything, out of those that they are made of."""

from app.models.stats.buckets import Bucket, Split
from app.models.stats.events import ExclusionKind
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Period


class BucketSum:
    """Takes in buckets one by one, so that nobody has to hold them all."""

    def __init__(self, track_id: str, period: Period) -> None:
        self._bucket = Bucket(track_id, period, Split(), 0, False, Listeners(), Listeners())
        self._parts_with_plays = 0

    @property
    def plays(self) -> int:
        """How many plays count."""
        return self._bucket.split.counted.plays

    @property
    def can_be_recounted(self) -> bool:
        """Whether all rows are still in the database."""
        return self._bucket.archived is None

    @property
    def needs_uniques(self) -> bool:
        """Whether distinct sessions have to be recounted to be exact: those of a single part are known."""
        return self._parts_with_plays > 1 or self._bucket.is_estimate

    def add(self, part: Bucket) -> None:
        """Take in one part."""
        total = self._bucket
        self._add_tallies(part.split)
        total.listeners.merge(part.listeners.to_bytes())
        if part.split.bots.plays:
            total.bot_listeners.merge(part.bot_listeners.to_bytes())
        if part.archived is not None:
            total.archived = total.archived or Split()
            total.archived.add(part.archived)
        if part.split.counted.plays:
            self._parts_with_plays += 1
            total.unique_plays = part.unique_plays
            total.is_estimate = total.is_estimate or part.is_estimate

    def _add_tallies(self, part: Split) -> None:
        """Without those of nothing: most buckets have neither bots nor an artist's own plays."""
        for kind in (None, *ExclusionKind):
            if part.of(kind).events:
                self._bucket.split.of(kind).add(part.of(kind))

    def bucket(self, uniques: int | None = None) -> Bucket:
        """The sum, with this exact number of distinct sessions, or else the best that is known."""
        if uniques is not None:
            self._bucket.unique_plays, self._bucket.is_estimate = uniques, False
        elif self._parts_with_plays > 1:
            self._bucket.unique_plays = min(self._bucket.listeners.estimate, self.plays)
            self._bucket.is_estimate = True
        return self._bucket
