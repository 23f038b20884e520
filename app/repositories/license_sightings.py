"""Turns what was seen of tracks into versions of evidence, inside anybody's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from app.models.licensing.license_changes import ChangeKind
from app.models.licensing.license_sightings import Sighting
from app.models.licensing.tracks import LicenceFacts
from app.repositories.license_documents import (
    change_document,
    different_fields,
    facts_document,
    facts_hash,
    moment_of_next,
    to_facts,
    track_key,
)
from app.repositories.mongo import Document, Session, ThreadDatabase
from app.repositories.updates import insert_rows, update_rows

_COMPARED = ("code", "licenseVersion", "url", "attribution", "raw", "isWithdrawn")


def keep(session: Session, db: ThreadDatabase, sightings: Sequence[Sighting]) -> int:
    """Keep what was seen; the number of new versions.

    A track whose facts are other than the last ones gets a new version of evidence, and the change is listed; of
    others `confirmedAt` is raised. What was seen before the last look at a track changes nothing, so answers of a
    cache cannot undo what came after them. A track that was never seen is not withdrawn. Safe to repeat; at most four
    commands, however many the tracks.
    """
    seen = {track_key(one.provider, one.track_id): one for one in sorted(sightings, key=lambda one: one.at)}
    current = read_current(session, db, seen)
    found = [_Found(key, one, current.get(key)) for key, one in seen.items()]
    same = [one for one in found if one.is_confirmed]
    new = [(one, _version(one)) for one in found if one.is_new]
    changed = [(one.last, row) for one, row in new if one.last is not None]
    if updates := _confirmations(same) + [_end(last, row) for last, row in changed]:
        update_rows(db["license_evidence"], updates, session)
    if new:
        insert_rows(db["license_evidence"], [row for _, row in new], session)
    if changed:
        insert_rows(db["license_changes"], [_change(last, row) for last, row in changed], session)
    return len(new)


def read_current(session: Session, db: ThreadDatabase, keys: Iterable[str]) -> dict[str, Document]:
    """The evidence in force of the tracks with these keys, for those that have any."""
    wanted = {"currentOf": {"$in": list(keys)}}
    return {found["currentOf"]: found for found in db["license_evidence"].find(wanted, session=session)}


@dataclass(frozen=True, slots=True)
class _Found:
    """What was seen of a track, beside the evidence in force."""

    key: str
    seen: Sighting
    last: Document | None

    @property
    def facts(self) -> LicenceFacts | None:
        """What is true now; of a track that is gone, what was true of it last."""
        return to_facts(self.last) if self.seen.facts is None and self.last is not None else self.seen.facts

    @property
    def hash(self) -> str | None:
        return facts_hash(self.facts, is_withdrawn=self.seen.facts is None) if self.facts is not None else None

    @property
    def is_latest(self) -> bool:
        """Whether nobody has looked since."""
        return self.last is None or self.last["confirmedAt"] < self.seen.at

    @property
    def is_confirmed(self) -> bool:
        return self.is_latest and self.last is not None and self.last["hash"] == self.hash

    @property
    def is_new(self) -> bool:
        return self.is_latest and self.facts is not None and not self.is_confirmed


def _version(found: _Found) -> Document:
    observed_at = moment_of_next(found.last, "observedAt", found.seen.at)
    assert found.facts is not None  # noqa: S101 - only what is new comes here
    return {
        "_id": ObjectId(),
        "provider": found.seen.provider.value,
        "trackId": found.seen.track_id,
        "version": (found.last["version"] if found.last else 0) + 1,
        "currentOf": found.key,
        **facts_document(found.facts),
        "isWithdrawn": found.seen.facts is None,
        "hash": found.hash,
        "observedAt": observed_at,
        "confirmedAt": observed_at,
        "useCount": 0,
    }


def _confirmations(found: Sequence[_Found]) -> list[Document]:
    by_moment: dict[datetime, list[ObjectId]] = {}
    for one in found:
        if one.last is not None:
            by_moment.setdefault(one.seen.at, []).append(one.last["_id"])
    return [
        {"q": {"_id": {"$in": keys}}, "u": {"$max": {"confirmedAt": at}}, "multi": True}
        for at, keys in by_moment.items()
    ]


def _end(last: Document, new: Document) -> Document:
    change = {"$unset": {"currentOf": ""}, "$set": {"supersededAt": new["observedAt"]}}
    return {"q": {"_id": last["_id"]}, "u": change}


def _change(last: Document, new: Document) -> Document:
    return change_document(
        ChangeKind.EVIDENCE,
        new,
        from_version=last["version"],
        fields=different_fields(_COMPARED, last, new),
        at=new["observedAt"],
        changed_by=None,
    )
