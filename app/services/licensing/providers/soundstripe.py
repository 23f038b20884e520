"""Speaks to Soundstripe, whose songs are licensed by a contract of one's own.

Sources: docs.soundstripe.com (base address, `Token` scheme, headers, errors, paging and shapes); filters and the limit
of 25 a second are quoted from docs.soundstripe.com/reference by clients of others. No other quota is published: the
calls a minute, hour and day are those that this service has always been set up with, and an admin can change them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from app.errors import NotFound
from app.models.licensing.providers import (
    WEBHOOK_SECRET,
    Capabilities,
    ProviderName,
    ProviderPolicy,
    ProviderSetup,
    QuotaWindow,
    RateLimit,
)
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.tracks import CataloguePage, DownloadAddress, LicenceCode, ProviderTrack
from app.services.licensing.ports import Call, Outbound
from app.services.licensing.providers.answers import Entries, read, read_entries
from app.services.licensing.providers.asking import (
    MISSING,
    NOTHING,
    WithoutSimilar,
    checked_id,
    credential,
    described,
    place,
)
from app.services.licensing.providers.sifting import is_of_genres, matches
from app.services.licensing.providers.soundstripe_wire import AudioFile, Song, SongDetail, SongPage

POLICY = ProviderPolicy(
    name=ProviderName.SOUNDSTRIPE,
    title="Soundstripe",
    base_url="https://api.soundstripe.com/v1",
    capabilities=Capabilities(can_walk=True, can_download=True),
    required_credentials=("apiKey",),
    # `Token` unless set: one client of the same host is seen to send `Bearer`.
    optional_credentials=("authScheme", WEBHOOK_SECRET),
    rate_limit=RateLimit(per_minute=60, per_hour=1_000, per_day=10_000),
    extra_windows=(QuotaWindow("perSecond", timedelta(seconds=1), 25),),
    search_page_size=50,
)
_WALK_PAGE_SIZE = 100  # the largest: docs.soundstripe.com/reference/pagination
_MEDIA_TYPE = "application/vnd.api+json"
_FORMATS = ("wav", "mp3")


class SoundstripeProvider(WithoutSimilar):
    """Songs of a contract; audio addresses expire, so they are asked for when they are needed."""

    policy: ProviderPolicy = POLICY

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        """One upstream page of what is wanted; see `Provider`."""
        if wanted.license not in {None, LicenceCode.CONTRACT}:
            return NOTHING
        call = _songs("search", page, POLICY.search_page_size, _filters(wanted))
        answer, entries = await self._page(setup, call)
        # Energy is no attribute of a song, only a filter; tags and singing are theirs to tell.
        left = replace(wanted, energy=None, genre=None, mood=None, vocals=None)
        kept = tuple(track for track in entries.tracks if matches(track, left))
        return SearchPage(kept, answer.total, len(answer.data))

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        """One song; see `Provider`."""
        detail = await self._detail(setup, Call("track", f"/songs/{checked_id(track_id)}"), background)
        return detail.data.to_track(detail.resources)

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        """A hundred songs, by page number; see `Provider`."""
        at = place(POLICY, cursor, _WALK_PAGE_SIZE)
        answer, entries = await self._page(setup, _songs("walk", at.page, at.size), background=True)
        kept = tuple(track for track in entries.tracks if is_of_genres(track, genres))
        return CataloguePage(kept, at.after(POLICY, len(answer.data), answer.total), answer.total, entries.failed)

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        """The recording as `wav` (48 kHz, 24 bit), or as `mp3`; see `Provider`."""
        detail = await self._detail(setup, Call("download", f"/songs/{checked_id(track_id)}"), background=True)
        files = detail.data.audio_files(detail.resources)
        wanted = file_format or _FORMATS[0]
        url = _version(files[0], wanted) if files else None
        if url is None:
            raise NotFound("Track not found in this format")
        return DownloadAddress(url, wanted)

    async def _page(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> tuple[SongPage, Entries]:
        reply = await self._outbound.send(setup, _signed(setup, call), background=background)
        answer = read(POLICY, reply, SongPage)
        resources = answer.resources
        return answer, read_entries(
            POLICY, answer.data, lambda entry: Song.model_validate(entry).to_track(resources), described(call)
        )

    async def _detail(self, setup: ProviderSetup, call: Call, background: bool = False) -> SongDetail:
        call = replace(call, accepts=MISSING)
        return read(POLICY, await self._outbound.send(setup, _signed(setup, call), background=background), SongDetail)


def _songs(kind: str, page: int, size: int, filters: Sequence[tuple[str, str]] = ()) -> Call:
    return Call(kind, "/songs", (*filters, ("page[size]", str(size)), ("page[number]", str(page))))


def _signed(setup: ProviderSetup, call: Call) -> Call:
    scheme = credential(setup, "authScheme") if setup.credentials.get("authScheme") else "Token"
    authorization = f"{scheme} {credential(setup, 'apiKey')}"
    return replace(call, headers={"Authorization": authorization, "Accept": _MEDIA_TYPE, "Content-Type": _MEDIA_TYPE})


def _filters(wanted: SearchFilter) -> list[tuple[str, str]]:
    asked: dict[str, object] = {
        "filter[q]": wanted.query,
        "filter[bpm][min]": wanted.bpm_min,
        "filter[bpm][max]": wanted.bpm_max,
        "filter[duration][min]": wanted.duration_min_s,
        "filter[duration][max]": wanted.duration_max_s,
        "filter[energy]": wanted.energy,
        "filter[vocals]": "true" if wanted.vocals else None,
        "filter[instrumental]": "true" if wanted.vocals is False else None,
        "filter[tags][genre]": wanted.genre,
        "filter[tags][mood]": wanted.mood,
    }
    return [(name, str(value)) for name, value in asked.items() if value is not None]


def _version(file: AudioFile, file_format: str) -> str | None:
    if file.versions is None:
        return None
    return {"wav": file.versions.wav, "mp3": file.versions.mp3}.get(file_format)
