"""What users have in the way of tracks: the collections `music_favorites` and `music_usages`, read together."""

import asyncio
from collections.abc import Mapping, Sequence

from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.models.licensing.recommendations import UsedTrack
from app.models.licensing.tracks import ProviderTrack
from app.repositories.license_documents import track_key
from app.repositories.mongo import Collection, Document, Mongo, driver_errors
from app.repositories.music_track_documents import read_track

_LATELY = 2_000
_OF_USE = {"_id": 0, "provider": 1, "trackId": 1, "genres": 1, "moods": 1}


class MusicLibraryRepository:
    """Reads what users have kept and used, and what has vanished."""

    def __init__(self, mongo: Mongo) -> None:
        self._favorites = mongo.db["music_favorites"]
        self._usages = mongo.db["music_usages"]
        self._tracks = mongo.db["licensed_tracks"]

    async def latest_kept(self, user_id: str, limit: int) -> list[tuple[TrackRef, ProviderTrack | None]]:
        """The user's favourites, the newest first, each with what was kept of the track.

        Raises:
            Unavailable: the database is away.
        """
        latest = [("createdAt", -1), ("_id", -1)]
        with driver_errors():
            rows = await self._favorites.find({"userId": user_id}).sort(latest).limit(limit).to_list(None)
        kept = ((_ref(row), row.get("track")) for row in rows)
        return [(ref, read_track(ref.provider, ref.track_id, fields)) for ref, fields in kept]

    async def latest_used(self, user_id: str, limit: int) -> list[UsedTrack]:
        """The user's uses, the newest first; a track that was used again comes again.

        Raises:
            Unavailable: the database is away.
        """
        latest = [("usedAt", -1), ("_id", -1)]
        with driver_errors():
            rows = await self._usages.find({"userId": user_id}, _OF_USE).sort(latest).limit(limit).to_list(None)
        return [UsedTrack(_ref(row), tuple(row["genres"]), tuple(row["moods"])) for row in rows]

    async def owned_among(self, user_id: str, refs: Sequence[TrackRef]) -> set[TrackRef]:
        """Those of the tracks that the user has kept or used.

        Raises:
            Unavailable: the database is away.
        """
        of_provider: dict[ProviderName, list[str]] = {}
        for ref in refs:
            of_provider.setdefault(ref.provider, []).append(ref.track_id)
        questions = [
            _distinct_tracks(collection, {"userId": user_id, "provider": provider.value, "trackId": {"$in": ids}})
            for collection in (self._favorites, self._usages)
            for provider, ids in of_provider.items()
        ]
        with driver_errors():
            return set().union(*await asyncio.gather(*questions))

    async def most_used(self, limit: int) -> list[tuple[TrackRef, int]]:
        """The tracks of the last 2,000 uses of anybody and how many of them, the most used first.

        Raises:
            Unavailable: the database is away.
        """
        lately: list[Document] = [
            {"$sort": {"usedAt": -1, "_id": -1}},
            {"$limit": _LATELY},
            {"$group": {"_id": {"provider": "$provider", "trackId": "$trackId"}, "uses": {"$sum": 1}}},
            {"$sort": {"uses": -1, "_id": 1}},
            {"$limit": limit},
        ]
        with driver_errors():
            rows = await self._usages.aggregate(lately).to_list(None)
        return [(_ref(row["_id"]), row["uses"]) for row in rows]

    async def vanished_among(self, refs: Sequence[TrackRef]) -> set[TrackRef]:
        """Those of the tracks that our copy has, but their providers have no longer.

        Raises:
            Unavailable: the database is away.
        """
        keys = [track_key(ref.provider, ref.track_id) for ref in refs]
        gone = {"_id": {"$in": keys}, "vanishedAt": {"$ne": None}}
        with driver_errors():
            rows = await self._tracks.find(gone, {"provider": 1, "trackId": 1}).to_list(None)
        return set(map(_ref, rows))


async def _distinct_tracks(collection: Collection, which: Document) -> set[TrackRef]:
    each: list[Document] = [
        {"$match": which},
        {"$group": {"_id": {"provider": "$provider", "trackId": "$trackId"}}},
    ]
    return {_ref(row["_id"]) for row in await collection.aggregate(each).to_list(None)}


def _ref(row: Mapping[str, str]) -> TrackRef:
    return TrackRef(ProviderName(row["provider"]), row["trackId"])
