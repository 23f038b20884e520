"""Songs are removed with all their rows, whatever cuts the removal off."""

from datetime import UTC, datetime

import pytest

from app.clock import SystemClock
from app.errors import FailureReason, NotFound, TransientFailure, Unavailable
from app.models.reactions import Reaction, ReactionChange
from app.models.songs import SongKey
from app.models.views import ViewReport
from app.repositories import song_removals
from app.repositories.mongo import Mongo
from app.repositories.reactions import ReactionRepository
from app.repositories.song_removals import SongRemovalRepository
from app.repositories.songs import SongRepository
from app.repositories.view_analytics import ViewAnalyticsRepository
from app.repositories.views import ViewRepository
from app.services.copyright_free.catalogue import CatalogueService

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ROWS = ("views", "likes", "bookmarks")


def catalogue(mongo: Mongo, removals: SongRemovalRepository | None = None) -> CatalogueService:
    return CatalogueService(
        SongRepository(mongo),
        removals or SongRemovalRepository(mongo),
        ViewRepository(mongo),
        ReactionRepository(mongo, Reaction.LIKE),
        ReactionRepository(mongo, Reaction.BOOKMARK),
        ViewAnalyticsRepository(mongo),
        SystemClock(),
    )


@pytest.fixture
async def filled(mongo: Mongo) -> Mongo:
    """Two songs with seven rows of each kind."""
    for key in ("gone", "kept"):
        await mongo.db["songs"].insert_one({"_id": key, "slug": f"{key}-slug", "viewCount": 7})
        for name in ROWS:
            await mongo.db[name].insert_many({"userId": f"u{number}", "songId": key} for number in range(7))
    return mongo


async def rows(mongo: Mongo, key: str) -> int:
    return sum([await mongo.db[name].count_documents({"songId": key}) for name in ROWS])


async def test_a_song_goes_with_all_its_rows_and_no_others(filled: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(song_removals, "_BATCH", 3)
    assert await catalogue(filled).remove("gone-slug") == "gone"
    assert (await rows(filled, "gone"), await rows(filled, "kept")) == (0, 21)
    assert await filled.db["songs"].distinct("_id") == ["kept"]
    assert await filled.db["song_removals"].count_documents({}) == 0
    with pytest.raises(NotFound):
        await catalogue(filled).remove("gone")


async def test_what_was_cut_off_is_finished_by_the_job(filled: Mongo) -> None:
    assert await SongRemovalRepository(filled).begin("gone", NOW)
    await filled.db["views"].delete_many({"songId": "gone", "userId": {"$in": ["u1", "u2"]}})
    assert await rows(filled, "gone") == 19
    assert await catalogue(filled).finish_removals() == 1
    assert (await rows(filled, "gone"), await rows(filled, "kept")) == (0, 21)
    assert await catalogue(filled).finish_removals() == 0


async def test_of_two_removals_one_removes(filled: Mongo) -> None:
    removals = SongRemovalRepository(filled)
    assert await removals.begin("gone", NOW)
    assert not await removals.begin("gone", NOW)
    assert await removals.pending() == ["gone"]
    await removals.finish("gone")
    await removals.finish("gone")
    assert await removals.pending() == []


async def test_no_row_is_added_once_the_song_is_gone(filled: Mongo) -> None:
    await SongRemovalRepository(filled).begin("gone", NOW)
    views, likes = ViewRepository(filled), ReactionRepository(filled, Reaction.LIKE)
    assert await views.record([ViewReport("late", "gone", "gone", 0, 0, False, NOW)]) == [None]
    assert await likes.record([ReactionChange("late", "gone", "gone", is_set=True)], NOW) == [None]
    assert await rows(filled, "gone") == 21


class Conflicting(SongRemovalRepository):
    """Meets writes of others at its first `times` attempts."""

    def __init__(self, mongo: Mongo, times: int) -> None:
        super().__init__(mongo)
        self.times = times

    async def begin(self, song_key: SongKey, at: datetime) -> bool:
        self.times -= 1
        if self.times >= 0:
            raise TransientFailure(FailureReason.CONFLICT)
        return await super().begin(song_key, at)


async def test_a_busy_song_is_removed_at_last(filled: Mongo) -> None:
    assert await catalogue(filled, Conflicting(filled, 3)).remove("gone") == "gone"
    assert await rows(filled, "gone") == 0


async def test_a_song_that_is_always_busy_stays_whole(filled: Mongo) -> None:
    with pytest.raises(Unavailable, match="too busy"):
        await catalogue(filled, Conflicting(filled, 10**6)).remove("gone")
    assert await rows(filled, "gone") == 21


async def test_a_song_that_somebody_else_removes_meanwhile_is_not_found(filled: Mongo) -> None:
    class Late(SongRemovalRepository):
        async def begin(self, song_key: SongKey, at: datetime) -> bool:
            await super().begin(song_key, at)
            return await super().begin(song_key, at)

    with pytest.raises(NotFound):
        await catalogue(filled, Late(filled)).remove("gone")
