"""The hourly check: each warning once, told until it is heard."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.models.licensing.license_changes import ChangeKind
from app.repositories.mongo import Mongo
from app.services.licensing.licences.expiry import warning_days
from tests.licensing.fake_provider import track
from tests.licensing.licence_house import DAY, SOUNDSTRIPE, START, LicenceHouse

HOUR = timedelta(hours=1)


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[LicenceHouse]:
    made = LicenceHouse(mongo)
    made.facts.offer(track(1))
    yield made
    await made.close()


def kinds(house: LicenceHouse) -> list[tuple[str, object]]:
    return [(kind, payload.get("days")) for kind, payload, _ in house.heard.events if kind != "license.changed"]


async def test_nothing_to_warn_of(house: LicenceHouse) -> None:
    assert (await house.checks.run()).summary == {
        "checked": 0, "expiring": 0, "expired": 0, "warned": 0, "told": 0,
    }  # fmt: skip
    await house.set(expires_at=START + 31 * DAY)
    await house.set(tenant="label-a")
    found = await house.checks.run()
    assert (found.checked, found.expiring, found.warned, found.told) == (2, 0, 0, 2)


async def test_warnings_come_30_7_and_1_days_ahead_and_at_the_end_each_once(house: LicenceHouse) -> None:
    made = await house.set(expires_at=START + 40 * DAY)
    heard_at = {}
    for hour in range(41 * 24):
        before = len(kinds(house))
        # Every few hours; the warnings must not depend on being looked for at their very moment.
        if hour % 5 == 0:
            await house.checks.run()
        if len(kinds(house)) > before:
            heard_at[kinds(house)[-1]] = house.clock.now()
        house.clock.move(HOUR)
    assert list(heard_at) == [
        ("license.expiring", 30),
        ("license.expiring", 7),
        ("license.expiring", 1),
        ("license.expired", 0),
    ]
    assert len(kinds(house)) == 4
    for (_, days), at in heard_at.items():
        assert timedelta(0) <= at - (START + (40 - days) * DAY) < 5 * HOUR
    kind, payload, _ = house.heard.events[-1]
    assert (kind, payload["provider"], payload["version"]) == ("license.expired", SOUNDSTRIPE, made.version)


@pytest.mark.parametrize(
    ("left", "days"),
    [(30 * DAY, 30), (7 * DAY + HOUR, 30), (7 * DAY, 7), (DAY, 1), (HOUR, 1), (timedelta(0), 0), (-DAY, 0)],
)
async def test_of_several_warnings_only_the_nearest_is_given(house: LicenceHouse, left: timedelta, days: int) -> None:
    made = await house.set(expires_at=START + left)
    assert warning_days(made, START) == days
    assert (await house.checks.run()).warned == 1
    assert (await house.checks.run()).warned == 0
    assert [one for _, one in kinds(house)] == [days]


async def test_new_terms_are_warned_of_anew_and_superseded_ones_no_more(house: LicenceHouse) -> None:
    await house.set(expires_at=START + DAY)
    await house.checks.run()
    await house.set(expires_at=START + 20 * DAY)
    house.clock.move(2 * DAY)
    found = await house.checks.run()
    assert (found.warned, found.expired) == (1, 0)
    assert [days for _, days in kinds(house)] == [1, 30]


async def test_an_end_is_a_change_that_touches_uses(house: LicenceHouse) -> None:
    await house.set(expires_at=START + DAY)
    usage = await house.use()
    house.clock.move(DAY + 30 * timedelta(minutes=1))
    await house.checks.run()
    await house.checks.run()
    latest, *older = (await house.compliance.changes(None, 10)).items
    assert (latest.kind, latest.at, latest.fields) == (ChangeKind.EXPIRY, START + DAY, ("expiresAt",))
    assert [one.kind for one in older] == [ChangeKind.TERMS]
    assert (await house.compliance.touched_by(latest.id, None, 10)).items == (usage,)


async def test_what_nobody_heard_is_told_again(house: LicenceHouse) -> None:
    await house.set(expires_at=START + DAY)
    house.heard.refuses = True
    found = await house.checks.run()
    assert (found.warned, found.told, house.heard.events) == (1, 0, [])
    house.heard.refuses = False
    found = await house.checks.run()
    assert (found.warned, found.told) == (0, 2)
    assert {kind for kind, _, _ in house.heard.events} == {"license.expiring", "license.changed"}
    keys = [key for _, _, key in house.heard.events]
    assert len(set(keys)) == 2
    assert None not in keys
    assert (await house.checks.run()).told == 0


async def test_two_checks_at_once_warn_once(house: LicenceHouse) -> None:
    await house.set(expires_at=START + DAY)
    found = await asyncio.gather(*(house.checks.run() for _ in range(4)))
    assert sum(one.warned for one in found) == 1
