"""Buckets added up: sums, and what is known of distinct sessions."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models.stats.buckets import Bucket, Split
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Granularity, Period
from app.models.stats.tallies import Tally
from app.repositories.stats_bucket_audit import differences
from app.repositories.stats_bucket_sums import BucketSum

MONDAY = datetime(2026, 6, 8, tzinfo=UTC)
WEEK = Period(MONDAY, Granularity.WEEK)


def day(number: int, *sessions: str, is_estimate: bool = False, archived: Split | None = None) -> Bucket:
    tally = Tally(plays=len(sessions), duration_sum=2.5 * len(sessions))
    tally.sources.update(player=len(sessions))
    period = Period(MONDAY + timedelta(days=number), Granularity.DAY)
    names, bots = Listeners.of(sessions), Listeners.of(["bot"])
    split = Split(tally, Tally(plays=1), Tally())
    return Bucket("t", period, split, len(set(sessions)), is_estimate, names, bots, archived)


def total(*days: Bucket) -> BucketSum:
    found = BucketSum("t", WEEK)
    for one in days:
        found.add(one)
    return found


def test_nothing_is_zero_and_exact() -> None:
    assert not total().needs_uniques
    empty = total().bucket()
    assert (empty.split.events, empty.unique_plays, empty.is_estimate) == (0, 0, False)


def test_sums_are_added_and_bots_stay_apart() -> None:
    week = total(day(0, "ann", "ben"), day(1, "ann")).bucket()
    assert (week.split.counted.plays, week.split.counted.duration_sum, week.split.bots.plays) == (3, 7.5, 2)
    assert week.split.counted.sources == {"player": 3}
    assert week.bot_listeners.estimate == 1


def test_listeners_of_one_day_are_those_of_the_week() -> None:
    found = total(day(0), day(1, "ann", "ben", "ann"), day(2))
    assert not found.needs_uniques
    assert (found.bucket().unique_plays, found.bucket().is_estimate) == (2, False)


@pytest.mark.parametrize(("uniques", "expected"), [(None, (2, True)), (2, (2, False))])
def test_listeners_of_several_days_are_counted_or_estimated(uniques: int | None, expected: tuple[int, bool]) -> None:
    found = total(day(0, "ann", "ben"), day(1, "ann"))
    assert found.needs_uniques
    week = found.bucket(uniques)
    assert (week.unique_plays, week.is_estimate) == expected


def test_an_estimate_stays_one_and_what_is_archived_cannot_be_recounted() -> None:
    gone = Split(Tally(plays=1))
    found = total(day(0, "ann", is_estimate=True, archived=gone), day(1, archived=Split(Tally(plays=2))))
    assert (found.needs_uniques, found.can_be_recounted) == (True, False)
    week = found.bucket()
    assert week.is_estimate
    assert week.archived is not None
    assert week.archived.counted.plays == 3


def test_an_estimate_is_never_above_the_plays() -> None:
    week = total(*(day(number, *(f"{number}-{n}" for n in range(3_000))) for number in range(7))).bucket()
    assert week.unique_plays <= week.split.counted.plays
    assert week.unique_plays == pytest.approx(21_000, rel=0.03)


def test_equal_buckets_have_no_differences_and_every_other_number_is_told() -> None:
    assert list(differences(day(0, "ann"), day(0, "ann"))) == []
    found = {one.field: (one.stored, one.counted) for one in differences(day(0, "ann"), day(0, "ann", "ben"))}
    assert found == {
        "uniquePlays": (1, 2),
        "totalPlays": (1, 2),
        "durationSum": (2.5, 5.0),
        "sourceBreakdown.player": (1, 2),
    }
    assert {one.field for one in differences(day(0, "ann", is_estimate=True), day(0, "ann", "ben"))}.isdisjoint(
        {"uniquePlays"}
    )
