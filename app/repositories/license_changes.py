"""The collections `license_changes` and `license_warnings`: what has changed, what ends soon, what was told of it."""

from collections.abc import Sequence

from bson import ObjectId
from bson.errors import InvalidId

from app.errors import NotFound
from app.models.licensing.license_changes import ChangeKind, LicenceChange, LicenceWarning
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.license_documents import change_document, terms_document, to_change, to_terms
from app.repositories.mongo import Collection, Document, Mongo, Session, driver_errors
from app.repositories.updates import insert_rows, update_rows


class LicenseChangeRepository:
    """Lists changes, and keeps warnings."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._changes = mongo.db["license_changes"]
        self._warnings = mongo.db["license_warnings"]

    async def get(self, change_id: str) -> LicenceChange:
        """One change.

        Raises:
            NotFound: there is none of this id.
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._changes.find_one({"_id": _key(change_id)})
        if found is None:
            raise _unknown()
        return to_change(found)

    async def page(self, cursor: str | None, limit: int) -> Page[LicenceChange]:
        """Changes, the latest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        wanted = rows_after("at", cursor) if cursor else {}
        with driver_errors():
            rows = await self._changes.find(wanted).sort([("at", -1), ("_id", -1)]).limit(limit + 1).to_list(None)
        return to_page(rows, limit, "at", to_change)

    async def warn(self, warnings: Sequence[LicenceWarning]) -> list[LicenceWarning]:
        """Keep these warnings, each once, and list the end of a licence as a change; those that are new.

        Raises:
            TransientFailure: run it again. After an unknown outcome what was new may be there already.
        """
        return await self._mongo.transaction(lambda session: self._warn(session, warnings))

    def _warn(self, session: Session, warnings: Sequence[LicenceWarning]) -> list[LicenceWarning]:
        rows = self._mongo.in_thread["license_warnings"]
        new = update_rows(rows, [_upsert(one) for one in warnings], session)
        fresh = [one for place, one in enumerate(warnings) if place in new]
        ends = [_end(one) for one in fresh if one.days == 0]
        if ends:
            insert_rows(self._mongo.in_thread["license_changes"], ends, session)
        return fresh

    async def untold_warnings(self, limit: int) -> list[LicenceWarning]:
        """Warnings that were not told yet, the oldest first.

        Raises:
            Unavailable: the database is away.
        """
        return [_to_warning(one) for one in await _pending(self._warnings, limit)]

    async def untold_changes(self, limit: int) -> list[LicenceChange]:
        """Changes that were not told yet, the oldest first.

        Raises:
            Unavailable: the database is away.
        """
        return [to_change(one) for one in await _pending(self._changes, limit)]

    async def warning_was_told(self, warning_id: str) -> None:
        """It needs not be told again.

        Raises:
            Unavailable: the database is away.
        """
        await _told(self._warnings, warning_id)

    async def change_was_told(self, change_id: str) -> None:
        """It needs not be told again.

        Raises:
            Unavailable: the database is away.
        """
        await _told(self._changes, _key(change_id))


async def _pending(collection: Collection, limit: int) -> list[Document]:
    with driver_errors():
        wanted = collection.find({"pendingSince": {"$exists": True}})
        return await wanted.sort("pendingSince", 1).limit(limit).to_list(None)


async def _told(collection: Collection, key: object) -> None:
    with driver_errors():
        await collection.update_one({"_id": key}, {"$unset": {"pendingSince": ""}})


def _key(change_id: str) -> ObjectId:
    try:
        return ObjectId(change_id)
    except InvalidId:
        raise _unknown() from None


def _unknown() -> NotFound:
    return NotFound("Change not found")


def _upsert(warning: LicenceWarning) -> Document:
    kept = {"days": warning.days, "terms": terms_document(warning.terms), "at": warning.at, "pendingSince": warning.at}
    return {"q": {"_id": warning.id}, "u": {"$setOnInsert": kept}, "upsert": True}


def _end(warning: LicenceWarning) -> Document:
    """It takes effect at the end of the licence, whenever that was noticed."""
    return change_document(
        ChangeKind.EXPIRY,
        terms_document(warning.terms),
        from_version=warning.terms.version,
        fields=["expiresAt"],
        at=warning.terms.terms.expires_at or warning.at,
        changed_by=None,
    )


def _to_warning(document: Document) -> LicenceWarning:
    return LicenceWarning(
        id=document["_id"], days=document["days"], terms=to_terms(document["terms"]), at=document["at"]
    )
