"""Writes to our copy of catalogues, for use inside a transaction, in its thread."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import FailedTrack, ProviderTrack
from app.repositories.license_documents import track_key
from app.repositories.licensed_track_documents import STATE_FIELDS, is_changed, track_document
from app.repositories.mongo import Document, Session, ThreadDatabase
from app.repositories.updates import update_rows

UNUSABLE = "Its licence does not allow it to be offered"

_TRACKS = "licensed_tracks"


@dataclass(frozen=True, slots=True)
class Stored:
    """How many tracks were new, differed from what we had, and did not; and those that are not taken."""

    created: int
    updated: int
    unchanged: int
    refused: tuple[FailedTrack, ...]


def store_tracks(
    session: Session, db: ThreadDatabase, tracks: Sequence[ProviderTrack], seen_at: datetime, *, replaces: bool
) -> Stored:
    """Put tracks into our copy; unless it `replaces`, those that are there already are only noted as seen.

    A track whose licence is of no use is not added; one that we have says so from then on.
    """
    by_key = {track_key(track.provider, track.id): track for track in tracks}
    known = _known(session, db, list(by_key))
    refused = [key for key, track in by_key.items() if key not in known and not track.licence.is_usable]
    taken = {key: track for key, track in by_key.items() if key not in refused and (replaces or key not in known)}
    documents = {key: track_document(track, seen_at, known.get(key)) for key, track in taken.items()}
    if documents:
        update_rows(db[_TRACKS], [_replacement(key, new) for key, new in documents.items()], session)
    note_seen(session, db, [key for key in known if key not in taken], seen_at)
    updated = sum(key in known and is_changed(known[key], new) for key, new in documents.items())
    return Stored(
        created=sum(key not in known for key in documents),
        updated=updated,
        unchanged=len(known) - updated,
        refused=tuple(_refusal(by_key[key]) for key in refused),
    )


def note_seen(session: Session, db: ThreadDatabase, keys: Sequence[str], seen_at: datetime) -> None:
    """These tracks are there; what is stored of them stays."""
    if keys:
        seen = {"$max": {"seenAt": seen_at}, "$unset": {"vanishedAt": ""}}
        db[_TRACKS].update_many({"_id": {"$in": list(keys)}}, seen, session=session)


def note_present(
    session: Session, db: ThreadDatabase, provider: ProviderName, ids: Sequence[str], seen_at: datetime
) -> None:
    """Tracks of these ids, and of these items, are there as far as anybody knows: they were not read."""
    if not ids:
        return
    there = {"provider": provider.value, "vanishedAt": None}
    seen = {"$max": {"seenAt": seen_at}}
    keys = [track_key(provider, one) for one in ids]
    db[_TRACKS].update_many({"_id": {"$in": keys}, **there}, seen, session=session)
    db[_TRACKS].update_many({**there, "item": {"$in": list(ids)}}, seen, session=session)


def note_vanished(
    session: Session, db: ThreadDatabase, provider: ProviderName, track_ids: Sequence[str], at: datetime
) -> int:
    """The provider has these no longer; the number of tracks that we did not know it of."""
    if not track_ids:
        return 0
    keys = [track_key(provider, track_id) for track_id in track_ids]
    vanished = {"$set": {"vanishedAt": at, "updatedAt": at}}
    return db[_TRACKS].update_many({"_id": {"$in": keys}, "vanishedAt": None}, vanished, session=session).modified_count


def _known(session: Session, db: ThreadDatabase, keys: list[str]) -> dict[str, Document]:
    return {found["_id"]: found for found in db[_TRACKS].find({"_id": {"$in": keys}}, STATE_FIELDS, session=session)}


def _replacement(key: str, document: Document) -> Document:
    return {"q": {"_id": key}, "u": document, "upsert": True}


def _refusal(track: ProviderTrack) -> FailedTrack:
    return FailedTrack(track.id, f"track {track.id}", UNUSABLE)
