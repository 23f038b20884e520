"""When an artist's own plays are judged again, and what the demo adds."""

from datetime import datetime

import pytest

from app.clock import SystemClock
from app.demo.artist import DEMO_ARTIST, seed_demo_artist
from app.errors import Conflict
from app.models.stats.tracks import (
    Artist,
    ArtistChanges,
    ArtistDraft,
    Track,
    TrackChanges,
    TrackCounts,
    TrackDraft,
    TrackWritten,
)
from app.services.stats.artists import ArtistService
from app.services.stats.tracks import TrackService


class FakeOwnPlays:
    def __init__(self) -> None:
        self.rejudged: list[str] = []

    async def rejudge(self, artist_id: str) -> None:
        self.rejudged.append(artist_id)


class FakeArtists:
    def __init__(self) -> None:
        self.drafts: list[ArtistDraft] = []

    async def get(self, artist_id: str) -> Artist:
        return Artist(artist_id, "Name", "user", exclude_own_plays=False, created_at=None)

    async def add(self, draft: ArtistDraft, at: datetime | None = None) -> Artist:
        if draft in self.drafts:
            raise Conflict("Another artist has this id")
        self.drafts.append(draft)
        return await self.get(draft.id or "new")

    async def change(self, artist_id: str, changes: ArtistChanges, at: datetime) -> Artist:
        return await self.get(artist_id)


class FakeTracks:
    """Every track was `former`'s before."""

    def __init__(self, former: str | None) -> None:
        self.former = former

    async def add(self, draft: TrackDraft, at: datetime) -> TrackWritten:
        return self._written(draft.artist_id)

    async def change(self, track_id: str, changes: TrackChanges, at: datetime) -> TrackWritten:
        return self._written(changes.artist_id or self.former)

    def _written(self, artist_id: str | None) -> TrackWritten:
        track = Track("t1", "T", artist_id, 1, TrackCounts(), is_song=False, created_at=None, updated_at=None)
        return TrackWritten(track, self.former)


@pytest.mark.parametrize(
    ("changes", "rejudged"),
    [
        (ArtistChanges(name="New"), []),
        (ArtistChanges(exclude_own_plays=True), ["a1"]),
        (ArtistChanges(exclude_own_plays=False), ["a1"]),
    ],
)
async def test_saying_what_becomes_of_own_plays_judges_them(changes: ArtistChanges, rejudged: list[str]) -> None:
    own_plays = FakeOwnPlays()
    await ArtistService(FakeArtists(), own_plays, SystemClock()).change("a1", changes)
    assert own_plays.rejudged == rejudged


@pytest.mark.parametrize(("excludes", "rejudged"), [(True, ["a1"]), (False, [])])
async def test_what_was_played_before_there_was_a_profile_is_judged(excludes: bool, rejudged: list[str]) -> None:
    own_plays = FakeOwnPlays()
    draft = ArtistDraft("Ada", "ada", "a1", exclude_own_plays=excludes)
    await ArtistService(FakeArtists(), own_plays, SystemClock()).add(draft)
    assert own_plays.rejudged == rejudged


@pytest.mark.parametrize(
    ("former", "rejudged"), [("bob", ["ada", "bob"]), ("ada", []), (None, [])], ids=["another's", "the same", "new"]
)
async def test_a_track_that_changes_hands_is_judged_for_both(former: str | None, rejudged: list[str]) -> None:
    own_plays = FakeOwnPlays()
    service = TrackService(FakeTracks(former), FakeArtists(), own_plays, SystemClock())
    await service.change("t1", TrackChanges(artist_id="ada"))
    assert own_plays.rejudged == rejudged
    own_plays.rejudged.clear()
    await service.add(TrackDraft("T", "ada", 1, "t1"))
    assert own_plays.rejudged == rejudged


async def test_the_demo_artist_is_added_once() -> None:
    artists = FakeArtists()
    assert [await seed_demo_artist(artists) for _ in range(2)] == [True, False]
    assert artists.drafts == [DEMO_ARTIST]
    assert (DEMO_ARTIST.id, DEMO_ARTIST.user_id, DEMO_ARTIST.exclude_own_plays) == ("demo-artist", "demo-artist", True)
