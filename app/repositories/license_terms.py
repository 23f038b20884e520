"""The collection `license_terms`: what contracts allow, version by version, of everybody and of tenants."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bson import ObjectId

from app.models.licensing.licences import LicenceTerms
from app.models.licensing.license_changes import ChangeKind
from app.models.licensing.license_terms import TermsOrder
from app.models.licensing.providers import ProviderName
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.license_documents import (
    change_document,
    different_fields,
    moment_of_next,
    scope_key,
    terms_document,
    to_terms,
    with_hash,
)
from app.repositories.mongo import Document, Mongo, Session, driver_errors

_COMPARED = ("type", "uses", "territories", "validFrom", "expiresAt", "attribution")


class LicenseTermsRepository:
    """Keeps every version of terms; at most one of each scope is in force."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._terms = mongo.db["license_terms"]
        self._in_thread = mongo.in_thread["license_terms"]
        self._changes = mongo.in_thread["license_changes"]

    async def add(self, orders: Sequence[TermsOrder], now: Callable[[], datetime]) -> list[LicenceTerms]:
        """Put new terms in force, in order, all or none; terms that say what is in force already stay as they are.

        A use that is recorded at the same moment conflicts with it, so that no use rests on terms that were
        superseded before it.

        Raises:
            TransientFailure: nothing was written, or (`UNKNOWN`) perhaps all of it; safe to repeat.
        """
        return await self._mongo.transaction(lambda session: [self._add(session, order, now) for order in orders])

    def _add(self, session: Session, order: TermsOrder, now: Callable[[], datetime]) -> LicenceTerms:
        last = self._in_thread.find_one({"currentOf": scope_key(order.provider, order.tenant_id)}, session=session)
        if last is not None and to_terms(last).terms == order.terms:
            return to_terms(last)
        replaced = last or self._of_everybody(session, order)
        made = self._next(order, last, moment_of_next(replaced, "madeAt", now()))
        self._end(session, last, replaced, made)
        row = {"_id": ObjectId(), "currentOf": scope_key(order.provider, order.tenant_id), **terms_document(made)}
        self._in_thread.insert_one(row, session=session)
        self._changes.insert_one(_change(last, row), session=session)
        return made

    def _of_everybody(self, session: Session, order: TermsOrder) -> Document | None:
        """What a tenant's first terms stand in for."""
        if order.tenant_id is None:
            return None
        return self._in_thread.find_one({"currentOf": scope_key(order.provider, None)}, session=session)

    def _next(self, order: TermsOrder, last: Document | None, made_at: datetime) -> LicenceTerms:
        version = (last["version"] if last else 0) + 1
        return with_hash(
            LicenceTerms(order.provider, order.tenant_id, version, order.terms, made_at, order.made_by, hash="")
        )

    def _end(self, session: Session, last: Document | None, replaced: Document | None, made: LicenceTerms) -> None:
        """Write to the terms that are replaced, which makes uses conflict that rest on them, and end our own."""
        if last is not None:
            change = {"$unset": {"currentOf": ""}, "$set": {"supersededAt": made.made_at}}
            self._in_thread.update_one({"_id": last["_id"]}, change, session=session)
        elif replaced is not None:
            self._in_thread.update_one({"_id": replaced["_id"]}, {"$inc": {"replacements": 1}}, session=session)

    async def current(self, provider: ProviderName, tenant_id: str | None) -> LicenceTerms | None:
        """The terms in force of a tenant, or of everybody (`None`), if there are any.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._terms.find_one({"currentOf": scope_key(provider, tenant_id)})
        return None if found is None else to_terms(found)

    async def as_of(self, provider: ProviderName, tenant_id: str | None, at: datetime) -> LicenceTerms | None:
        """The terms of exactly this scope that were in force at a moment, if there were any by then.

        Raises:
            Unavailable: the database is away.
        """
        wanted = {"provider": provider.value, "tenantId": tenant_id, "madeAt": {"$lte": at}}
        with driver_errors():
            found = await self._terms.find_one(wanted, sort=[("version", -1)])
        return None if found is None else to_terms(found)

    async def all_current(self) -> list[LicenceTerms]:
        """All terms in force, in the order of their scopes.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._terms.find({"currentOf": {"$exists": True}}).sort("currentOf", 1).to_list(None)
        return [to_terms(one) for one in found]

    async def versions(
        self, provider: ProviderName, tenant_id: str | None, cursor: str | None, limit: int
    ) -> Page[LicenceTerms]:
        """All versions of a scope, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        after = [rows_after("version", cursor)] if cursor else []
        wanted = {"$and": [{"provider": provider.value, "tenantId": tenant_id}, *after]}
        with driver_errors():
            rows = await self._terms.find(wanted).sort("version", -1).limit(limit + 1).to_list(None)
        return to_page(rows, limit, "version", to_terms)


def _change(last: Document | None, new: Document) -> Document:
    return change_document(
        ChangeKind.TERMS,
        new,
        from_version=last["version"] if last else None,
        fields=different_fields(_COMPARED, last, new),
        at=new["madeAt"],
        changed_by=new["madeBy"],
    )
