"""What the licensing services ask of each other's surroundings: providers, the quota ledger, and stores they share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.models.licensing.providers import ProviderName, ProviderPolicy, ProviderSetup
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.tracks import CataloguePage, DownloadAddress, ProviderTrack


@dataclass(frozen=True, slots=True)
class Call:
    """One call that a provider's adapter wants made. `path` is joined to the set-up's base URL.

    `kind` names the quota windows that count it besides those that count all (`search`, `download`, ...), and the
    latencies it is shown under. `url` replaces base and path where a provider has a second address (Artlist's tokens)
    that an admin has set; never something that a provider has sent. `accepts` are statuses other than 2xx whose body
    the adapter reads itself. `is_counted` is false for what no quota counts (tokens).
    """

    kind: str
    path: str = ""
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] | None = None
    method: str = "GET"
    form: Mapping[str, str] | None = None
    json: object | None = None
    url: str | None = None
    accepts: frozenset[int] = frozenset()
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: at most 4 MiB, read whole, decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Outbound(Protocol):
    """Makes an adapter's calls: under quota, with retries and a breaker, guarded against hostile answers."""

    async def send(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Reply:
        """Make the call.

        `background` calls wait for their turn and leave the last fifth of every quota to people; others wait at
        most two seconds.

        Raises:
            QuotaExceeded: no call is free in time, or the provider says so.
            ProviderFailed: it answered with an error, too much, or not at all, also after retries; or its breaker is
                open.
        """
        ...


class Provider(Protocol):
    """A music provider. Every method raises only `ProviderFailed`, `QuotaExceeded`, `NotSupported` and, where named,
    `NotFound`, whatever the provider sends.

    The set-up comes with each call, because an admin may change it at any time.
    """

    policy: ProviderPolicy

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        """Page `page` (from 1) of at most `policy.search_page_size` entries, sifted by `wanted`; usable tracks only."""
        ...

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        """One track; also one whose licence is not usable, which its facts then say.

        Raises:
            NotFound: the provider has none of this id.
        """
        ...

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        """The page of the catalogue at `cursor`, `None` for the first; as a background call.

        Tracks whose licence is unusable are left out, as are those of other genres, when some are named.
        """
        ...

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        """Where the full file can be had; for some providers the act that is licensed, and counted by them.

        As a background call: orders wait for their turn.

        Raises:
            NotFound: the provider has none of this id, or not in this format.
        """
        ...

    async def similar(self, setup: ProviderSetup, track_id: str) -> tuple[ProviderTrack, ...]:
        """What the provider calls similar to a track.

        Raises:
            NotSupported: it has no such thing.
        """
        ...


Providers = Mapping[ProviderName, Provider]
"""One for each name."""


class Setups(Protocol):
    """Providers as they are set up at this moment."""

    async def get(self, name: ProviderName) -> ProviderSetup:
        """The set-up of one, at most a second old; credentials in the clear."""
        ...

    async def all(self) -> Sequence[ProviderSetup]:
        """All, in the order of `ProviderName`."""
        ...


Now = Callable[[], datetime]
