"""How tracks of our copy lie in the database, and by what a changed one is told from one that stayed the same."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta

from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import LicensedTrack
from app.models.licensing.tracks import ProviderTrack
from app.repositories.license_documents import facts_document, to_facts
from app.repositories.mongo import Document
from app.repositories.music_track_documents import read_track, track_fields

STATE_FIELDS = {"hash": 1, "createdAt": 1, "updatedAt": 1, "seenAt": 1, "vanishedAt": 1, "sameFor": 1}
"""What has to be known of a stored track to put a newer one in its place."""

_ADDRESSES = ("previewUrl", "artworkUrl", "pageUrl")
_LONGEST_REFRESH_DAYS = 30
_MOST_DOUBLINGS = 5
# The nightly sync does not begin at the same second every night.
_EARLY = timedelta(hours=6)


def track_document(track: ProviderTrack, seen_at: datetime, old: Document | None) -> Document:
    """The whole document, so that what the provider has withdrawn is gone; `old` is what is stored of it now.

    Tracks that lie in an item (`item/file`) cost a call for each item, so they also say when they are due again.
    """
    said = _said(track) | {"provider": track.provider.value, "trackId": track.id, "hash": _hash(track)}
    is_same = old is not None and not is_changed(old, said)
    document = said | {
        "createdAt": old["createdAt"] if old else seen_at,
        "updatedAt": old["updatedAt"] if old and is_same else seen_at,
        "seenAt": max(seen_at, old["seenAt"]) if old else seen_at,
    }
    item, slash, _ = track.id.partition("/")
    if slash:
        document |= {"item": item, **_refresh(old.get("sameFor", 0) + 1 if old and is_same else 0, seen_at)}
    return document


def is_changed(old: Document, new: Document) -> bool:
    """Whether what is stored is another state of the track than the new one."""
    return bool(old["hash"] != new["hash"] or old.get("vanishedAt"))


def to_licensed_track(document: Document) -> LicensedTrack:
    """Read a track of our copy."""
    return LicensedTrack(
        track=to_track(document),
        created_at=document["createdAt"],
        updated_at=document["updatedAt"],
        seen_at=document["seenAt"],
        vanished_at=document.get("vanishedAt"),
    )


def to_track(document: Document) -> ProviderTrack:
    """The track alone."""
    track = read_track(ProviderName(document["provider"]), document["trackId"], document)
    if track is None:
        raise TypeError("A document is a track, whatever it lacks")
    return replace(track, licence=to_facts(document["license"]), modified_at=document.get("modifiedAt"))


def _said(track: ProviderTrack) -> Document:
    """All that the provider says of it."""
    fields = {name: value for name, value in track_fields(track).items() if name != "licence"}
    modified = {} if track.modified_at is None else {"modifiedAt": track.modified_at}
    return fields | modified | {"license": facts_document(track.licence)}


def _hash(track: ProviderTrack) -> str:
    """Without what stands behind the question mark of an address: where it is signed, that differs every time."""
    said = _said(track)
    said |= {name: said[name].partition("?")[0] for name in _ADDRESSES if name in said}
    said |= {name: sorted(value) for name, value in said.items() if isinstance(value, list)}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=datetime.isoformat).encode()).hexdigest()


def _refresh(same_for: int, seen_at: datetime) -> Document:
    days = min(2 ** min(same_for, _MOST_DOUBLINGS), _LONGEST_REFRESH_DAYS)
    return {"sameFor": same_for, "refreshAt": seen_at + timedelta(days=days) - _EARLY}
