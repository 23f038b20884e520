"""Views of episodes, who has watched what, and the key that playback tokens are signed with."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections

INDEXES: dict[str, list[IndexModel]] = {
    "episode_views": [
        IndexModel([("playback_token", ASCENDING)], unique=True, name="playback_token_unique"),
        IndexModel([("tenant", ASCENDING), ("episode", ASCENDING)]),
        IndexModel([("tenant", ASCENDING), ("started_at", ASCENDING)]),
        IndexModel([("episode", ASCENDING), ("day", ASCENDING)], name="episode_day"),
        IndexModel([("season", ASCENDING), ("day", ASCENDING)]),
        IndexModel([("show", ASCENDING), ("day", ASCENDING)]),
        IndexModel([("episode", ASCENDING), ("seen_at", ASCENDING), ("user", ASCENDING)]),
        IndexModel([("tenant", ASCENDING), ("seen_at", ASCENDING), ("user", ASCENDING)]),
        IndexModel([("look_at", ASCENDING)], name="open", partialFilterExpression={"is_open": True}),
        IndexModel([("user", ASCENDING)], name="user_index"),
    ],
    "episode_viewers": [
        IndexModel(
            [("kind", ASCENDING), ("scope", ASCENDING), ("user", ASCENDING)], unique=True, name="scope_user_unique"
        ),
        IndexModel([("user", ASCENDING)], name="user_index"),
    ],
}

# Found by their ids only.
_WITHOUT_INDEXES = ("episode_audiences", "playback_keys")


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the indexes; a collection without any comes with its first row."""
    for name, indexes in INDEXES.items():
        await create_indexes(db[name], indexes)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove everything of them."""
    await drop_collections(db, *INDEXES, *_WITHOUT_INDEXES)
