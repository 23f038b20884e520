"""The indexes of views that the queries here rely on."""

import pytest
from pymongo import IndexModel

from app.repositories.mongo import Mongo


@pytest.fixture(autouse=True, scope="session")
async def _views_are_indexed(migrated: Mongo) -> None:
    plain = ([("tenant", 1), ("episode", 1)], [("tenant", 1), ("started_at", 1)], [("season", 1), ("day", 1)],
             [("show", 1), ("day", 1)], [("episode", 1), ("seen_at", 1), ("user", 1)],
             [("tenant", 1), ("seen_at", 1), ("user", 1)])  # fmt: skip
    await migrated.db["episode_views"].create_indexes(
        [IndexModel(keys) for keys in plain]
        + [IndexModel([("episode", 1), ("day", 1)], name="episode_day")]
        + [IndexModel([("episode", 1), ("day", 1)], name="dirty", partialFilterExpression={"dirty": True})]
    )
