"""Plays of known bots, by the reason of their verdict."""

from datetime import datetime

from app.models.stats.events import ExclusionKind
from app.models.stats.oversight import BotStanding
from app.repositories.mongo import Document, Mongo, driver_errors


class StatsBotRepository:
    """Ranks verdicts."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def ranking(self, since: datetime, plays: int, limit: int) -> list[BotStanding]:
        """The reasons with the most among the latest `plays` since a moment; of equals by name.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            rows = await self._mongo.db["play_events"].aggregate(_ranked(since, plays, limit)).to_list(None)
        return [BotStanding(str(row["_id"]), row["plays"], row["sessions"], row["lastAt"]) for row in rows]


def _ranked(since: datetime, plays: int, limit: int) -> list[Document]:
    session = {"reason": "$excluded.reason", "session": "$sessionId"}
    return [
        {"$match": {"excluded.kind": ExclusionKind.BOT.value, "timestamp": {"$gte": since}}},
        {"$sort": {"timestamp": -1}},
        {"$limit": plays},
        {"$group": {"_id": session, "plays": {"$sum": 1}, "lastAt": {"$max": "$timestamp"}}},
        {
            "$group": {
                "_id": "$_id.reason",
                "plays": {"$sum": "$plays"},
                "sessions": {"$sum": 1},
                "lastAt": {"$max": "$lastAt"},
            }
        },
        {"$sort": {"plays": -1, "_id": 1}},
        {"$limit": limit},
    ]
