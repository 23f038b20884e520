"""The collection `track_downloads`: which files users have asked for, and where they can be had."""

from collections.abc import Collection as Container
from datetime import datetime, timedelta

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import PyMongoError

from app.errors import NotFound
from app.models.licensing.downloads import DownloadDraft, DownloadState, TrackDownload
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import DownloadAddress
from app.models.licensing.usage import Use
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.leased_rows import WAITING, LeasedRows
from app.repositories.mongo import Document, Mongo, driver_errors, is_duplicate_key

_ORDER = "createdAt"


class TrackDownloadRepository:
    """Keeps downloads; a unique index lets a user have one that stands for each track, project and format."""

    def __init__(self, mongo: Mongo) -> None:
        self._downloads = mongo.db["track_downloads"]
        self._work = LeasedRows(self._downloads)

    async def find_same(self, draft: DownloadDraft) -> TrackDownload | None:
        """The queued or ready one of the same user, track, project and format.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._downloads.find_one({**_sameness(draft), "isActive": True})
        return _to_download(found) if found else None

    async def add(self, draft: DownloadDraft, at: datetime) -> TrackDownload | None:
        """Queue a download; `None` when there is one already.

        Raises:
            Unavailable: the database is away.
        """
        document: Document = {
            "_id": str(ObjectId()),
            **_sameness(draft),
            "tenantId": draft.tenant_id,
            "usage": draft.use.usage,
            "territory": draft.use.territory,
            "createdAt": at,
            "attempts": 0,
            **_queued(at),
        }
        try:
            with driver_errors():
                await self._downloads.insert_one(document)
        except PyMongoError as error:
            if is_duplicate_key(error):
                return None
            raise
        return _to_download(document)

    async def discard(self, download: TrackDownload) -> None:
        """Take back one that was just added and should not have been.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._downloads.delete_one({"_id": download.id, "state": WAITING})

    async def count_queued(self, user_id: str) -> int:
        """How many of a user's downloads wait.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return await self._downloads.count_documents({"userId": user_id, "state": WAITING})

    async def get(self, user_id: str, download_id: str) -> TrackDownload:
        """A user's download.

        Raises:
            NotFound: the user has none of this id.
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._downloads.find_one({"_id": download_id, "userId": user_id})
        if found is None:
            raise NotFound("Download not found")
        return _to_download(found)

    async def page(
        self, user_id: str, state: DownloadState | None, cursor: str | None, limit: int
    ) -> Page[TrackDownload]:
        """A user's downloads, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which: Document = {"userId": user_id} | ({} if state is None else {"state": state.value})
        which |= rows_after(_ORDER, cursor) if cursor else {}
        with driver_errors():
            found = self._downloads.find(which).sort([(_ORDER, -1), ("_id", -1)])
            rows = await found.limit(limit + 1).to_list(None)
        return to_page(rows, limit, _ORDER, _to_download)

    async def queue_again(self, download: TrackDownload, at: datetime) -> TrackDownload | None:
        """Have the address of a ready one asked for anew; `None` when it is not ready any more.

        Raises:
            Unavailable: the database is away.
        """
        which = {"_id": download.id, "state": DownloadState.READY.value, "isActive": True}
        return await self._change(which, _queued(at))

    async def cancel(self, user_id: str, download_id: str, at: datetime) -> TrackDownload | None:
        """Cancel a queued one; `None` when it is not queued.

        Raises:
            Unavailable: the database is away.
        """
        which = {"_id": download_id, "userId": user_id, "state": WAITING}
        return await self._change(which, _ended(DownloadState.CANCELLED, at, None))

    async def count_due(self, at: datetime) -> int:
        """How many may be taken.

        Raises:
            Unavailable: the database is away.
        """
        return await self._work.count_due(at)

    async def take(self, at: datetime, lifetime: timedelta, besides: Container[ProviderName]) -> TrackDownload | None:
        """Take one that is due, besides those of some providers.

        Raises:
            Unavailable: the database is away.
        """
        among = {"provider": {"$nin": [name.value for name in besides]}} if besides else None
        row = await self._work.take(at, lifetime, among)
        return _to_download(row) if row else None

    async def ready(self, download: TrackDownload, address: DownloadAddress, at: datetime) -> None:
        """Its address is known.

        Raises:
            Unavailable: the database is away.
        """
        given = {"url": address.url, "givenFormat": address.format, "expiresAt": address.expires_at}
        changes = {**given, "state": DownloadState.READY.value, "error": None, "updatedAt": at}
        await self._work.settle(download.id, download.claim or "", changes)

    async def fail(self, download: TrackDownload, at: datetime, error: str) -> None:
        """It is not tried any more.

        Raises:
            Unavailable: the database is away.
        """
        await self._work.settle(download.id, download.claim or "", _ended(DownloadState.FAILED, at, error))

    async def postpone(self, download: TrackDownload, due_at: datetime, failures: int, error: str) -> None:
        """It is tried again later.

        Raises:
            Unavailable: the database is away.
        """
        changes = {"dueAt": due_at, "failures": failures, "error": error}
        await self._work.settle(download.id, download.claim or "", changes)

    async def _change(self, which: Document, changes: Document) -> TrackDownload | None:
        with driver_errors():
            changed = await self._downloads.find_one_and_update(
                which, {"$set": changes}, return_document=ReturnDocument.AFTER
            )
        return _to_download(changed) if changed else None


def _sameness(draft: DownloadDraft) -> Document:
    return {
        "userId": draft.user_id,
        "provider": draft.provider.value,
        "trackId": draft.track_id,
        "projectId": draft.project_id,
        "format": draft.format,
    }


def _queued(at: datetime) -> Document:
    nothing = dict.fromkeys(("url", "givenFormat", "expiresAt", "error", "claim"))
    return {**nothing, "state": WAITING, "isActive": True, "failures": 0, "dueAt": at, "updatedAt": at}


def _ended(state: DownloadState, at: datetime, error: str | None) -> Document:
    return {"state": state.value, "isActive": False, "error": error, "updatedAt": at}


def _to_download(row: Document) -> TrackDownload:
    draft = DownloadDraft(
        user_id=row["userId"],
        tenant_id=row["tenantId"],
        provider=ProviderName(row["provider"]),
        track_id=row["trackId"],
        format=row["format"],
        project_id=row["projectId"],
        use=Use(row["usage"], row["territory"]),
    )
    return TrackDownload(
        id=row["_id"],
        draft=draft,
        state=DownloadState(row["state"]),
        created_at=row["createdAt"],
        updated_at=row["updatedAt"],
        failures=row["failures"],
        claim=row["claim"],
        url=row["url"],
        given_format=row["givenFormat"],
        expires_at=row["expiresAt"],
        error=row["error"],
    )
