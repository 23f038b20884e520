"""The collection `experiment_assignments`: who was shown which variant, and whether they used a track of it."""

from collections.abc import Collection as Container
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument

from app.models.licensing.experiments import Assignment, VariantCount
from app.repositories.mongo import Document, Mongo, driver_errors


class ExperimentAssignmentRepository:
    """One row for a user and an experiment, kept so by a unique index."""

    def __init__(self, mongo: Mongo) -> None:
        self._assignments = mongo.db["experiment_assignments"]

    async def find(self, experiment_id: str, user_id: str) -> Assignment | None:
        """A user's assignment, if they have one.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._assignments.find_one(_of(experiment_id, user_id))
        return _to_assignment(found) if found else None

    async def assign(self, experiment_id: str, user_id: str, variant: str, at: datetime) -> Assignment:
        """Assign a user, who may be assigned already, also at this very moment: the first assignment stays.

        Raises:
            Unavailable: the database is away.
        """
        first: Document = {
            "_id": str(ObjectId()),
            "variant": variant,
            "assignedAt": at,
            "converted": False,
            "convertedAt": None,
        }
        with driver_errors():
            # The server makes an upsert by exactly a unique key again when another was quicker.
            stored = await self._assignments.find_one_and_update(
                _of(experiment_id, user_id),
                {"$setOnInsert": first},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return _to_assignment(stored)

    async def convert(self, experiment_id: str, user_id: str, variants: Container[str], at: datetime) -> bool:
        """Note that a user who was shown one of these variants has used a track of it; false when that is known.

        Raises:
            Unavailable: the database is away.
        """
        which = _of(experiment_id, user_id) | {"variant": {"$in": list(variants)}, "converted": False}
        with driver_errors():
            done = await self._assignments.update_one(which, {"$set": {"converted": True, "convertedAt": at}})
        return bool(done.modified_count)

    async def counts(self, experiment_id: str) -> dict[str, VariantCount]:
        """Users and conversions by variant; variants that nobody was shown are left out.

        Raises:
            Unavailable: the database is away.
        """
        by_variant: list[Document] = [
            {"$match": {"experimentId": experiment_id}},
            {
                "$group": {
                    "_id": "$variant",
                    "exposures": {"$sum": 1},
                    "conversions": {"$sum": {"$cond": ["$converted", 1, 0]}},
                }
            },
        ]
        with driver_errors():
            rows = await self._assignments.aggregate(by_variant).to_list(None)
        return {row["_id"]: VariantCount(row["exposures"], row["conversions"]) for row in rows}


def _of(experiment_id: str, user_id: str) -> Document:
    return {"experimentId": experiment_id, "userId": user_id}


def _to_assignment(stored: Document) -> Assignment:
    return Assignment(
        experiment_id=stored["experimentId"],
        user_id=stored["userId"],
        variant=stored["variant"],
        assigned_at=stored["assignedAt"],
        converted_at=stored["convertedAt"],
    )
