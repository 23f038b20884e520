"""Every query for shows, episodes and their views uses an index, and reads little more than it returns."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.models.episodes.catalogue import DEFAULT_ORDER, EpisodeDraft, SeasonDraft, Window
from app.models.episodes.watching import Beat, EpisodePlace, Origin, PlaybackClaim, Report, ViewStart
from app.repositories.episode_catalogue import EpisodeRepository, SeasonRepository, ShowRepository
from app.repositories.episode_erasure import EpisodeViewErasureRepository, EpisodeViewerErasureRepository
from app.repositories.episode_families import EpisodeFamilyRepository
from app.repositories.episode_places import EpisodePlaceRepository
from app.repositories.episode_sequences import SequenceRepository
from app.repositories.episode_view_closing import EpisodeViewClosingRepository
from app.repositories.episode_view_documents import new_view
from app.repositories.episode_view_starts import EpisodeViewStartRepository
from app.repositories.episode_views import EpisodeViewRepository
from app.repositories.mongo import Mongo
from app.repositories.playback_keys import PlaybackKeyRepository
from app.services.episodes.watch_clock import follow
from tests.integration.explained import Plan, RecordedMongo, plans_of
from tests.integration.migrating import database, service

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TENANTS, SHOWS, SEASONS, EPISODES, USERS = 10, 100, 400, 2_000, 200
PART = Window(5, 0)

# Of number 7 of each kind; all of it is of one tenant.
TENANT, SHOW, SEASON, EPISODE = "tenant-7", 7, 7, 7
Ask = Callable[[RecordedMongo], Awaitable[object]]


def place(number: int) -> EpisodePlace:
    return EpisodePlace(f"tenant-{number % TENANTS}", number % SHOWS, number % SEASONS, number, "video", 600)


def start(number: int, episode: int, user: str) -> ViewStart:
    at = NOW - timedelta(minutes=number)
    claim = PlaybackClaim(f"key-{number}", place(episode).tenant, user, episode, at)
    return ViewStart(number, claim, place(episode), Origin("tv", None, "A browser"), at, None)


def viewed(number: int) -> ViewStart:
    return start(number, number % EPISODES, f"user-{number // 3 % USERS}")


def episode_row(number: int) -> dict[str, Any]:
    where = place(number)
    times = {"created_at": NOW, "updated_at": NOW, "source_published_at": None, "order_published": NOW}
    numbers = {"episode_number": number, "order_number": number}
    row = {"_id": number, "tenant": where.tenant, "show": where.show, "season": where.season}
    return row | {"title": f"{number}", "video_id": "video", "duration_seconds": 600} | times | numbers


async def fill(mongo: Mongo) -> None:
    times = {"title": "A title", "cover_image": None, "created_at": NOW, "updated_at": NOW}
    shows = [{"_id": number, "tenant": place(number).tenant, **times} for number in range(SHOWS)]
    seasons = [
        {
            "_id": number,
            "tenant": place(number).tenant,
            "show": number % SHOWS,
            "season_number": number // SHOWS,
            **times,
        }
        for number in range(SEASONS)
    ]
    await mongo.db["shows"].insert_many(shows)
    await mongo.db["seasons"].insert_many(seasons)
    await mongo.db["episodes"].insert_many([episode_row(number) for number in range(EPISODES)])
    views = [viewed(number) for number in range(6_000)]
    await mongo.db["episode_views"].insert_many([new_view(view) for view in views])
    viewers = {("episode", view.place.episode, view.claim.user_id, view.place.tenant) for view in views}
    fields = ("kind", "scope", "user", "tenant")
    await mongo.db["episode_viewers"].insert_many([dict(zip(fields, viewer, strict=True)) for viewer in viewers])


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
    ask: Ask
    indexes: set[str]
    most_keys: int


def episodes(season: int | None = None, show: int | None = None) -> Ask:
    return lambda mongo: EpisodeRepository(mongo).page(TENANT, season, show, PART, DEFAULT_ORDER)


async def add_and_remove(mongo: RecordedMongo) -> None:
    families = EpisodeFamilyRepository(mongo)
    await families.add_season(9_001, TENANT, SeasonDraft(SHOW, 99), NOW)
    await families.add_episode(9_001, TENANT, EpisodeDraft(9_001, "New", "video", 60), NOW)
    for kind in ("episodes", "seasons"):
        await families.remove(kind, TENANT, 9_001)


async def change(mongo: RecordedMongo) -> None:
    await EpisodeRepository(mongo).change(TENANT, EPISODE, {"title": "New"}, NOW)
    await SeasonRepository(mongo).change(TENANT, SEASON, {"title": "New"}, NOW)
    await ShowRepository(mongo).get(TENANT, SHOW)
    await EpisodePlaceRepository(mongo).get(TENANT, EPISODE)


async def report(mongo: RecordedMongo) -> None:
    view = viewed(12)
    reports = [Report("r", view.view_id, view.claim, NOW, Beat(1.0, 1.0))]
    assert await EpisodeViewRepository(mongo).record(reports, lambda known, one: follow(known, one.content, one.at))


async def begin_twice(mongo: RecordedMongo) -> None:
    for _ in range(2):
        await EpisodeViewStartRepository(mongo).begin([start(90_000, EPISODE, "user-new")])


async def close_silent(mongo: RecordedMongo) -> None:
    assert await EpisodeViewClosingRepository(mongo).close_silent(NOW, 20) == (20, 20)


async def erase(mongo: RecordedMongo) -> None:
    for rows in (EpisodeViewErasureRepository(mongo), EpisodeViewerErasureRepository(mongo)):
        assert await rows.remove("user-9", await rows.pick("user-9", 5)) == 5
        assert [row async for row in rows.read("user-9")]


async def hand_out(mongo: RecordedMongo) -> None:
    await SequenceRepository(mongo, "episodes").take()
    await PlaybackKeyRepository(mongo).keep(b"k" * 32, NOW)


OF_TENANT, OF_SHOW = EPISODES // TENANTS, EPISODES // SHOWS
FAMILY = {"_id_", "show_number_unique", "tenant_season_order", "tenant_show_number"}

QUESTIONS = [
    Question("shows", lambda mongo: ShowRepository(mongo).page(TENANT, PART), {"tenant_id"}, SHOWS // TENANTS + 1),
    Question("seasons", lambda mongo: SeasonRepository(mongo).page(TENANT, None, PART), {"tenant_show_number"}, 45),
    Question("of a show", lambda mongo: SeasonRepository(mongo).page(TENANT, SHOW, PART), {"tenant_show_number"}, 9),
    # The count may take any index that begins with the tenant.
    Question("episodes", episodes(), {"tenant_order", "tenant_season_order", "tenant_show_order"}, OF_TENANT + 1),
    Question("episodes of a season", episodes(season=SEASON), {"tenant_season_order"}, 9),
    Question("episodes of a show", episodes(show=SHOW), {"tenant_show_order"}, OF_SHOW + 1),
    Question("change", change, {"_id_"}, 2),
    Question("add and remove", add_and_remove, FAMILY, 2),
    Question("begin a view, twice", begin_twice, {"playback_token_unique", "scope_user_unique", "_id_"}, 2),
    Question("report", report, {"_id_"}, 2),
    Question("close silent views", close_silent, {"open", "_id_"}, 45),
    Question("copy and erase", erase, {"user_index", "_id_"}, 60),
    Question("ids and the key", hand_out, {"_id_"}, 2),
]


def assert_by_index(plan: Plan, question: Question) -> None:
    assert "COLLSCAN" not in plan.stages, plan
    assert plan.indexes <= question.indexes, plan
    assert plan.indexes or {"IDHACK", "EOF"} & set(plan.stages), plan
    assert max(plan.keys_examined, plan.documents_examined) <= question.most_keys, plan


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_no_query_scans_a_collection(filled: RecordedMongo, question: Question) -> None:
    filled.recorder.commands.clear()
    await question.ask(filled)
    plans = await plans_of(filled)
    assert plans
    for plan in plans:
        assert_by_index(plan, question)


@pytest.mark.parametrize("within", [(SEASON, None), (None, SHOW), (None, None)], ids=str)
async def test_the_default_order_is_read_and_not_sorted(
    filled: RecordedMongo, within: tuple[int | None, int | None]
) -> None:
    filled.recorder.commands.clear()
    await episodes(*within)(filled)
    found = [plan for plan in await plans_of(filled) if "find" in plan.command]
    assert [("SORT" in plan.stages, plan.keys_examined <= PART.limit + 1) for plan in found] == [(False, True)]
