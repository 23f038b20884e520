"""The collection `license_evidence`: what providers said about the licences of tracks, version by version."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.models.licensing.licences import Evidence
from app.models.licensing.license_sightings import Sighting
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import ProviderTrack
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.license_documents import to_evidence, track_key
from app.repositories.license_sightings import keep
from app.repositories.mongo import Mongo, Session, ThreadDatabase, driver_errors


def observe(session: Session, db: ThreadDatabase, tracks: Sequence[ProviderTrack], at: datetime) -> int:
    """Keep what was seen of the licences of these tracks at `at`; the number of new versions.

    For use inside a transaction, in its thread; as `keep`.
    """
    return keep(session, db, [Sighting.of(track, at) for track in tracks])


def withdraw(
    session: Session, db: ThreadDatabase, provider: ProviderName, track_ids: Iterable[str], at: datetime
) -> int:
    """Keep that the provider does not offer these tracks any more; the number of new versions.

    For use inside a transaction, in its thread; as `keep`.
    """
    return keep(session, db, [Sighting(provider, track_id, at, None) for track_id in track_ids])


class LicenseEvidenceRepository:
    """Reads evidence, and keeps what was seen outside of a sync."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._evidence = mongo.db["license_evidence"]

    async def keep(self, sightings: Sequence[Sighting]) -> int:
        """`keep` in a transaction of its own.

        Raises:
            TransientFailure: run it again.
        """
        return await self._mongo.transaction(lambda session: keep(session, self._mongo.in_thread, sightings))

    async def current(self, provider: ProviderName, track_id: str) -> Evidence | None:
        """The evidence in force, if there is any.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._evidence.find_one({"currentOf": track_key(provider, track_id)})
        return None if found is None else to_evidence(found)

    async def as_of(self, provider: ProviderName, track_id: str, at: datetime) -> Evidence | None:
        """The evidence that was in force at a moment, if there was any by then.

        Raises:
            Unavailable: the database is away.
        """
        wanted = {"provider": provider.value, "trackId": track_id, "observedAt": {"$lte": at}}
        with driver_errors():
            found = await self._evidence.find_one(wanted, sort=[("version", -1)])
        return None if found is None else to_evidence(found)

    async def versions(self, provider: ProviderName, track_id: str, cursor: str | None, limit: int) -> Page[Evidence]:
        """All evidence of a track, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        after = [rows_after("version", cursor)] if cursor else []
        wanted = {"$and": [{"provider": provider.value, "trackId": track_id}, *after]}
        with driver_errors():
            rows = await self._evidence.find(wanted).sort("version", -1).limit(limit + 1).to_list(None)
        return to_page(rows, limit, "version", to_evidence)
