"""An artist's dashboard equals a recount, of the range and of the period before it."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from app.models.stats.analytics import Uniques
from app.models.stats.dashboard import Dashboard
from app.models.stats.events import EventType
from app.models.stats.periods import Interval, TimeRange
from app.models.stats.playlists import PlaylistCounts, SubmissionStatus
from app.repositories.artists import ArtistRepository
from app.repositories.mongo import Mongo
from app.repositories.stats_analytics import StatsAnalyticsRepository
from app.repositories.tracks import TrackRepository
from app.services.stats.dashboard import DashboardService
from tests.integration.stats.recounting import ARTISTS, NOW, Row, World, random_world, recount, sessions, within
from tests.integration.stats.test_analytics import At, range_before


class NoPlaylists:
    async def counts(self, user_id: str) -> PlaylistCounts:
        submissions: Mapping[SubmissionStatus, int] = {}
        return PlaylistCounts(0, submissions)


def dashboards(mongo: Mongo) -> DashboardService:
    artists, tracks = ArtistRepository(mongo), TrackRepository(mongo)
    return DashboardService(StatsAnalyticsRepository(mongo), artists, tracks, NoPlaylists(), At())


def latest(rows: list[Row], kind: EventType, limit: int) -> list[Row]:
    counted = [row for row in rows if row["kind"] is kind and "excluded" not in row and row.get("action") != "unlike"]
    return sorted(counted, key=lambda row: row["timestamp"], reverse=True)[:limit]


def assert_equal(found: Dashboard, world: World, artist: str) -> None:
    all_rows = within(world.rows, Interval(NOW - timedelta(days=5_000), NOW), ARTISTS[artist])
    interval = range_before(found.time_range)
    rows = within(all_rows, interval)
    assert found.current == recount(rows)
    assert found.uniques == Uniques(len(sessions(rows)))
    if found.time_range is TimeRange.ALL:
        assert found.previous is None
    else:
        length = interval.end - interval.start
        before = recount(within(all_rows, Interval(interval.start - length, interval.start))).counted
        assert found.previous is not None
        for name in ("plays", "likes", "shares"):
            assert getattr(found.previous, name) == getattr(before, name)
    by_track = {track: recount(within(rows, interval, [track])).counted for track in ARTISTS[artist]}
    best = sorted(by_track, key=lambda track: (-by_track[track].plays, -by_track[track].likes, track))
    assert [(one.track.id, one.tally) for one in found.top_tracks] == [(track, by_track[track]) for track in best]
    assert [play.timestamp for play in found.plays] == [
        row["timestamp"] for row in latest(all_rows, EventType.PLAY, 10)
    ]
    assert [like.timestamp for like in found.likes] == [row["timestamp"] for row in latest(all_rows, EventType.LIKE, 5)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [8, 9, 10, 11])
async def test_every_number_equals_a_recount(mongo: Mongo, seed: int) -> None:
    world = await random_world(mongo, seed)
    service = dashboards(mongo)
    for artist in ARTISTS:
        for time_range in TimeRange:
            assert_equal(await service.show(f"user-of-{artist}", time_range), world, artist)


async def test_recent_plays_of_very_many_tracks(mongo: Mongo) -> None:
    world = await random_world(mongo, 8, former=100)
    more = [{"_id": f"other-{number}", "title": "T", "artistId": "artist-1"} for number in range(400)]
    await mongo.db["tracks"].insert_many(more)
    found = await dashboards(mongo).show("user-of-artist-1", TimeRange.WEEK)
    rows = within(world.rows, range_before(TimeRange.ALL), ARTISTS["artist-1"])
    assert [play.timestamp for play in found.plays] == [row["timestamp"] for row in latest(rows, EventType.PLAY, 10)]
