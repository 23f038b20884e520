"""Every query for favourites, playlists and recommendations uses an index, and reads little more than it returns."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.models.licensing.favorites import FavoriteChanges, FavoriteDraft, FavoriteFilter
from app.models.licensing.playlists import MusicPlaylistChanges, MusicPlaylistDraft, PlaylistEntryDraft
from app.models.licensing.providers import ProviderName
from app.repositories.licensing_erasure import MusicUsageErasureRepository, WebhookSubscriptionErasureRepository
from app.repositories.mongo import Mongo
from app.repositories.music_favorites import MusicFavoriteRepository
from app.repositories.music_libraries import MusicLibraryRepository
from app.repositories.music_playlists import MusicPlaylistRepository
from app.repositories.personal_rows import PersonalRowRepository
from tests.integration.explained import Plan, RecordedMongo, plans_of
from tests.integration.migrating import database, service
from tests.licensing.library_house import NOW, fill_catalogue, numbered, ref

USERS, EACH = 40, 50
NAMES = [name.value for name in ProviderName]


async def fill(mongo: Mongo) -> None:
    rows = [
        {
            "userId": f"user-{number % USERS}",
            "provider": NAMES[(number // USERS) % 5],
            "trackId": str(number // USERS),
            "tags": [f"tag-{number % 7}"],
            "genres": [],
            "moods": [],
            "createdAt": NOW - timedelta(minutes=number),
            "usedAt": NOW - timedelta(minutes=number),
            "updatedAt": NOW,
            "createdBy": f"user-{number}",
            "experimentId": str(number),
            "ownerId": f"user-{number % USERS}",
            "title": "Mix",
            "licensedTracks": [],
        }
        for number in range(USERS * EACH)
    ]
    for name in ("music_favorites", "music_usages", "track_downloads", "experiment_assignments", "playlists"):
        await mongo.db[name].insert_many([{"_id": f"{number:05}", **row} for number, row in enumerate(rows)])
    await mongo.db["webhook_subscriptions"].insert_many([{**row, "_id": row["createdBy"]} for row in rows])
    submissions = [
        {"playlistId": str(number % 200), "trackId": str(number), "status": "pending"} for number in range(2_000)
    ]
    await mongo.db["playlist_submissions"].insert_many(submissions)
    await fill_catalogue(mongo, numbered(*range(1_000)))


@pytest.fixture(scope="module")
async def filled(mongod: str) -> AsyncIterator[RecordedMongo]:
    async with database(mongod) as mongo:
        await service(mongo).up()
        await fill(mongo)
        recorded = RecordedMongo(mongod, mongo.db.name)
        yield recorded
        recorded.close()


@dataclass(frozen=True)
class Question:
    """One call, and the indexes that its commands may use."""

    name: str
    ask: Callable[[RecordedMongo], Awaitable[object]]
    indexes: set[str]
    most_keys: int


def favorites(
    indexes: str, most_keys: int, tag: str | None = None, provider: ProviderName | None = None, *words: str
) -> Question:
    async def ask(mongo: RecordedMongo) -> None:
        repository, cursor = MusicFavoriteRepository(mongo), None
        for _ in range(2):
            page = await repository.page(FavoriteFilter("user-3", tag, provider, words, 2, cursor))
            cursor = page.next_cursor

    return Question(f"favourites, {indexes}, {words}", ask, {indexes}, most_keys)


async def add_a_favorite(mongo: RecordedMongo) -> None:
    draft = FavoriteDraft("user-3", ref(9_999), None, (), None)
    await MusicFavoriteRepository(mongo).add("new", draft, NOW)


async def change_playlists(mongo: RecordedMongo) -> None:
    playlists = MusicPlaylistRepository(mongo)
    made = await playlists.add(MusicPlaylistDraft("user-3", "Mix", None, False), NOW)
    await playlists.head(made.id)
    await playlists.ordered(made.id)
    added = await playlists.add_entry("user-3", made.id, PlaylistEntryDraft("e", ref(1), None, 0, None), NOW)
    assert added
    assert await playlists.change("user-3", made.id, MusicPlaylistChanges(title="New", version=2), NOW)
    assert await playlists.reorder("user-3", made.id, 3, ["e"], NOW)
    assert await playlists.remove_entry("user-3", made.id, "e", NOW)
    assert await playlists.remove("user-3", made.id, NOW)


async def erase_uses(mongo: RecordedMongo) -> None:
    uses = MusicUsageErasureRepository(mongo)
    keys = await uses.pick("user-7", 5)
    assert await uses.remove("user-7", keys) == 5


async def read_subscriptions(mongo: RecordedMongo) -> None:
    assert len([row async for row in WebhookSubscriptionErasureRepository(mongo).read("user-7")]) == 1


def reading(collection: str, index: str) -> Question:
    async def ask(mongo: RecordedMongo) -> None:
        assert [row async for row in PersonalRowRepository(mongo, collection).read("user-5")]

    return Question(f"copy of {collection}", ask, {index}, EACH + 1)


LATEST, OF_PROVIDER, OF_TAG = "user_latest", "user_provider_latest", "user_tag_latest"
OPENVERSE = ProviderName.OPENVERSE
BY_USER = {"user_track_unique", "user_latest", "user_provider_latest", "user_tag_latest"}

QUESTIONS = [
    favorites(LATEST, 8),
    favorites(OF_PROVIDER, 8, None, OPENVERSE),
    favorites(OF_TAG, 8, "tag-3"),
    favorites(LATEST, EACH + 1, None, None, "zz"),
    Question("favourite", lambda mongo: MusicFavoriteRepository(mongo).get("user-3", "00003"), {"_id_"}, 1),
    Question(
        "favourite of a track",
        lambda mongo: MusicFavoriteRepository(mongo).find("user-3", ref(1)),
        {"user_track_unique"},
        1,
    ),
    Question("add a favourite", add_a_favorite, {*BY_USER, "_id_"}, EACH + 2),
    Question(
        "change a favourite",
        lambda mongo: MusicFavoriteRepository(mongo).change("user-3", "00003", FavoriteChanges("n"), NOW),
        {"_id_"},
        1,
    ),
    Question("remove a favourite", lambda mongo: MusicFavoriteRepository(mongo).remove("user-4", "00004"), {"_id_"}, 1),
    Question(
        "own playlists", lambda mongo: MusicPlaylistRepository(mongo).page("user-3", None, 5), {"owner_latest"}, 6
    ),
    Question("change playlists", change_playlists, {"_id_", "playlist_track_unique", "playlist_latest"}, 12),
    Question("latest kept", lambda mongo: MusicLibraryRepository(mongo).latest_kept("user-3", 10), {LATEST}, 11),
    Question("latest used", lambda mongo: MusicLibraryRepository(mongo).latest_used("user-3", 10), {LATEST}, 11),
    Question(
        "owned among",
        lambda mongo: MusicLibraryRepository(mongo).owned_among("user-3", [ref(n) for n in range(30)]),
        {"user_track_unique", "user_track", OF_PROVIDER},
        61,
    ),
    Question("most used", lambda mongo: MusicLibraryRepository(mongo).most_used(10), {"latest"}, 2_000),
    Question(
        "vanished",
        lambda mongo: MusicLibraryRepository(mongo).vanished_among([ref(n) for n in range(30)]),
        {"_id_"},
        62,
    ),
    Question("erase uses", erase_uses, {"user_latest", "user_track", "_id_"}, 11),
    Question("copy of subscriptions", read_subscriptions, {"creator_index"}, 2),
    reading("music_favorites", "user_track_unique"),
    reading("track_downloads", "user_latest"),
    reading("experiment_assignments", "user_index"),
]


def assert_by_index(plan: Plan, question: Question) -> None:
    assert "COLLSCAN" not in plan.stages, plan
    assert plan.indexes <= question.indexes | (BY_USER if "copy of" in question.name else set()), plan
    assert plan.indexes or {"IDHACK", "EOF"} & set(plan.stages), plan
    assert plan.keys_examined <= question.most_keys, plan
    assert plan.documents_examined <= question.most_keys, plan


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_no_query_scans_a_collection(filled: RecordedMongo, question: Question) -> None:
    filled.recorder.commands.clear()
    await question.ask(filled)
    plans = await plans_of(filled)
    assert plans
    for plan in plans:
        assert_by_index(plan, question)
