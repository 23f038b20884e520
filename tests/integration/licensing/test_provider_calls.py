"""Counts of calls in the database: added up over processes, hours and kinds."""

from datetime import timedelta

from app.models.licensing.provider_calls import CallCounts, CallFault, CallHour
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.repositories.provider_calls import ProviderCallRepository
from tests.integration.explained import RecordedMongo, plans_of
from tests.unit.identity.forging import NOW

NAME = ProviderName.ARTLIST
HOUR = timedelta(hours=1)


def counts(calls: int, fault: CallFault | None = None) -> CallCounts:
    made = CallCounts()
    for number in range(calls):
        made.note(fault if number == 0 else None, timedelta(milliseconds=10 * (number + 1)), NOW)
    return made


async def test_what_processes_count_is_added_up(mongo: Mongo) -> None:
    repository = ProviderCallRepository(mongo)
    for _ in range(3):
        await repository.add(
            {
                CallHour(NAME, "search", NOW): counts(2, CallFault.TIMEOUT),
                CallHour(NAME, "search", NOW + HOUR): counts(1),
                CallHour(NAME, "track", NOW): counts(1, CallFault.CUT_OFF),
                CallHour(ProviderName.JAMENDO, "search", NOW - HOUR): counts(5),
            }
        )
    sums = await repository.sums(NOW, NOW + 2 * HOUR)
    assert set(sums) == {(NAME, "search"), (NAME, "track")}
    found = sums[NAME, "search"]
    assert (found.calls, found.faults, found.last_error_at) == (9, {CallFault.TIMEOUT: 3}, NOW)
    expected = counts(2)
    expected.add(counts(1))
    assert found.steps == {step: 3 * count for step, count in expected.steps.items()}
    assert await mongo.db["provider_calls"].count_documents({}) == 4


async def test_a_report_reads_the_hours_of_its_stretch_only(mongod: str, mongo: Mongo) -> None:
    repository = ProviderCallRepository(mongo)
    await repository.add({CallHour(NAME, "search", NOW + number * HOUR): counts(1) for number in range(50)})
    recorded = RecordedMongo(mongod, mongo.db.name)
    try:
        await ProviderCallRepository(recorded).sums(NOW, NOW + 3 * HOUR)
        (plan,) = await plans_of(recorded)
    finally:
        recorded.close()
    assert plan.indexes == {"hour_kept"}
    assert plan.documents_examined == 3
