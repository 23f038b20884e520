"""The collection `experiments`: selections of tracks that are compared."""

from datetime import datetime

from bson import ObjectId

from app.errors import NotFound
from app.models.licensing.experiments import Experiment, ExperimentDraft, Variant
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, driver_errors

_ORDER = "createdAt"


class ExperimentRepository:
    """Adds and reads experiments; they are never changed."""

    def __init__(self, mongo: Mongo) -> None:
        self._experiments = mongo.db["experiments"]

    async def add(self, draft: ExperimentDraft, user_id: str, at: datetime) -> Experiment:
        """Add an experiment.

        Raises:
            Unavailable: the database is away.
        """
        tracks = {_key(track) for variant in draft.variants for track in variant.tracks}
        document: Document = {
            "_id": str(ObjectId()),
            "name": draft.name,
            "variants": [_from_variant(variant) for variant in draft.variants],
            # One flat list for the index: whoever uses a track asks which experiments it is part of.
            "trackKeys": sorted(tracks),
            "startsAt": draft.starts_at or at,
            "endsAt": draft.ends_at,
            "createdAt": at,
            "createdBy": user_id,
        }
        with driver_errors():
            await self._experiments.insert_one(document)
        return _to_experiment(document)

    async def get(self, experiment_id: str) -> Experiment:
        """The experiment of this id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._experiments.find_one({"_id": experiment_id})
        if found is None:
            raise NotFound("Experiment not found")
        return _to_experiment(found)

    async def page(self, cursor: str | None, limit: int) -> Page[Experiment]:
        """Experiments, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which = rows_after(_ORDER, cursor) if cursor else {}
        with driver_errors():
            found = self._experiments.find(which).sort([(_ORDER, -1), ("_id", -1)])
            rows = await found.limit(limit + 1).to_list(None)
        return to_page(rows, limit, _ORDER, _to_experiment)

    async def running_with(self, track: TrackRef, at: datetime) -> list[Experiment]:
        """The experiments that run at this time and have the track in one of their variants.

        Raises:
            Unavailable: the database is away.
        """
        runs: Document = {"startsAt": {"$lte": at}, "$or": [{"endsAt": None}, {"endsAt": {"$gt": at}}]}
        with driver_errors():
            rows = await self._experiments.find({"trackKeys": _key(track), **runs}).to_list(None)
        return [_to_experiment(row) for row in rows]


def _key(track: TrackRef) -> str:
    return f"{track.provider.value}:{track.track_id}"


def _from_variant(variant: Variant) -> Document:
    tracks = [{"provider": track.provider.value, "trackId": track.track_id} for track in variant.tracks]
    return {"name": variant.name, "weight": variant.weight, "tracks": tracks}


def _to_variant(stored: Document) -> Variant:
    tracks = tuple(TrackRef(ProviderName(one["provider"]), one["trackId"]) for one in stored["tracks"])
    return Variant(stored["name"], stored["weight"], tracks)


def _to_experiment(stored: Document) -> Experiment:
    return Experiment(
        id=stored["_id"],
        name=stored["name"],
        variants=tuple(_to_variant(one) for one in stored["variants"]),
        starts_at=stored["startsAt"],
        ends_at=stored["endsAt"],
        created_at=stored["createdAt"],
        created_by=stored["createdBy"],
    )
