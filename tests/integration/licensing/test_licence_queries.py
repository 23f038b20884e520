"""Every query about licences and uses finds what it wants by an index, and reads little more than what it returns."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.errors import NotFound
from app.models.licensing.licences import TermsDraft
from app.models.licensing.license_changes import ChangeKind, LicenceChange, LicenceWarning
from app.models.licensing.license_sightings import Sighting
from app.models.licensing.license_terms import TermsOrder
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode, LicenceFacts
from app.models.licensing.usage import Claim, Period
from app.models.licensing.usage_analytics import GroupBy
from app.repositories.license_changes import LicenseChangeRepository
from app.repositories.license_evidence import LicenseEvidenceRepository
from app.repositories.license_terms import LicenseTermsRepository
from app.repositories.mongo import Mongo
from app.repositories.music_compliance import MusicComplianceRepository
from app.repositories.music_usage_analytics import MusicUsageAnalyticsRepository
from app.repositories.music_usages import MusicUsageRepository
from app.services.licensing.licences.verdicts import judge
from tests.integration.explained import Plan, RecordedMongo, plans_of
from tests.integration.migrating import database, service
from tests.licensing.fake_provider import track
from tests.licensing.licence_house import SOUNDSTRIPE, START, YOUTUBE

TRACKS, TENANTS, VERSIONS, USES = 400, 20, 10, 2_000
HOUR = timedelta(hours=1)
CONTRACT = LicenceFacts(LicenceCode.CONTRACT)


def evidence_row(provider: ProviderName, number: int, version: int) -> dict[str, Any]:
    at = START + version * HOUR
    row = {
        "provider": provider.value, "trackId": str(number), "version": version, "code": "contract",
        "licenseVersion": None, "url": None, "attribution": None, "raw": [], "isWithdrawn": False, "hash": "h",
        "observedAt": at, "confirmedAt": at, "useCount": 0,
    }  # fmt: skip
    return row if version < 2 else row | {"currentOf": f"{provider.value}:{number}"}


def terms_row(provider: ProviderName, tenant: str | None, version: int) -> dict[str, Any]:
    row = {
        "provider": provider.value, "tenantId": tenant, "version": version, "type": "t", "uses": None,
        "territories": None, "validFrom": None, "expiresAt": None, "attribution": None,
        "madeAt": START + version * HOUR, "madeBy": "a", "hash": "h", "useCount": 0,
    }  # fmt: skip
    return row if version < VERSIONS else row | {"currentOf": f"{provider.value}:{tenant or ''}"}


def usage_row(number: int) -> dict[str, Any]:
    provider = list(ProviderName)[number % 3]
    tenant = None if number % 4 else f"tenant-{number % TENANTS}"
    return {
        "_id": f"{number:032x}", "userId": f"user-{number % 50}", "tenantId": tenant, "projectId": "p",
        "provider": provider.value, "trackId": str(number % TRACKS), "title": "T", "artist": None, "genres": ["rock"],
        "moods": [], "usage": "youtube", "territory": "DE", "usedAt": START - number * HOUR,
        "termsOf": f"{provider.value}:{(tenant or '') if number % 8 else ''}", "termsVersion": 1,
        "evidenceVersion": 1,
        "license": {
            "code": "contract", "type": "t", "version": None, "url": None, "attribution": None, "validUntil": None,
            "termsTenantId": tenant, "evidenceObservedAt": START, "evidenceHash": "h",
        },
    }  # fmt: skip


def change_row(number: int) -> dict[str, Any]:
    row = {
        "kind": "terms", "provider": "artlist", "tenantId": None, "trackId": None, "fromVersion": 1, "toVersion": 2,
        "fields": [], "at": START - number * HOUR, "changedBy": None,
    }  # fmt: skip
    return row if number % 50 else row | {"pendingSince": START}


async def fill(mongo: Mongo) -> None:
    providers = list(ProviderName)[:3]
    await mongo.db["license_evidence"].insert_many(
        evidence_row(provider, number, version) for provider in providers for number in range(TRACKS)
        for version in (1, 2)
    )  # fmt: skip
    tenants = [None, *(f"tenant-{number}" for number in range(TENANTS))]
    await mongo.db["license_terms"].insert_many(
        terms_row(provider, tenant, version) for provider in providers for tenant in tenants
        for version in range(1, VERSIONS + 1)
    )  # fmt: skip
    await mongo.db["music_usages"].insert_many(usage_row(number) for number in range(USES))
    await mongo.db["license_changes"].insert_many(change_row(number) for number in range(1_000))
    await mongo.db["license_warnings"].insert_many(
        {"_id": f"warning-{number}"} | ({} if number % 50 else {"pendingSince": START, "days": 1, "at": START,
        "terms": terms_row(SOUNDSTRIPE, None, 1)}) for number in range(500)
    )  # fmt: skip


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
    """One call of a repository, and the indexes that its commands may use."""

    name: str
    ask: Callable[[RecordedMongo], Awaitable[object]]
    indexes: set[str]
    most: int = 100


def change(**changes: Any) -> LicenceChange:
    fields = {
        "id": "x", "kind": ChangeKind.TERMS, "provider": SOUNDSTRIPE, "tenant_id": None, "track_id": None,
        "from_version": 1, "to_version": 2, "fields": (), "at": START - 30 * HOUR,
    } | changes  # fmt: skip
    return LicenceChange(**fields)


def claim(name: str, number: int) -> Claim:
    return Claim(name, "ann", "tenant-1", "p", YOUTUBE, track(number))


async def record(mongo: RecordedMongo) -> None:
    claims = [claim(f"new-{number}", number) for number in range(5)]
    recorded = await MusicUsageRepository(mongo).record(claims, judge, lambda: START + 20 * HOUR)
    assert all(one.id.startswith("new-") for one in recorded)


async def observe(mongo: RecordedMongo) -> None:
    sightings = [
        Sighting(SOUNDSTRIPE, str(number), START + 30 * HOUR, CONTRACT if number % 2 else None) for number in range(20)
    ]
    assert await LicenseEvidenceRepository(mongo).keep(sightings) > 0


async def add_terms(mongo: RecordedMongo) -> None:
    orders = [TermsOrder(SOUNDSTRIPE, tenant, TermsDraft("new"), "a") for tenant in (None, "tenant-2", "brand-new")]
    await LicenseTermsRepository(mongo).add(orders, lambda: START + 40 * HOUR)


async def warn(mongo: RecordedMongo) -> None:
    terms = (await LicenseTermsRepository(mongo).all_current())[0]
    mongo.recorder.commands.clear()
    await LicenseChangeRepository(mongo).warn([LicenceWarning("new", 0, terms, START)])


async def second_page(mongo: RecordedMongo, page: Callable[[str | None], Awaitable[Any]]) -> None:
    first = await page(None)
    assert first.next_cursor
    mongo.recorder.commands.clear()
    assert (await page(first.next_cursor)).items


async def told(mongo: RecordedMongo) -> None:
    changes = LicenseChangeRepository(mongo)
    await changes.warning_was_told("warning-0")
    await changes.change_was_told(str(ObjectId()))


def touched(wanted: LicenceChange, limit: int = 3) -> Callable[[RecordedMongo], Awaitable[object]]:
    return lambda mongo: second_page(mongo, lambda at: MusicUsageRepository(mongo).touched_by(wanted, at, limit))


async def unknown_change(mongo: RecordedMongo) -> None:
    with pytest.raises(NotFound):
        await LicenseChangeRepository(mongo).get(str(ObjectId()))


EVIDENCE = {"track_version_unique"}
SCOPE = {"scope_version_unique"}
OF_ALL = USES + 3 * TRACKS + 100
WEEK = Period(START - 40 * HOUR, START)

QUESTIONS = [
    Question("record uses", record, {"_id_", "current_unique"}, 12),
    Question("keep what was seen", observe, {"_id_", "current_unique"}, 45),
    Question("put terms in force", add_terms, {"_id_", "current_unique"}, 5),
    Question("warn", warn, {"_id_"}, 2),
    Question(
        "terms in force", lambda mongo: LicenseTermsRepository(mongo).current(SOUNDSTRIPE, None), {"current_unique"}, 2
    ),
    Question("all terms in force", lambda mongo: LicenseTermsRepository(mongo).all_current(), {"current_unique"}),
    Question(
        "terms of a day",
        lambda mongo: LicenseTermsRepository(mongo).as_of(SOUNDSTRIPE, "tenant-3", START + 2 * HOUR),
        SCOPE,
        VERSIONS,
    ),
    Question(
        "versions of terms",
        lambda mongo: second_page(mongo, lambda at: LicenseTermsRepository(mongo).versions(SOUNDSTRIPE, None, at, 3)),
        SCOPE,
        2 * VERSIONS,
    ),
    Question(
        "evidence in force",
        lambda mongo: LicenseEvidenceRepository(mongo).current(SOUNDSTRIPE, "7"),
        {"current_unique"},
        2,
    ),
    Question(
        "evidence of a day",
        lambda mongo: LicenseEvidenceRepository(mongo).as_of(SOUNDSTRIPE, "7", START + HOUR),
        EVIDENCE,
        5,
    ),
    Question(
        "versions of evidence",
        lambda mongo: second_page(
            mongo, lambda at: LicenseEvidenceRepository(mongo).versions(ProviderName.ARTLIST, "7", at, 1)
        ),
        EVIDENCE,
        5,
    ),
    Question(
        "changes",
        lambda mongo: second_page(mongo, lambda at: LicenseChangeRepository(mongo).page(at, 5)),
        {"latest"},
        12,
    ),
    Question("one change", unknown_change, {"_id_"}, 2),
    Question("untold changes", lambda mongo: LicenseChangeRepository(mongo).untold_changes(10), {"pending"}, 25),
    Question("untold warnings", lambda mongo: LicenseChangeRepository(mongo).untold_warnings(5), {"pending"}, 15),
    Question("told", told, {"_id_"}, 2),
    Question(
        "uses that changed evidence touches",
        touched(change(kind=ChangeKind.EVIDENCE, track_id="9", at=START + HOUR), 1),
        {"track_latest"},
        10,
    ),
    Question("uses that changed terms touch", touched(change()), {"terms_latest"}, 20),
    Question(
        "uses that a tenant's first terms touch",
        touched(change(provider=ProviderName.ARTLIST, from_version=None, tenant_id="tenant-0")),
        {"tenant_latest"},
        20,
    ),
    Question(
        "analytics",
        lambda mongo: MusicUsageAnalyticsRepository(mongo).add_up(WEEK, GroupBy.WEEK, 10),
        {"latest"},
        45,
    ),
    Question(
        "compliance",
        lambda mongo: MusicComplianceRepository(mongo).take(lambda *_: (), 100),
        {"compliance", "current_unique"},
        OF_ALL,
    ),
    Question(
        "compliance with uses that are not licensed",
        lambda mongo: MusicComplianceRepository(mongo).take(lambda *_: ("no",), 10),
        {"compliance", "current_unique", "track_latest"},
        OF_ALL,
    ),
]


def assert_by_index(plan: Plan, question: Question) -> None:
    assert "COLLSCAN" not in plan.stages, plan
    assert plan.indexes <= question.indexes, plan
    assert plan.indexes or {"IDHACK", "EOF"} & set(plan.stages), plan
    assert plan.keys_examined <= question.most, plan
    assert plan.documents_examined <= question.most, plan


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_no_query_scans_a_collection(filled: RecordedMongo, question: Question) -> None:
    filled.recorder.commands.clear()
    await question.ask(filled)
    plans = await plans_of(filled)
    assert plans
    for plan in plans:
        assert_by_index(plan, question)


async def test_compliance_is_counted_without_reading_a_use(filled: RecordedMongo) -> None:
    filled.recorder.commands.clear()
    await MusicComplianceRepository(filled).take(lambda *_: (), 100)
    counted = [plan for plan in await plans_of(filled) if plan.collection == "music_usages"]
    assert len(counted) == 1
    assert "PROJECTION_COVERED" in counted[0].stages
    assert "FETCH" not in counted[0].stages
