"""Puts tracks and events into a database directly, as the service would have, before anything is measured."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from pymongo import InsertOne, UpdateOne
from pymongo.write_concern import WriteConcern

from app.container import Container
from app.models.stats.events import Batch, EventType, StatsEvent
from app.models.stats.tracks import ArtistDraft, TrackDraft
from app.repositories.mongo import Document, Mongo, ThreadDatabase
from app.repositories.stats_event_keys import key_of
from app.repositories.stats_events import KEPT_FOR
from app.repositories.stats_rows import to_row
from app.repositories.stats_tallies import RAW_COLLECTIONS
from benchmarks.events import ARTISTS, SENDER, TRACKS, artist_id, track_id

_CHUNK = 10_000
# Whoever fills waits for no flush; what is measured does.
_QUICK = WriteConcern(w=1, j=False)
_COUNTERS = {
    EventType.PLAY: "playCount",
    EventType.LIKE: "likeCount",
    EventType.SHARE: "shareCount",
    EventType.DOWNLOAD: "downloadCount",
}


async def add_tracks(house: Container) -> None:
    """Bring the database up to date, and add artists and tracks as an admin does."""
    await house.migrations.up()
    await asyncio.gather(*(house.stats.artists.add(_artist(artist)) for artist in range(ARTISTS)))
    await asyncio.gather(*(house.stats.tracks.add(_track(track)) for track in range(TRACKS)))


def _artist(artist: int) -> ArtistDraft:
    return ArtistDraft(name=f"Artist {artist}", user_id=user_of(artist), id=artist_id(artist))


def _track(track: int) -> TrackDraft:
    return TrackDraft(title=f"Track {track}", artist_id=artist_id(track % ARTISTS), duration=240.0, id=track_id(track))


def user_of(artist: int) -> str:
    """The account of an artist."""
    return f"owner-{artist:03}"


def fill(mongo: Mongo, events: Iterable[StatsEvent], beside: str | None = None) -> int:
    """Insert the rows and keys of events and raise the counters; marks are left to whoever rolls up.

    With `beside` the rows are put into collections of that prefix too. Returns how many events there were.
    """
    db = mongo.in_thread.client.get_database(mongo.in_thread.name, write_concern=_QUICK)
    counters: dict[str, Counter[str]] = defaultdict(Counter)
    filled = 0
    for chunk in _chunks(iter(events)):
        filled += len(chunk)
        _insert(db, chunk, beside)
        for event in chunk:
            if event.type in _COUNTERS:
                counters[event.track_id][_COUNTERS[event.type]] += 1
    raised = [UpdateOne({"_id": track}, {"$inc": dict(counts)}) for track, counts in counters.items()]
    if raised:
        db["tracks"].bulk_write(raised, ordered=False)
    return filled


def rows_of(events: Iterable[StatsEvent], arrived_at: datetime) -> dict[EventType, list[Document]]:
    """The rows that the service stores for these events."""
    rows: dict[EventType, list[Document]] = defaultdict(list)
    batch = Batch([], SENDER, arrived_at)
    for event in events:
        rows[event.type].append(to_row(event, event.track_id, batch, None))
    return rows


def _insert(db: ThreadDatabase, events: list[StatsEvent], beside: str | None) -> None:
    # What arrived at once is stored with one arrival; here the latest that any of them can have had.
    arrived_at = max(event.timestamp for event in events)
    for kind, rows in rows_of(events, arrived_at).items():
        db[RAW_COLLECTIONS[kind]].bulk_write([InsertOne(row) for row in rows], ordered=False)
        if beside is not None:
            db[f"{beside}{RAW_COLLECTIONS[kind]}"].bulk_write([InsertOne(row) for row in rows], ordered=False)
    db["event_keys"].insert_many((_key_row(event) for event in events), ordered=False)


def _key_row(event: StatsEvent) -> Document:
    """A key as it is stored. None expires while it is measured."""
    expires_at = event.timestamp + KEPT_FOR + timedelta(days=400)
    return {"_id": key_of(event.event_id), "f": event.fingerprint, "expiresAt": expires_at}


def _chunks(events: Iterator[StatsEvent]) -> Iterator[list[StatsEvent]]:
    while chunk := list(islice(events, _CHUNK)):
        yield chunk
