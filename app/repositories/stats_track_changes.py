"""What changes on tracks when rows of past events leave or are judged anew: counters and marks, in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from app.models.stats.events import Action, EventType, ExclusionKind
from app.repositories.mongo import Document, Session, ThreadDatabase
from app.repositories.song_documents import is_number
from app.repositories.stats_dirt import NOT_ONLY_ADDED, dirty_update, track_keys
from app.repositories.updates import update_rows

EFFECT_FIELDS = {"trackId": 1, "timestamp": 1, "action": 1, "excluded": 1}
"""What must be read of a row to know what it counts."""

_COUNTERS: Mapping[EventType, str] = {
    EventType.PLAY: "playCount",
    EventType.LIKE: "likeCount",
    EventType.SHARE: "shareCount",
    EventType.DOWNLOAD: "downloadCount",
}
_SHOWN = dict.fromkeys(_COUNTERS.values(), 1)
_KINDS = frozenset(kind.value for kind in ExclusionKind)


def kind_of(excluded: Any) -> str | None:
    """The kind of a stored verdict, `None` when the row counts; as the tallies read it."""
    kind = excluded.get("kind") if isinstance(excluded, dict) else None
    return kind if kind in _KINDS else None


class TrackChanges:
    """Gathers what rows of one kind mean for their tracks, and writes it; for use in the thread of a transaction."""

    def __init__(self, kind: EventType) -> None:
        self._kind = kind
        self._moved: Counter[str] = Counter()
        self._hours: dict[str, dict[int, int]] = defaultdict(dict)

    def leaves(self, row: Document) -> None:
        """The row is removed."""
        self._touch(row)
        if kind_of(row.get("excluded")) is None:
            self._moved[str(row["trackId"])] -= self._weight(row)

    def is_judged(self, row: Document, excluded: Document | None) -> None:
        """The row gets this verdict instead of its own; buckets are split by its kind alone."""
        before, after = kind_of(row.get("excluded")), kind_of(excluded)
        if before == after:
            return
        self._touch(row)
        self._moved[str(row["trackId"])] += self._weight(row) * ((after is None) - (before is None))

    def write(self, session: Session, db: ThreadDatabase) -> None:
        """Move the counters and mark the days, one update a track; a track that is gone is passed over."""
        if not self._hours:
            return
        token = ObjectId()
        found = db["tracks"].find({"_id": {"$in": track_keys(self._hours)}}, _SHOWN, session=session)
        updates = [
            {"q": {"_id": track["_id"]}, "u": update} for track in found if (update := self._update(track, token))
        ]
        if updates:
            update_rows(db["tracks"], updates, session)

    def _touch(self, row: Document) -> None:
        hours = self._hours[str(row["trackId"])]
        at = row.get("timestamp")
        if isinstance(at, datetime):
            at = at.astimezone(UTC)
            hours[at.toordinal()] = hours.get(at.toordinal(), NOT_ONLY_ADDED) | 1 << at.hour

    def _weight(self, row: Document) -> int:
        """What the row counts, if it counts: `likeCount` is likes minus unlikes, saves have no counter."""
        if self._kind is EventType.LIKE:
            return {Action.LIKE.value: 1, Action.UNLIKE.value: -1}.get(row.get("action") or "", 0)
        return int(self._kind in _COUNTERS)

    def _update(self, track: Document, token: ObjectId) -> Document:
        track_id, counter = str(track["_id"]), _COUNTERS.get(self._kind)
        hours = self._hours[track_id]
        update = dirty_update(hours, token) if hours else {}
        by = self._moved[track_id]
        # A counter of another program that is no number counts nothing, and MongoDB refuses to add to it.
        if counter is not None and by and is_number(track.get(counter, 0)):
            update["$inc"] = {counter: by}
        return update
