"""Seasons and episodes join what they belong to, and leave with it: one transaction each."""

from datetime import datetime

from app.errors import Conflict, NotFound
from app.models.episodes.catalogue import Episode, EpisodeDraft, Season, SeasonDraft
from app.repositories.episode_rows import new_episode, new_season, to_episode, to_season
from app.repositories.mongo import Document, Mongo, Session

_NOUNS = {"shows": "Show", "seasons": "Season", "episodes": "Episode"}
_BELOW = {"shows": (("episodes", "show"), ("seasons", "show")), "seasons": (("episodes", "season"),), "episodes": ()}


class EpisodeFamilyRepository:
    """Keeps children and parents together, also when one is added while the other is removed."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._db = mongo.in_thread

    async def add_season(self, season_id: int, tenant: str, draft: SeasonDraft, at: datetime) -> Season:
        """Add a season to its show. Safe to call again with the same id.

        Raises:
            NotFound: the tenant has no such show.
            Conflict: the show has a season of this number.
            TransientFailure: run it again.
        """
        row = new_season(season_id, tenant, draft, at)
        return to_season(await self._mongo.transaction(lambda session: self._add_season(session, row)))

    async def add_episode(self, episode_id: int, tenant: str, draft: EpisodeDraft, at: datetime) -> Episode:
        """Add an episode to its season, whose show it gets. Safe to call again with the same id.

        Raises:
            NotFound: the tenant has no such season.
            TransientFailure: run it again.
        """
        row = new_episode(episode_id, tenant, draft, at)
        return to_episode(await self._mongo.transaction(lambda session: self._add_episode(session, row)))

    async def remove(self, kind: str, tenant: str, row_id: int) -> None:
        """Remove a row with everything below it; what was watched of it stays.

        Raises:
            NotFound: the tenant has none of this id.
            TransientFailure: run it again.
        """
        await self._mongo.transaction(lambda session: self._remove(session, kind, tenant, row_id))

    def _add_season(self, session: Session, row: Document) -> Document:
        if self._is_there(session, "seasons", row):
            return row
        self._hold(session, "shows", row["show"], row["tenant"])
        same = {"show": row["show"], "season_number": row["season_number"]}
        if self._db["seasons"].find_one(same, {"_id": 1}, session=session) is not None:
            raise Conflict("The show has a season of this number")
        self._db["seasons"].insert_one(row, session=session)
        return row

    def _add_episode(self, session: Session, row: Document) -> Document:
        season = self._hold(session, "seasons", row["season"], row["tenant"])
        row = row | {"show": season["show"]}
        if not self._is_there(session, "episodes", row):
            self._db["episodes"].insert_one(row, session=session)
        return row

    def _is_there(self, session: Session, collection: str, row: Document) -> bool:
        """Whether an attempt whose outcome was unknown has added it."""
        return self._db[collection].find_one({"_id": row["_id"]}, {"_id": 1}, session=session) is not None

    def _hold(self, session: Session, collection: str, row_id: int, tenant: str) -> Document:
        """The parent, written, so that its removal at the same time and this are in each other's way."""
        which = {"_id": row_id, "tenant": tenant}
        parent = self._db[collection].find_one_and_update(which, {"$inc": {"held": 1}}, session=session)
        if parent is None:
            raise NotFound(f"{_NOUNS[collection]} not found")
        found: Document = parent
        return found

    def _remove(self, session: Session, kind: str, tenant: str, row_id: int) -> None:
        removed = self._db[kind].delete_one({"_id": row_id, "tenant": tenant}, session=session)
        if not removed.deleted_count:
            raise NotFound(f"{_NOUNS[kind]} not found")
        for collection, field in _BELOW[kind]:
            self._db[collection].delete_many({"tenant": tenant, field: row_id}, session=session)
