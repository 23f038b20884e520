"""Who watches at present: distinct users among the views that have lately given a sign."""

from collections.abc import Collection, Mapping
from datetime import datetime

from app.models.episodes.viewers import EpisodeViewers, TenantViewers
from app.repositories.mongo import Document, Mongo, driver_errors


class LiveViewerRepository:
    """Counts viewers in `episode_views`."""

    def __init__(self, mongo: Mongo) -> None:
        self._views = mongo.db["episode_views"]

    async def of_episodes(self, episodes: Collection[int], after: datetime) -> Mapping[int, int]:
        """Distinct users with a sign since a moment, by episode, in one query; episodes without any are left out.

        Raises:
            Unavailable: the database is away.
        """
        by_episode: list[Document] = [
            {"$match": {"episode": {"$in": list(episodes)}, "seen_at": {"$gt": after}}},
            {"$group": {"_id": {"episode": "$episode", "user": "$user"}}},
            {"$group": {"_id": "$_id.episode", "viewers": {"$sum": 1}}},
        ]
        with driver_errors():
            rows = await self._views.aggregate(by_episode).to_list(None)
        return {row["_id"]: row["viewers"] for row in rows}

    async def of_tenant(self, tenant: str, after: datetime, most: int) -> TenantViewers:
        """Distinct users with a sign since a moment, and so many of their episodes, those with most of them first.

        Raises:
            Unavailable: the database is away.
        """
        pipeline: list[Document] = [
            {"$match": {"tenant": tenant, "seen_at": {"$gt": after}}},
            {"$group": {"_id": {"episode": "$episode", "user": "$user"}}},
            {"$facet": {"users": _USERS, "episodes": [*_EPISODES, {"$limit": most}]}},
        ]
        with driver_errors():
            (row,) = await self._views.aggregate(pipeline).to_list(None)
        episodes = tuple(EpisodeViewers(one["_id"], one["viewers"]) for one in row["episodes"])
        return TenantViewers(row["users"][0]["viewers"] if row["users"] else 0, episodes)


_USERS: list[Document] = [{"$group": {"_id": "$_id.user"}}, {"$group": {"_id": None, "viewers": {"$sum": 1}}}]
_EPISODES: list[Document] = [
    {"$group": {"_id": "$_id.episode", "viewers": {"$sum": 1}}},
    {"$sort": {"viewers": -1, "_id": 1}},
]
