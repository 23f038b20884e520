"""How a use of a track lies in the collection `music_usages`."""

from datetime import datetime

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode
from app.models.licensing.usage import Claim, LicenceSnapshot, Usage, Use
from app.repositories.license_documents import scope_key
from app.repositories.mongo import Document


def usage_document(claim: Claim, licence: LicenceSnapshot, at: datetime) -> Document:
    """A row. `termsOf` names the terms that it rests on, or is null where the track's own licence is enough."""
    track = claim.track
    has_terms = licence.terms_version is not None
    return {
        "_id": claim.id,
        "userId": claim.user_id,
        "tenantId": claim.tenant_id,
        "projectId": claim.project_id,
        "provider": track.provider.value,
        "trackId": track.id,
        "title": track.title,
        "artist": track.artist,
        "genres": list(track.genres),
        "moods": list(track.moods),
        "usage": claim.use.usage,
        "territory": claim.use.territory,
        "usedAt": at,
        "termsOf": scope_key(track.provider, licence.terms_tenant_id) if has_terms else None,
        "termsVersion": licence.terms_version,
        "evidenceVersion": licence.evidence_version,
        "license": {
            "code": licence.code.value,
            "type": licence.type,
            "version": licence.licence_version,
            "url": licence.url,
            "attribution": licence.attribution,
            "validUntil": licence.valid_until,
            "termsTenantId": licence.terms_tenant_id,
            "evidenceObservedAt": licence.evidence_observed_at,
            "evidenceHash": licence.evidence_hash,
        },
    }


def to_usage(row: Document) -> Usage:
    """Read a row."""
    return Usage(
        id=str(row["_id"]),
        user_id=row.get("userId"),
        tenant_id=row["tenantId"],
        project_id=row["projectId"],
        provider=ProviderName(row["provider"]),
        track_id=row["trackId"],
        title=row["title"],
        artist=row["artist"],
        genres=tuple(row["genres"]),
        moods=tuple(row["moods"]),
        use=Use(row["usage"], row["territory"]),
        used_at=row["usedAt"],
        licence=_to_licence(row),
    )


def _to_licence(row: Document) -> LicenceSnapshot:
    stored = row["license"]
    return LicenceSnapshot(
        code=LicenceCode(stored["code"]),
        type=stored["type"],
        licence_version=stored["version"],
        url=stored["url"],
        attribution=stored["attribution"],
        valid_until=stored["validUntil"],
        terms_tenant_id=stored["termsTenantId"],
        terms_version=row["termsVersion"],
        evidence_version=row["evidenceVersion"],
        evidence_observed_at=stored["evidenceObservedAt"],
        evidence_hash=stored["evidenceHash"],
    )


def is_same_claim(row: Document, claim: Claim) -> bool:
    """Whether a row is what is claimed, whatever the track is called by now."""
    wanted = {
        "tenantId": claim.tenant_id,
        "projectId": claim.project_id,
        "provider": claim.track.provider.value,
        "trackId": claim.track.id,
        "usage": claim.use.usage,
        "territory": claim.use.territory,
    }
    return all(row[name] == value for name, value in wanted.items())
