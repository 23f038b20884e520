"""Every query of the cache finds what it wants by an index."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from app.models.licensing.cache import AnswerKey, Holding, KeptBody, SharedFailure, Shelf, Tally
from app.models.licensing.providers import CacheKind, ProviderName
from app.repositories.licensing_cache import BY_SHELF, LicensingCacheRepository
from app.repositories.licensing_cache_counts import CacheCountRepository
from app.repositories.licensing_cache_generations import CacheGenerationRepository
from tests.integration.explained import RecordedMongo, plans_of
from tests.integration.migrating import database, service
from tests.licensing.cache_house import NOON

SHELF = Shelf(ProviderName.OPENVERSE, CacheKind.TRACK)
KEY = AnswerKey("openverse:track:7", SHELF)
KEPT = KeptBody(b"x" * 10, NOON, NOON, NOON + timedelta(days=3_650), 0)
SECOND = timedelta(seconds=1)


async def fill(mongo: RecordedMongo) -> None:
    answers = LicensingCacheRepository(mongo)
    for provider in ProviderName:
        for kind in CacheKind:
            for number in range(20):
                key = AnswerKey(f"{provider.value}:{kind.value}:{number}", Shelf(provider, kind))
                await answers.claim(key, "me", SECOND, NOON, 0)
                await answers.put(key, "me", KEPT)
    counts = CacheCountRepository(mongo)
    for day in range(60):
        await counts.add(NOON - timedelta(days=day), {SHELF: Tally(1, 2, 3, 1)})
    await CacheGenerationRepository(mongo).advance([SHELF])


@pytest.fixture(scope="module")
async def filled(mongod: str) -> AsyncIterator[RecordedMongo]:
    async with database(mongod) as mongo:
        await service(mongo).up()
        recorded = RecordedMongo(mongod, mongo.db.name)
        await fill(recorded)
        yield recorded
        recorded.close()


@dataclass(frozen=True)
class Question:
    """One call of a repository, and the indexes that its commands may use."""

    name: str
    ask: Callable[[RecordedMongo], Awaitable[object]]
    index: str = "_id_"
    most_keys: int = 2


async def hold(mongo: RecordedMongo) -> None:
    answers = LicensingCacheRepository(mongo)
    assert (await answers.claim(KEY, "me", SECOND, NOON + SECOND, 0)).claimed_by == "me"
    await answers.renew(KEY, "me", SECOND)
    await answers.give_up(KEY, "me", SharedFailure("It failed"))
    assert (await answers.find(KEY)).failed_by == "me"


QUESTIONS = [
    Question("hold", hold),
    Question("put", lambda mongo: LicensingCacheRepository(mongo).put(KEY, "me", KEPT)),
    Question("generations", lambda mongo: CacheGenerationRepository(mongo).all()),
    Question("advance", lambda mongo: CacheGenerationRepository(mongo).advance([SHELF])),
    Question("holdings", lambda mongo: LicensingCacheRepository(mongo).holdings(), BY_SHELF, 400),
    Question(
        "remove",
        lambda mongo: LicensingCacheRepository(mongo).remove([ProviderName.JAMENDO], [*CacheKind]),
        BY_SHELF,
        70,
    ),
    Question("counts", lambda mongo: CacheCountRepository(mongo).since(NOON - timedelta(days=6)), "day_kept", 8),
    Question("add counts", lambda mongo: CacheCountRepository(mongo).add(NOON, {SHELF: Tally(1)})),
]


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_no_query_scans(filled: RecordedMongo, question: Question) -> None:
    filled.recorder.commands.clear()
    await question.ask(filled)
    plans = await plans_of(filled)
    assert plans
    for plan in plans:
        assert "COLLSCAN" not in plan.stages, plan
        assert plan.indexes <= {question.index}, plan
        assert plan.indexes or {"IDHACK", "EOF"} & set(plan.stages), plan
        assert plan.keys_examined <= question.most_keys, plan
    if question.name == "holdings":
        assert {plan.documents_examined for plan in plans} == {0}


async def test_claims_without_an_answer_are_not_holdings(filled: RecordedMongo) -> None:
    answers = LicensingCacheRepository(filled)
    await answers.claim(
        AnswerKey("artlist:search:new", Shelf(ProviderName.ARTLIST, CacheKind.SEARCH)), "me", SECOND, NOON, 0
    )
    holdings = await answers.holdings()
    assert holdings[Shelf(ProviderName.ARTLIST, CacheKind.SEARCH)] == Holding(20, 200)


async def test_claims_end_by_the_clock_of_the_server(filled: RecordedMongo) -> None:
    answers = LicensingCacheRepository(filled)
    key = AnswerKey("artlist:track:new", Shelf(ProviderName.ARTLIST, CacheKind.TRACK))
    assert (await answers.claim(key, "first", timedelta(0), NOON, 0)).claimed_by is None
    assert (await answers.claim(key, "second", SECOND, NOON, 0)).claimed_by == "second"
    assert (await answers.claim(key, "third", SECOND, NOON, 0)).claimed_by == "second"
    await answers.put(key, "first", KEPT)
    assert (await answers.find(key)).kept is None
    await answers.put(key, "second", KEPT)
    assert (await answers.find(key)).kept == KEPT
    assert (await answers.claim(key, "third", SECOND, NOON - SECOND, 0)).claimed_by is None
    assert (await answers.claim(key, "third", SECOND, NOON - SECOND, 1)).claimed_by == "third"
