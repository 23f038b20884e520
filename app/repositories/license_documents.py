"""How terms, evidence and changes of licences lie in the database."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from app.clock import iso
from app.models.licensing.licences import Evidence, LicenceTerms, TermsDraft
from app.models.licensing.license_changes import ChangeKind, LicenceChange
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode, LicenceFacts
from app.repositories.mongo import Document

TICK = timedelta(milliseconds=1)
"""The least that two moments can differ by in the database."""


def scope_key(provider: ProviderName, tenant_id: str | None) -> str:
    """Names whose terms these are; no provider has a colon in its name, and no tenant an empty one."""
    return f"{provider.value}:{tenant_id or ''}"


def track_key(provider: ProviderName, track_id: str) -> str:
    """Names a track of any provider."""
    return f"{provider.value}:{track_id}"


def facts_hash(facts: LicenceFacts, *, is_withdrawn: bool) -> str:
    """SHA-256 over all that a provider says of a licence."""
    said = [facts.code.value, facts.version, facts.url, facts.attribution, sorted(facts.raw.items()), is_withdrawn]
    return _digest(said)


def with_hash(made: LicenceTerms) -> LicenceTerms:
    """The same version with a SHA-256 over the terms, whose they are, and who made them when."""
    return replace(made, hash=_terms_hash(made))


def _terms_hash(made: LicenceTerms) -> str:
    terms = {name: iso(value) if isinstance(value, datetime) else value for name, value in asdict(made.terms).items()}
    return _digest([made.provider.value, made.tenant_id, made.version, iso(made.made_at), made.made_by, terms])


def _digest(value: object) -> str:
    written = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def moment_of_next(last: Mapping[str, Any] | None, since: str, at: datetime) -> datetime:
    """When a version that supersedes `last` begins: `at`, yet after the last one began and after its last use.

    So a use and the version that it rests on fit together also where the clocks of two processes do not.
    """
    known: list[datetime | None] = [last.get(since), last.get("lastUsedAt")] if last else []
    return max([at, *(moment + TICK for moment in known if moment is not None)])


def terms_document(made: LicenceTerms) -> Document:
    """A version of terms, without its key and without the mark of being in force."""
    return {
        "provider": made.provider.value,
        "tenantId": made.tenant_id,
        "version": made.version,
        "type": made.terms.type,
        "uses": _listed(made.terms.uses),
        "territories": _listed(made.terms.territories),
        "validFrom": made.terms.valid_from,
        "expiresAt": made.terms.expires_at,
        "attribution": made.terms.attribution,
        "madeAt": made.made_at,
        "madeBy": made.made_by,
        "hash": made.hash,
        "useCount": 0,
    }


def to_terms(document: Document) -> LicenceTerms:
    """Read a version of terms."""
    draft = TermsDraft(
        type=document["type"],
        uses=_tupled(document["uses"]),
        territories=_tupled(document["territories"]),
        valid_from=document["validFrom"],
        expires_at=document["expiresAt"],
        attribution=document["attribution"],
    )
    return LicenceTerms(
        provider=ProviderName(document["provider"]),
        tenant_id=document["tenantId"],
        version=document["version"],
        terms=draft,
        made_at=document["madeAt"],
        made_by=document["madeBy"],
        hash=document["hash"],
    )


def facts_document(facts: LicenceFacts) -> Document:
    """What a provider says; its own fields as pairs, since their names may hold what MongoDB gives a meaning to."""
    return {
        "code": facts.code.value,
        "licenseVersion": facts.version,
        "url": facts.url,
        "attribution": facts.attribution,
        "raw": [{"name": name, "value": value} for name, value in sorted(facts.raw.items())],
    }


def to_facts(document: Document) -> LicenceFacts:
    """Read what a provider said."""
    return LicenceFacts(
        code=LicenceCode(document["code"]),
        version=document["licenseVersion"],
        url=document["url"],
        attribution=document["attribution"],
        raw={one["name"]: one["value"] for one in document["raw"]},
    )


def to_evidence(document: Document) -> Evidence:
    """Read a version of evidence."""
    facts = to_facts(document)
    return Evidence(
        provider=ProviderName(document["provider"]),
        track_id=document["trackId"],
        version=document["version"],
        code=facts.code,
        licence_version=facts.version,
        url=facts.url,
        attribution=facts.attribution,
        observed_at=document["observedAt"],
        confirmed_at=document["confirmedAt"],
        hash=document["hash"],
        is_withdrawn=document["isWithdrawn"],
        raw=facts.raw,
    )


def different_fields(names: Iterable[str], old: Document | None, new: Document) -> list[str]:
    """Which of these fields are not the same in both."""
    return [name for name in names if (old or {}).get(name) != new.get(name)]


def change_document(
    kind: ChangeKind,
    changed: Document,
    *,
    from_version: int | None,
    fields: list[str],
    at: datetime,
    changed_by: str | None,
) -> Document:
    """A change of what lies in `changed`; `pendingSince` stands until it was told to who listens."""
    return {
        "_id": ObjectId(),
        "kind": kind.value,
        "provider": changed["provider"],
        "tenantId": changed.get("tenantId"),
        "trackId": changed.get("trackId"),
        "fromVersion": from_version,
        "toVersion": changed["version"],
        "fields": fields,
        "at": at,
        "changedBy": changed_by,
        # The end of a licence is told as the warning that it is.
        **({} if kind is ChangeKind.EXPIRY else {"pendingSince": at}),
    }


def to_change(document: Document) -> LicenceChange:
    """Read a change."""
    return LicenceChange(
        id=str(document["_id"]),
        kind=ChangeKind(document["kind"]),
        provider=ProviderName(document["provider"]),
        tenant_id=document["tenantId"],
        track_id=document["trackId"],
        from_version=document["fromVersion"],
        to_version=document["toVersion"],
        fields=tuple(document["fields"]),
        at=document["at"],
        changed_by=document["changedBy"],
    )


def _listed(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else list(values)


def _tupled(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
