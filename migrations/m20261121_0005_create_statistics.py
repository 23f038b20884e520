"""Statistics: tracks and artists, raw events with the keys that each counts by once, and rollups."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections, drop_indexes

_RAW = [
    # Also serves whoever asks by the track alone, as every index serves its prefixes.
    IndexModel([("trackId", ASCENDING), ("timestamp", ASCENDING)], name="track_timestamp"),
    IndexModel([("timestamp", ASCENDING)], name="timestamp_index"),
    IndexModel([("sessionId", ASCENDING)], name="session_index"),
    # Most events are anonymous, and pay nothing for this one.
    IndexModel([("userId", ASCENDING)], name="user_index", partialFilterExpression={"userId": {"$exists": True}}),
]
_LATEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
_ROLLUPS = {"daily_stats": "date", "weekly_stats": "weekStart", "monthly_stats": "monthStart", "yearly_stats": "year"}

_SONGS_OF_ARTIST = "artist_id_index"

INDEXES: dict[str, list[IndexModel]] = {
    "tracks": [
        IndexModel(_LATEST, name="latest"),
        IndexModel([("artistId", ASCENDING), *_LATEST], name="artist_latest"),
        IndexModel([("isDirty", ASCENDING)], name="dirty_tracks", partialFilterExpression={"isDirty": True}),
    ],
    "artists": [
        # An artist whose account was erased has no user any more.
        IndexModel(
            [("userId", ASCENDING)],
            unique=True,
            name="user_unique",
            partialFilterExpression={"userId": {"$exists": True}},
        ),
        IndexModel(_LATEST, name="latest"),
    ],
    "play_events": [*_RAW, IndexModel([("source", ASCENDING)], name="source_index")],
    "like_events": _RAW,
    "save_events": _RAW,
    "share_events": _RAW,
    "download_events": _RAW,
    "event_keys": [IndexModel([("expiresAt", ASCENDING)], name="kept", expireAfterSeconds=0)],
    **{
        collection: [
            IndexModel([("trackId", ASCENDING), (field, ASCENDING)], unique=True, name="track_period_unique"),
            IndexModel([(field, ASCENDING)], name="period_index"),
        ]
        for collection, field in _ROLLUPS.items()
    },
    "platform_stats": [
        IndexModel([("granularity", ASCENDING), ("start", ASCENDING)], unique=True, name="period_unique")
    ],
    "rollup_backfills": [IndexModel([("state", ASCENDING), ("createdAt", ASCENDING)], name="next_backfill")],
    "archive_parts": [
        IndexModel([("type", ASCENDING), ("day", ASCENDING), ("part", ASCENDING)], unique=True, name="part_unique"),
        IndexModel([("state", ASCENDING)], name="state_index"),
    ],
    "playlists": [IndexModel([("ownerId", ASCENDING), *_LATEST], name="owner_latest")],
    "playlist_submissions": [
        IndexModel([("playlistId", ASCENDING), ("trackId", ASCENDING)], unique=True, name="playlist_track_unique"),
        IndexModel([("playlistId", ASCENDING), *_LATEST], name="playlist_latest"),
        IndexModel([("submittedBy", ASCENDING), ("createdAt", DESCENDING)], name="submitter_latest"),
    ],
}


# Answers ask of the days that they read raw whether rows of them were archived; hardly any were.
INDEXES["daily_stats"].append(
    IndexModel([("date", ASCENDING)], name="archived_days", partialFilterExpression={"archived": {"$exists": True}})
)
# Answers ask which of their days keep hours; only the busy ones do.
INDEXES["daily_stats"].append(
    IndexModel(
        [("date", ASCENDING), ("trackId", ASCENDING)],
        name="days_with_hours",
        partialFilterExpression={"hours": {"$exists": True}},
    )
)
# Every night the estimates among the longer buckets are counted exactly.
for _collection in ("weekly_stats", "monthly_stats", "yearly_stats"):
    INDEXES[_collection].append(
        IndexModel(
            [(_ROLLUPS[_collection], ASCENDING)],
            name="estimates",
            partialFilterExpression={"uniquePlaysIsEstimate": True},
        )
    )


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the collections with their indexes: a snapshot cannot read one that appeared a moment ago."""
    for name, indexes in INDEXES.items():
        await create_indexes(db[name], indexes)
    # Songs count as tracks of their artist.
    await create_indexes(db["songs"], [IndexModel([("artistId", ASCENDING)], name=_SONGS_OF_ARTIST)])
    existing = await db.list_collection_names()
    if "rollup_state" not in existing:
        await db.create_collection("rollup_state")


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove everything of this wing."""
    await drop_indexes(db["songs"], _SONGS_OF_ARTIST)
    await drop_collections(db, *INDEXES, "rollup_state")
