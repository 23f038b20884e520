"""Where episodes stand: what has to be known of one to play it and to begin a view."""

from app.errors import NotFound
from app.models.episodes.watching import EpisodePlace
from app.repositories.mongo import Document, Mongo, driver_errors

_FIELDS = dict.fromkeys(("tenant", "show", "season", "video_id", "duration_seconds"), 1)


class EpisodePlaceRepository:
    """Reads the collection `episodes`."""

    def __init__(self, mongo: Mongo) -> None:
        self._episodes = mongo.db["episodes"]

    async def get(self, tenant: str, episode: int) -> EpisodePlace:
        """The place of an episode of the tenant.

        Raises:
            NotFound: there is none, or it is another tenant's.
            Unavailable: the database is away.
        """
        with driver_errors():
            row = await self._episodes.find_one({"_id": episode}, _FIELDS)
        if row is None or row["tenant"] != tenant:
            raise NotFound("Episode not found")
        return _to_place(row)


def _to_place(row: Document) -> EpisodePlace:
    return EpisodePlace(
        tenant=row["tenant"],
        show=row["show"],
        season=row["season"],
        episode=row["_id"],
        video_id=row["video_id"],
        duration_seconds=row["duration_seconds"],
    )
