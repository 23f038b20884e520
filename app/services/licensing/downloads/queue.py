"""Works off the queue of downloads under the providers' quotas, from whichever process takes them."""

import asyncio
import random
from datetime import datetime, timedelta

import structlog

from app.clock import Clock
from app.errors import DomainError, LicenseInvalid, NotFound, QuotaExceeded
from app.metrics import TRACK_DOWNLOADS
from app.models.jobs import Summary
from app.models.licensing.downloads import TrackDownload
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import DownloadAddress
from app.services.licensing.downloads.ports import Downloads, Licences
from app.services.licensing.errors import NotConfigured, NotSupported, ProviderFailed
from app.services.licensing.ports import Providers, Setups
from app.services.licensing.queue_workers import QueueWorkers
from app.services.licensing.retries import Retries

log = structlog.get_logger(__name__)

_LEASE = timedelta(minutes=3)
_CALL_SECONDS = 120.0
_AT_ONCE = 4
_MOST_FAILURES = 10
_RETRIES = Retries(base=timedelta(seconds=15), cap=timedelta(hours=1), give_up_after=timedelta(days=1))
_SPREAD = timedelta(seconds=5)

# Whatever of these is raised will not change by asking again.
_FINAL = (NotFound, NotSupported, NotConfigured, LicenseInvalid)


class DownloadQueue:
    """Asks providers for addresses, which are never fetched by us.

    A provider may count each question as a download. A process that is killed between the question and writing down
    the answer makes it be asked twice; nothing else does.
    """

    def __init__(
        self, downloads: Downloads, licences: Licences, providers: Providers, setups: Setups, clock: Clock
    ) -> None:
        self._downloads = downloads
        self._licences = licences
        self._providers = providers
        self._setups = setups
        self._clock = clock
        self._resting: dict[ProviderName, datetime] = {}
        self._workers: QueueWorkers[TrackDownload] = QueueWorkers("downloads", self._take, self._work, _AT_ONCE)

    def kick(self) -> None:
        """Something may be due; needs a running loop."""
        self._workers.kick()

    async def advance(self) -> Summary:
        """Go on, in the background, with what is due, also with what a process left that is gone.

        Raises:
            Unavailable: the database is away.
        """
        due = await self._downloads.count_due(self._clock.now())
        self.kick()
        return {"due": due}

    async def idle(self) -> None:
        """Wait until nothing is due here."""
        await self._workers.idle()

    async def close(self) -> None:
        """Stop; what is queued is kept."""
        await self._workers.close()

    async def _take(self) -> TrackDownload | None:
        now = self._clock.now()
        self._resting = {name: until for name, until in self._resting.items() if until > now}
        return await self._downloads.take(now, _LEASE, list(self._resting))

    async def _work(self, download: TrackDownload) -> None:
        outcome = "ready"
        try:
            address = await self._address(download)
            await self._downloads.ready(download, address, self._clock.now())
        except QuotaExceeded as spent:
            outcome = "quota"
            await self._wait_for_quota(download, spent)
        except _FINAL as error:
            outcome = "failed"
            await self._downloads.fail(download, self._clock.now(), error.message)
        except DomainError as error:
            outcome = await self._try_later(download, error)
        TRACK_DOWNLOADS.labels(download.draft.provider.value, outcome).inc()

    async def _address(self, download: TrackDownload) -> DownloadAddress:
        """The licence is looked at again: hours may have passed since the order."""
        draft = download.draft
        verdict = await self._licences.validate(draft.provider, draft.track_id, draft.tenant_id, draft.use)
        if not verdict.is_valid:
            raise LicenseInvalid(verdict.reasons)
        setup = await self._setups.get(draft.provider)
        if not setup.is_configured:
            raise NotConfigured(f"{setup.policy.title} is not set up; an admin can do so")
        try:
            # Well within the lease, so that nobody else asks while we do.
            async with asyncio.timeout(_CALL_SECONDS):
                return await self._providers[draft.provider].download(setup, draft.track_id, draft.format)
        except TimeoutError:
            raise ProviderFailed(draft.provider, f"{setup.policy.title} did not answer in time") from None

    async def _wait_for_quota(self, download: TrackDownload, spent: QuotaExceeded) -> None:
        """Nothing of this provider is taken here until then, and this one no earlier elsewhere."""
        free_at = self._clock.now() + spent.retry_after
        self._resting[download.draft.provider] = free_at
        due_at = free_at + random.random() * _SPREAD  # noqa: S311 - nobody has to be unable to guess it
        await self._downloads.postpone(download, due_at, download.failures, spent.message)

    async def _try_later(self, download: TrackDownload, error: DomainError) -> str:
        failures, now = download.failures + 1, self._clock.now()
        if failures >= _MOST_FAILURES:
            log.warning("download_given_up", download=download.id, error=error.message)
            await self._downloads.fail(download, now, error.message)
            return "failed"
        asked_for = error.retry_after if isinstance(error, ProviderFailed) else None
        due_at = now + max(_RETRIES.pause(failures), asked_for or timedelta(0))
        await self._downloads.postpone(download, due_at, failures, error.message)
        return "retried"
