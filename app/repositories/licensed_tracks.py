"""The collection `licensed_tracks`: our copy of those catalogues that may be copied."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import NotFound
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import AlikeFilter, LicensedTrack
from app.models.licensing.tracks import USABLE_LICENCES, ProviderTrack
from app.repositories.license_documents import track_key
from app.repositories.licensed_track_documents import to_licensed_track, to_track
from app.repositories.mongo import Document, Mongo, driver_errors

_OFFERED: Document = {"vanishedAt": None, "license.code": {"$in": sorted(code.value for code in USABLE_LICENCES)}}


@dataclass(frozen=True, slots=True)
class _Side:
    """Tempos on one side of a wanted one, the nearest first."""

    tempo: Document
    order: int


class LicensedTrackRepository:
    """Reads tracks; a sync writes them (see `SyncPageRepository`)."""

    def __init__(self, mongo: Mongo) -> None:
        self._tracks = mongo.db["licensed_tracks"]

    async def get(self, provider: ProviderName, track_id: str) -> LicensedTrack:
        """The track of this id, also one that has vanished since.

        Raises:
            NotFound: there is none in our copy.
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._tracks.find_one({"_id": track_key(provider, track_id)})
        if found is None:
            raise NotFound("Track not found")
        return to_licensed_track(found)

    async def find(self, refs: Sequence[TrackRef]) -> Mapping[TrackRef, ProviderTrack]:
        """Those of the tracks that we have, and that their providers have still.

        Raises:
            Unavailable: the database is away.
        """
        keys = [track_key(ref.provider, ref.track_id) for ref in refs]
        with driver_errors():
            rows = await self._tracks.find({"_id": {"$in": keys}, "vanishedAt": None}).to_list(None)
        return {TrackRef.of(track): track for track in map(to_track, rows)}

    async def alike(self, wanted: AlikeFilter) -> list[ProviderTrack]:
        """Tracks that may be offered, with one of the genres or one of the moods, each once.

        With a `bpm` those nearest to it, at most `limit` of either list on either side of it; else any.

        Raises:
            Unavailable: the database is away.
        """
        found: dict[str, Document] = {}
        for field, values in (("genres", wanted.genres), ("moods", wanted.moods)):
            for side in _sides(wanted.bpm) if values else ():
                which = {field: {"$in": list(values)}, **side.tempo, **_OFFERED}
                with driver_errors():
                    rows = await self._tracks.find(which).sort("bpm", side.order).limit(wanted.limit).to_list(None)
                found |= {row["_id"]: row for row in rows}
        return [to_track(row) for row in found.values()]

    async def unmet(self, provider: ProviderName, since: datetime, limit: int) -> list[str]:
        """Ids of tracks that nobody has met since, those first that were met longest ago; vanished ones left out.

        Raises:
            Unavailable: the database is away.
        """
        which = {"provider": provider.value, "vanishedAt": None, "seenAt": {"$lt": since}}
        with driver_errors():
            rows = await self._tracks.find(which, {"trackId": 1}).sort("seenAt", 1).limit(limit).to_list(None)
        return [row["trackId"] for row in rows]

    async def not_due(self, provider: ProviderName, items: Iterable[str], at: datetime) -> frozenset[str]:
        """Those of the items (what stands before the slash of an id) none of whose tracks is to be read again yet.

        Raises:
            Unavailable: the database is away.
        """
        which = {"provider": provider.value, "item": {"$in": list(items)}, "vanishedAt": None}
        first_due: list[Document] = [{"$match": which}, {"$group": {"_id": "$item", "at": {"$min": "$refreshAt"}}}]
        with driver_errors():
            rows = await self._tracks.aggregate(first_due).to_list(None)
        return frozenset(row["_id"] for row in rows if row["at"] > at)


def _sides(bpm: float | None) -> tuple[_Side, ...]:
    if bpm is None:
        return (_Side({}, 1),)
    return (_Side({"bpm": {"$gte": bpm}}, 1), _Side({"bpm": {"$lt": bpm}}, -1))
