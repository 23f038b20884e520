"""Databases to migrate: empty ones, and one that another program has filled."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import bson
from bson import Decimal128, Int64, ObjectId
from bson.binary import Binary

from app.clock import SystemClock
from app.repositories.leases import LeaseRepository
from app.repositories.migrations import MigrationRepository
from app.repositories.mongo import Mongo
from app.services.migrations import Migration, MigrationService, find_migrations

ADDED = {"viewCount", "likeCount", "bookmarkCount", "createdAt"}
WITH_OBJECT_ID = ObjectId("665f00000000000000000001")

EXTRAS = {
    "album": {"title": "Psalms", "tracks": [1, 2.5, None]},
    "plays": Int64(2**40),
    "price": Decimal128("0.10"),
    "cover": Binary(b"\x00\xff"),
    "language": "klingon",
}

# As many views (and likes) as the key says lie beside each song.
SONGS: dict[Any, dict[str, Any]] = {
    WITH_OBJECT_ID: {"title": "No count", "rows": 3, **EXTRAS},
    "string-id": {"title": "Null", "viewCount": None, "likeCount": None, "slug": None, "rows": 2},
    "text": {"title": "A text", "viewCount": "12", "likeCount": "many", "slug": "", "rows": 1},
    "float": {"title": "A float", "viewCount": 2.0, "likeCount": 2.0, "slug": "float", "rows": 2},
    "none": {"slug": None, "rows": 0},
    "odd": {"title": 7, "artist": ["a", "b"], "viewCount": {}, "createdAt": "yesterday", "slug": 5, "rows": 1},
    "dated": {"title": "Dated", "createdAt": datetime(2020, 1, 1, tzinfo=UTC), "slug": "dated", "rows": 0},
}


def songs_of_elsewhere() -> list[dict[str, Any]]:
    return [
        {"_id": key} | {name: value for name, value in song.items() if name != "rows"} for key, song in SONGS.items()
    ]


def rows_of_elsewhere() -> list[dict[str, Any]]:
    return [
        {"userId": f"user-{number}", "songId": key, "old": True}
        for key, song in SONGS.items()
        for number in range(song["rows"])
    ]


async def fill(mongo: Mongo) -> None:
    await mongo.db["songs"].insert_many(songs_of_elsewhere())
    await mongo.db["views"].insert_many(rows_of_elsewhere())
    await mongo.db["likes"].insert_many(rows_of_elsewhere())


async def untouched_part(mongo: Mongo) -> dict[Any, bytes]:
    """The songs without what migrations may add, byte for byte."""
    songs = await mongo.db["songs"].find({}).to_list(None)
    return {
        song["_id"]: bson.encode({name: value for name, value in song.items() if name not in ADDED}) for song in songs
    }


@asynccontextmanager
async def database(uri: str) -> AsyncIterator[Mongo]:
    """A database of its own that was never migrated."""
    mongo = Mongo(uri, f"migrating-{uuid4().hex[:8]}")
    try:
        yield mongo
    finally:
        await mongo.client.drop_database(mongo.db.name)
        mongo.close()


def service(mongo: Mongo, migrations: Sequence[Migration] | None = None) -> MigrationService:
    known = find_migrations() if migrations is None else migrations
    return MigrationService(MigrationRepository(mongo), LeaseRepository(mongo), SystemClock(), known)


async def indexes(mongo: Mongo, collection: str) -> dict[str, dict[str, Any]]:
    found = await mongo.db[collection].index_information()
    return {name: rules for name, rules in found.items() if name != "_id_"}
