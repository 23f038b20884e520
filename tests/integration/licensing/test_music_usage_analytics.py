"""What recorded uses add up to, against a count by hand."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.errors import Invalid
from app.models.licensing.usage import Period
from app.models.licensing.usage_analytics import GroupBy, UsageAnalytics
from app.repositories.mongo import Document, Mongo
from tests.licensing.licence_house import DAY, SOUNDSTRIPE, START, LicenceHouse

ALL = Period.at(datetime(1971, 1, 1, tzinfo=UTC)), Period.at(datetime(2199, 1, 1, tzinfo=UTC))
MS = timedelta(milliseconds=1)


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[LicenceHouse]:
    made = LicenceHouse(mongo)
    yield made
    await made.close()


def row(at: datetime, track: int = 1, **changes: object) -> Document:
    return {
        "provider": SOUNDSTRIPE.value,
        "trackId": str(track),
        "title": f"Track {track}",
        "artist": None,
        "genres": ["rock"],
        "moods": [],
        "usedAt": at,
        **changes,
    }


async def insert(house: LicenceHouse, *rows: Document) -> None:
    await house.mongo.db["music_usages"].insert_many(rows)


def over_time(found: UsageAnalytics) -> dict[str, tuple[int, int]]:
    return {period.name: (period.total_usage, period.unique_tracks) for period in found.over_time}


async def test_nothing_used(house: LicenceHouse) -> None:
    assert await house.analytics.analyse(None, None, GroupBy.DAY) == UsageAnalytics((), (), (), ())


async def test_tracks_genres_and_moods(house: LicenceHouse) -> None:
    rows = [row(START - number * DAY, track, genres=["rock", "pop"][: track % 3], moods=["calm"])
            for track in range(1, 13) for number in range(track)]  # fmt: skip
    rows.append(row(START + DAY, 12, title="Renamed", artist="A"))
    await insert(house, *rows)
    found = await house.analytics.analyse(*ALL, GroupBy.MONTH)
    assert [(one.track_id, one.total_usage) for one in found.top_tracks] == [
        (str(number), number + (number == 12)) for number in range(12, 2, -1)
    ]
    top = found.top_tracks[0]
    assert (top.provider, top.title, top.artist) == (SOUNDSTRIPE, "Renamed", "A")
    genres = Counter(genre for one in rows for genre in one["genres"])
    assert dict(found.genres) == genres
    assert list(found.genres) == sorted(found.genres, key=lambda one: (-one[1], one[0]))
    assert found.moods == (("calm", 78),)


async def test_both_ends_belong_to_the_stretch(house: LicenceHouse) -> None:
    first, last = datetime(2026, 5, 3, tzinfo=UTC), datetime(2026, 5, 5, tzinfo=UTC)
    await insert(house, *(row(at) for at in (first - MS, first, last + DAY - MS, last + DAY)))
    found = await house.analytics.analyse(Period.day(first.date()), Period.day(last.date()), GroupBy.DAY)
    assert over_time(found) == {"2026-05-03": (1, 1), "2026-05-05": (1, 1)}
    found = await house.analytics.analyse(Period.at(first - MS), Period.at(first), GroupBy.MONTH)
    assert over_time(found) == {"2026-05": (2, 1)}
    with pytest.raises(Invalid):
        await house.analytics.analyse(Period.at(first), Period.at(first - MS), GroupBy.DAY)


async def test_without_dates_it_is_the_last_30_days(house: LicenceHouse) -> None:
    await insert(house, *(row(START - at) for at in (-MS, 0 * DAY, 30 * DAY, 30 * DAY + MS)))
    found = await house.analytics.analyse(None, None, GroupBy.WEEK)
    assert sum(total for total, _ in over_time(found).values()) == 2
    found = await house.analytics.analyse(None, Period.at(START - DAY), GroupBy.WEEK)
    assert sum(total for total, _ in over_time(found).values()) == 2
    ahead = await house.analytics.analyse(Period.at(START + DAY), None, GroupBy.DAY)
    assert ahead.over_time == ()
    first_day = await house.analytics.analyse(None, Period.day(date(1, 1, 1)), GroupBy.DAY)
    assert first_day.over_time == ()


def name_of(at: datetime, by: GroupBy) -> str:
    if by is GroupBy.DAY:
        return at.date().isoformat()
    if by is GroupBy.MONTH:
        return f"{at.year:04}-{at.month:02}"
    year, week, _ = at.isocalendar()
    return f"{year:04}-W{week:02}"


MOMENTS = st.datetimes(datetime(1972, 1, 1), datetime(2198, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
NEW_YEARS = st.builds(
    lambda year, hours: datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hours),
    st.integers(1975, 2190),
    st.integers(-170, 170),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(uses=st.lists(st.tuples(MOMENTS | NEW_YEARS, st.integers(1, 3)), min_size=1, max_size=30))
@example(uses=[(datetime(2024, 12, 30, tzinfo=UTC), 1), (datetime(2027, 1, 3, 23, 59, tzinfo=UTC), 2)])
async def test_periods_are_those_of_the_calendar(mongo: Mongo, uses: list[tuple[datetime, int]]) -> None:
    await mongo.db["music_usages"].delete_many({})
    house = LicenceHouse(mongo)
    await insert(house, *(row(at, track) for at, track in uses))
    for by in GroupBy:
        found = over_time(await house.analytics.analyse(*ALL, by))
        assert list(found) == sorted(found)
        totals = Counter(name_of(at, by) for at, _ in uses)
        tracks = Counter(name for name, _ in {(name_of(at, by), track) for at, track in uses})
        assert found == {name: (totals[name], tracks[name]) for name in totals}
    await house.close()
