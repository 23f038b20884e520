"""What a sync waits out, what a job over all adds up to, and what it shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Conflict, DomainError, NotFound, QuotaExceeded, Unavailable
from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import SyncJob, SyncKind, SyncOptions, SyncProgress, SyncStatus
from app.models.licensing.tracks import FailedTrack
from app.models.wire.music_sync import SyncJobShown, SyncOrder
from app.services.licensing.errors import NotConfigured, NotSupported, ProviderFailed
from app.services.licensing.sync.failures import Hopeless, Outage, is_about_all, judged
from app.services.licensing.sync.parents import summed

ARTLIST, SOUNDSTRIPE = ProviderName.ARTLIST, ProviderName.SOUNDSTRIPE
NOW = datetime(2026, 6, 1, tzinfo=UTC)
QUEUED, RUNNING, COMPLETED, FAILED, CANCELLED = SyncStatus


def failed(status: int | None = None, **more: object) -> ProviderFailed:
    return ProviderFailed(ARTLIST, "It failed", status=status, **more)


@pytest.mark.parametrize("error", [failed(status) for status in (None, 200, 408, 425, 429, 500, 503)], ids=str)
def test_what_may_get_better_is_waited_for(error: DomainError) -> None:
    assert isinstance(judged(error), Outage)
    assert not is_about_all(error)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_is_not(status: int) -> None:
    assert isinstance(judged(failed(status)), Hopeless)
    assert is_about_all(failed(status))


def test_what_else_there_is() -> None:
    for error in (NotConfigured("off"), NotSupported("never"), NotFound("gone")):
        assert isinstance(judged(error), Hopeless)
    assert judged(Unavailable("away")) is judged(Conflict("other")) is None
    spent = judged(QuotaExceeded("spent", timedelta(minutes=3)))
    assert isinstance(spent, Outage)
    assert spent.retry_after == timedelta(minutes=3)
    asked = judged(failed(503, retry_after=timedelta(seconds=9)))
    assert isinstance(asked, Outage)
    assert asked.retry_after == timedelta(seconds=9)
    assert is_about_all(failed(is_open=True))
    assert is_about_all(QuotaExceeded("spent", timedelta(0)))


def job(status: SyncStatus, provider: ProviderName | None = SOUNDSTRIPE, **changes: object) -> SyncJob:
    kind = SyncKind.CATALOGUE if provider else SyncKind.ALL
    return replace(SyncJob("id", kind, provider, status, SyncOptions(), NOW), **changes)


@pytest.mark.parametrize(
    ("children", "whole"),
    [
        ([QUEUED, QUEUED], QUEUED),
        ([QUEUED, RUNNING], RUNNING),
        ([QUEUED, COMPLETED], RUNNING),
        ([FAILED, RUNNING], RUNNING),
        ([COMPLETED, COMPLETED], COMPLETED),
        ([COMPLETED, CANCELLED], CANCELLED),
        ([FAILED, CANCELLED, COMPLETED], FAILED),
    ],
)
def test_a_job_over_all_stands_as_its_children(children: list[SyncStatus], whole: SyncStatus) -> None:
    assert summed(job(QUEUED, None), [job(status) for status in children]).status is whole


def test_a_job_over_all_is_the_sum_of_its_children() -> None:
    one = job(
        FAILED, progress=SyncProgress(7, 1, 2, 3, 1, 10), vanished=2, error="It failed", started_at=NOW,
        finished_at=NOW + timedelta(seconds=1), failures=(FailedTrack("1", "track 1", "gone"),) * 60,
    )  # fmt: skip
    two = replace(one, provider=ARTLIST, status=COMPLETED, error=None, finished_at=NOW + timedelta(seconds=3))
    whole = summed(job(QUEUED, None), [one, two])
    assert (whole.progress, whole.vanished, len(whole.failures)) == (SyncProgress(14, 2, 4, 6, 2, 20), 4, 100)
    assert (whole.error, whole.started_at, whole.finished_at) == ("soundstripe: It failed", NOW, two.finished_at)
    unknown = summed(job(QUEUED, None), [one, replace(two, progress=SyncProgress())])
    assert unknown.progress.total is None
    assert summed(job(COMPLETED, None), [one]) == job(COMPLETED, None)
    assert summed(job(QUEUED, None), []) == job(QUEUED, None)


def test_a_job_is_shown_with_the_names_of_the_contract() -> None:
    shown = SyncJobShown.of(job(RUNNING, started_at=NOW, error="Waits")).model_dump(mode="json", by_alias=True)
    assert shown == {
        "id": "id",
        "provider": "soundstripe",
        "status": "running",
        "progress": {"fetched": 0, "created": 0, "updated": 0, "unchanged": 0, "failed": 0, "total": None},
        "vanished": 0,
        "options": {"maxTracks": None, "genres": [], "updateExisting": True, "trackIds": None},
        "failures": [],
        "children": [],
        "createdAt": "2026-06-01T00:00:00.000Z",
        "startedAt": "2026-06-01T00:00:00.000Z",
        "finishedAt": None,
        "error": "Waits",
    }
    named = SyncJobShown.of(job(QUEUED, kind=SyncKind.TRACKS, track_ids=("1",)))
    assert named.options.track_ids == ["1"]
    assert SyncJobShown.of(job(QUEUED, None)).provider == "all"


def test_the_same_order_is_the_same_whatever_its_spelling() -> None:
    one = SyncOrder.model_validate_json('{"maxTracks": 10.0, "genres": ["pop", " hard  rock", "pop"]}')
    assert one.to_options() == SyncOptions(10, ("hard rock", "pop"), True)
    assert SyncOrder().to_options() == SyncOptions()
