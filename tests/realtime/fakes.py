"""What realtime takes from outside, as small as it can be."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.errors import NotFound, Unauthorized
from app.models.identity import Identity
from app.models.songs import SongCounts

START = datetime(2026, 1, 1, tzinfo=UTC)


def song(song_id: str = "s1", slug: str | None = "grace", views: int = 0, revision: int = 0) -> SongCounts:
    return SongCounts(song_id, slug, views, 0, 0, revision)


class FakeSongs:
    """A catalogue of counts; `commit` changes a song as a committed transaction would."""

    def __init__(self, *songs: SongCounts) -> None:
        self.by_id = {counts.song_id: counts for counts in songs}
        self.reads = 0
        self.fail_with: Exception | None = None
        self.hold: asyncio.Event | None = None

    async def counts(self, reference: str) -> SongCounts:
        self.reads += 1
        found = next((s for s in self.by_id.values() if reference in (s.song_id, s.slug)), None)
        if self.hold is not None:
            await self.hold.wait()
        if self.fail_with is not None:
            raise self.fail_with
        if found is None:
            raise NotFound("Song not found")
        return found

    def commit(self, song_id: str = "s1", views: int = 0, likes: int = 0, slug: str | None = None) -> SongCounts:
        old = self.by_id[song_id]
        new = replace(
            old,
            view_count=old.view_count + views,
            like_count=old.like_count + likes,
            revision=old.revision + 1,
            slug=slug or old.slug,
        )
        self.by_id[song_id] = new
        return new


class FakeVerifier:
    """Believes tokens of the form `user:seconds`, where the seconds count from `START`."""

    def __init__(self) -> None:
        self.fail_with: Exception | None = None

    async def verify(self, token: str) -> Identity:
        if self.fail_with is not None:
            raise self.fail_with
        user, _, seconds = token.partition(":")
        if not seconds.isdigit():
            raise Unauthorized
        return Identity(user, frozenset(), frozenset(), START + timedelta(seconds=int(seconds)))


class FakeClock:
    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment
