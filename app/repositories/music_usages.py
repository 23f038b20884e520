"""The collection `music_usages`: every use of a track, with the licence that it rests on."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from app.errors import Conflict, LicenseInvalid
from app.models.licensing.licences import Evidence, LicenceTerms, Verdict
from app.models.licensing.license_changes import ChangeKind, LicenceChange
from app.models.licensing.usage import Claim, LicenceSnapshot, Period, Usage, Use
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.license_documents import scope_key, to_evidence, to_terms, track_key
from app.repositories.license_sightings import read_current
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.music_usage_documents import is_same_claim, to_usage, usage_document
from app.repositories.updates import insert_rows, update_rows

Judge = Callable[[LicenceTerms | None, Evidence | None, Use, Period], Verdict]
Recorded = Usage | LicenseInvalid | Conflict


class MusicUsageRepository:
    """Records uses, and lists those that a change of licence touches."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._usages = mongo.db["music_usages"]

    async def record(
        self, claims: Sequence[Claim], judge: Judge, now: Callable[[], datetime]
    ) -> list[Usage | LicenseInvalid | Conflict]:
        """Decide on all claims and write those that are licensed, in one transaction.

        The moment of a use is taken inside, after the terms and the evidence were read, and both are written to: a
        change of either at the same time conflicts, and the later of the two runs again. So a use always rests on the
        version that was in force at its moment. A claim that is recorded already gives what was recorded, or
        `Conflict` when that was another use.

        Raises:
            TransientFailure: nothing was written, or (`UNKNOWN`) perhaps all of it; safe to repeat.
        """
        return await self._mongo.transaction(lambda session: _Recording(self._mongo, session, judge).run(claims, now))

    async def touched_by(self, change: LicenceChange, cursor: str | None, limit: int) -> Page[Usage]:
        """Recorded uses that rest on what has changed, the latest first.

        Those are, for evidence, all uses of the track before the change; for terms, all that rest on an earlier
        version of the same terms, or for the first terms of a tenant its uses under everybody's; for the end of a
        licence, all that rest on these terms.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        after = [rows_after("usedAt", cursor)] if cursor else []
        wanted = {"$and": [_resting_on(change), {"usedAt": {"$lt": change.at}}, *after]}
        with driver_errors():
            rows = await self._usages.find(wanted).sort([("usedAt", -1), ("_id", -1)]).limit(limit + 1).to_list(None)
        return to_page(rows, limit, "usedAt", to_usage)


def _resting_on(change: LicenceChange) -> Document:
    if change.kind is ChangeKind.EVIDENCE:
        return {"provider": change.provider.value, "trackId": change.track_id}
    if change.from_version is None and change.tenant_id is not None:
        return {"termsOf": scope_key(change.provider, None), "tenantId": change.tenant_id}
    return {"termsOf": scope_key(change.provider, change.tenant_id)}


class _Recording:
    """One transaction over some claims."""

    def __init__(self, mongo: Mongo, session: Session, judge: Judge) -> None:
        self._db = mongo.in_thread
        self._session = session
        self._judge = judge
        self._rows: dict[str, Document] = {}
        self._new: list[Document] = []

    def run(self, claims: Sequence[Claim], now: Callable[[], datetime]) -> list[Recorded]:
        self._rows = self._read("music_usages", "_id", {claim.id for claim in claims})
        scopes = {scope_key(claim.track.provider, scope) for claim in claims for scope in (claim.tenant_id, None)}
        terms = self._read("license_terms", "currentOf", scopes)
        evidence = read_current(self._session, self._db, {_track(claim) for claim in claims})
        at = now()
        results = [self._one(claim, _governing(terms, claim), evidence.get(_track(claim)), at) for claim in claims]
        if self._new:
            insert_rows(self._db["music_usages"], self._new, self._session)
            self._count("license_evidence", [evidence[track_key_of(row)] for row in self._new])
            self._count("license_terms", [terms[row["termsOf"]] for row in self._new if row["termsOf"]])
        return results

    def _read(self, collection: str, field: str, keys: Iterable[str]) -> dict[str, Document]:
        found = self._db[collection].find({field: {"$in": list(keys)}}, session=self._session)
        return {document[field]: document for document in found}

    def _one(self, claim: Claim, terms: Document | None, evidence: Document | None, now: datetime) -> Recorded:
        there = self._rows.get(claim.id)
        if there is not None:
            return to_usage(there) if is_same_claim(there, claim) else _used_for_another()
        at = _not_before(now, terms, evidence)
        verdict = self._judge(
            to_terms(terms) if terms else None, to_evidence(evidence) if evidence else None, claim.use, Period.at(at)
        )
        if not verdict.is_valid:
            return LicenseInvalid(verdict.reasons)
        row = usage_document(claim, LicenceSnapshot.of(verdict), at)
        self._rows[claim.id] = row
        self._new.append(row)
        return to_usage(row)

    def _count(self, collection: str, relied_on: Sequence[Document]) -> None:
        """Write to what the new rows rest on: how often it is used, and that none may supersede it before that."""
        last = max(row["usedAt"] for row in self._new)
        counts: dict[object, int] = {}
        for document in relied_on:
            counts[document["_id"]] = counts.get(document["_id"], 0) + 1
        if counts:
            updates = [
                {"q": {"_id": key}, "u": {"$inc": {"useCount": count}, "$max": {"lastUsedAt": last}}}
                for key, count in counts.items()
            ]
            update_rows(self._db[collection], updates, self._session)


def track_key_of(row: Document) -> str:
    """The key of the track that a row is about."""
    return f"{row['provider']}:{row['trackId']}"


def _track(claim: Claim) -> str:
    return track_key(claim.track.provider, claim.track.id)


def _governing(terms: dict[str, Document], claim: Claim) -> Document | None:
    own = terms.get(scope_key(claim.track.provider, claim.tenant_id))
    return own or terms.get(scope_key(claim.track.provider, None))


def _not_before(now: datetime, terms: Document | None, evidence: Document | None) -> datetime:
    """The moment of a use: now, or by a clock that is ahead of ours, when what it rests on began."""
    begins: list[datetime] = [terms["madeAt"]] if terms else []
    begins += [evidence["observedAt"]] if evidence else []
    return max([now, *begins])


def _used_for_another() -> Conflict:
    return Conflict("This Idempotency-Key was sent with another use before")
