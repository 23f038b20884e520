"""Asks a provider for what the next step of a sync needs."""

from dataclasses import dataclass, field, replace

from app.clock import Clock
from app.errors import DomainError, NotFound, QuotaExceeded
from app.models.licensing.providers import ProviderSetup
from app.models.licensing.sync import Checkpoint, SparingPage, SyncJob, SyncPhase, SyncStep
from app.models.licensing.tracks import FailedTrack, ProviderTrack
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Provider, Providers, Setups
from app.services.licensing.sync.failures import Hopeless, is_about_all, judged
from app.services.licensing.sync.ports import Catalogue, SparingProvider

TRACKS_AT_ONCE = 10
"""Single tracks of one step: what a kill makes us ask for again at most."""


@dataclass(slots=True)
class _LookedUp:
    """What became of single tracks."""

    tracks: list[ProviderTrack] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    failed: list[FailedTrack] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)


class SyncSteps:
    """One step after the other; nothing is stored here."""

    def __init__(self, providers: Providers, setups: Setups, catalogue: Catalogue, clock: Clock) -> None:
        self._providers = providers
        self._setups = setups
        self._catalogue = catalogue
        self._clock = clock

    async def next(self, job: SyncJob) -> SyncStep:
        """What the step at the job's checkpoint gives.

        Raises:
            Outage: the provider cannot give it now.
            Hopeless: it never will, as things are.
            Unavailable: the database is away.
        """
        if job.provider is None:
            raise Hopeless("A job over all providers has no steps of its own")
        setup = await self._setups.get(job.provider)
        if not setup.is_configured:
            raise Hopeless(f"{setup.policy.title} is switched off, or its credentials are not set")
        taken = {SyncPhase.WALK: self._walk, SyncPhase.CHECK: self._check, SyncPhase.LOOK_UP: self._look_up}
        try:
            return await taken[job.checkpoint.phase](self._providers[job.provider], setup, job)
        except DomainError as error:
            reason = judged(error)
            if reason is None:
                raise
            raise reason from error

    async def _walk(self, provider: Provider, setup: ProviderSetup, job: SyncJob) -> SyncStep:
        seen_at = self._clock.now()
        walked = await self._page(provider, setup, job)
        page, here = walked.page, job.checkpoint
        here = replace(here, is_blind=here.is_blind or any(one.track_id is None for one in page.failed))
        step = SyncStep(
            seen_at=seen_at,
            next=_after(here, page.next_cursor, job),
            tracks=page.tracks,
            failed=page.failed,
            present=(*walked.kept, *(one.track_id for one in page.failed if one.track_id)),
            total=None if job.options.genres else page.total,
        )
        return step if job.options.max_tracks is None else _cut(step, job.options.max_tracks, job.progress.fetched)

    async def _page(self, provider: Provider, setup: ProviderSetup, job: SyncJob) -> SparingPage:
        cursor, genres = job.checkpoint.cursor, job.options.genres
        if not isinstance(provider, SparingProvider):
            return SparingPage(await provider.walk(setup, cursor, genres))
        name, now = setup.name, self._clock.now()
        return await provider.walk_sparingly(
            setup, cursor, genres, lambda items: self._catalogue.not_due(name, items, now)
        )

    async def _check(self, provider: Provider, setup: ProviderSetup, job: SyncJob) -> SyncStep:
        """Ask for some tracks that the walk has not met.

        A catalogue that changes under a walk by numbered pages moves tracks from page to page, and a provider can
        answer with half of what it has; only a track that it says it does not have has vanished.
        """
        seen_at = self._clock.now()
        unmet = await self._catalogue.unmet(setup.name, job.started_at or seen_at, TRACKS_AT_ONCE)
        found = await _looked_up(provider, setup, unmet)
        return SyncStep(
            seen_at=seen_at,
            next=job.checkpoint if unmet else None,
            tracks=tuple(found.tracks),
            failed=tuple(found.failed),
            gone=tuple(found.gone),
            present=(*found.moved, *(one.track_id for one in found.failed if one.track_id)),
        )

    async def _look_up(self, provider: Provider, setup: ProviderSetup, job: SyncJob) -> SyncStep:
        seen_at, start = self._clock.now(), int(job.checkpoint.cursor or 0)
        end = start + TRACKS_AT_ONCE
        found = await _looked_up(provider, setup, job.track_ids[start:end])
        missing = (FailedTrack(one, _query(one), "Track not found") for one in found.gone)
        return SyncStep(
            seen_at=seen_at,
            next=Checkpoint(SyncPhase.LOOK_UP, str(end)) if end < len(job.track_ids) else None,
            tracks=tuple(found.tracks),
            failed=(*found.failed, *missing),
            gone=tuple(found.gone),
        )


async def _looked_up(provider: Provider, setup: ProviderSetup, track_ids: list[str] | tuple[str, ...]) -> _LookedUp:
    """What the provider says of each track.

    A track that fails among others that do not costs only itself; when all fail, so does the step.
    """
    found, last = _LookedUp(), None
    for track_id in track_ids:
        try:
            track = await provider.track(setup, track_id, background=True)
        except NotFound:
            found.gone.append(track_id)
        except (ProviderFailed, QuotaExceeded) as error:
            if is_about_all(error):
                raise
            found.failed.append(FailedTrack(track_id, _query(track_id), error.message))
            last = error
        else:
            found.tracks.append(track)
            found.moved += [] if track.id == track_id else [track_id]
    if last is not None and not (found.tracks or found.gone):
        raise last
    return found


def _after(here: Checkpoint, cursor: str | None, job: SyncJob) -> Checkpoint | None:
    if cursor is not None:
        return replace(here, cursor=cursor)
    # A walk over some genres, or past what nobody could read, does not tell what is not there any more.
    return None if here.is_blind or job.options.genres else Checkpoint(SyncPhase.CHECK)


def _cut(step: SyncStep, most: int, fetched: int) -> SyncStep:
    """The step without what is too much; a walk that ends early does not tell what is not there any more."""
    room = max(0, most - fetched)
    count = len(step.tracks) + len(step.failed)
    is_all = step.next is None or step.next.phase is SyncPhase.CHECK
    tracks = step.tracks[:room]
    return replace(
        step,
        tracks=tracks,
        failed=step.failed[: room - len(tracks)],
        next=step.next if count < room or (count == room and is_all) else None,
        total=None if step.total is None else min(step.total, most),
    )


def _query(track_id: str) -> str:
    return f"track {track_id}"
