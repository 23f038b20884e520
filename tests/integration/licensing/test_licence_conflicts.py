"""A use and a change of what it rests on, at the same moment: one of the two has to run again."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from app.errors import FailureReason, TransientFailure
from app.models.licensing.licences import Evidence, LicenceTerms, Verdict
from app.models.licensing.license_sightings import Sighting
from app.models.licensing.tracks import LicenceCode, LicenceFacts
from app.models.licensing.usage import Claim, Period, Use
from app.repositories.license_evidence import LicenseEvidenceRepository
from app.repositories.mongo import Mongo
from app.repositories.music_usages import MusicUsageRepository
from app.services.licensing.licences.verdicts import judge
from tests.licensing.fake_provider import track
from tests.licensing.licence_house import DAY, SOUNDSTRIPE, YOUTUBE, LicenceHouse

Change = Callable[[LicenceHouse], Awaitable[object]]


async def evidence_changes(house: LicenceHouse) -> None:
    facts = LicenceFacts(LicenceCode.UNKNOWN)
    sighting = Sighting(SOUNDSTRIPE, "1", house.clock.now() + DAY, facts)
    await LicenseEvidenceRepository(house.mongo).keep([sighting])


async def track_is_withdrawn(house: LicenceHouse) -> None:
    await LicenseEvidenceRepository(house.mongo).keep([Sighting(SOUNDSTRIPE, "1", house.clock.now() + DAY, None)])


class Pausing:
    """Judges, and then waits: the terms and the evidence are read, and nothing is written yet."""

    def __init__(self) -> None:
        self.has_read = threading.Event()
        self.may_go_on = threading.Event()

    def __call__(self, terms: LicenceTerms | None, evidence: Evidence | None, use: Use, period: Period) -> Verdict:
        verdict = judge(terms, evidence, use, period)
        self.has_read.set()
        assert self.may_go_on.wait(10)
        return verdict


CHANGES: dict[str, Change] = {
    "everybody's terms": lambda house: house.set(uses=()),
    "the tenant's first terms": lambda house: house.set(tenant="label-a", uses=()),
    "evidence": evidence_changes,
    "a withdrawn track": track_is_withdrawn,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_use_that_was_decided_before_the_change_is_not_recorded_after_it(mongo: Mongo, change: Change) -> None:
    house = LicenceHouse(mongo)
    house.facts.offer(track(1))
    await house.set()
    await house.evidence.look(SOUNDSTRIPE, "1")
    repository, pausing = MusicUsageRepository(mongo), Pausing()
    claim = Claim("use-1", "ann", "label-a", "p", YOUTUBE, track(1))
    recording = asyncio.create_task(repository.record([claim], pausing, house.clock.now))
    await asyncio.to_thread(pausing.has_read.wait, 10)
    await change(house)
    pausing.may_go_on.set()
    with pytest.raises(TransientFailure) as failed:
        await recording
    assert failed.value.reason is FailureReason.CONFLICT
    assert await mongo.db["music_usages"].count_documents({}) == 0
    await house.close()


async def test_the_terms_of_another_tenant_are_not_in_the_way(mongo: Mongo) -> None:
    house = LicenceHouse(mongo)
    house.facts.offer(track(1))
    await house.set()
    own = await house.set(tenant="label-a")
    await house.evidence.look(SOUNDSTRIPE, "1")
    repository, pausing = MusicUsageRepository(mongo), Pausing()
    claim = Claim("use-1", "ann", "label-a", "p", YOUTUBE, track(1))
    recording = asyncio.create_task(repository.record([claim], pausing, house.clock.now))
    await asyncio.to_thread(pausing.has_read.wait, 10)
    await house.set(tenant="label-b", uses=())
    await house.set(uses=())
    pausing.may_go_on.set()
    (recorded,) = await recording
    assert recorded.licence.terms_version == own.version
    await house.close()
