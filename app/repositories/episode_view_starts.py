"""Views of episodes that begin, and who is new among the viewers of an episode, a season and a show."""

from collections import Counter
from collections.abc import Iterable, Sequence

from app.models.episodes.watching import ViewStart
from app.repositories.episode_view_documents import new_view
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.updates import update_rows

KINDS = ("episode", "season", "show")


class EpisodeViewStartRepository:
    """Begins views. The unique index on `playback_token` is what makes a token begin only one."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._views = mongo.in_thread["episode_views"]
        self._viewers = mongo.in_thread["episode_viewers"]
        self._audiences = mongo.in_thread["episode_audiences"]

    async def begin(self, starts: Sequence[ViewStart]) -> list[int]:
        """Begin views and raise the audiences by who has never watched, in one transaction; the id of each view.

        Safe to call again: a token that has begun a view gets that one.

        Raises:
            TransientFailure: nothing was written, or (`UNKNOWN`) perhaps all of it.
        """
        return await self._mongo.transaction(lambda session: self._begin(session, starts))

    def _begin(self, session: Session, starts: Sequence[ViewStart]) -> list[int]:
        new = update_rows(self._views, [_upsert(start) for start in starts], session)
        self._welcome(session, [starts[at] for at in sorted(new)])
        ids = {starts[at].claim.key: starts[at].view_id for at in new}
        known = [start.claim.key for start in starts if start.claim.key not in ids]
        if known:
            rows = self._views.find({"playback_token": {"$in": known}}, {"playback_token": 1}, session=session)
            ids |= {row["playback_token"]: row["_id"] for row in rows}
        return [ids[start.claim.key] for start in starts]

    def _welcome(self, session: Session, starts: Iterable[ViewStart]) -> None:
        """Keep who has watched, and count those of whom that is news."""
        wanted = list({viewer: None for start in starts for viewer in _viewers_of(start)})
        if not wanted:
            return
        new = update_rows(self._viewers, [_viewer(*viewer) for viewer in wanted], session)
        added = Counter((kind, scope, tenant) for kind, scope, _user, tenant in (wanted[at] for at in new))
        if added:
            update_rows(self._audiences, [_raise(*which, by) for which, by in added.items()], session)


def audience_id(kind: str, scope: int) -> str:
    """The id of the audience of an episode, a season or a show."""
    return f"{kind}:{scope}"


def _upsert(start: ViewStart) -> Document:
    return {"q": {"playback_token": start.claim.key}, "u": {"$setOnInsert": _without_token(start)}, "upsert": True}


def _without_token(start: ViewStart) -> Document:
    row = new_view(start)
    # The filter of an upsert brings it.
    del row["playback_token"]
    return row


def _viewers_of(start: ViewStart) -> list[tuple[str, int, str, str]]:
    place = start.place
    scopes = zip(KINDS, (place.episode, place.season, place.show), strict=True)
    return [(kind, scope, start.claim.user_id, place.tenant) for kind, scope in scopes]


def _viewer(kind: str, scope: int, user: str, tenant: str) -> Document:
    which = {"kind": kind, "scope": scope, "user": user}
    return {"q": which, "u": {"$setOnInsert": {"tenant": tenant}}, "upsert": True}


def _raise(kind: str, scope: int, tenant: str, by: int) -> Document:
    changes = {"$inc": {"viewers": by}, "$setOnInsert": {"tenant": tenant}}
    return {"q": {"_id": audience_id(kind, scope)}, "u": changes, "upsert": True}
