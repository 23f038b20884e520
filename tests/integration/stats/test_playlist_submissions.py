"""Submissions: what a dashboard counts of them."""

from datetime import UTC, datetime, timedelta

from app.clock import SystemClock
from app.models.stats.playlists import PlaylistCounts, PlaylistDraft, SubmissionDraft, SubmissionStatus
from app.repositories.artists import ArtistRepository
from app.repositories.mongo import Mongo
from app.repositories.playlist_submissions import PlaylistSubmissionRepository
from app.repositories.playlists import PlaylistRepository
from app.repositories.tracks import TrackRepository
from app.services.stats.playlists import PlaylistService

NOW = datetime(2026, 11, 1, tzinfo=UTC)
STATUSES = (SubmissionStatus.PENDING, SubmissionStatus.ACCEPTED, SubmissionStatus.REJECTED)


async def test_counts_of_a_user(mongo: Mongo) -> None:
    playlists, submissions = PlaylistRepository(mongo), PlaylistSubmissionRepository(mongo)
    service = PlaylistService(playlists, submissions, TrackRepository(mongo), ArtistRepository(mongo), SystemClock())
    for owner in ("ada", "ada", "bob"):
        await playlists.add(PlaylistDraft(owner_id=owner, title="Mix"), NOW)
    decisions = [None, SubmissionStatus.ACCEPTED, SubmissionStatus.REJECTED, SubmissionStatus.REJECTED]
    for number, decision in enumerate(decisions):
        made = await submissions.add(SubmissionDraft("mix", f"t{number}", None, "ada"), NOW)
        if decision is not None:
            await submissions.decide("mix", made.id, decision, NOW + timedelta(seconds=1))
    await submissions.add(SubmissionDraft("mix", "other", None, "bob"), NOW)
    assert await service.counts("ada") == PlaylistCounts(2, dict(zip(STATUSES, (1, 1, 2), strict=True)))
    assert await service.counts("nobody") == PlaylistCounts(0, dict.fromkeys(STATUSES, 0))
