"""Orders syncs: who may be synced, and which job an order is."""

from collections.abc import Sequence

from app.clock import Clock
from app.errors import Conflict, Unavailable
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.sync import SyncDraft, SyncJob, SyncKind, SyncOptions
from app.services.licensing.errors import NotConfigured, NotSupported
from app.services.licensing.ports import Setups
from app.services.licensing.sync.ports import SyncJobs

_ATTEMPTS = 10


class SyncOrders:
    """Makes jobs, for others to work on; whatever is ordered again while it is going on is the same job."""

    def __init__(self, jobs: SyncJobs, setups: Setups, clock: Clock) -> None:
        self._jobs = jobs
        self._setups = setups
        self._clock = clock

    async def catalogue(self, provider: ProviderName, options: SyncOptions) -> SyncJob:
        """A sync of a whole catalogue; raises as `SyncService.start`."""
        _require_walkable(await self._setups.get(provider))
        return await self._order(SyncDraft(SyncKind.CATALOGUE, provider, options))

    async def tracks(self, provider: ProviderName, track_ids: Sequence[str]) -> SyncJob:
        """A sync of some tracks, each once; raises as `SyncService.start_tracks`."""
        _require_walkable(await self._setups.get(provider))
        draft = SyncDraft(SyncKind.TRACKS, provider, track_ids=tuple(dict.fromkeys(track_ids)))
        return await self._order(draft)

    async def all(self, options: SyncOptions) -> SyncJob:
        """A sync of all catalogues, with a child for each; raises as `SyncService.start_all`."""
        walkable = [one for one in await self._setups.all() if one.is_configured and one.policy.capabilities.can_walk]
        if not walkable:
            raise NotConfigured("No provider is set up whose catalogue may be copied")
        running = await self._jobs.walking(None)
        if running is not None:
            return _of_options(running, options)
        drafts = [SyncDraft(SyncKind.CATALOGUE, setup.name, options) for setup in walkable]
        # Before their parent: should this process die in between, they are jobs as any other.
        children = tuple([(await self._add_or_find(draft)).id for draft in drafts])
        return await self._order(SyncDraft(SyncKind.ALL, None, options, children=children))

    async def _order(self, draft: SyncDraft) -> SyncJob:
        return _of_options(await self._add_or_find(draft), draft.options)

    async def _add_or_find(self, draft: SyncDraft) -> SyncJob:
        """The new job, or the one that goes through the same catalogue; that one may end just when it is looked for."""
        for _ in range(_ATTEMPTS):
            job = await self._jobs.add(draft, self._clock.now()) or await self._jobs.walking(draft.provider)
            if job is not None:
                return job
        raise Unavailable("Syncs begin and end too quickly, please try again")


def _of_options(job: SyncJob, options: SyncOptions) -> SyncJob:
    if job.options != options:
        raise Conflict(f"A sync of {job.provider or 'everybody'} with other options is going on: {job.id}")
    return job


def _require_walkable(setup: ProviderSetup) -> None:
    title = setup.policy.title
    if not setup.policy.capabilities.can_walk:
        raise NotSupported(f"{title} cannot be synced: its terms allow no copy of its catalogue, or it has no list")
    if not setup.is_configured:
        missing = ", ".join(setup.missing_credentials)
        raise NotConfigured(f"{title} is not set up: " + (f"{missing} not set" if missing else "it is switched off"))
