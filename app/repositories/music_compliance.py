"""All recorded uses against the terms and the evidence in force, of one moment."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.models.licensing.compliance import InvalidUse, Inventory, JudgedUses, Rule, Standing
from app.models.licensing.licences import LicenceTerms
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode
from app.models.licensing.usage import Use
from app.repositories.license_documents import scope_key, to_terms
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.music_usage_documents import to_usage

# 100,000 uses of 20,000 tracks took 1.6 to 3 s on two busy cores.
_WITHIN = timedelta(minutes=1)

# What decides about a use, besides its track; in the order of the index, out of which all of it is counted.
_WHO_AND_WHAT = ("provider", "tenantId", "usage", "territory")

_BY_TRACK: list[Document] = [
    {
        "$group": {
            "_id": {name: f"${name}" for name in (*_WHO_AND_WHAT, "trackId")},
            "uses": {"$sum": 1},
            "latest": {"$max": "$usedAt"},
        }
    },
    {"$set": {"key": {"$concat": ["$_id.provider", ":", "$_id.trackId"]}}},
    {"$lookup": {"from": "license_evidence", "localField": "key", "foreignField": "currentOf", "as": "evidence"}},
    {"$set": {"code": {"$first": "$evidence.code"}, "isWithdrawn": {"$first": "$evidence.isWithdrawn"}}},
]
_BY_STANDING: Document = {
    "$group": {
        "_id": {
            **{name: f"$_id.{name}" for name in _WHO_AND_WHAT},
            "code": {"$ifNull": ["$code", None]},
            "isWithdrawn": {"$ifNull": ["$isWithdrawn", False]},
        },
        "uses": {"$sum": "$uses"},
    }
}


class MusicComplianceRepository:
    """Counts uses by what decides about them, so that a rule is asked a few times, however many the uses."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._usages = mongo.in_thread["music_usages"]
        self._terms = mongo.in_thread["license_terms"]

    async def take(self, rule: Rule, limit: int) -> Inventory:
        """Judge all uses by `rule`, and read the latest `limit` of those that are not licensed.

        At most four queries, all of one moment.

        Raises:
            Unavailable: the database is away.
        """
        with self._mongo.patiently(_WITHIN):
            return await self._mongo.snapshot(lambda session: self._take(session, rule, limit))

    def _take(self, session: Session, rule: Rule, limit: int) -> Inventory:
        in_force = self._terms.find({"currentOf": {"$exists": True}}, session=session).sort("currentOf", 1)
        terms = {document["currentOf"]: to_terms(document) for document in in_force}
        judged = [_judge(row, terms, rule) for row in self._counted(session)]
        invalid = [one for one in judged if one.reasons]
        return Inventory(tuple(terms.values()), tuple(judged), self._latest(session, invalid, limit))

    def _counted(self, session: Session) -> list[Document]:
        return list(self._aggregate(session, [*_BY_TRACK, _BY_STANDING]))

    def _latest(self, session: Session, invalid: Sequence[JudgedUses], limit: int) -> tuple[InvalidUse, ...]:
        """The latest rows lie in the groups whose latest row is the latest, and in no more groups than rows."""
        if not invalid:
            return ()
        reasons = {one.standing: one.reasons for one in invalid}
        pick: list[Document] = [
            {"$match": {"$or": [_of(one.standing) for one in invalid]}},
            {"$sort": {"latest": -1, "_id": 1}},
            {"$limit": limit},
        ]
        groups = list(self._aggregate(session, [*_BY_TRACK, *pick]))
        by_group = {_group_of(group["_id"]): reasons[_standing(group["_id"], group)] for group in groups}
        rows = self._usages.find({"$or": [group["_id"] for group in groups]}, session=session)
        latest = rows.sort([("usedAt", -1), ("_id", -1)]).limit(limit)
        return tuple(InvalidUse(to_usage(row), by_group[_group_of(row)]) for row in latest)

    def _aggregate(self, session: Session, pipeline: list[Document]) -> Any:
        return self._usages.aggregate(pipeline, session=session, hint="compliance", allowDiskUse=True)


def _judge(row: Document, terms: dict[str, LicenceTerms], rule: Rule) -> JudgedUses:
    standing = _standing(row["_id"], row["_id"])
    own = terms.get(scope_key(standing.provider, standing.tenant_id))
    governing = own or terms.get(scope_key(standing.provider, None))
    return JudgedUses(standing, row["uses"], governing, tuple(rule(standing, governing)))


def _standing(who_and_what: Document, evidence: Document) -> Standing:
    code = evidence.get("code")
    return Standing(
        provider=ProviderName(who_and_what["provider"]),
        tenant_id=who_and_what["tenantId"],
        use=Use(who_and_what["usage"], who_and_what["territory"]),
        code=None if code is None else LicenceCode(code),
        is_withdrawn=bool(evidence.get("isWithdrawn")),
    )


def _of(standing: Standing) -> Document:
    """The groups of a standing, before they were put together."""
    found: Document = {
        "_id.provider": standing.provider.value,
        "_id.tenantId": standing.tenant_id,
        "_id.usage": standing.use.usage,
        "_id.territory": standing.use.territory,
        "code": standing.code.value if standing.code else None,
    }
    # Without evidence there is no such field.
    return found | {"isWithdrawn": True if standing.is_withdrawn else {"$ne": True}}


def _group_of(fields: Document) -> tuple[Any, ...]:
    return tuple(fields[name] for name in (*_WHO_AND_WHAT, "trackId"))
