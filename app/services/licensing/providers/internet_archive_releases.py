"""Reads releases of the Internet Archive, a few at once: what is found there are releases, and tracks are inside."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from app.errors import NotFound, QuotaExceeded
from app.models.licensing.providers import ProviderPolicy, ProviderSetup
from app.models.licensing.tracks import FailedTrack
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call, Outbound
from app.services.licensing.providers.answers import Entries, read
from app.services.licensing.providers.asking import MISSING
from app.services.licensing.providers.internet_archive_tracks import base_of, tracks_of
from app.services.licensing.providers.internet_archive_wire import Item

_AT_ONCE = 4
_MOST_FILES = 5_000


@dataclass(frozen=True, slots=True)
class ReadRelease:
    """A release and its tracks, or why they could not be read; no tracks of one that is gone."""

    identifier: str
    entries: Entries = field(default_factory=lambda: Entries(()))
    error: ProviderFailed | QuotaExceeded | None = None

    @property
    def failed(self) -> Sequence[FailedTrack]:
        """What could not be read, named by the release, as the tracks inside are not known."""
        if self.error is None:
            return self.entries.failed
        return (FailedTrack(self.identifier, f"GET /metadata/{self.identifier}", self.error.message),)


class Releases:
    """Makes the calls for releases, at most four at once."""

    def __init__(self, outbound: Outbound, policy: ProviderPolicy) -> None:
        self._outbound = outbound
        self._policy = policy

    async def get(self, setup: ProviderSetup, identifier: str, *, kind: str, background: bool) -> Item:
        """One release.

        Raises:
            QuotaExceeded: see `Outbound`.
            ProviderFailed: see `Outbound`; also when it cannot be read.
            NotFound: the status says so; an empty item says so too.
        """
        call = Call(kind, f"/metadata/{quote(identifier)}", accepts=MISSING)
        item = read(self._policy, await self._outbound.send(setup, call, background=background), Item)
        if item.error and item.metadata is None:
            raise ProviderFailed(self._policy.name, f"{self._policy.title} answered with an error")
        if len(item.files) > _MOST_FILES:
            message = f"{self._policy.title} sent over {_MOST_FILES:,} files in one release"
            raise ProviderFailed(self._policy.name, message)
        return item

    async def read(
        self, setup: ProviderSetup, identifiers: Sequence[str], *, kind: str, background: bool = False
    ) -> Sequence[ReadRelease]:
        """All of them, in order; one that fails among others that do not costs only itself.

        Raises:
            QuotaExceeded: there was no call left for one of them.
            ProviderFailed: no release could be read, or the breaker is open.
        """
        room = asyncio.Semaphore(_AT_ONCE)

        async def one(identifier: str) -> ReadRelease:
            async with room:
                return await self._read(setup, identifier, kind=kind, background=background)

        return _unless_all_failed(await asyncio.gather(*(one(identifier) for identifier in identifiers)))

    async def _read(self, setup: ProviderSetup, identifier: str, *, kind: str, background: bool) -> ReadRelease:
        try:
            item = await self.get(setup, identifier, kind=kind, background=background)
        except NotFound:
            return ReadRelease(identifier)
        except (ProviderFailed, QuotaExceeded) as error:
            return ReadRelease(identifier, error=error)
        return ReadRelease(identifier, tracks_of(identifier, item, base_of(setup)))


def _unless_all_failed(found: Sequence[ReadRelease]) -> Sequence[ReadRelease]:
    errors = [one.error for one in found if one.error is not None]
    for error in errors:
        is_open = isinstance(error, ProviderFailed) and error.is_open
        if isinstance(error, QuotaExceeded) or is_open or len(errors) == len(found):
            raise error
    return found
