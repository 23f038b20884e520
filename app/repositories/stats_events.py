"""The raw collections `play_events`, `like_events`, …, and `event_keys`, by which an event counts once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bson import ObjectId

from app.models.stats.events import (
    OWN_PLAY,
    Action,
    Batch,
    EventType,
    Exclusion,
    RejectionCode,
    StatsEvent,
)
from app.models.stats.recorded import Recorded
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.stats_dirt import dirty_update
from app.repositories.stats_event_keys import key_of
from app.repositories.stats_own_artists import OwnArtists
from app.repositories.stats_rows import to_row
from app.repositories.stats_tallies import RAW_COLLECTIONS
from app.repositories.stats_tracks import KnownTrack, KnownTracks, find_known
from app.repositories.updates import insert_rows, update_rows

KEPT_FOR = timedelta(days=8)
"""How long an event id is remembered after its arrival: an event is accepted for 7 days, and clocks differ."""

_COUNTERS: Mapping[tuple[EventType, str | None], tuple[str, int]] = {
    (EventType.PLAY, None): ("playCount", 1),
    (EventType.LIKE, Action.LIKE.value): ("likeCount", 1),
    (EventType.LIKE, Action.UNLIKE.value): ("likeCount", -1),
    (EventType.SHARE, None): ("shareCount", 1),
    (EventType.DOWNLOAD, None): ("downloadCount", 1),
}


@dataclass(slots=True)
class _TrackWrites:
    """What changes on one track; days as ordinals, and hours as bits, which cost no object for each event."""

    track: KnownTrack
    counters: dict[str, int] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Writes:
    """What one transaction writes, gathered from all its batches."""

    keys: dict[bytes, int] = field(default_factory=dict)
    key_rows: list[Document] = field(default_factory=list)
    rows: dict[EventType, list[Document]] = field(default_factory=lambda: {kind: [] for kind in EventType})
    tracks: dict[str, _TrackWrites] = field(default_factory=dict)


class StatsEventRepository:
    """Writes events."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._db = mongo.in_thread
        self._known = KnownTracks(mongo)
        self._own = OwnArtists(mongo)

    async def record(self, batches: Sequence[Batch]) -> list[Recorded]:
        """Write the really new events of all batches, raise counters by those and mark their days, in one transaction.

        Safe to call again with the same batches: what is there already counts nothing. One answer per batch.

        Raises:
            TransientFailure: nothing was written, or (`UNKNOWN`) perhaps all of it.
        """
        return await self._mongo.transaction(lambda session: self._record(session, batches))

    def _record(self, session: Session, batches: Sequence[Batch]) -> list[Recorded]:
        keys = [[key_of(event.event_id) for event in batch.events] for batch in batches]
        there = self._there(session, (key for of_batch in keys for key in of_batch))
        known = self._known.read(session, {event.track_id for batch in batches for event in batch.events})
        users = {batch.sender.user_id for batch in batches if batch.sender.user_id is not None}
        own = self._own.without_own_plays(session, users)
        writes = _Writes()
        answers = [
            _sort(batch, of_batch, there, known, own.get(batch.sender.user_id or "", frozenset()), writes)
            for batch, of_batch in zip(batches, keys, strict=True)
        ]
        self._write(session, writes)
        return answers

    def _there(self, session: Session, keys: Iterable[bytes]) -> dict[bytes, Document]:
        found = self._db["event_keys"].find({"_id": {"$in": list(keys)}}, session=session)
        return {row["_id"]: row for row in found}

    def _write(self, session: Session, writes: _Writes) -> None:
        if not writes.key_rows:
            return
        insert_rows(self._db["event_keys"], writes.key_rows, session)
        for kind, rows in writes.rows.items():
            if rows:
                insert_rows(self._db[RAW_COLLECTIONS[kind]], rows, session)
        token = ObjectId()
        changes = [_change(writes_of_track, token) for writes_of_track in writes.tracks.values()]
        update_rows(self._db["tracks"], changes, session)


def _sort(
    batch: Batch,
    keys: Sequence[bytes],
    there: Mapping[bytes, Document],
    known: Mapping[str, KnownTrack],
    own_artists: frozenset[str],
    writes: _Writes,
) -> Recorded:
    """Tell new events from repeated, contradicting and unknown ones; what is new goes into the writes."""
    answer = Recorded()
    for event, key in zip(batch.events, keys, strict=True):
        before = writes.keys.get(key)
        stored = there.get(key) if before is None else None
        fingerprint = before if stored is None else stored["f"]
        if fingerprint is None:
            track = find_known(known, event.track_id)
            if track is None:
                answer.refuse(event, RejectionCode.UNKNOWN_TRACK, f"There is no track {event.track_id!r}")
                continue
            exclusion = batch.verdicts.get(event.index) or _own(event, track, own_artists)
            _take(event, key, batch, track, exclusion, writes)
            answer.accept(event, exclusion)
        elif fingerprint != event.fingerprint:
            answer.refuse(event, RejectionCode.CONFLICT, "This event id was used for another event")
        elif stored is not None and stored["b"] == batch.token:
            # Written by this very batch, in an attempt whose outcome was unknown.
            writes.keys[key] = fingerprint
            answer.accept(event, batch.verdicts.get(event.index))
        else:
            answer.repeat(event)
    return answer


def _own(event: StatsEvent, track: KnownTrack, own_artists: frozenset[str]) -> Exclusion | None:
    return OWN_PLAY if event.type is EventType.PLAY and track.artist_id in own_artists else None


def _take(
    event: StatsEvent, key: bytes, batch: Batch, track: KnownTrack, exclusion: Exclusion | None, writes: _Writes
) -> None:
    writes.keys[key] = event.fingerprint
    expires_at = batch.arrived_at + KEPT_FOR
    writes.key_rows.append({"_id": key, "f": event.fingerprint, "b": batch.token, "expiresAt": expires_at})
    writes.rows[event.type].append(to_row(event, track.id, batch, exclusion))
    of_track = writes.tracks.get(track.id)
    if of_track is None:
        of_track = writes.tracks[track.id] = _TrackWrites(track)
    day = event.timestamp.toordinal()
    of_track.hours[day] = of_track.hours.get(day, 0) | 1 << event.timestamp.hour
    counter = _COUNTERS.get((event.type, event.action))
    if counter is not None and exclusion is None:
        name, by = counter
        of_track.counters[name] = of_track.counters.get(name, 0) + by


def _change(writes: _TrackWrites, token: ObjectId) -> Document:
    """One update of a track: its counters and its marks; for a song its shadow, made when there is none yet."""
    track = writes.track
    moved = {name: by for name, by in writes.counters.items() if by and name not in track.no_numbers}
    update: Document = dirty_update(writes.hours, token) | ({"$inc": moved} if moved else {})
    update["$set"] |= {name: by for name, by in writes.counters.items() if name in track.no_numbers}
    if track.song is None:
        return {"q": {"_id": track.key}, "u": update}
    update["$set"] |= track.song
    update["$setOnInsert"] = {name: 0 for name, _ in _COUNTERS.values() if name not in moved}
    return {"q": {"_id": track.key}, "u": update, "upsert": True}
