"""The collection `playlist_submissions`: one row for a track and a playlist, as long as it is not rejected.

A rejected one lies there until the track is submitted again; it then makes way for a row with an id of its own, so
that a decision which arrives twice never falls upon the next submission.
"""

from collections.abc import Mapping
from datetime import datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from app.errors import Conflict, NotFound
from app.models.pages import Page
from app.models.stats.playlists import Submission, SubmissionDraft, SubmissionFilter, SubmissionStatus
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.stored_fields import moment, text

_ORDER = "createdAt"


class PlaylistSubmissionRepository:
    """Adds and decides submissions."""

    def __init__(self, mongo: Mongo) -> None:
        self._submissions = mongo.db["playlist_submissions"]

    async def add(self, draft: SubmissionDraft, at: datetime) -> Submission:
        """Add a submission, pending.

        Raises:
            Conflict: the track is in this playlist, or waits for a decision.
            Unavailable: the database is away.
        """
        pair: Document = {"playlistId": draft.playlist_id, "trackId": draft.track_id}
        document: Document = {"_id": str(ObjectId()), **pair, "status": SubmissionStatus.PENDING.value}
        document |= {"message": draft.message, "submittedBy": draft.submitted_by, "createdAt": at, "decidedAt": None}
        with driver_errors():
            await self._submissions.delete_one(pair | {"status": SubmissionStatus.REJECTED.value})
            try:
                await self._submissions.insert_one(document)
            except DuplicateKeyError as error:
                raise Conflict("This track was submitted to this playlist already") from error
        return _to_submission(document)

    async def page(self, wanted: SubmissionFilter) -> Page[Submission]:
        """One page of the submissions to a playlist, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which: Document = {"playlistId": wanted.playlist_id}
        which |= {} if wanted.submitted_by is None else {"submittedBy": wanted.submitted_by}
        which |= {} if wanted.status is None else {"status": wanted.status.value}
        which |= rows_after(_ORDER, wanted.cursor) if wanted.cursor else {}
        with driver_errors():
            found = self._submissions.find(which).sort([(_ORDER, -1), ("_id", -1)])
            rows = await found.limit(wanted.limit + 1).to_list(None)
        return to_page(rows, wanted.limit, _ORDER, _to_submission)

    async def decide(self, playlist_id: str, submission_id: str, status: SubmissionStatus, at: datetime) -> Submission:
        """Accept or reject a pending submission; of decisions at the same time exactly one is taken.

        The same decision again changes nothing.

        Raises:
            Conflict: it was decided otherwise.
            NotFound: there is no such submission to this playlist.
            Unavailable: the database is away.
        """
        which: Document = {"_id": submission_id, "playlistId": playlist_id}
        decided = {"status": status.value, "decidedAt": at}
        with driver_errors():
            changed = await self._submissions.find_one_and_update(
                which | {"status": SubmissionStatus.PENDING.value}, {"$set": decided}, return_document=True
            )
            found = changed or await self._submissions.find_one(which)
        if found is None:
            raise NotFound("Submission not found")
        if found["status"] != status.value:
            raise Conflict(f"The submission is {found['status']} already")
        return _to_submission(found)

    async def counts_of_submitter(self, user_id: str) -> Mapping[SubmissionStatus, int]:
        """How many submissions a user has made, by status; every status is there.

        Raises:
            Unavailable: the database is away.
        """
        each: list[Document] = [
            {"$match": {"submittedBy": user_id}},
            {"$group": {"_id": "$status", "n": {"$sum": 1}}},
        ]
        with driver_errors():
            found = {row["_id"]: row["n"] for row in await self._submissions.aggregate(each).to_list(None)}
        return {status: found.get(status.value, 0) for status in SubmissionStatus}


def _to_submission(document: Document) -> Submission:
    return Submission(
        id=str(document["_id"]),
        playlist_id=text(document.get("playlistId")),
        track_id=text(document.get("trackId")),
        status=SubmissionStatus(document["status"]),
        message=document.get("message"),
        submitted_by=text(document.get("submittedBy")),
        created_at=moment(document.get("createdAt")),
        decided_at=moment(document.get("decidedAt")),
    )
