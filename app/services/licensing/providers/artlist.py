"""Speaks to Artlist's Enterprise API, whose songs are licensed by a contract of one's own.

Sources: developer.artlist.io (addresses, OAuth2 client credentials, twenty songs a page, filters, errors; limits under
general-terms: 100 calls a minute, of them 50 searches and 20 downloads; the number of each client's own quota is not
public, an admin sets it). The token address is seen in clients of others, and can be set.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

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
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call, Outbound
from app.services.licensing.providers.answers import Entries, read, read_entries
from app.services.licensing.providers.artlist_categories import numbers_of
from app.services.licensing.providers.artlist_wire import Downloadable, Song, SongDetail, SongPage
from app.services.licensing.providers.asking import (
    MISSING,
    NOTHING,
    Params,
    WithoutSimilar,
    checked_id,
    credential,
    described,
    place,
)
from app.services.licensing.providers.sifting import is_named, is_of_genres, matches
from app.services.licensing.providers.tokens import Tokens

TOKEN_URL = "https://artlist-business-api-prod-cognito.artlist.io/oauth2/token"  # noqa: S105 - an address
_MINUTE = timedelta(minutes=1)
_PAGE_SIZE = 20
POLICY = ProviderPolicy(
    name=ProviderName.ARTLIST,
    title="Artlist",
    base_url="https://business.artlist.io",
    capabilities=Capabilities(can_walk=True, can_download=True),
    required_credentials=("clientId", "clientSecret"),
    optional_credentials=("tokenUrl", "categoryIds", WEBHOOK_SECRET),
    rate_limit=RateLimit(per_minute=100, per_hour=None, per_day=None),
    extra_windows=(
        QuotaWindow("searchPerMinute", _MINUTE, 50, path="search"),
        QuotaWindow("downloadPerMinute", _MINUTE, 20, path="download"),
    ),
    search_page_size=_PAGE_SIZE,
)
_FORMATS = {"wav": "wave", "mp3": "mp3"}
_MOST_SECONDS = 420
_MOST_BPM = 200


class ArtlistProvider(WithoutSimilar):
    """Songs of a contract. Everything under `/search` is counted as a search, downloads are the licensed act."""

    policy: ProviderPolicy = POLICY

    def __init__(self, outbound: Outbound) -> None:
        self._tokens = Tokens(outbound, POLICY)

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        """One upstream page of what is wanted; see `Provider`. Energy is neither said nor searched."""
        if wanted.license not in {None, LicenceCode.CONTRACT} or wanted.energy is not None:
            return NOTHING
        categories = _Categories.of(setup, wanted)
        answer, entries = await self._page(setup, _songs(page, _filters(wanted, categories)))
        left = replace(wanted, genre=None, mood=None, vocals=None)
        kept = tuple(track for track in entries.tracks if matches(track, left) and categories.leave(track))
        return SearchPage(kept, answer.total, len(answer.songs))

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        """One song; see `Provider`."""
        call = Call("search", f"/search/v1/song/{checked_id(track_id)}", accepts=MISSING)
        reply = await self._tokens.send(setup, _grant(setup), call, background=background)
        return read(POLICY, reply, SongDetail).song.to_track()

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        """Twenty songs, by page number; see `Provider`."""
        at = place(POLICY, cursor, _PAGE_SIZE)
        answer, entries = await self._page(setup, _songs(at.page), background=True)
        kept = tuple(track for track in entries.tracks if is_of_genres(track, genres))
        return CataloguePage(kept, at.after(POLICY, len(answer.songs), answer.total), answer.total, entries.failed)

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        """The song as `wav` or `mp3`; see `Provider`. How long the address holds is not public."""
        wanted = file_format or "wav"
        if wanted not in _FORMATS:
            raise NotFound("Track not found in this format")
        path = f"/download/v1/downloadable/song/{checked_id(track_id)}/{_FORMATS[wanted]}"
        reply = await self._tokens.send(setup, _grant(setup), Call("download", path, accepts=MISSING), background=True)
        url = read(POLICY, reply, Downloadable).url
        if url is None:
            raise ProviderFailed(POLICY.name, "Artlist sent no address for the download")
        return DownloadAddress(url, wanted)

    async def _page(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> tuple[SongPage, Entries]:
        reply = await self._tokens.send(setup, _grant(setup), call, background=background)
        answer = read(POLICY, reply, SongPage)
        return answer, read_entries(
            POLICY, answer.songs, lambda entry: Song.model_validate(entry).to_track(), described(call)
        )


def _grant(setup: ProviderSetup) -> Call:
    pair = f"{credential(setup, 'clientId')}:{credential(setup, 'clientSecret')}"
    return Call(
        "token",
        method="POST",
        url=setup.credentials.get("tokenUrl") or TOKEN_URL,
        headers={"Authorization": f"Basic {b64encode(pair.encode()).decode()}"},
        form={"grant_type": "client_credentials"},
        is_counted=False,
    )


def _songs(page: int, asked: Params = ()) -> Call:
    return Call("search", "/search/v1/song", (*asked, ("page", str(page))))


@dataclass(frozen=True, slots=True)
class _Categories:
    """The genre and mood that are wanted: `numbers` that Artlist is asked for, and `names` whose number nobody knows.

    Those are searched for as words, and looked for among all categories of a song, which says no more of them than
    their names.
    """

    numbers: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, setup: ProviderSetup, wanted: SearchFilter) -> Self:
        known, named = numbers_of(setup), [name for name in (wanted.genre, wanted.mood) if name is not None]
        return cls(
            tuple(known[name] for name in named if name in known), tuple(name for name in named if name not in known)
        )

    def leave(self, track: ProviderTrack) -> bool:
        said = (*track.genres, *track.moods, *track.instruments, *track.tags)
        return all(is_named(name, said) for name in self.names)


def _filters(wanted: SearchFilter, categories: _Categories) -> list[tuple[str, str]]:
    asked: dict[str, object] = {
        "query": " ".join(word for word in (wanted.query, *categories.names) if word) or None,
        "vocalType": {True: "VOCAL", False: "INSTRUMENTAL", None: None}[wanted.vocals],
        "durationMin": _within(wanted.duration_min_s, _MOST_SECONDS),
        "durationMax": _below(wanted.duration_max_s, _MOST_SECONDS),
        "bpmMin": _within(wanted.bpm_min, _MOST_BPM),
        "bpmMax": _below(wanted.bpm_max, _MOST_BPM),
    }
    found = [(name, str(value)) for name, value in asked.items() if value is not None]
    return found + [("categoryIds", number) for number in categories.numbers]


def _within(least: int | None, most: int) -> int | None:
    return None if least is None else min(least, most)


def _below(wanted: int | None, most: int) -> int | None:
    # At the end of Artlist's range the bound is left out, so that what lies beyond it is found as well.
    return None if wanted is None or wanted >= most else wanted
