"""Compliance: every recorded use against what is in force now, and the uses that a change touches."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from app.errors import LicenseInvalid, NotFound
from app.models.licensing.compliance import Compliance
from app.models.licensing.license_changes import ChangeKind
from app.models.licensing.tracks import LicenceCode, LicenceFacts
from app.models.licensing.usage import Period, Usage, Use
from app.repositories.mongo import Mongo
from app.repositories.music_compliance import MusicComplianceRepository
from app.services.licensing.licences.verdicts import WITHDRAWN, judge
from tests.licensing.fake_provider import track
from tests.licensing.licence_house import BY, DAY, OPENVERSE, SOUNDSTRIPE, START, YOUTUBE, LicenceHouse, free_track

TV = Use("tv", "DE")


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[LicenceHouse]:
    made = LicenceHouse(mongo)
    made.facts.offer(*(track(number) for number in range(4)), *(free_track(number) for number in range(4)))
    yield made
    await made.close()


async def used(house: LicenceHouse, *args: object, **kwargs: object) -> Usage:
    house.clock.move(timedelta(seconds=1))
    return await house.use(*args, **kwargs)


async def touched(house: LicenceHouse, change: int = 0) -> list[str]:
    changes = (await house.compliance.changes(None, 20)).items
    found: list[str] = []
    cursor = None
    while True:
        page = await house.compliance.touched_by(changes[change].id, cursor, 2)
        found += [usage.id for usage in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


async def test_over_no_uses_there_is_no_rate(house: LicenceHouse) -> None:
    report = await house.compliance.report()
    assert (report.all.total, report.all.rate, report.by_provider, report.invalid) == (0, None, (), ())


async def test_uses_are_judged_by_what_is_in_force_now(house: LicenceHouse) -> None:
    await house.set()
    await house.set(tenant="label-a", expires_at=START + 5 * DAY)
    first = await used(house, "1")
    own = await used(house, "1", tenant="label-a")
    television = await used(house, "2", use=TV)
    gone = await used(house, "3", provider=OPENVERSE)
    await used(house, "2", provider=OPENVERSE)
    report = await house.compliance.report()
    assert (report.all.total, report.all.valid, report.all.rate) == (5, 5, 100.0)
    assert [(one.warning, one.uses, one.terms.tenant_id) for one in report.expiring] == [(7, 1, "label-a")]

    await house.set(uses=("youtube",))
    house.facts.take_away(free_track(3))
    house.clock.move(5 * DAY)
    with pytest.raises(LicenseInvalid):
        await house.use("3", provider=OPENVERSE)
    report = await house.compliance.report()
    assert (report.all.total, report.all.valid, report.all.rate) == (5, 2, 40.0)
    assert [(name.value, share.total, share.valid) for name, share in report.by_provider] == [
        ("soundstripe", 3, 1),
        ("openverse", 2, 1),
    ]
    assert [(one.terms.tenant_id, one.uses, one.days_left) for one in report.expired] == [("label-a", 1, 0)]
    assert [one.usage for one in report.invalid] == [gone, television, own]
    assert [one.reasons for one in report.invalid] == [
        (WITHDRAWN,),
        ("The contract does not cover the usage tv",),
        ("The licence ends at 2026-06-06T12:00:00.000Z",),
    ]
    assert await touched(house) == [gone.id]
    assert await touched(house, 1) == [television.id, first.id]


async def test_a_change_touches_what_rests_on_it(house: LicenceHouse) -> None:
    await house.set()
    before = [await used(house, str(number % 3), tenant=("label-a", None)[number % 2]) for number in range(6)]
    assert await touched(house) == []
    house.clock.move(DAY)
    await house.set(tenant="label-a")
    assert await touched(house) == [one.id for one in reversed(before) if one.tenant_id == "label-a"]
    own = await used(house, "1", tenant="label-a")
    house.clock.move(DAY)
    await house.set(tenant="label-a", uses=())
    assert await touched(house) == [own.id]
    await house.set(uses=("youtube",))
    assert await touched(house) == [one.id for one in reversed(before)]
    house.clock.move(DAY)
    house.facts.offer(replace(track(1), licence=LicenceFacts(LicenceCode.UNKNOWN)))
    await house.validate("1")
    assert (await house.compliance.changes(None, 1)).items[0].kind is ChangeKind.EVIDENCE
    expected = [one.id for one in before if one.track_id == "1"] + [own.id]
    assert await touched(house) == expected[::-1]


async def test_unknown_changes(house: LicenceHouse) -> None:
    for change_id in ("none", "0" * 24):
        with pytest.raises(NotFound, match="Change not found"):
            await house.compliance.touched_by(change_id, None, 10)


async def test_of_many_groups_the_latest_uses_are_shown(house: LicenceHouse) -> None:
    await house.set()
    order = [1, 3, 0, 2, 3, 1, 1]
    usages = [await used(house, str(number), use=Use(f"use-{number}", "DE")) for number in order]
    for limit in range(1, 8):
        taken = await MusicComplianceRepository(house.mongo).take(lambda *_: ("no",), limit)
        assert [one.usage for one in taken.invalid] == usages[::-1][:limit]


async def recount(house: LicenceHouse, usages: list[Usage]) -> dict[str, list[str]]:
    """Each use by itself: the reasons against it now."""
    found = {}
    for usage in usages:
        terms = await house.terms.governing(usage.provider, usage.tenant_id)
        evidence = await house.evidence._evidence.current(usage.provider, usage.track_id)
        found[usage.id] = list(judge(terms, evidence, usage.use, Period.at(house.clock.now())).reasons)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_the_report_equals_a_recount(house: LicenceHouse, seed: int) -> None:
    random = Random(seed)
    tenants = (None, "label-a", "label-b")
    for tenant in tenants:
        await house.set(tenant=tenant)
    usages = [
        await used(
            house,
            str(random.randrange(4)),
            use=random.choice([TV, YOUTUBE]),
            tenant=random.choice(tenants),
            provider=random.choice([SOUNDSTRIPE, OPENVERSE]),
        )
        for _ in range(160)
    ]
    for tenant in random.sample(tenants, 2):
        expires_at = random.choice([None, house.clock.now() + timedelta(seconds=2)])
        await house.set(tenant=tenant, uses=random.choice([("tv",), None]), expires_at=expires_at)
    house.clock.move(timedelta(seconds=3))
    facts = random.choice([LicenceFacts(LicenceCode.BY_SA), replace(BY, version="3.0")])
    house.facts.offer(free_track(1, facts))
    house.facts.take_away(track(2))
    await house.validate("1", provider=OPENVERSE)
    await house.validate("2")
    assert_equal(await house.compliance.report(), usages, await recount(house, usages))


def assert_equal(report: Compliance, usages: list[Usage], reasons: dict[str, list[str]]) -> None:
    invalid = [usage for usage in reversed(usages) if reasons[usage.id]]
    assert invalid
    assert (report.all.total, report.all.total - report.all.valid) == (len(usages), len(invalid))
    assert [one.usage for one in report.invalid] == invalid[:100]
    assert all(list(one.reasons) == reasons[one.usage.id] for one in report.invalid)
    assert sum(share.valid for _, share in report.by_provider) == report.all.valid
