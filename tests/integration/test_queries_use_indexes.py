"""Every query of every repository finds what it wants by an index, and reads little more than what it returns."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.models.catalogue import SongChanges, SongFilter, SongSort
from app.models.jobs import Outcome
from app.models.reactions import Reaction, ReactionChange
from app.models.views import ViewReport
from app.repositories.counter_audit import COUNTERS, CounterAuditRepository
from app.repositories.job_runs import JobRunRepository
from app.repositories.leases import LeaseRepository
from app.repositories.migrations import MigrationRepository
from app.repositories.mongo import Mongo
from app.repositories.reactions import ReactionRepository
from app.repositories.song_removals import SongRemovalRepository
from app.repositories.songs import SongRepository
from app.repositories.view_analytics import ViewAnalyticsRepository
from app.repositories.views import ViewRepository
from tests.integration.explained import Plan, RecordedMongo, plans_of
from tests.integration.migrating import database, service

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SONGS, USERS, FEW, ARTISTS = 2_000, 50, 20, 40
HEARD = ObjectId("0" * 20 + "0001")
PAGE = 10


def song(number: int) -> dict[str, Any]:
    return {
        "_id": ObjectId(f"{number:024x}") if number % 4 else f"string-{number}",
        "slug": f"slug-{number}",
        "title": f"Title {number} {'rare' if number % 100 == 0 else 'common'}",
        "artist": f"Artist {number % ARTISTS}",
        "viewCount": number // 3,
        "likeCount": number % 500,
        "bookmarkCount": 0,
        "createdAt": NOW - timedelta(minutes=number // 2),
    }


def row(number: int, songs: list[Any]) -> dict[str, Any]:
    """Rows of a few users on many songs, so that no index is as good as another by chance."""
    user, place = divmod(number, FEW)
    return {
        "userId": f"user-{user % USERS}",
        "songId": songs[(place + 20 * (user % USERS)) % len(songs)],
        "durationMs": 1000,
        "progressPct": 50,
        "viewedAt": NOW,
        "lastViewedAt": NOW - timedelta(seconds=number),
    }


async def fill(mongo: Mongo) -> None:
    songs = [song(number) for number in range(1, SONGS + 1)]
    keys = [one["_id"] for one in songs]
    await mongo.db["songs"].insert_many(songs)
    for name in ("views", "likes", "bookmarks"):
        await mongo.db[name].insert_many(row(number, keys) for number in range(USERS * FEW))
    await mongo.db["job_runs"].insert_many(
        {
            "job": f"job-{number % 20}",
            "slot": f"slot-{number}",
            "startedAt": datetime.now(UTC) - timedelta(minutes=number),
            "finishedAt": None,
            "outcome": "done",
        }
        for number in range(2_000)
    )


@pytest.fixture(scope="module")
async def filled(mongod: str) -> AsyncIterator[RecordedMongo]:
    """In a database of its own: an index that has once held a list stays without an order of its own for ever."""
    async with database(mongod) as mongo:
        await service(mongo).up()
        await fill(mongo)
        recorded = RecordedMongo(mongod, mongo.db.name)
        yield recorded
        recorded.close()


@dataclass(frozen=True)
class Question:
    """One call of a repository, and the indexes that its commands may use."""

    name: str
    ask: Callable[[RecordedMongo], Awaitable[object]]
    indexes: set[str]
    most_keys: int = 100


def wanted(sort: SongSort = SongSort.RECENT, **changes: Any) -> SongFilter:
    fields = {"query": None, "artist": None, "limit": PAGE, "cursor": None} | changes
    return SongFilter(sort=sort, **fields)


def page(sort: SongSort, *, pages: int = 1, **changes: Any) -> Callable[[RecordedMongo], Awaitable[object]]:
    """The page after `pages - 1` others; only its own commands are looked at."""

    async def ask(mongo: RecordedMongo) -> object:
        songs, cursor = SongRepository(mongo), None
        for _ in range(pages):
            mongo.recorder.commands.clear()
            answer = await songs.page(wanted(sort, cursor=cursor, **changes))
            assert answer.items
            cursor = answer.next_cursor
        return answer

    return ask


async def deep(mongo: RecordedMongo, sort: SongSort) -> object:
    """A page far behind the first."""
    middle = await SongRepository(mongo).page(wanted(sort, limit=SONGS // 2))
    mongo.recorder.commands.clear()
    return await SongRepository(mongo).page(wanted(sort, cursor=middle.next_cursor))


async def second_page_of_history(mongo: RecordedMongo) -> object:
    first = await ViewRepository(mongo).history("user-1", None, 5)
    return await ViewRepository(mongo).history("user-1", first.next_cursor, 5)


async def all_suspects(mongo: RecordedMongo) -> None:
    audit = CounterAuditRepository(mongo)
    async for batch in audit.batches():
        for counter in COUNTERS:
            await audit.suspects(batch[:50], counter)


def view(reference: str = "slug-1") -> ViewReport:
    return ViewReport("user-new", HEARD, reference, 5000, 50, False, NOW)


def reaction(*, is_set: bool) -> ReactionChange:
    return ReactionChange("user-new", HEARD, "slug-1", is_set)


async def like_and_take_back(mongo: RecordedMongo) -> None:
    likes = ReactionRepository(mongo, Reaction.LIKE)
    await likes.record([reaction(is_set=True)], NOW)
    await likes.record([reaction(is_set=False)], NOW)


async def remove(mongo: RecordedMongo) -> None:
    removals = SongRemovalRepository(mongo)
    key = ObjectId(f"{1999:024x}")
    await mongo.db["views"].insert_one({"userId": "user-new", "songId": key})
    assert await removals.begin(key, NOW)
    assert await removals.pending() == [key]
    await removals.finish(key)


async def run_a_job(mongo: RecordedMongo) -> None:
    runs = JobRunRepository(mongo)
    await runs.take("job-1", "new", NOW)
    await runs.finish("job-1", "new", NOW, Outcome.DONE, {}, None)


async def hold_a_lease(mongo: RecordedMongo) -> None:
    leases = LeaseRepository(mongo)
    assert await leases.acquire("indexes", "me", timedelta(seconds=1))
    await leases.release("indexes", "me")


async def record_a_migration(mongo: RecordedMongo) -> None:
    migrations = MigrationRepository(mongo)
    await migrations.add("explained", "text", NOW)
    await migrations.remove("explained")


REFERENCE = {"_id_", "slug_unique"}
SORTS = {SongSort.RECENT: "recent_first", SongSort.VIEWS: "views_first", SongSort.LIKES: "likes_first"}

QUESTIONS = [
    Question("song by slug", lambda mongo: SongRepository(mongo).get("slug-7"), REFERENCE, 5),
    Question("song by ObjectId", lambda mongo: SongRepository(mongo).get(str(HEARD)), REFERENCE, 5),
    Question("song by string id", lambda mongo: SongRepository(mongo).get("string-4"), REFERENCE, 5),
    *(Question(f"first page, {sort}", page(sort), {index}, PAGE + 2) for sort, index in SORTS.items()),
    *(Question(f"second page, {sort}", page(sort, pages=2), {index}, 60) for sort, index in SORTS.items()),
    *(
        Question(f"deep page, {sort}", lambda mongo, sort=sort: deep(mongo, sort), {index}, 60)
        for sort, index in SORTS.items()
    ),
    *(
        Question(f"artist, {sort}", page(sort, artist="ARTIST 3"), {"artist_any_case", "_id_"}, 2 * SONGS // ARTISTS)
        for sort in SORTS
    ),
    *(
        Question(f"artist, next page, {sort}", page(sort, pages=2, artist="ARTIST 3"), {"artist_any_case", "_id_"}, 160)
        for sort in SORTS
    ),
    *(Question(f"words, {sort}", page(sort, query="rare"), {"title_artist_text"}, 30) for sort in SORTS),
    Question("words, next page", page(SongSort.RECENT, pages=2, query="rare"), {"title_artist_text"}, 60),
    Question("words of an artist", page(SongSort.RECENT, query="rare", artist="artist 20"), {"title_artist_text"}),
    Question(
        "change a song",
        lambda mongo: SongRepository(mongo).change("slug-8", SongChanges({"title": "New"}), NOW),
        REFERENCE,
        5,
    ),
    Question("has viewed", lambda mongo: ViewRepository(mongo).has_viewed("user-1", HEARD), {"user_song_unique"}, 2),
    Question("record a view", lambda mongo: ViewRepository(mongo).record([view()]), {"user_song_unique", "_id_"}, 2),
    Question(
        "history",
        lambda mongo: ViewRepository(mongo).history("user-1", None, 5),
        {"user_index", "user_song_unique", "_id_"},
        FEW + 30,
    ),
    Question("history, next page", second_page_of_history, {"user_index", "user_song_unique", "_id_"}, FEW + 30),
    *(
        Question(
            f"{kind} stands",
            lambda mongo, kind=kind: ReactionRepository(mongo, kind).stands("user-1", HEARD),
            {"user_song_unique"},
            2,
        )
        for kind in Reaction
    ),
    Question("like and take back", like_and_take_back, {"user_song_unique", "_id_"}, 5),
    Question("analytics", lambda mongo: ViewAnalyticsRepository(mongo).of_song(HEARD), {"song_index"}, 20),
    Question("suspects", all_suspects, {"song_index", "_id_"}, SONGS + 10),
    Question(
        "settle",
        lambda mongo: CounterAuditRepository(mongo).settle(HEARD, "viewCount", repair=True),
        {"song_index", "_id_"},
        20,
    ),
    Question("remove a song", remove, {"song_index", "_id_"}, 20),
    Question("run a job", run_a_job, {"job_slot_unique"}, 3),
    Question("latest runs", lambda mongo: JobRunRepository(mongo).latest("job-1", 5), {"job_latest"}, 6),
    Question("lease", hold_a_lease, {"_id_"}, 2),
    Question("record a migration", record_a_migration, {"_id_"}, 2),
]

# Small by nature and read whole: changes of this version, and songs whose removal was cut off.
READ_WHOLE = {"migrations", "song_removals"}


def is_read_whole(plan: Plan) -> bool:
    return plan.collection in READ_WHOLE and plan.command.get("filter") == {}


def assert_by_index(plan: Plan, question: Question) -> None:
    assert "COLLSCAN" not in plan.stages, plan
    assert plan.indexes <= question.indexes, plan
    assert plan.indexes or {"IDHACK", "EOF"} & set(plan.stages), plan
    assert plan.keys_examined <= question.most_keys, plan
    assert plan.documents_examined <= question.most_keys, plan


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_no_query_scans_a_collection(filled: RecordedMongo, question: Question) -> None:
    filled.recorder.commands.clear()
    await question.ask(filled)
    plans = [plan for plan in await plans_of(filled) if not is_read_whole(plan)]
    assert plans
    for plan in plans:
        assert_by_index(plan, question)
