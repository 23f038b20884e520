"""Whatever happens to terms and evidence, every day of the past is judged as somebody would who kept a diary."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import LicenseInvalid
from app.models.licensing.licences import WORLD, TermsDraft
from app.models.licensing.license_sightings import Sighting
from app.models.licensing.tracks import LicenceCode, LicenceFacts
from app.models.licensing.usage import Period, Use
from app.repositories.license_evidence import LicenseEvidenceRepository
from app.repositories.mongo import Mongo
from tests.licensing.fake_provider import track
from tests.licensing.licence_house import DAY, SOUNDSTRIPE, START, LicenceHouse

HOUR = timedelta(hours=1)
TENANTS = (None, "label-a", "label-b")
USABLE = {LicenceCode.CC0, LicenceCode.PDM, LicenceCode.BY, LicenceCode.CONTRACT}
DAYS = st.integers(0, 40).map(lambda days: START + days * DAY)


@dataclass(frozen=True)
class Terms:
    """An admin's entry."""

    tenant: str | None
    draft: TermsDraft


@dataclass(frozen=True)
class Seen:
    """What somebody saw; `None` is that the track was gone."""

    code: LicenceCode | None


DRAFTS = st.builds(
    TermsDraft,
    type=st.just("subscription"),
    uses=st.none() | st.sampled_from([("tv",), ("tv", "youtube"), ()]),
    territories=st.none() | st.sampled_from([("DE",), (WORLD,), ("AT", "FR"), ()]),
    valid_from=st.none() | DAYS,
    expires_at=st.none() | DAYS,
).filter(lambda draft: not (draft.valid_from and draft.expires_at and draft.expires_at <= draft.valid_from))
ENTRIES = st.builds(Terms, st.sampled_from(TENANTS), DRAFTS)
# Mostly the contract is what counts, and its terms change more often than what is seen.
SIGHTS = st.builds(Seen, st.none() | st.just(LicenceCode.CONTRACT) | st.sampled_from(LicenceCode))
CONTRACT_SEEN = st.tuples(st.just(1), st.just(Seen(LicenceCode.CONTRACT)))
EVENTS = st.tuples(st.integers(1, 4), ENTRIES | ENTRIES | ENTRIES | SIGHTS)
DIARIES = st.builds(lambda first, rest: [first, *rest], CONTRACT_SEEN | EVENTS, st.lists(EVENTS, max_size=9))
# A little before and after something happened, or at that very moment.
MS = timedelta(milliseconds=1)
SHIFTS = st.sampled_from([-9 * DAY, -MS, 0 * MS, 0 * MS, MS, 7 * DAY]) | st.integers(-200, 200).map(
    lambda hours: hours * HOUR
)
QUESTIONS = st.lists(
    st.tuples(
        st.integers(0, 9),
        SHIFTS,
        st.sampled_from(TENANTS),
        st.sampled_from([Use("tv", "DE"), Use("youtube", "FR"), Use("tv", WORLD)]),
    ),
    min_size=5,
    max_size=15,
)
Diary = list[tuple[datetime, Terms | Seen]]


def is_licensed(diary: Diary, at: datetime, tenant: str | None, use: Use) -> bool:
    """Read the diary up to a moment, and think."""
    terms: dict[str | None, TermsDraft] = {}
    code: LicenceCode | None = None
    for when, event in diary:
        if when <= at and isinstance(event, Terms):
            terms[event.tenant] = event.draft
        if when <= at and isinstance(event, Seen):
            code = event.code
    if code is not LicenceCode.CONTRACT:
        return code in USABLE
    governing = terms.get(tenant) or terms.get(None)
    return governing is not None and allows(governing, at, use)


def allows(terms: TermsDraft, at: datetime, use: Use) -> bool:
    if terms.valid_from and at < terms.valid_from:
        return False
    if terms.expires_at and not at < terms.expires_at:
        return False
    if terms.uses is not None and use.usage not in terms.uses:
        return False
    return terms.territories is None or bool({use.territory, WORLD} & set(terms.territories))


async def live(house: LicenceHouse, events: list[tuple[int, Terms | Seen]]) -> Diary:
    """Let it all happen, days apart."""
    diary: Diary = []
    evidence = LicenseEvidenceRepository(house.mongo)
    for days, event in events:
        now = house.clock.move(days * DAY)
        diary.append((now, event))
        if isinstance(event, Terms):
            await house.terms.set(SOUNDSTRIPE, event.tenant, event.draft, "admin-1")
        else:
            facts = None if event.code is None else LicenceFacts(event.code)
            await evidence.keep([Sighting(SOUNDSTRIPE, "1", now, facts)])
    return diary


async def emptied(mongo: Mongo) -> LicenceHouse:
    for name in ("license_terms", "license_evidence", "license_changes", "music_usages"):
        await mongo.db[name].delete_many({})
    house = LicenceHouse(mongo)
    house.facts.offer(track(1))
    return house


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=DIARIES, questions=QUESTIONS)
async def test_verdicts_are_those_of_the_diary(
    mongo: Mongo,
    events: list[tuple[int, Terms | Seen]],
    questions: list[tuple[int, timedelta, str | None, Use]],
) -> None:
    house = await emptied(mongo)
    diary = await live(house, events)
    house.clock.move(DAY)
    for number, shift, tenant, use in questions:
        at = diary[number % len(diary)][0] + shift
        if at < house.clock.now():
            verdict = await house.validate(use=use, tenant=tenant, period=Period.at(at))
            assert verdict.is_valid == is_licensed(diary, at, tenant, use), verdict
            assert verdict.is_valid == (not verdict.reasons)
    await house.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=DIARIES, tenant=st.sampled_from(TENANTS), use=st.sampled_from([Use("tv", "DE"), Use("youtube", "FR")]))
async def test_each_recorded_use_is_licensed_at_its_moment_for_ever(
    mongo: Mongo, events: list[tuple[int, Terms | Seen]], tenant: str | None, use: Use
) -> None:
    """After each event somebody tries to record a use; whatever comes later, the verdict at that moment stays."""
    house = await emptied(mongo)
    diary: Diary = []
    recorded: list[tuple[datetime, bool]] = []
    for one in events:
        diary += await live(house, [one])
        current = await house.evidence._evidence.current(SOUNDSTRIPE, "1")
        at = house.clock.move(HOUR)
        if current is None:
            continue
        house.facts.tracks.clear()
        if not current.is_withdrawn:
            house.facts.offer(track(1, licence=LicenceFacts(current.code)))
        try:
            assert (await house.use(use=use, tenant=tenant)).used_at == at
            recorded.append((at, True))
        except LicenseInvalid:
            recorded.append((at, False))
    house.clock.move(DAY)
    for at, was in recorded:
        assert was == is_licensed(diary, at, tenant, use)
        assert (await house.validate(use=use, tenant=tenant, period=Period.at(at))).is_valid == was
    await house.close()
