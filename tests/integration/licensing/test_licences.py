"""Terms, evidence and verdicts over a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.errors import Invalid, NotFound
from app.models.licensing.tracks import LicenceCode, LicenceFacts
from app.models.licensing.usage import Period, Use
from app.repositories.license_evidence import observe, withdraw
from app.repositories.mongo import Mongo
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.licences.verdicts import NO_EVIDENCE, WITHDRAWN
from tests.licensing.fake_provider import track
from tests.licensing.licence_house import BY, DAY, OPENVERSE, SOUNDSTRIPE, START, YOUTUBE, LicenceHouse, free_track

MS = timedelta(milliseconds=1)


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[LicenceHouse]:
    made = LicenceHouse(mongo)
    made.facts.offer(track(1), free_track())
    yield made
    await made.close()


async def observed(house: LicenceHouse, *tracks: object, at: datetime) -> int:
    return await house.mongo.transaction(lambda session: observe(session, house.mongo.in_thread, tracks, at))


async def withdrawn(house: LicenceHouse, *ids: str, at: datetime) -> int:
    return await house.mongo.transaction(lambda session: withdraw(session, house.mongo.in_thread, SOUNDSTRIPE, ids, at))


async def versions(house: LicenceHouse, track_id: str = "1") -> list[tuple[int, datetime, datetime, bool]]:
    page = await house.evidence.versions(SOUNDSTRIPE, track_id, None, 50)
    return [(one.version, one.observed_at, one.confirmed_at, one.is_withdrawn) for one in page.items]


async def test_without_terms_nothing_under_contract_is_licensed(house: LicenceHouse) -> None:
    verdict = await house.validate()
    assert not verdict.is_valid
    assert verdict.reasons == ("Nobody has entered the terms of a contract with the provider",)
    assert verdict.evidence is not None


async def test_terms_say_what_is_licensed(house: LicenceHouse) -> None:
    made = await house.set(uses=("youtube",), territories=("DE", "AT"), expires_at=START + DAY, attribution="Music: S")
    verdict = await house.validate()
    assert (verdict.is_valid, verdict.reasons, verdict.terms) == (True, (), made)
    assert (verdict.valid_until, verdict.attribution) == (START + DAY, "Music: S")
    refused = await house.validate(use=Use("tv", "FR"))
    assert refused.reasons == (
        "The contract does not cover the usage tv",
        "The contract does not cover the territory FR",
    )
    assert not (await house.validate(use=Use("youtube", "WORLD"))).is_valid
    await house.set(territories=("WORLD",))
    assert (await house.validate(use=Use("tv", "FR"))).is_valid
    await house.set(uses=())
    assert not (await house.validate()).is_valid


async def test_free_licences_need_no_terms(house: LicenceHouse) -> None:
    verdict = await house.validate("7", provider=OPENVERSE)
    assert (verdict.is_valid, verdict.terms, verdict.attribution) == (True, None, BY.attribution)
    house.facts.offer(free_track(8, replace(BY, attribution=None)), free_track(9, LicenceFacts(LicenceCode.BY_NC)))
    worded = await house.validate("8", provider=OPENVERSE)
    assert worded.attribution == "Licensed under CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"
    refused = await house.validate("9", provider=OPENVERSE)
    assert refused.reasons == ("The track's licence (by-nc) is none under which it may be used",)


async def test_a_licence_ends_at_its_very_millisecond(house: LicenceHouse) -> None:
    await house.set(expires_at=START + DAY)
    house.clock.move(DAY - MS)
    assert (await house.validate()).is_valid
    house.clock.move(MS)
    assert (await house.validate()).reasons == ("The licence ends at 2026-06-02T12:00:00.000Z",)


async def test_a_day_is_covered_only_as_a_whole(house: LicenceHouse) -> None:
    begins, ends = datetime(2026, 6, 5, tzinfo=UTC), datetime(2026, 6, 8, 0, 0, 0, 1000, tzinfo=UTC)
    await house.set(valid_from=begins + MS, expires_at=ends)
    valid = [(await house.validate(period=Period.day(date(2026, 6, day)))).is_valid for day in range(4, 10)]
    assert valid == [False, False, True, True, False, False]
    await house.set(valid_from=begins, expires_at=ends - MS)
    valid = [(await house.validate(period=Period.day(date(2026, 6, day)))).is_valid for day in range(4, 10)]
    assert valid == [False, True, True, True, False, False]


async def test_the_past_is_judged_by_what_was_on_record(house: LicenceHouse) -> None:
    first = await house.set()
    await house.validate()
    house.clock.move(10 * DAY)
    second = await house.set(uses=("tv",))
    house.clock.move(10 * DAY)
    before, early, late = (Period.at(START + days * DAY) for days in (-1, 5, 15))
    assert (await house.validate(period=early)).terms == first
    assert (await house.validate(period=early)).is_valid
    assert (await house.validate(period=late)).terms == second
    assert not (await house.validate(period=late)).is_valid
    assert (await house.validate(period=before)).reasons == (NO_EVIDENCE,)
    assert (await house.validate(period=Period.at(START))).is_valid
    assert not (await house.validate(period=Period.at(START - MS))).is_valid


async def test_days_to_come_are_judged_by_what_is_known(house: LicenceHouse) -> None:
    await house.set(expires_at=START + 5 * DAY)
    assert (await house.validate(period=Period.at(START + 4 * DAY))).is_valid
    assert not (await house.validate(period=Period.at(START + 5 * DAY))).is_valid


async def test_terms_of_a_tenant_go_before_everybodys(house: LicenceHouse) -> None:
    await house.set(uses=("youtube",))
    own = await house.set(tenant="label-a", uses=("tv",))
    assert own.version == 1
    assert (await house.validate(use=Use("tv", "DE"), tenant="label-a")).is_valid
    assert not (await house.validate(tenant="label-a")).is_valid
    assert (await house.validate(tenant="label-b")).is_valid
    assert (await house.validate()).is_valid
    assert not (await house.validate(use=Use("tv", "DE"), tenant="label-b")).is_valid


async def test_the_same_terms_again_are_no_new_version(house: LicenceHouse) -> None:
    first = await house.set(uses=("tv", "youtube"), territories=("DE", "AT"))
    house.clock.move(DAY)
    assert await house.set(uses=("youtube", "tv", "tv"), territories=("AT", "DE")) == first
    second = await house.set(uses=("tv",))
    assert (second.version, second.made_at) == (2, START + DAY)
    page = await house.terms.versions(SOUNDSTRIPE, None, None, 1)
    rest = await house.terms.versions(SOUNDSTRIPE, None, page.next_cursor, 1)
    assert (page.items, rest.items, rest.next_cursor) == ((second,), (first,), None)
    changes = (await house.compliance.changes(None, 10)).items
    assert [(one.from_version, one.to_version, one.fields) for one in changes] == [
        (1, 2, ("uses", "territories")),
        (None, 1, ("type", "uses", "territories")),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"territories": ("DE", "ZZ")},
        {"valid_from": START, "expires_at": START},
        {"expires_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))},
    ],
)
async def test_impossible_terms_are_refused(house: LicenceHouse, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        await house.set(**wrong)


async def test_evidence_is_a_new_version_only_when_facts_change(house: LicenceHouse) -> None:
    other = track(2)
    assert await observed(house, track(1), other, at=START) == 2
    assert await observed(house, track(1, title="Renamed"), other, at=START + DAY) == 0
    changed = track(1, licence=LicenceFacts(LicenceCode.CONTRACT, raw={"plan.name": "pro", "$x": ""}))
    assert await observed(house, changed, other, at=START + 2 * DAY) == 1
    assert await versions(house) == [
        (2, START + 2 * DAY, START + 2 * DAY, False),
        (1, START, START + DAY, False),
    ]
    kept = (await house.evidence.versions(SOUNDSTRIPE, "1", None, 1)).items[0]
    assert dict(kept.raw) == {"plan.name": "pro", "$x": ""}
    assert await versions(house, "2") == [(1, START, START + 2 * DAY, False)]
    change = (await house.compliance.changes(None, 10)).items[0]
    assert (change.track_id, change.from_version, change.to_version, change.fields) == ("1", 1, 2, ("raw",))


async def test_what_was_seen_earlier_changes_nothing(house: LicenceHouse) -> None:
    await observed(house, track(1), at=START)
    await withdrawn(house, "1", at=START + DAY)
    before = await versions(house)
    assert await observed(house, track(1), at=START + DAY - MS) == 0
    assert await observed(house, track(1), at=START + DAY) == 0
    assert await withdrawn(house, "1", at=START) == 0
    assert await versions(house) == before
    assert await observed(house, track(1), at=START + DAY + MS) == 1


async def test_withdrawn_tracks_are_not_licensed(house: LicenceHouse) -> None:
    await house.set()
    await house.validate()
    house.clock.move(DAY)
    assert await withdrawn(house, "1", "never-seen", at=house.clock.now()) == 1
    assert await withdrawn(house, "1", at=house.clock.move(DAY)) == 0
    assert [one[3] for one in await versions(house)] == [True, False]
    house.facts.fails = True
    assert (await house.validate()).reasons == (WITHDRAWN,)
    house.facts.fails = False
    house.clock.move(DAY)
    assert (await house.validate()).is_valid
    assert [one[3] for one in await versions(house)] == [False, True, False]


async def test_a_track_that_is_gone_is_withdrawn_and_one_that_never_was_is_not_found(house: LicenceHouse) -> None:
    await house.set()
    await house.validate()
    house.clock.move(DAY)
    house.facts.take_away(track(1))
    assert (await house.validate()).reasons == (WITHDRAWN,)
    assert (await house.validate(period=Period.at(START))).is_valid
    for period in (None, Period.at(START - DAY)):
        with pytest.raises(NotFound):
            await house.validate("none", period=period)


async def test_while_the_provider_is_down_evidence_stands_in(house: LicenceHouse) -> None:
    await house.set()
    house.facts.fails = True
    with pytest.raises(ProviderFailed):
        await house.validate()
    house.facts.fails = False
    await house.validate()
    house.facts.fails = True
    house.clock.move(DAY)
    verdict = await house.validate()
    assert verdict.is_valid
    assert verdict.evidence is not None
    assert verdict.evidence.confirmed_at == START
    with pytest.raises(ProviderFailed):
        await house.use(use=YOUTUBE)


async def test_hashes_are_of_all_that_was_said(house: LicenceHouse) -> None:
    hashes = set()
    for number, facts in enumerate(
        (
            BY,
            replace(BY, version="3.0"),
            replace(BY, url=None),
            replace(BY, attribution="x"),
            replace(BY, raw={"a": "b"}),
        )
    ):
        await observed(house, track(1, licence=facts), at=START + number * DAY)
        hashes.add((await house.evidence.versions(SOUNDSTRIPE, "1", None, 1)).items[0].hash)
    await withdrawn(house, "1", at=START + 9 * DAY)
    hashes.add((await house.evidence.versions(SOUNDSTRIPE, "1", None, 1)).items[0].hash)
    assert len(hashes) == 6
