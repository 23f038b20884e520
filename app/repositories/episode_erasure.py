"""What a person has watched, taken away together with what it counts: audiences, and the days that are rolled up."""

from collections import Counter
from collections.abc import Mapping, Sequence

from app.models.privacy import RowKey
from app.repositories.episode_view_starts import audience_id
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.personal_rows import PersonalRowRepository
from app.repositories.updates import update_rows

_PLACE = ("tenant", "show", "season", "episode", "day")


class EpisodeViewErasureRepository(PersonalRowRepository):
    """Views, whose days are marked: a row that is gone cannot say that its day is out of date."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "episode_views", "user")
        self._marks = mongo.in_thread["episode_dirty_days"]

    def _remove(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> int:
        which, places = self._of(user_id, keys), dict.fromkeys(_PLACE, 1)
        days = {(row["episode"], row["day"]): row for row in self._in_thread.find(which, places, session=session)}
        gone = self._delete(session, user_id, keys)
        if days:
            update_rows(self._marks, [_mark(row) for row in days.values()], session)
        return gone


class EpisodeViewerErasureRepository(PersonalRowRepository):
    """That somebody has watched at all, which audiences count."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "episode_viewers", "user")
        self._audiences = mongo.in_thread["episode_audiences"]

    def _remove(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> int:
        rows = self._in_thread.find(self._of(user_id, keys), {"kind": 1, "scope": 1}, session=session)
        counted = Counter(audience_id(row["kind"], row["scope"]) for row in rows)
        gone = self._delete(session, user_id, keys)
        if counted:
            update_rows(self._audiences, _lowered(counted), session)
        return gone


def _mark(row: Document) -> Document:
    place = {name: row[name] for name in _PLACE}
    update = {"$setOnInsert": place, "$inc": {"revision": 1}}
    return {"q": {"_id": f"{row['episode']}:{row['day']}"}, "u": update, "upsert": True}


def _lowered(counted: Mapping[str, int]) -> list[Document]:
    return [{"q": {"_id": which}, "u": {"$inc": {"viewers": -by}}} for which, by in counted.items()]
