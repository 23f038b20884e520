"""A person's rows of the statistics wing: raw events with all that counts them, and the link to an artist's profile."""

from collections.abc import Sequence

from bson import ObjectId

from app.models.privacy import RowKey
from app.models.stats.events import EventType
from app.repositories.mongo import Mongo, Session
from app.repositories.personal_rows import PersonalRowRepository
from app.repositories.stats_tallies import RAW_COLLECTIONS
from app.repositories.stats_track_changes import EFFECT_FIELDS, TrackChanges


class StatsEventErasureRepository(PersonalRowRepository):
    """Raw events of one kind. Rows, counters and marks change together, so a rollup follows by itself.

    `event_keys` stay, or a batch that is sent again late would count anew: they hold a hash of the event's id and
    one of its content, no user, and end after 8 days. Archived rows hold no user id, so nothing is theirs there.
    """

    def __init__(self, mongo: Mongo, kind: EventType) -> None:
        super().__init__(mongo, RAW_COLLECTIONS[kind])
        self._kind = kind

    def _remove(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> int:
        changes = TrackChanges(self._kind)
        for row in self._in_thread.find(self._of(user_id, keys), EFFECT_FIELDS, session=session):
            if "trackId" in row:
                changes.leaves(row)
        gone = self._delete(session, user_id, keys)
        changes.write(session, self._mongo.in_thread)
        return gone


class ArtistProfileErasureRepository(PersonalRowRepository):
    """Profiles of artists, which are not removed but no longer anybody's.

    In the place of the user id comes an ObjectId: the field is unique, so it cannot be empty in two profiles, and no
    token's user can equal it, because those are strings.
    """

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "artists")

    def _remove(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> int:
        nobody = [{"$set": {"userId": ObjectId(), "updatedAt": "$$NOW"}}]
        return self._in_thread.update_many(self._of(user_id, keys), nobody, session=session).modified_count
