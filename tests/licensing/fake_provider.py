"""A provider in memory, which passes the contract suite of the real ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from app.errors import NotFound
from app.models.licensing.providers import (
    CacheTtl,
    Capabilities,
    ProviderName,
    ProviderPolicy,
    ProviderSetup,
    RateLimit,
)
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.tracks import CataloguePage, DownloadAddress, LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.providers.sifting import is_of_genres, matches


def policy(name: ProviderName = ProviderName.SOUNDSTRIPE, **changes: object) -> ProviderPolicy:
    made = ProviderPolicy(
        name=name,
        title=name.value,
        base_url="http://127.0.0.1:1",
        capabilities=Capabilities(can_walk=True, can_download=True),
        required_credentials=(),
        optional_credentials=("apiKey",),
        rate_limit=RateLimit(1_000, 10_000, 100_000),
    )
    return replace(made, **changes)


def setup(of: ProviderPolicy | None = None, **changes: object) -> ProviderSetup:
    of = of or policy()
    made = ProviderSetup(
        policy=of, enabled=True, base_url=of.base_url, credentials={}, rate_limit=of.rate_limit,
        cache_ttl=CacheTtl(search=timedelta(hours=1)),
    )  # fmt: skip
    return replace(made, **changes)


def track(number: int, provider: ProviderName = ProviderName.SOUNDSTRIPE, **changes: object) -> ProviderTrack:
    made = ProviderTrack(
        provider=provider,
        id=str(number),
        title=f"Track {number}",
        licence=LicenceFacts(LicenceCode.CONTRACT),
        artist=f"Artist {number % 7}",
        duration_ms=60_000 + number,
        bpm=60.0 + number % 120,
        genres=(("rock", "pop", "ambient")[number % 3],),
        moods=(("calm", "dark")[number % 2],),
    )
    return replace(made, **changes)


@dataclass
class FakeProvider:
    """Keeps tracks in order; `fails` makes every call fail, `calls` says what was asked."""

    policy: ProviderPolicy = field(default_factory=policy)
    tracks: list[ProviderTrack] = field(default_factory=list)
    fails: bool = False
    calls: list[str] = field(default_factory=list)
    page_size: int = 10

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.fails:
            raise ProviderFailed(self.policy.name, f"{self.policy.title} does not answer")

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        self._called(f"search {wanted.query} {page}")
        named = (one for one in self.tracks if wanted.query is None or wanted.query in one.title.lower())
        found = [one for one in named if one.licence.is_usable and matches(one, wanted)]
        size = self.policy.search_page_size
        shown = tuple(found[(page - 1) * size : page * size])
        return SearchPage(shown, len(found), len(shown))

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        self._called(f"track {track_id}")
        for one in self.tracks:
            if one.id == track_id:
                return one
        raise NotFound("Track not found")

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        self._called(f"walk {cursor}")
        if not self.policy.capabilities.can_walk:
            raise NotSupported(f"The terms of {self.policy.title} do not allow a copy of its catalogue")
        start = int(cursor or 0)
        end = start + self.page_size
        usable = (one for one in self.tracks[start:end] if one.licence.is_usable)
        page = tuple(one for one in usable if is_of_genres(one, genres))
        return CataloguePage(page, str(end) if end < len(self.tracks) else None, len(self.tracks))

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        self._called(f"download {track_id}")
        await self.track(setup, track_id)
        return DownloadAddress(f"https://files.example.com/{track_id}.{file_format or 'mp3'}", file_format or "mp3")

    async def similar(self, setup: ProviderSetup, track_id: str) -> tuple[ProviderTrack, ...]:
        raise NotSupported(f"{self.policy.title} has no list of similar tracks")
